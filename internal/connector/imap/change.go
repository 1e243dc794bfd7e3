package imap

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Rehearse says what changes would come to, as far as the server tells without being
// changed: which mails are there, and what the account that changes may do with their
// mailboxes. They are opened with EXAMINE here, too.
func (a *account) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return a.change(ctx, changes, false)
}

// Carry makes the changes, mail by mail.
func (a *account) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return a.change(ctx, changes, true)
}

// deed is a change of a mail that is there, is declared, and is as it was decided
// about.
type deed struct {
	connector.Change
	named
	effect *connector.Effect
}

func (a *account) change(ctx context.Context, changes []connector.Change, keep bool) ([]connector.Effect, error) {
	effects := make([]connector.Effect, len(changes))
	deeds, err := a.judge(ctx, changes, effects)
	if err != nil || len(deeds) == 0 {
		return effects, err
	}
	w := &writer{account: a}
	if w.session, err = a.signInAs(ctx, a.mapping.ChangeUser, "change_password"); err != nil {
		return nil, err
	}
	defer w.close(ctx)
	if err := w.ask(ctx, "capability", func() error { w.caps = w.client.Caps(); return nil }); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(deeds)) {
		if err := w.mailbox(ctx, name, deeds[name], keep); err != nil {
			return nil, err
		}
	}
	return effects, nil
}

// judge reads the mails as the account that only reads, and gives what is to be done
// by mailbox.
func (a *account) judge(ctx context.Context, changes []connector.Change, effects []connector.Effect) (map[string][]deed, error) {
	s, err := a.signIn(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close(ctx)
	all, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	names, err := a.searched(all)
	if err != nil {
		return nil, err
	}
	kept, err := a.kept(all)
	if err != nil {
		return nil, err
	}
	references := make([]string, len(changes))
	for i, c := range changes {
		references[i] = c.Reference
	}
	found, err := a.records(ctx, s, names, references)
	if err != nil {
		return nil, err
	}
	deeds := map[string][]deed{}
	for i, c := range changes {
		e := &effects[i]
		e.Change, e.State = c.ID, connector.Missing
		f, there := found[c.Reference]
		if !there {
			continue
		}
		e.Before, e.After = f, f.Fields
		n, _ := readReference(c.Reference)
		switch reason := a.declined(c.Do, kept[n.mailbox]); {
		case reason != "":
			e.State, e.Reason = connector.Undeclared, reason
			if reason == becauseKept {
				for _, field := range f.Fields {
					e.Kept = append(e.Kept, connector.Kept{Field: field.Name, Why: kept[n.mailbox]})
				}
			}
		case len(c.Seen) > 0 && !bytes.Equal(c.Seen, f.Fingerprint()):
			e.State = connector.Differs
		default:
			deeds[n.mailbox] = append(deeds[n.mailbox], deed{Change: c, named: n, effect: e})
		}
	}
	return deeds, nil
}

// writer is a connection of the account that changes.
type writer struct {
	*session
	account *account
	caps    imap.CapSet
	flags   []imap.Flag // that can be set in the open mailbox; nil: the server does not say
}

// mailbox changes, or would change, mails of one mailbox.
func (w *writer) mailbox(ctx context.Context, name string, deeds []deed, keep bool) error {
	rights, denied, err := w.rights(ctx, name)
	if err != nil {
		return err
	}
	var todo []deed
	for _, d := range deeds {
		switch {
		case denied || !rights.allow(d.Do):
			d.stop(connector.Denied, becauseDenied)
		case d.Do == connector.CanErase && !w.caps.Has(imap.CapUIDPlus) && !w.caps.Has(imap.CapIMAP4rev2):
			d.stop(connector.Undeclared, becauseNoUIDPlus)
		default:
			todo = append(todo, d)
		}
	}
	if !keep {
		for _, d := range todo {
			w.changed(d)
		}
		return nil
	}
	return w.carry(ctx, name, todo)
}

// carry changes mails of one mailbox.
func (w *writer) carry(ctx context.Context, name string, deeds []deed) error {
	if len(deeds) == 0 {
		return nil
	}
	validity, err := w.open(ctx, name)
	if isRefusal(err) {
		for _, d := range deeds {
			d.stop(connector.Denied, becauseDenied)
		}
	}
	if err != nil {
		return unlessRefused(err)
	}
	for _, d := range deeds {
		if d.validity != validity { // made anew since it was read
			d.gone()
			continue
		}
		if err := w.one(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// stop says that nothing is done.
func (d deed) stop(state connector.EffectState, reason string) {
	d.effect.State, d.effect.Reason, d.effect.After = state, reason, d.effect.Before.Fields
}

// gone says that there is no such mail any more.
func (d deed) gone() { *d.effect = connector.Effect{Change: d.ID, State: connector.Missing} }

// changed says what is left of a mail after its change.
func (w *writer) changed(d deed) {
	e := d.effect
	e.State, e.After = connector.Changed, nil
	if d.Do == connector.CanErase {
		return
	}
	e.After = slices.DeleteFunc(slices.Clone(e.Before.Fields), func(f connector.Field) bool { return f.Name == restrictedField })
	if !d.Lift {
		e.After = append(e.After, connector.Field{Name: restrictedField, Value: person.NewText(w.account.mapping.Change.Restrict.Keyword)})
	}
}

// was says whether the mail was restricted when it was read.
func (d deed) was() bool {
	return slices.ContainsFunc(d.effect.Before.Fields, func(f connector.Field) bool { return f.Name == restrictedField })
}

// The reasons, as wording keys.
const (
	becauseUndeclared = "connector.imap.undeclared"
	becauseReadOnly   = "connector.imap.read_only"
	becauseSent       = "connector.imap.sent"
	becauseKept       = "connector.imap.kept"
	becauseNoUIDPlus  = "connector.imap.no_uidplus"
	becauseDenied     = "connector.imap.denied"
	becauseNoKeyword  = "connector.imap.no_keyword"
	becauseStays      = "connector.imap.stays"
	becauseBusy       = "connector.imap.busy"
)
