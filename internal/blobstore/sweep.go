package blobstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Keys lists the keys of all complete files, in order.
func (d Disk) Keys(ctx context.Context) ([]string, error) {
	var keys []string
	err := d.each(ctx, func(_, key string, _ fs.DirEntry) error {
		if key != "" {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list blobs: %w", err)
	}
	return keys, nil
}

// Sweep removes what was last written before olderThan and belongs to nobody:
// complete files whose key is not known, and what a killed process left
// half-written. It says how many it removed, and goes on after an error. Choose
// olderThan well before the beginning of the longest transaction: a file is
// complete before the database knows it.
func (d Disk) Sweep(ctx context.Context, known func(key string) bool, olderThan time.Time) (removed int, err error) {
	var failed []error
	err = d.each(ctx, func(path, key string, entry fs.DirEntry) error {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // stored or deleted meanwhile
		}
		if err != nil {
			failed = append(failed, err)
			return nil
		}
		if !info.ModTime().Before(olderThan) || key != "" && known(key) {
			return nil
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
			return nil
		}
		removed++
		return nil
	})
	if err := errors.Join(append(failed, err)...); err != nil {
		return removed, fmt.Errorf("sweep blobs: %w", err)
	}
	return removed, nil
}

// each visits every file of ours: complete ones with their key, half-written
// ones with an empty key. Files that are not ours are left alone.
func (d Disk) each(ctx context.Context, visit func(path, key string, entry fs.DirEntry) error) error {
	return filepath.WalkDir(d.Dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an empty store, or removed meanwhile
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		name, folder := entry.Name(), filepath.Dir(path)
		switch {
		case isKey(name) && folder == filepath.Join(d.Dir, name[:2]):
			return visit(path, name, entry)
		case folder == d.incoming() && len(name) > 36 && isKey(name[:36]):
			return visit(path, "", entry)
		}
		return nil
	})
}
