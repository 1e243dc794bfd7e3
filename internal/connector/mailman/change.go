package mailman

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"

	"einsicht/internal/connector"
)

// Rehearse says what changes would come to. Mailman can't be asked without being
// changed, so what hangs on a record is looked up, and the rest is worked out.
func (l *lists) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return l.alter(ctx, changes, false)
}

// Carry makes the changes, record by record: the interface knows no transaction over
// several questions.
func (l *lists) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return l.alter(ctx, changes, true)
}

// deed is a change of a record that can be named.
type deed struct {
	connector.Change
	named
	index  int
	token  string
	reason string // why it is not tried at all
}

func (l *lists) alter(ctx context.Context, changes []connector.Change, keep bool) ([]connector.Effect, error) {
	references := make([]string, len(changes))
	for i, c := range changes {
		references[i] = c.Reference
	}
	tokens, err := l.tokens(ctx, references)
	if err != nil {
		return nil, err
	}
	effects := make([]connector.Effect, len(changes))
	var deeds []deed
	for i, c := range changes {
		effects[i] = connector.Effect{Change: c.ID, State: connector.Missing}
		if n, ok := readReference(c.Reference); ok {
			deeds = append(deeds, deed{Change: c, named: n, index: i, token: tokens[c.Reference], reason: l.declined(c, n.name)})
		}
	}
	// What hangs on a record goes before it. What stays is shown last: it may say the
	// name that another record was given.
	slices.SortStableFunc(deeds, func(a, b deed) int { return cmp.Compare(a.rank(), b.rank()) })
	gone := map[string]bool{}
	for _, d := range deeds {
		e, err := l.do(ctx, d, gone, keep)
		if err != nil {
			return nil, err
		}
		if effects[d.index] = e; e.State == connector.Changed && e.Gone() {
			gone[d.Reference] = true
		}
	}
	return effects, nil
}

// rank is the place of a deed among others.
func (d deed) rank() int {
	if d.reason != "" {
		return len(forms)
	}
	rank := slices.IndexFunc(forms, func(f form) bool { return f.name == d.name })
	if d.Do == connector.CanRectify { // a membership shows the name of its address
		rank -= len(forms)
	}
	return rank
}

// do makes one change, or says what it would come to. Gone are the records that went,
// or would have gone, before it.
func (l *lists) do(ctx context.Context, d deed, gone map[string]bool, keep bool) (connector.Effect, error) {
	e := connector.Effect{Change: d.ID, State: connector.Missing}
	if !keep && gone[d.Reference] {
		return e, nil
	}
	r, there, err := l.record(ctx, d.named, d.token)
	if err != nil || !there {
		return e, err
	}
	e.Before = l.show(r)
	e.After = e.Before.Fields
	stop := func(state connector.EffectState, reason string) (connector.Effect, error) {
		e.State, e.Reason, e.After = state, reason, e.Before.Fields
		return e, nil
	}
	if d.reason != "" {
		if d.reason == becauseKept {
			for _, f := range e.Before.Fields {
				e.Kept = append(e.Kept, connector.Kept{Field: f.Name, Why: l.change.kept(d.name)})
			}
		}
		return stop(connector.Undeclared, d.reason)
	}
	if len(d.Seen) > 0 && !bytes.Equal(d.Seen, e.Before.Fingerprint()) {
		return stop(connector.Differs, "")
	}
	reason, err := l.hindered(ctx, d, r, gone)
	if err != nil || reason != "" {
		stopped, _ := stop(connector.Hindered, reason)
		return stopped, err
	}
	after := r.after(d.Change)
	e.State, e.After = connector.Changed, nil
	if d.Do != connector.CanErase {
		e.After = l.show(after).Fields
	}
	if !keep || d.Do != connector.CanErase && bytes.Equal(e.FingerprintAfter(), e.Before.Fingerprint()) {
		return e, nil // also where it is so already
	}
	said, err := l.act(ctx, d, r)
	if err != nil {
		return e, err
	}
	if said == nil {
		said, err = l.holds(ctx, d, &e)
	}
	if err != nil || said == nil {
		return e, err
	}
	if said.state == connector.Missing {
		return connector.Effect{Change: d.ID, State: connector.Missing}, nil
	}
	return stop(said.state, said.reason)
}

