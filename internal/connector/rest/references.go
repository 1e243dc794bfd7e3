package rest

import (
	"context"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
)

// References goes through all lists of which something can be changed. One that can
// only be searched is an error in the end: its records are not among them.
func (a *api) References(ctx context.Context, yield func(string) error) error {
	hidden := ""
	err := a.every(ctx, a.resources, nil, func(r *resource) bool {
		changes := func(r *resource) bool { return r.Change != nil }
		if !changes(r) && !anyOf(r.Children, changes) {
			return false
		}
		if r.SearchOnly {
			hidden = r.Path
		}
		return !r.SearchOnly
	}, func(rec *record) error {
		if rec.resource.Change == nil {
			return nil
		}
		return yield(rec.ref)
	})
	if err == nil && hidden != "" {
		return connector.Fail(connector.ErrConfig, hidden, "no list without a search", nil)
	}
	return err
}

// every reads lists, and the lists of their records, whole.
func (a *api) every(ctx context.Context, all []resource, above *record, wanted func(*resource) bool, f func(*record) error) error {
	for i := range all {
		if r := &all[i]; wanted(r) {
			if err := a.whole(ctx, r, above, wanted, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *api) whole(ctx context.Context, r *resource, above *record, wanted func(*resource) bool, f func(*record) error) error {
	var q question
	if above != nil {
		ok := false
		if q, ok = above.fill(r); !ok {
			return cutOff(r)
		}
	}
	for n, state := 0, ""; ; n++ {
		p, err := a.page(ctx, r, q, state)
		if err != nil {
			return err
		}
		p.each(func(entry gjson.Result) bool {
			r.records(entry, above, func(rec record, broken error) bool {
				if err = broken; err != nil {
					err = cutOff(r)
				} else if err = f(&rec); err == nil {
					err = a.every(ctx, r.Children, &rec, wanted, f)
				}
				return err == nil
			})
			return err == nil
		})
		if err != nil {
			return err
		}
		full, unsure := r.Paging.mute(p, state)
		_, told := a.told.Load(r)
		if p.astray || p.next != "" && p.next == state || n == maxPages || p.next == "" && (full || unsure && !told) {
			return cutOff(r)
		}
		if state = p.next; state == "" {
			return nil
		}
	}
}

func cutOff(r *resource) error {
	return connector.Fail(connector.ErrBroken, r.Path, "list can't be read to its end", nil)
}

func unreadable(r *resource) error {
	return connector.Fail(connector.ErrBroken, r.Change.Read.Path, "record can't be read", nil)
}
