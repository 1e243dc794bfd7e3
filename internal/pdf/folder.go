package pdf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// folder is where one Renderer works. Letters lie in it in clear while they are
// converted, so it is private, and wiped however the work ends: by close, or by
// the next New when the program was killed.
type folder struct {
	path string
	lock *os.File // held as long as the program lives; a lock dies with its process
}

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() {
		return nil, fmt.Errorf("%s is not a folder of this user", dir)
	}
	// Nobody may sweep while a new folder has no lock yet.
	gate, err := lock(dir, syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer gate.Close()
	if err := sweep(dir); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return nil, err
	}
	held, err := lock(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return nil, err
	}
	return &folder{path: path, lock: held}, nil
}

// sweep wipes the folders that no living program holds.
func sweep(dir string) error {
	runs, err := filepath.Glob(filepath.Join(dir, "run-*"))
	if err != nil {
		return err
	}
	for _, run := range runs {
		held, err := lock(run, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return err
		}
		err = wipe(run)
		held.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// wipe removes a folder. What was killed a moment ago may still write into it.
func wipe(path string) error {
	for patience := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := os.RemoveAll(path)
		if !errors.Is(err, syscall.ENOTEMPTY) || time.Now().After(patience) {
			return err
		}
	}
}

func lock(dir string, how int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock: %w", err)
	}
	return f, nil
}

// job makes a folder for one letter.
func (f *folder) job() (string, error) { return os.MkdirTemp(f.path, "job-") }

func (f *folder) close() error {
	return errors.Join(wipe(f.path), f.lock.Close())
}
