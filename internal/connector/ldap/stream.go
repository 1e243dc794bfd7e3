package ldap

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// streamed gives the entries as the directory lists them, for more of them than
// can be sorted. Two more connections ask the same question at the same pace:
// one which attributes the entries have, the other for the values of those that
// are no secret. An entry that one of them does not show is read by itself. Two
// more, since OpenLDAP takes one paged question at a time on each.
func (w *walk) streamed() error {
	err := w.stream(w.at.DN == "")
	if errors.Is(err, errGone) {
		// What was found before has the same references.
		w.at = position{Version: w.d.connection.Version, Streamed: true}
		err = w.stream(true)
	}
	return err
}

// stream goes through all pages; seen says that the entry of the cursor is
// behind.
func (w *walk) stream(seen bool) error {
	one, err := w.d.dial(w.ctx)
	if err != nil {
		return err
	}
	defer one.close()
	other, err := w.d.dial(w.ctx)
	if err != nil {
		return err
	}
	defer other.close()
	types := w.question([]string{"*", "+"})
	types.TypesOnly = true
	names := one.pages(types, "ldap.base", func(connector.Gap) {}) // the other one tells
	lists, err := names.next()
	if err != nil {
		return err
	}
	usual := w.d.mapping.readable(lists)
	values := other.pages(w.question(usual), "ldap.base", w.gap)
	for first := true; !values.done; first = false {
		entries, err := w.bothPages(values, names, &lists, first)
		if err != nil {
			return err
		}
		for i, e := range entries {
			if !seen && e.DN != w.at.DN {
				continue
			}
			seen = true
			if err := w.listed(e, lists, i, usual); err != nil {
				return err
			}
		}
	}
	if !seen {
		return errGone // the entry of the cursor
	}
	return nil
}

// bothPages asks for the next page of both.
func (w *walk) bothPages(values, names *pager, lists *[]*ldap.Entry, first bool) (entries []*ldap.Entry, err error) {
	var wg sync.WaitGroup
	var failed error
	if !first && !names.done {
		wg.Go(func() { *lists, failed = names.next() })
	}
	entries, err = values.next()
	wg.Wait()
	if err == nil {
		err = failed
	}
	return entries, err
}

// readable lists the attributes of some entries whose values may be read.
func (m *mapping) readable(lists []*ldap.Entry) []string {
	all := append(m.matched(), m.Key, m.At)
	for _, e := range lists {
		for _, a := range e.Attributes {
			if !m.isSecret(a.Name) {
				all = append(all, a.Name)
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(all, strings.EqualFold)
}

// listed gives an entry whose values came with a page; like is where its list
// should stand.
func (w *walk) listed(e *ldap.Entry, lists []*ldap.Entry, like int, usual []string) error {
	m := &w.d.mapping
	r := &record{Entry: e}
	led, c := w.whose.Leads(m.identifying(r))
	if len(led) == 0 {
		return nil
	}
	i := like // both list in the same order, unless somebody adds an entry meanwhile
	if i >= len(lists) || lists[i].DN != e.DN {
		i = slices.IndexFunc(lists, func(l *ldap.Entry) bool { return l.DN == e.DN })
	}
	if i < 0 {
		return w.entries([]string{e.DN})
	}
	for _, a := range lists[i].Attributes {
		if w.about(a.Name).secret {
			r.withheld = append(r.withheld, a.Name)
		} else if !slices.ContainsFunc(usual, func(n string) bool { return strings.EqualFold(n, a.Name) }) {
			return w.entries([]string{e.DN})
		}
	}
	if err := w.addUnseen(r); err != nil {
		return err
	}
	r.Attributes = slices.DeleteFunc(r.Attributes, func(a *ldap.EntryAttribute) bool { return w.about(a.Name).secret })
	return w.entry(r, led, c)
}

// sample is how many entries are asked for every secret there is.
const sample = 20

// addUnseen asks an entry for secrets that may be looked for, but not read.
// After some entries it is known which ones these are.
func (w *walk) addUnseen(r *record) error {
	if w.sampled < sample {
		w.sampled++
		seen := len(r.withheld)
		err := w.addHidden(r, r.DN, "ldap.base", w.d.secrets)
		w.unseen = append(w.unseen, r.withheld[seen:]...)
		slices.Sort(w.unseen)
		w.unseen = slices.Compact(w.unseen)
		return err
	}
	return w.addHidden(r, r.DN, "ldap.base", w.unseen)
}
