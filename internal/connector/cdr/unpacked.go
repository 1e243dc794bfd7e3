package cdr

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// unpacked is the folder that holds the unpacked tables of one workbook, which are personal data. Only
// this account can read it. Its owner holds a lock, which ends with the process:
// what a killed one left is found by its name and removed.
type unpacked struct {
	path string
	lock *os.File
}

const unpackedPrefix = "einsicht-cdr-"

// newUnpacked makes one. A folder that sweep took before it was locked is made anew.
func newUnpacked() (*unpacked, error) {
	for {
		path, err := os.MkdirTemp("", unpackedPrefix) // 0700
		if err != nil {
			return nil, err
		}
		lock, err := os.Open(path)
		if err != nil {
			if os.IsNotExist(err) {
				continue
			}
			return nil, err
		}
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
			lock.Close()
			return nil, err
		}
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			return &unpacked{path: path, lock: lock}, nil
		}
		lock.Close()
	}
}

func (f *unpacked) remove() {
	_ = os.RemoveAll(f.path) // what stays is swept
	f.lock.Close()
}

// sweep removes the folders of processes that are gone. Those of others can't be
// opened, and those in use are locked.
func sweep() {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), unpackedPrefix) {
			continue
		}
		path := filepath.Join(os.TempDir(), e.Name())
		lock, err := os.Open(path)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(path)
		}
		lock.Close()
	}
}
