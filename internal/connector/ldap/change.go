package ldap

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// Rehearse says what changes would come to. Of the rights of the account and of
// children the directory is asked; what an entry must have its schema says.
func (d *directory) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return d.change(ctx, changes, false)
}

// Carry makes the changes one by one: directories know no transactions over several
// entries that all of them have.
func (d *directory) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return d.change(ctx, changes, true)
}

// changing goes through the changes of one call.
type changing struct {
	*walk           // asks, as the account that reads
	writer *session // nil until it is needed
	carry  bool
	// gone are, in a rehearsal, the entries that would not be there any more.
	gone []string
	// left are, in a rehearsal, the values that a group would not have any more.
	left map[string][]string
	// done are the memberships that were planned, by their reference, with why they
	// had to stay.
	done map[string]error
}

// deed is a change of a record that was found.
type deed struct {
	connector.Change
	index int
	target
}

func (d *directory) change(ctx context.Context, changes []connector.Change, carry bool) ([]connector.Effect, error) {
	reader, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.close()
	c := &changing{walk: &walk{session: reader, d: d}, carry: carry, left: map[string][]string{}, done: map[string]error{}}
	defer func() {
		if c.writer != nil {
			c.writer.close()
		}
	}()
	effects := make([]connector.Effect, len(changes))
	var deeds []deed
	for i, one := range changes {
		effects[i] = connector.Effect{Change: one.ID, State: connector.Missing}
		switch t, err := c.locate(one.Reference); {
		case errors.Is(err, errGone):
		case err != nil:
			return nil, err
		default:
			deeds = append(deeds, deed{one, i, t})
		}
	}
	for _, one := range inDeedOrder(deeds) {
		if effects[one.index], err = c.do(one); err != nil {
			return nil, err
		}
	}
	return effects, nil
}

// inDeedOrder puts memberships before the entries that they name, and entries before
// those above them.
func inDeedOrder(deeds []deed) []deed {
	deeds = slices.Clone(deeds)
	slices.SortStableFunc(deeds, func(a, b deed) int {
		if a.group != b.group && (a.group == "" || b.group == "") {
			return cmp.Compare(b.group, a.group)
		}
		return cmp.Compare(depth(b.entry), depth(a.entry))
	})
	return deeds
}

func depth(dn string) int {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return 0
	}
	return len(parsed.RDNs)
}

// do makes one change, or none of it.
func (c *changing) do(one deed) (connector.Effect, error) {
	e := connector.Effect{Change: one.ID, State: connector.Missing}
	entry, group, err := c.both(one.target)
	if errors.Is(err, errGone) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Before = c.record(one.target, entry, group)
	switch said := c.d.declined(one); {
	case said != nil:
		err = said
	case len(one.Seen) > 0 && !bytes.Equal(one.Seen, e.Before.Fingerprint()):
		err = &refusal{state: connector.Differs}
	case one.group != "":
		err = c.leave(one, entry, group)
	case one.Do == connector.CanErase && c.d.mapping.Change.Erase == deleting:
		e.With, err = c.erase(one, entry)
	default:
		err = c.edit(one, entry, &e)
	}
	if one.group != "" {
		c.done[one.Reference] = err
	}
	var said *refusal
	switch {
	case errors.As(err, &said):
		e = connector.Effect{Change: one.ID, State: said.state, Reason: said.reason, Before: e.Before, After: e.Before.Fields}
		if said.reason == becauseKept {
			e.Kept = c.d.keptWhole(one, e.Before)
		}
		if said.state == connector.Missing {
			e = connector.Effect{Change: one.ID, State: connector.Missing}
		}
	case err != nil:
		return e, err
	default:
		e.State = connector.Changed
	}
	return e, nil
}

// declares is what the connection says of a record.
func (d *directory) declares(t target) *change {
	if t.group != "" {
		return d.mapping.Reach[t.reach].Change
	}
	return d.mapping.Change
}

// declined says what keeps a change from being tried at all.
func (d *directory) declined(one deed) *refusal {
	because := func(reason string) *refusal { return &refusal{state: connector.Undeclared, reason: reason} }
	said := d.declares(one.target)
	switch {
	case one.ambiguous:
		return because(becauseAmbiguous)
	case said == nil:
		return because(becauseUndeclared)
	case one.Do == connector.CanErase && said.whole() != "":
		return because(becauseKept)
	case one.Do == connector.CanErase && said.Erase == "",
		one.Do == connector.CanRestrict && said.Restrict == nil,
		one.Do == connector.CanRectify && (len(said.Rectify) == 0 || len(one.Values) == 0),
		!slices.Contains([]connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict}, one.Do):
		return because(becauseUndeclared)
	case d.mapping.ChangeBindDN == "":
		return because(becauseReadOnly)
	}
	return nil
}

// keptWhole says of every field why it stays.
func (d *directory) keptWhole(one deed, f connector.Finding) []connector.Kept {
	var all []connector.Kept
	for _, field := range f.Fields {
		all = append(all, connector.Kept{Field: field.Name, Why: d.declares(one.target).whole()})
	}
	return all
}

// edit writes other values into an entry: a mask, a correction or a mark.
func (c *changing) edit(one deed, entry *record, e *connector.Effect) error {
	edits, err := c.edits(one, entry)
	if err != nil {
		return err
	}
	if err := c.d.allows(entry, edits); err != nil {
		return err
	}
	after := entry.with(edits)
	switch {
	case len(edits) == 0: // it says so already
	case !c.carry:
		err = c.mayEdit(entry, edits)
	default:
		if err = c.modify(entry, edits); err == nil {
			after, err = c.session.read(entry.DN, "ldap.base", func(string) bool { return false })
		}
	}
	if err != nil {
		return err
	}
	e.After = c.fields(after)
	if one.Do == connector.CanErase {
		e.Kept = c.d.mapping.kept(entry)
	}
	return nil
}

// kept lists the attributes of an entry that stay under a mask.
func (m *mapping) kept(entry *record) []connector.Kept {
	var all []connector.Kept
	for _, name := range entry.names() {
		for _, k := range m.Change.Keep {
			if contains(k.Attributes, bare(name)) {
				all = append(all, connector.Kept{Field: name, Why: k.Why})
			}
		}
	}
	return all
}

// names lists the attributes of an entry, those that nobody may read as well.
func (r *record) names() []string {
	names := slices.Clone(r.withheld)
	for _, a := range r.Attributes {
		names = append(names, a.Name)
	}
	slices.SortFunc(names, inOrder)
	return slices.CompactFunc(names, strings.EqualFold)
}
