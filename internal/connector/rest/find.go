package rest

import (
	"context"
	"encoding/json"
	"slices"

	"einsicht/internal/connector"
)

// Find asks list after list in the order of the declaration, and the lists of a
// record right after it.
func (a *api) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := a.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	sets, err := a.connection.Sets(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w := &walk{api: a, query: q, whose: connector.NewRecall(whose, q), sets: sets, yield: yield, muted: map[*resource]int{}, answer: connector.Answer{Outcome: connector.Nothing}}
	if whose.Nobody() || !slices.ContainsFunc(a.resources, w.asks) {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	w.resume = a.position(from)
	err = w.lists(ctx, a.resources, nil)
	w.tellMuted(a.resources)
	return w.answer, err
}

// spot is a place in a list: after the record of a key or, without one, at the
// start of a page.
type spot struct {
	List   int    `json:"l,omitempty"`
	Search int    `json:"s,omitempty"` // which of the questions
	Page   int    `json:"p,omitempty"` // counted from 0
	State  string `json:"t,omitempty"`
	Key    string `json:"k,omitempty"`
}

// position is what a cursor says: a place in a list and, where that is a list
// of a record, first the place of that record.
type position struct {
	Version string `json:"v"`
	Spots   []spot `json:"at"`
}

// position reads a cursor. One that was made with another declaration starts
// again: what was found before has the same references.
func (a *api) position(c connector.Cursor) []spot {
	var p position
	if json.Unmarshal(c, &p) != nil || p.Version != a.connection.Version {
		return nil
	}
	return p.Spots
}

// walk goes through the records of one question.
type walk struct {
	api    *api
	query  connector.Query
	whose  *connector.Recall
	sets   []connector.Set
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer

	muted map[*resource]int // how many lists ended without a word on whether they go on

	at     []spot // where it is, one for each list it is in
	resume []spot // where to go first; nil once it was there
}

// lists reads lists one after the other. Above is the record whose they are.
func (w *walk) lists(ctx context.Context, all []resource, above *record) error {
	depth, start := len(w.at), 0
	if len(w.resume) > depth {
		start = w.resume[depth].List
	}
	w.at = append(w.at, spot{})
	defer func() { w.at, w.resume = w.at[:depth], nil }()
	for i := start; i < len(all); i++ {
		r := &all[i]
		wanted := w.asks(*r)
		if above != nil && len(r.Match) == 0 {
			wanted = wanted || len(above.led) > 0
		}
		if !wanted {
			continue
		}
		if err := w.list(ctx, r, i, above); err != nil || w.answer.Next != nil {
			return err
		}
		w.resume = nil
	}
	return nil
}

// tellMuted says which lists may have been longer. Where the word on whether a
// list goes on stood on another page of the resource, its name is right.
func (w *walk) tellMuted(all []resource) {
	for i := range all {
		r := &all[i]
		if _, told := w.api.told.Load(r); w.muted[r] > 0 && !told {
			w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: r.Name, Reason: "connector.gap.paging", Count: w.muted[r]})
		}
		w.tellMuted(r.Children)
	}
}

// list reads one list, by all questions that it takes.
func (w *walk) list(ctx context.Context, r *resource, index int, above *record) error {
	l := &list{walk: w, resource: r, above: above, depth: len(w.at) - 1}
	questions := w.questions(r)
	if above != nil {
		own, ok := above.fill(r)
		if !ok {
			l.gap("connector.gap.rest_record")
			return nil
		}
		questions = []question{own}
	}
	if len(questions) > 1 {
		l.seen = map[uint64]uint64{}
	}
	if len(w.resume) > l.depth {
		to := w.resume[l.depth]
		l.to = &to
	}
	for s, q := range questions {
		w.at[l.depth] = spot{List: index, Search: s}
		if l.to != nil && len(questions) == 1 {
			// With several questions all are asked again, in silence: what one
			// gave the next must not give once more.
			w.at[l.depth].Page, w.at[l.depth].State = l.to.Page, l.to.State
		}
		if err := l.pages(ctx, q); err != nil || w.answer.Next != nil {
			return err
		}
	}
	return nil
}

// cursor is where the walk is. The lists of the record it names last come next.
func (w *walk) cursor() connector.Cursor {
	p := position{Version: w.api.connection.Version, Spots: w.at}
	c, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and strings only
	}
	return c
}