// holds reads the record back.
func (l *lists) holds(ctx context.Context, d deed, e *connector.Effect) (*refusal, error) {
	now, there, err := l.record(ctx, d.named, d.token)
	switch {
	case err != nil:
		return nil, err
	case d.Do == connector.CanErase && !there:
		return nil, nil
	case !there:
		return &refusal{state: connector.Missing}, nil
	case d.Do == connector.CanErase:
		return &refusal{connector.Hindered, becauseStays}, nil
	}
	wanted := now.after(d.Change)
	if !bytes.Equal(l.show(wanted).Fingerprint(), l.show(now).Fingerprint()) {
		return &refusal{connector.Hindered, becauseStays}, nil
	}
	e.After = l.show(now).Fields
	return nil, nil
}

// after is the record as a correction or a mark leaves it.
func (r record) after(c connector.Change) record {
	text := func(e entry, name, value string) entry {
		e = maps.Clone(e)
		if value == "" { // Mailman leaves out what is empty
			delete(e, name)
			return e
		}
		if e == nil {
			e = entry{}
		}
		e[name], _ = json.Marshal(value)
		return e
	}
	switch {
	case c.Do == connector.CanRectify:
		r.entry = text(r.entry, "display_name", c.Values[displayed].Reveal())
	case c.Do == connector.CanRestrict && !c.Lift:
		r.own = text(r.own, deliveryStatus, byModerator)
	case c.Do == connector.CanRestrict && r.status() == byModerator:
		r.own = text(r.own, deliveryStatus, r.lifted())
	}
	return r
}

// A membership to which nothing is delivered because a moderator said so is what
// Mailman has for a restriction.
const (
	deliveryStatus = "delivery_status"
	byModerator    = "by_moderator"
	enabled        = "enabled"
)

// status is the membership's own; empty where it leaves that to its address or account.
func (r record) status() string { return r.own.text(deliveryStatus) }

// inheritedStatus is what counts where the membership says nothing.
func (r record) inheritedStatus() string {
	for _, above := range r.above {
		if s := above.text(deliveryStatus); s != "" {
			return s
		}
	}
	return enabled
}

// lifted is the status when a mark is taken away. Single settings can't be taken back,
// only all of a membership at once; where there are others, the status that it would
// inherit is written down.
func (r record) lifted() string {
	for name := range r.own {
		if name != deliveryStatus && !slices.Contains(computed, name) {
			return r.inheritedStatus()
		}
	}
	return ""
}

// hindered says what keeps a record from being changed: what hangs on it and would go,
// too, or a state that could not be brought back.
func (l *lists) hindered(ctx context.Context, d deed, r record, gone map[string]bool) (reason string, err error) {
	switch {
	case d.Do == connector.CanRestrict && !d.Lift:
		if s := r.status(); s != "" && s != byModerator && (s != enabled || r.inheritedStatus() != enabled) {
			return becauseUndelivered, nil
		}
		return "", nil
	case d.Do != connector.CanErase, d.name != addressForm.name && d.name != userForm.name:
		return "", nil
	}
	hangs := func(f form, key string) func(entry) error {
		return func(e entry) error {
			if !gone[named{form: f, key: e.text(key)}.reference()] {
				reason = map[string]string{memberForm.name: becauseMembership, addressForm.name: becauseAddress}[f.name]
			}
			return nil
		}
	}
	err = l.all(ctx, "/members/find", url.Values{"subscriber": {d.key}}, l.count, hangs(memberForm, "member_id"))
	if err == nil && reason == "" && d.name == userForm.name {
		err = l.all(ctx, "/users/{key}/addresses", url.Values{"key": {d.key}}, l.count, hangs(addressForm, "email"))
	}
	if unreadable(err) { // what hangs on it nobody knows
		return becauseRefused, nil
	}
	return reason, err
}
