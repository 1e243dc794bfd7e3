// Package blobstore keeps sealed files, such as packages and uploads, on the
// disk under a number that says nothing about them.
//
// It never seals: what comes in is already encrypted (package keyring). A file
// is there whole or not at all, also after the power failed.
package blobstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"einsicht/internal/problem"
)

// Disk keeps each file below Dir under its key, a UUID in its usual form. It is
// safe for concurrent use, by many processes too.
type Disk struct {
	Dir string
}

// Put stores what write writes. It can be seen only when it is complete and
// safe on the disk; after an error nothing is. A second Put under the same key
// replaces the first.
func (d Disk) Put(ctx context.Context, key string, write func(io.Writer) error) (err error) {
	path, err := d.path(key)
	if err != nil {
		return err
	}
	if err := makeFolders(d.incoming(), filepath.Dir(path)); err != nil {
		return fmt.Errorf("store blob %s: %w", key, err)
	}
	temp, err := os.CreateTemp(d.incoming(), key+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("store blob %s: %w", key, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	err = write(temp)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("store blob %s: %w", key, err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("store blob %s: %w", key, err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("store blob %s: %w", key, err)
	}
	return nil
}

// Open reads a stored file and says how many bytes it has. The caller closes
// it. Fails with problem.NotFound.
func (d Disk) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	path, err := d.path(key)
	if err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", key, err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("blob %s: %w", key, problem.NotFound)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", key, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open blob %s: %w", key, err), f.Close())
	}
	return f, info.Size(), nil
}

// Delete removes a stored file for good. Deleting what is gone is no error, so
// that a job may do it twice.
func (d Disk) Delete(_ context.Context, key string) error {
	path, err := d.path(key)
	if err != nil {
		return err
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

func (d Disk) incoming() string { return filepath.Join(d.Dir, "incoming") }

// path spreads the files over 256 folders. Only UUIDs in their one usual form
// are keys; so no key leads out of Dir, and none has two spellings.
func (d Disk) path(key string) (string, error) {
	if !isKey(key) {
		return "", errors.New("blob key is not a UUID")
	}
	return filepath.Join(d.Dir, key[:2], key), nil
}

func isKey(key string) bool {
	id, err := uuid.Parse(key)
	return err == nil && id.String() == key
}

// makeFolders makes what is missing, and makes sure that a folder made now is
// still there after the power failed.
func makeFolders(paths ...string) error {
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		if err := syncFolder(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
