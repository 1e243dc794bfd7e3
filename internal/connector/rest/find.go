package rest

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
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
	w := &walk{api: a, query: q, whose: whose, sets: sets, yield: yield, answer: connector.Answer{Outcome: connector.Nothing}}
	if whose.Nobody() || !slices.ContainsFunc(a.resources, w.asks) {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	w.resume = a.position(from)
	err = w.lists(ctx, a.resources, nil)
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
	whose  connector.Whose
	sets   []connector.Set
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer

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
		l.seen = map[uint64]struct{}{}
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

// list is a list that is being read.
type list struct {
	*walk
	resource *resource
	above    *record
	depth    int
	to       *spot // where to go first
	seen     map[uint64]struct{}
}

const (
	maxPages = 1_000_000
	maxSeen  = 1_500_000
)

// pages reads page after page. One that can't be read is a gap, and so is all
// that would have come after it.
func (l *list) pages(ctx context.Context, q question) error {
	states := map[uint64]struct{}{}
	var before uint64
	for n := 0; ; n++ {
		p, err := l.api.page(ctx, l.resource, q, l.at[l.depth].State)
		switch {
		case httpapi.NotFound(err) && l.above == nil:
			return nil // asked for by a value in the path: there is none
		case errors.Is(err, connector.ErrBroken):
			l.gap("connector.gap.rest_page")
			return nil
		case err != nil:
			return err
		}
		if err := l.page(ctx, p); err != nil || l.answer.Next != nil {
			return err
		}
		if p.astray {
			l.gap("connector.gap.rest_page")
		}
		if p.next == "" {
			return nil
		}
		// A token that came before leads round in a circle; a list that counts and
		// gives the same page twice does not count.
		sum := maphash.String(seed, p.next)
		_, again := states[sum]
		if again || n > 0 && l.resource.Paging.counts() && p.sum == before || n == maxPages {
			return connector.Fail(connector.ErrBroken, l.resource.Path, "endless paging", nil)
		}
		states[sum], before = struct{}{}, p.sum
		here := l.at[l.depth]
		l.at[l.depth] = spot{List: here.List, Search: here.Search, Page: here.Page + 1, State: p.next}
		if !l.silent() && l.timeIsUp() {
			l.answer.Next = l.cursor(false)
			return nil
		}
	}
}

// silent says that the place to go to is still ahead.
func (l *list) silent() bool {
	here := l.at[l.depth]
	return l.to != nil && (here.Search < l.to.Search || here.Search == l.to.Search && here.Page < l.to.Page)
}

// page reads the records of a page.
func (l *list) page(ctx context.Context, p page) error {
	silent, skipTo := l.silent(), ""
	if !silent && l.to != nil {
		here := l.at[l.depth]
		if l.to.Key != "" && here.Search == l.to.Search && here.Page == l.to.Page && l.holds(p, l.to.Key) {
			skipTo = l.to.Key
		} else { // gone since: what comes on this page comes once more
			l.resume = nil
		}
		l.to = nil
	}
	var err error
	l.records(p, func(rec record, unreadable error) bool {
		skip := silent || skipTo != ""
		if unreadable != nil {
			if !skip {
				l.gap("connector.gap.rest_record")
			}
			return true
		}
		at := skipTo != "" && rec.position() == skipTo
		if at {
			skipTo = ""
		}
		err = l.record(ctx, &rec, skip, at)
		return err == nil && l.answer.Next == nil
	})
	return err
}

// records gives the records of a page until f says no.
func (l *list) records(p page, f func(record, error) bool) {
	more := true
	p.each(func(entry gjson.Result) bool {
		l.resource.records(entry, l.above, func(rec record, err error) bool {
			more = f(rec, err)
			return more
		})
		return more
	})
}

func (l *list) holds(p page, key string) (found bool) {
	l.records(p, func(rec record, err error) bool {
		found = err == nil && rec.position() == key
		return !found
	})
	return found
}

// record looks at one record and its lists. Skip: it was given before; at: and
// it is the last that was.
func (l *list) record(ctx context.Context, rec *record, skip, at bool) error {
	r := l.resource
	if len(r.Match) > 0 {
		values, several := rec.values()
		rec.led, rec.confidence = l.whose.Leads(values)
		if several && !slices.ContainsFunc(rec.led, func(set []uuid.UUID) bool { return len(set) == 1 }) {
			rec.confidence = connector.Check // of one the name, of another the birth date
		}
	} else if l.above != nil {
		rec.led, rec.confidence = l.above.led, l.above.confidence
	}
	if len(rec.led) > 0 && l.seen != nil {
		sum := maphash.String(seed, rec.ref)
		if _, before := l.seen[sum]; before {
			return nil
		}
		if l.seen[sum] = struct{}{}; len(l.seen) > maxSeen {
			return connector.Fail(connector.ErrBroken, r.Path, "too many records for several questions", nil)
		}
	}
	l.at[l.depth].Key = rec.position()
	if len(rec.led) > 0 && !skip {
		if err := l.give(ctx, rec); err != nil || l.answer.Next != nil {
			return err
		}
	}
	if len(r.Children) > 0 && (!skip || at) {
		return l.lists(ctx, r.Children, rec)
	}
	return nil
}

func (l *list) give(ctx context.Context, rec *record) error {
	fields, err := rec.leaves()
	if err != nil {
		l.gap("connector.gap.rest_record")
		return nil
	}
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, l.resource.Path, "", ctx.Err())
	}
	f := connector.Finding{
		Reference: rec.ref, Category: l.resource.Category, Label: l.resource.Label, Fields: fields, Led: rec.led, Confidence: rec.confidence,
		Origin: connector.Origin{Place: l.resource.Name, Position: rec.position(), Mapping: l.api.connection.Version},
		Hints:  rec.hints(l.query, l.api.connection.System, l.api.zone),
	}
	if f.Category == "" {
		f.Category = l.resource.Name
	}
	if l.resource.At != "" {
		f.Origin.At, _ = readTime(scalar(rec.json.Get(l.resource.At)), l.api.zone) // an empty one is no time
	}
	l.answer.Outcome = connector.Found
	at := l.cursor(len(l.resource.Children) > 0)
	if err := l.yield(f, at); err != nil {
		return err
	}
	if l.timeIsUp() {
		l.answer.Next = at
	}
	return nil
}

