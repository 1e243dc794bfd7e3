package rewrite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// openClosed opens a file if it may be rewritten.
func (f Files) openClosed(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, refused(err, errMoved)
	}
	own, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || own.Nlink != 1 {
		return nil, errLinked
	}
	if err := f.may(path, own); err != nil {
		return nil, err
	}
	in, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, refused(err, errMoved)
	}
	packed := packingOf(in) != plain
	switch {
	case !packed && (!f.Rule.closed(path) || time.Since(info.ModTime()) < f.Rule.quiet()), written(in):
		err = errOpen
	case packing(path):
		err = errTwice
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// may looks whether this account may put another file in the place of one, with
// the same owner.
func (f Files) may(path string, own *syscall.Stat_t) error {
	if f.Step != nil {
		if err := f.Step("may"); err != nil {
			return refused(err, err)
		}
	}
	if unix.Access(filepath.Dir(path), unix.W_OK|unix.X_OK) != nil {
		return errDenied
	}
	if me := os.Geteuid(); me != 0 && int(own.Uid) != me {
		return errDenied
	}
	if unix.Access(f.Checksums, unix.W_OK|unix.X_OK) != nil {
		return errChecksums
	}
	return nil
}

// refused says what an error of the system means; rest: one that is none of these.
func refused(err error, gone error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return errDenied
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ELOOP):
		return gone
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errFull
	}
	return err
}

// written says whether any process of this machine has a file open to write. The
// system grants a lease to read only if none has.
func written(f *os.File) bool {
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		return errors.Is(err, syscall.EAGAIN) // else nobody can tell
	}
	_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	return false
}

// packing says whether a file is being packed: then both lie there.
func packing(path string) bool {
	for _, ending := range []string{".gz", ".zst", ".bz2", ".xz", ".lz4", ".Z"} {
		if _, err := os.Lstat(path + ending); err == nil && !strings.HasSuffix(path, ending) {
			return true
		}
	}
	return false
}
