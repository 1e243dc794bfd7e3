package ldap

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// Find collects the names of the person's entries and reads them in the order
// of these names: directories promise none of their own. A person with more
// entries than anybody can have gets them in the order of the directory, which
// for OpenLDAP is the one in which they were made.
func (d *directory) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := d.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	sets, err := d.connection.Sets(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w := &walk{d: d, query: q, whose: connector.NewRecall(whose, q), filter: d.mapping.filter(sets), yield: yield, at: d.position(from), first: from == nil}
	w.answer.Outcome = connector.Nothing
	if w.session, err = d.dial(ctx); err != nil {
		return connector.Answer{}, err
	}
	defer w.close()
	if !w.at.Streamed {
		err = w.sorted()
	}
	if errors.Is(err, errMany) {
		w.at.Streamed, w.answer.Gaps, err = true, nil, nil
	}
	if err == nil && w.at.Streamed {
		err = w.streamed()
	}
	if errors.Is(err, errPaused) {
		err = nil
	}
	return w.answer, err
}

// walk goes through the entries of one question.
type walk struct {
	*session
	d      *directory
	query  connector.Query
	whose  *connector.Recall
	filter string
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer
	at     position // after which to go on
	first  bool     // gaps are said once, not with every part

	attributes map[string]about

	sampled int      // entries that were asked for every secret
	unseen  []string // secrets that they have, but don't show
}

// position is what a cursor says: the last entry and, if one of its groups
// followed, which. It holds names of entries.
type position struct {
	Version  string
	Streamed bool
	DN       string `json:",omitempty"`
	Reach    int    `json:",omitempty"` // counts from 1; 0: the entry itself
	Group    string `json:",omitempty"`
}

// position reads a cursor. One that was made with another mapping starts again:
// what was found before has the same references.
func (d *directory) position(c connector.Cursor) position {
	var p position
	if json.Unmarshal(c, &p) != nil || p.Version != d.connection.Version {
		return position{Version: d.connection.Version}
	}
	return p
}

var (
	errMany   = errors.New("more entries than can be sorted")
	errPaused = errors.New("time to pause")
)

const (
	// maxSorted is how many entries are sorted in memory.
	maxSorted = 10_000
	// chunk is how many entries are read before the first of them is given.
	chunk = 20
)

// sorted gives the entries in the order of their names.
func (w *walk) sorted() error {
	var dns []string
	err := w.candidates(func(own []string) error {
		if dns = append(dns, own...); len(dns) > w.d.sortable {
			return errMany
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(dns, inOrder)
	dns = slices.Compact(dns)
	if w.at.DN != "" {
		dns = slices.DeleteFunc(dns, func(dn string) bool { return inOrder(dn, w.at.DN) < 0 })
	}
	for part := range slices.Chunk(dns, chunk) {
		if err := w.entries(part); err != nil {
			return err
		}
	}
	return nil
}

func inOrder(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// candidates asks for entries that may be the person's and gives the names of
// those that are, page by page.
func (w *walk) candidates(page func(dns []string) error) error {
	m := &w.d.mapping
	pages := w.pages(w.question(m.matched()), "ldap.base", w.gap)
	for !pages.done {
		entries, err := pages.next()
		if err != nil {
			return err
		}
		var own []string
		for _, e := range entries {
			if led, _ := w.whose.Leads(m.identifying(&record{Entry: e})); len(led) > 0 {
				own = append(own, e.DN)
			}
		}
		if err := page(own); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) question(attributes []string) *ldap.SearchRequest {
	return &ldap.SearchRequest{BaseDN: w.d.mapping.Base, Scope: w.d.mapping.scope, Filter: w.filter, Attributes: attributes}
}

// gap says what could not be read; once, not with every part.
func (w *walk) gap(g connector.Gap) {
	if w.first {
		w.answer.Gaps = append(w.answer.Gaps, g)
	}
}

// entries gives some entries, each with its groups.
func (w *walk) entries(dns []string) error {
	records, err := w.readAll(dns, "ldap.base", func(string) bool { return false })
	if err != nil {
		return err
	}
	for _, r := range records {
		if r == nil {
			continue
		}
		led, c := w.whose.Leads(w.d.mapping.identifying(r))
		if len(led) == 0 {
			continue // changed while it was read
		}
		if err := w.entry(r, led, c); err != nil {
			return err
		}
	}
	return nil
}

// entry gives one entry and its groups.
func (w *walk) entry(r *record, led [][]uuid.UUID, c connector.Confidence) error {
	resumed := w.at.DN == r.DN
	if !resumed {
		if err := w.give(w.finding(r, led, c), position{DN: r.DN}); err != nil {
			return err
		}
	}
	for i := range w.d.mapping.Reach {
		if resumed && i+1 < w.at.Reach {
			continue
		}
		after := ""
		if resumed && i+1 == w.at.Reach {
			after = w.at.Group
		}
		if err := w.groups(i, r, led, c, after); err != nil {
			return err
		}
	}
	return nil
}

// give hands over a finding and the cursor that goes on after it.
func (w *walk) give(f connector.Finding, p position) error {
	if err := w.ctx.Err(); err != nil {
		return connector.Fail(connector.ErrUnreachable, "ldap.base", "", err)
	}
	p.Version, p.Streamed = w.d.connection.Version, w.at.Streamed
	at, err := json.Marshal(p)
	if err != nil {
		return err
	}
	w.answer.Outcome = connector.Found
	if err := w.yield(f, at); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = at
		return errPaused
	}
	return nil
}
