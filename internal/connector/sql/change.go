package sql

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"einsicht/internal/connector"
)

// changing opens transactions in which something can be written.
type changing interface {
	// begin gives f a transaction, and keeps what it did if f returns no error.
	// Otherwise, and where keep is false, nothing happened.
	begin(ctx context.Context, keep bool, f func(work) error) error
	close()
}

// work is a transaction in which single records are changed. An error that is a
// refusal leaves everything since mark to be taken back; after any other it is at
// its end.
type work interface {
	mark(ctx context.Context) error
	takeBack(ctx context.Context) error
	// record reads one by its key, if there is one, and keeps everybody else from it.
	record(ctx context.Context, src *source, key []string) (r *row, there bool, err error)
	// set writes values into a record. It counts records.
	set(ctx context.Context, src *source, key []string, values []assignment) (int, error)
	// remove deletes the record or, at the end of a chain, the rows that hang on
	// it. It counts them.
	remove(ctx context.Context, src *source, key []string, chain []dependent) (int, error)
	// dragged lists the tables whose rows the database would delete or change by
	// itself when one of a table goes.
	dragged(ctx context.Context, of relation) ([]dependent, error)
	// hanging counts the rows at the end of a chain.
	hanging(ctx context.Context, src *source, key []string, chain []dependent) (int, error)
}

// Rehearse carries the changes out and takes them back, so that constraints and
// triggers are asked.
func (db *database) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return db.change(ctx, changes, false)
}

// Carry makes the changes in one transaction, with a mark before each.
func (db *database) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return db.change(ctx, changes, true)
}

// deed is a change of a record that can be named and is declared.
type deed struct {
	connector.Change
	index int
	src   *source
	key   []string
}

func (db *database) change(ctx context.Context, changes []connector.Change, keep bool) ([]connector.Effect, error) {
	effects := make([]connector.Effect, len(changes))
	var deeds []deed
	var left []string
	for i, c := range changes {
		src, key := db.named(c.Reference)
		d := deed{Change: c, index: i, src: src, key: key}
		effects[i] = connector.Effect{Change: c.ID, State: connector.Missing}
		if src == nil {
			continue
		}
		if said := db.declined(d); said != nil {
			effects[i].State, effects[i].Reason = said.state, said.reason
			left = append(left, c.Reference)
			continue
		}
		deeds = append(deeds, d)
	}
	if err := db.showLeft(ctx, changes, effects, left); err != nil || len(deeds) == 0 {
		return effects, err
	}
	err := db.changing.begin(ctx, keep, func(w work) error { return db.doAll(ctx, w, inOrder(deeds), effects) })
	if err != nil {
		return nil, err
	}
	return effects, nil
}

// declined says what keeps a change from being tried at all.
func (db *database) declined(d deed) *refusal {
	because := func(reason string) *refusal { return &refusal{state: connector.Undeclared, reason: reason} }
	said := d.src.declared
	switch {
	case !d.src.isTable: // nobody knows what a view's rows are, and whether its key names one
		return because(becauseView)
	case said == nil:
		return because(becauseUndeclared)
	case d.Do == connector.CanErase && said.whole != "":
		return because(becauseKept)
	case d.Do == connector.CanErase && said.Erase == "",
		d.Do == connector.CanRestrict && said.Restrict == nil,
		d.Do == connector.CanRectify && (len(said.Rectify) == 0 || len(d.Values) == 0),
		!slices.Contains([]connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict}, d.Do):
		return because(becauseUndeclared)
	case d.Do == connector.CanErase && len(said.open) > 0:
		return because(becauseOpen)
	case db.changing == nil:
		return because(becauseReadOnly)
	}
	if d.Do == connector.CanRectify {
		for name := range d.Values {
			if !slices.Contains(said.Rectify, name) {
				return because(becauseField)
			}
		}
	}
	return nil
}

// showLeft gives the records that nothing is done to as they are.
func (db *database) showLeft(ctx context.Context, changes []connector.Change, effects []connector.Effect, left []string) error {
	if len(left) == 0 {
		return nil
	}
	found, err := db.Read(ctx, left)
	if err != nil {
		return err
	}
	for i, c := range changes {
		e := &effects[i]
		if e.State != connector.Undeclared {
			continue
		}
		f, ok := found[c.Reference]
		if !ok {
			*e = connector.Effect{Change: c.ID, State: connector.Missing}
			continue
		}
		e.Before, e.After = f, f.Fields
		if src, _ := db.named(c.Reference); e.Reason == becauseKept {
			for _, field := range f.Fields {
				e.Kept = append(e.Kept, connector.Kept{Field: field.Name, Why: src.declared.whole})
			}
		}
	}
	return nil
}

// inOrder puts rows that go along with others before them: each is to be a change
// of its own. What else hangs together shows by trying.
func inOrder(deeds []deed) []deed {
	before := map[string]map[string]bool{} // a table and those that go before it
	for _, d := range deeds {
		if before[d.src.quoted] == nil {
			before[d.src.quoted] = map[string]bool{}
			below(d.src.declared.with, before[d.src.quoted])
		}
	}
	deeds = slices.Clone(deeds)
	slices.SortStableFunc(deeds, func(a, b deed) int { return len(before[a.src.quoted]) - len(before[b.src.quoted]) })
	return deeds
}

