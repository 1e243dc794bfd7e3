package sql

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"einsicht/internal/connector"
)

// Read asks for records by their keys, in one snapshot.
func (db *database) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	found := map[string]connector.Finding{}
	keys := map[*source][][]string{}
	for _, ref := range references {
		if src, key := db.named(ref); src != nil {
			keys[src] = append(keys[src], key)
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	err := db.dialect.ask(ctx, func(s snapshot) error {
		for _, src := range db.tables {
			for some := range slices.Chunk(keys[src], 50) {
				if err := ctx.Err(); err != nil {
					return connector.Fail(connector.ErrUnreachable, src.Name, "", err)
				}
				if err := s.records(ctx, src, some, func(r *row) error {
					f := db.finding(src, r)
					found[f.Reference] = f
					return nil
				}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// References gives those of all rows of tables that can be erased.
func (db *database) References(ctx context.Context, yield func(reference string) error) error {
	var some []*source
	for _, src := range db.tables {
		if db.changing != nil && src.isTable && src.declared != nil && src.declared.Erase != "" {
			some = append(some, src)
		}
	}
	if len(some) == 0 {
		return nil
	}
	return db.dialect.ask(ctx, func(s snapshot) error {
		for _, src := range some {
			if err := s.keys(ctx, src, func(key []string) error {
				if err := ctx.Err(); err != nil {
					return connector.Fail(connector.ErrUnreachable, src.Name, "", err)
				}
				return yield(reference(src.Name, key))
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// named gives the table and the key that a reference means; nil: none, or more
// than one.
func (db *database) named(ref string) (*source, []string) {
	var found *source
	var names []string
	for _, src := range db.tables {
		rest, ok := strings.CutPrefix(ref, src.Name+"/")
		if !ok {
			continue
		}
		key := strings.Split(rest, "/")
		if len(key) != len(src.Key) {
			continue
		}
		whole := true
		for i, k := range key {
			var err error
			key[i], err = url.PathUnescape(k)
			whole = whole && err == nil && !strings.Contains(key[i], "\x00")
		}
		if !whole || reference(src.Name, key) != ref {
			continue
		}
		if found != nil {
			return nil, nil
		}
		found, names = src, key
	}
	return found, names
}

// finding shows a record as Find does, to nobody in particular.
func (db *database) finding(src *source, r *row) (f connector.Finding) {
	w := &walk{
		db: db, st: &statement{db: db, src: src}, times: src.times(), hinted: make([]hinted, len(src.hints)),
		yield: func(one connector.Finding, _ connector.Cursor) error {
			f = one
			return nil
		},
	}
	_ = w.row(r) // that of yield
	f.Led, f.Confidence, f.Hints = nil, "", nil
	return f
}