// cursor is where the walk is. Inside: the lists of the last record come next.
func (w *walk) cursor(inside bool) connector.Cursor {
	p := position{Version: w.api.connection.Version, Spots: w.at}
	if inside {
		p.Spots = append(slices.Clone(w.at), spot{})
	}
	c, err := json.Marshal(p)
	if err != nil {
		panic(err) // numbers and strings only
	}
	return c
}

func (w *walk) timeIsUp() bool { return !w.query.Pause.IsZero() && !time.Now().Before(w.query.Pause) }

// gap counts what could not be read of a list.
func (l *list) gap(reason string) {
	for i, g := range l.answer.Gaps {
		if g.Place == l.resource.Name && g.Reason == reason {
			l.answer.Gaps[i].Count++
			return
		}
	}
	l.answer.Gaps = append(l.answer.Gaps, connector.Gap{Place: l.resource.Name, Reason: reason, Count: 1})
}

// asks says whether the query leads into a list, or one inside it, at all.
func (w *walk) asks(r resource) bool {
	return len(w.questions(&r)) > 0 && (slices.ContainsFunc(w.sets, func(s connector.Set) bool { return r.serves(s.Match) }) ||
		slices.ContainsFunc(r.Children, w.asks))
}

// questions are what a list is asked: for values where every set of the query
// has one that the list can be searched by, otherwise for everything.
func (w *walk) questions(r *resource) []question {
	if len(r.Search) == 0 && r.searchBy == "" {
		return []question{{}}
	}
	var ask []question
	done := map[string]bool{}
	for _, s := range w.sets {
		if !r.serves(s.Match) {
			continue
		}
		i := slices.IndexFunc(s.IDs, func(id identifier) bool { return r.Search[string(id.Kind)] != "" || string(id.Kind) == r.searchBy })
		if i < 0 {
			if r.SearchOnly {
				continue
			}
			return []question{{}}
		}
		kind := s.IDs[i].Kind
		for _, value := range spellings(s.IDs[i]) {
			if key := string(kind) + "\x00" + value; !done[key] {
				done[key] = true
				ask = append(ask, r.question(string(kind), value))
			}
		}
	}
	return ask
}

func (r *resource) question(kind, value string) question {
	if r.searchBy == "" {
		return question{values: url.Values{r.Search[kind]: {value}}}
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // a string
	}
	return question{body: strings.Replace(r.Body, `"{`+kind+`}"`, string(encoded), 1)}
}

// fill takes what a list's path has in braces out of the record.
func (rec *record) fill(r *resource) (q question, ok bool) {
	q.values = url.Values{}
	for _, m := range inBraces.FindAllStringSubmatch(r.Path, -1) {
		v := scalar(rec.json.Get(m[1]))
		if v == "" || v == "." || v == ".." {
			return q, false
		}
		q.values.Set(m[1], v)
	}
	return q, true
}