// below collects all tables whose rows go with one. Of two tables, the one that
// goes with the other has fewer.
func below(list []dependent, all map[string]bool) {
	for _, one := range list {
		all[one.quoted] = true
		below(one.with, all)
	}
}

// doAll tries what was refused for the sake of order again, as long as others go.
func (db *database) doAll(ctx context.Context, w work, deeds []deed, effects []connector.Effect) error {
	stopped := map[int]deed{} // by their index: what is to stay although it was planned
	for {
		var again []deed
		for _, d := range deeds {
			e, order, err := db.do(ctx, w, d, stopped)
			if err != nil {
				return err
			}
			effects[d.index] = e
			if delete(stopped, d.index); e.State != connector.Changed && e.State != connector.Missing {
				stopped[d.index] = d
			}
			if order {
				again = append(again, d)
			}
		}
		if len(again) == 0 || len(again) == len(deeds) {
			return nil
		}
		deeds = again
	}
}

// do makes one change, or none of it; order says that it may be tried again when
// others have gone.
func (db *database) do(ctx context.Context, w work, d deed, stopped map[int]deed) (e connector.Effect, order bool, err error) {
	if err := ctx.Err(); err != nil {
		return e, false, connector.Fail(connector.ErrUnreachable, d.src.Name, "", err)
	}
	if err := w.mark(ctx); err != nil {
		return e, false, err
	}
	if e, err = db.try(ctx, w, d); err == nil {
		err = spare(ctx, w, d, stopped)
	}
	var said *refusal
	if !errors.As(err, &said) {
		return e, false, err
	}
	if err := w.takeBack(ctx); err != nil {
		return e, false, err
	}
	return connector.Effect{Change: d.ID, State: said.state, Reason: said.reason, Before: e.Before, After: e.Before.Fields}, said.order, nil
}

func (db *database) try(ctx context.Context, w work, d deed) (connector.Effect, error) {
	e := connector.Effect{Change: d.ID, State: connector.Missing}
	before, there, err := w.record(ctx, d.src, d.key)
	if err != nil || !there {
		return e, err
	}
	e.Before = db.finding(d.src, before)
	if len(d.Seen) > 0 && !bytes.Equal(d.Seen, e.Before.Fingerprint()) {
		return e, &refusal{state: connector.Differs}
	}
	if e.With, err = act(ctx, w, d); err != nil {
		return e, err
	}
	after, there, err := w.record(ctx, d.src, d.key)
	if err != nil {
		return e, err
	}
	if there {
		e.After = db.finding(d.src, after).Fields
	}
	if err := holds(d, e); err != nil {
		return e, err
	}
	e.State = connector.Changed
	if d.Do == connector.CanErase {
		e.Kept = slices.Clone(d.src.declared.keeps)
	}
	return e, nil
}

// spare makes sure that a record does not take along what is to stay although it
// was planned: what changed since, or is held.
func spare(ctx context.Context, w work, d deed, stopped map[int]deed) error {
	if d.Do != connector.CanErase || len(stopped) == 0 {
		return nil
	}
	with := map[string]bool{}
	below(d.src.declared.with, with)
	for _, other := range stopped {
		if !with[other.src.quoted] {
			continue
		}
		if _, there, err := w.record(ctx, other.src, other.key); err != nil {
			return err
		} else if !there {
			return &refusal{state: connector.Hindered, reason: becauseStopped, order: true}
		}
	}
	return nil
}

func act(ctx context.Context, w work, d deed) ([]connector.Along, error) {
	switch {
	case d.Do == connector.CanErase && d.src.declared.Erase == masking:
		return mask(ctx, w, d)
	case d.Do == connector.CanErase:
		return erase(ctx, w, d)
	case d.Do == connector.CanRectify:
		return nil, rectify(ctx, w, d)
	}
	return nil, restrict(ctx, w, d)
}

// holds makes sure that the database did what it was told, whatever triggers it
// has.
func holds(d deed, e connector.Effect) error {
	goes := d.Do == connector.CanErase && d.src.declared.Erase == deleting
	if goes != e.Gone() {
		return &refusal{state: connector.Hindered, reason: becauseStays}
	}
	if goes {
		return nil
	}
	for _, want := range wanted(d) {
		i := d.src.place(want.name)
		if d.src.unix[i] {
			want.text = asTime(want.text)
		}
		if !want.shows(e.After[i].Value.Reveal()) && !e.After[i].Withheld {
			return &refusal{state: connector.Hindered, reason: becauseOtherwise}
		}
	}
	return nil
}

// exactly is the count of a statement on one record.
func exactly(n int, err error) error {
	if err == nil && n != 1 {
		return &refusal{state: connector.Hindered, reason: becauseStays}
	}
	return err
}
