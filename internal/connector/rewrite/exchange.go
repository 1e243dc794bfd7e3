package rewrite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// rewrite makes the copy of a file with its patches, and lets them change places.
// A refusal means that nothing was done. After any other error only the ledger
// knows.
func (f Files) rewrite(ctx context.Context, l *ledger, path string, patches []patch, changes []uuid.UUID) (err error) {
	slices.SortFunc(patches, func(a, b patch) int { return int(min(max(a.start-b.start, -1), 1)) })
	in, err := f.openClosed(path)
	if err != nil {
		return err
	}
	defer in.Close()
	e := Entry{State: Begun, File: path, Beside: f.beside(path), Changed: len(patches), Changes: changes}
	if err := f.step(ctx, "copy"); err != nil {
		return err
	}
	e.Before, e.After, err = f.copy(ctx, in, e.Beside, patches)
	var said *refusal
	if errors.As(err, &said) {
		_ = os.Remove(e.Beside) // what stays is swept
	}
	if err != nil {
		return err
	}
	if err := f.step(ctx, "begin"); err != nil {
		return err
	}
	e.At = time.Now().UTC()
	if err := l.add(e); err != nil {
		return err
	}
	if err = f.step(ctx, "exchange"); err != nil && !unsupported(err) {
		return err
	} else if err == nil {
		err = exchange(e.Beside, path)
	}
	if unsupported(err) {
		return f.replace(ctx, l, e, in)
	}
	if err != nil {
		return f.abandon(ctx, l, e, refused(err, errMoved))
	}
	if err := f.step(ctx, "compare"); err != nil {
		return err
	}
	return f.finish(ctx, l, e)
}

// finish looks whether it was the file that was copied which went out of the way,
// as it was then; and if not, takes it back.
func (f Files) finish(ctx context.Context, l *ledger, e Entry) error {
	old, err := os.Open(e.Beside)
	if err != nil {
		return err
	}
	defer old.Close()
	as, err := checksumOf(ctx, old)
	if err != nil {
		return err
	}
	var why *refusal
	switch {
	case as != e.Before.SHA256:
		why = errMoved
	case written(old):
		why = errOpen
	case packing(e.File):
		why = errTwice
	}
	if why != nil {
		if err := f.step(ctx, "back"); err != nil {
			return err
		}
		if now, err := checksumAt(ctx, e.File); err != nil || now != e.After.SHA256 {
			return errors.Join(errAside, err)
		}
		if err := exchange(e.Beside, e.File); err != nil {
			return err
		}
		return f.abandon(ctx, l, e, why)
	}
	if err := f.step(ctx, "remove"); err != nil {
		return err
	}
	if err := os.Remove(e.Beside); err != nil {
		return err
	}
	return f.done(ctx, l, e)
}

// errAside: a file that the copy took the place of lies beside, and the copy is
// gone. Somebody has to look.
var errAside = errors.New("a file lies beside its place")

// replace is for file systems that can't let two files change places: the file is
// compared just before. What is written to it in between is lost.
func (f Files) replace(ctx context.Context, l *ledger, e Entry, in *os.File) error {
	as, err := checksumAt(ctx, e.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case as != e.Before.SHA256:
		return f.abandon(ctx, l, e, errMoved)
	case written(in):
		return f.abandon(ctx, l, e, errOpen)
	case packing(e.File):
		return f.abandon(ctx, l, e, errTwice)
	}
	if err := f.step(ctx, "remove"); err != nil {
		return err
	}
	if err := os.Rename(e.Beside, e.File); err != nil {
		return f.abandon(ctx, l, e, refused(err, errMoved))
	}
	return f.done(ctx, l, e)
}

func (f Files) done(ctx context.Context, l *ledger, e Entry) error {
	if err := syncFolder(filepath.Dir(e.File)); err != nil {
		return err
	}
	if err := f.step(ctx, "done"); err != nil {
		return err
	}
	e.State, e.At = Done, time.Now().UTC()
	return l.add(e)
}

// abandon notes that the file is as it was, and takes the copy away.
func (f Files) abandon(ctx context.Context, l *ledger, e Entry, why error) error {
	if err := syncFolder(filepath.Dir(e.File)); err != nil {
		return err
	}
	if err := f.step(ctx, "abandon"); err != nil {
		return err
	}
	e.State, e.At = Abandoned, time.Now().UTC()
	if err := l.add(e); err != nil {
		return err
	}
	if err := os.Remove(e.Beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return why
}

// recover finishes or takes back what a process began that ended, and removes
// copies of which nobody knows: they had not changed places yet.
func (f Files) recover(ctx context.Context, l *ledger) error {
	if e := l.last; e.State == Begun {
		if err := f.resolve(ctx, l, e); err != nil {
			var said *refusal
			if !errors.As(err, &said) {
				return err
			}
		}
	}
	for _, pattern := range f.Patterns {
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(pattern), prefix+filepath.Base(f.System)+"-*"))
		for _, path := range left {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (f Files) resolve(ctx context.Context, l *ledger, e Entry) error {
	beside, err := checksumAt(ctx, e.Beside)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it is taken away after they changed places
		if _, gone := os.Stat(filepath.Dir(e.File)); gone != nil {
			return gone
		}
		if now, err := checksumAt(ctx, e.File); err == nil && now == e.Before.SHA256 {
			return f.abandon(ctx, l, e, nil)
		}
		return f.done(ctx, l, e)
	case err != nil:
		return err
	case beside == e.After.SHA256:
		return f.abandon(ctx, l, e, nil)
	}
	return f.finish(ctx, l, e)
}

// beside is where the copy of a file lies.
func (f Files) beside(path string) string {
	return filepath.Join(filepath.Dir(path), prefix+filepath.Base(f.System)+"-"+sum([]byte(filepath.Base(path)))[:16])
}

func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

// unsupported: the file system knows no exchange.
func unsupported(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EOPNOTSUPP)
}
