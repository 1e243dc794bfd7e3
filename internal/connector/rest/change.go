package rest

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"einsicht/internal/connector"
)

// Rehearse reads the records, says what they would be, and asks the system what the
// account may where it tells.
func (a *api) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return a.change(ctx, changes, false)
}

// Carry changes record after record, each by one request right after it was read,
// and reads it back.
func (a *api) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return a.change(ctx, changes, true)
}

// Read asks for each record by itself.
func (a *api) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	found := map[string]connector.Finding{}
	for _, ref := range references {
		p := a.named(ref)
		if p == nil {
			continue
		}
		now, err := a.stands(ctx, p)
		if err != nil {
			return nil, err
		}
		if !now.there {
			continue
		}
		if found[ref], err = a.finding(&now.record); err != nil {
			return nil, unreadable(p.resource)
		}
	}
	return found, nil
}

// deed is a change of a record that can be named.
type deed struct {
	connector.Change
	index int
	at    *place
}

// run is one call.
type run struct {
	*api
	keep    bool
	allowed map[*request]refusal // what OPTIONS said
	going   map[string]bool      // references of what is gone, or would be
	stopped []string             // and of what is to stay although it was planned
}

// change takes what is deepest first: the lists of a record go before it.
func (a *api) change(ctx context.Context, changes []connector.Change, keep bool) ([]connector.Effect, error) {
	r := &run{api: a, keep: keep, allowed: map[*request]refusal{}, going: map[string]bool{}}
	effects := make([]connector.Effect, len(changes))
	var deeds []deed
	for i, c := range changes {
		effects[i] = connector.Effect{Change: c.ID, State: connector.Missing}
		if p := a.named(c.Reference); p != nil {
			deeds = append(deeds, deed{c, i, p})
		}
	}
	slices.SortStableFunc(deeds, func(a, b deed) int { return strings.Count(b.Reference, "/") - strings.Count(a.Reference, "/") })
	for _, d := range deeds {
		if ctx.Err() != nil {
			return nil, connector.Fail(connector.ErrUnreachable, d.at.resource.Path, "", ctx.Err())
		}
		e, err := r.do(ctx, d)
		if err != nil {
			return nil, err
		}
		effects[d.index] = e
		switch {
		case e.State == connector.Missing, e.State == connector.Changed && e.Gone():
			r.going[d.Reference] = true
		case e.State != connector.Changed:
			r.stopped = append(r.stopped, d.Reference)
		}
	}
	return effects, nil
}

// do makes one change, or none of it.
func (r *run) do(ctx context.Context, d deed) (connector.Effect, error) {
	e := connector.Effect{Change: d.ID, State: connector.Missing}
	q, said := r.request(d)
	if c := d.at.resource.Change; c == nil || c.Read.Path == "" { // it can't be shown either
		e.State, e.Reason = said.state, said.reason
		return e, nil
	}
	now, err := r.stands(ctx, d.at)
	if err != nil || !now.there {
		return e, err
	}
	if e.Before, err = r.finding(&now.record); err != nil {
		return e, unreadable(d.at.resource)
	}
	if said.state == "" && len(d.Seen) > 0 && !bytes.Equal(d.Seen, e.Before.Fingerprint()) {
		said.state = connector.Differs
	}
	var next planned
	if said.state == "" {
		next, said = r.plan(d, q, now, e.Before)
	}
	if said.state == "" {
		if said, err = r.may(ctx, d.at, q); err != nil {
			return e, err
		}
	}
	if said.state == "" && next.gone {
		if e.With, said, err = r.along(ctx, d, &now.record); err != nil {
			return e, err
		}
	}
	if said.state != "" {
		return left(d, e, said), nil
	}
	e.State, e.After = connector.Changed, next.fields
	if d.Do == connector.CanErase {
		e.Kept = kept(d.at.resource, e.After)
	}
	if !r.keep || !next.gone && next.raw == now.json.Raw { // as it is to be already
		return e, nil
	}
	return r.act(ctx, d, q, now, next, e)
}

// left is the effect on a record that stays as it is.
func left(d deed, e connector.Effect, said refusal) connector.Effect {
	e = connector.Effect{Change: d.ID, State: said.state, Reason: said.reason, Before: e.Before, After: e.Before.Fields}
	if said.reason == becauseKept {
		for _, f := range e.After {
			e.Kept = append(e.Kept, connector.Kept{Field: f.Name, Why: d.at.resource.Change.Keep[0].Why})
		}
	}
	return e
}

// act asks for a change, once, and decides by reading back what came of it: an
// answer says only what the system believes.
func (r *run) act(ctx context.Context, d deed, q *request, now standing, next planned, e connector.Effect) (connector.Effect, error) {
	headers := http.Header{}
	if said := r.guard(d.at.resource.Change.IfMatch, now, headers); said.state != "" {
		return left(d, e, said), nil
	}
	status, err := r.ask(ctx, d.at, q, headers, next.body)
	if err != nil {
		return e, err
	}
	after, err := r.stands(ctx, d.at)
	if err != nil {
		return e, err
	}
	refused := status >= 400 && status < 500
	if !after.there {
		if next.gone && !refused {
			return e, nil
		}
		return connector.Effect{Change: d.ID, State: connector.Missing}, nil // somebody else did it
	}
	f, err := r.finding(&after.record)
	if err != nil {
		return e, unreadable(d.at.resource)
	}
	if !refused && !next.gone && next.shows(after.json) {
		e.After = f.Fields
		return e, nil
	}
	said := d.at.resource.Change.means(status)
	if !refused && !bytes.Equal(f.Fingerprint(), e.Before.Fingerprint()) {
		said.reason = becauseOtherwise
	}
	e.Before = f
	return left(d, e, said), nil
}

// along counts what goes with a record. What nobody has declared, or is to stay
// although it was planned, stops it.
func (r *run) along(ctx context.Context, d deed, above *record) ([]connector.Along, refusal, error) {
	for _, ref := range r.stopped {
		if strings.HasPrefix(ref, d.Reference+"/") {
			return nil, refusal{connector.Hindered, becauseStopped}, nil
		}
	}
	counts := map[string]int{}
	err := r.every(ctx, d.at.resource.Children, above, func(*resource) bool { return true }, func(rec *record) error {
		if !r.going[rec.ref] {
			counts[rec.resource.Name]++
		}
		return nil
	})
	var with []connector.Along
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(d.at.resource.Change.With, name) {
			return nil, refusal{connector.Hindered, becauseDragged}, err
		}
		with = append(with, connector.Along{Place: name, Count: counts[name]})
	}
	return with, refusal{}, err
}
