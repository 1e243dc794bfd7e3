package rest

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"time"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// list is a list that is being read.
type list struct {
	*walk
	resource *resource
	above    *record
	depth    int
	to       *spot             // where to go first
	seen     map[uint64]uint64 // what stood under a reference, where several questions may bring it
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
			if !l.silent() {
				l.mute(p)
			}
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
		if !l.silent() && l.query.Paused(time.Now()) {
			l.answer.Next = l.cursor()
			return nil
		}
	}
}

// mute notes a list that ends without a word on whether it goes on. Some systems
// leave the word out at the end; a misspelt name looks the same. So it is a gap
// where a full page ends like that, and where the word was on no page of the
// resource and nobody knows how many records a full page has.
func (l *list) mute(p page) {
	switch full, unsure := l.resource.Paging.mute(p, l.at[l.depth].State); {
	case full:
		l.gap("connector.gap.paging")
	case unsure:
		l.muted[l.resource]++
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
		if several { // of one the name, of another the birth date: only what leads by itself counts
			rec.confidence = connector.Check
			for kind, some := range values {
				if led, c := l.whose.Leads(connector.Values{kind: some}); len(led) > 0 {
					rec.confidence = rec.confidence.Best(c)
				}
			}
		}
	} else if l.above != nil {
		rec.led, rec.confidence = l.above.led, l.above.confidence
	}
	if len(rec.led) > 0 && l.seen != nil {
		ref, all := maphash.String(seed, rec.ref), maphash.String(seed, rec.json.Raw)
		if before, twice := l.seen[ref]; twice {
			if before != all && !skip {
				l.gap(connector.GapKey)
			}
			return nil
		}
		if l.seen[ref] = all; len(l.seen) > maxSeen {
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
	f, err := l.api.finding(rec)
	if err != nil {
		l.gap("connector.gap.rest_record")
		return nil
	}
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, l.resource.Path, "", ctx.Err())
	}
	f.Led, f.Confidence = rec.led, rec.confidence
	if rec.confidence != connector.Check { // a namesake's numbers are no trace of the person
		f.Hints = rec.hints(l.whose, l.api.connection.System, l.api.zone)
	}
	l.answer.Outcome = connector.Found
	at := l.cursor()
	if err := l.yield(f, at); err != nil {
		return err
	}
	if l.query.Paused(time.Now()) {
		l.answer.Next = at
	}
	return nil
}

// finding shows a record, of whomever.
func (a *api) finding(rec *record) (connector.Finding, error) {
	r := rec.resource
	fields, err := rec.leaves()
	if err != nil {
		return connector.Finding{}, err
	}
	f := connector.Finding{
		Reference: rec.ref, Category: cmp.Or(r.Category, r.Name), Label: r.Label, Fields: fields,
		Origin: connector.Origin{Place: r.Name, Position: rec.position(), Mapping: a.connection.Version},
	}
	if r.At != "" {
		f.Origin.At, _ = readTime(scalar(rec.json.Get(r.At)), a.zone) // an empty one is no time
	}
	return f, nil
}

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
