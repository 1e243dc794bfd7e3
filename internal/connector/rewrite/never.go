package rewrite

import (
	"context"

	"einsicht/internal/connector"
)

// Never is a system that no program changes, whatever its connection says: a log
// whose purpose is to prove what happened. Erasing from it is a task for people.
type Never struct {
	Reason string // wording key: why
}

// Rehearse says that people have to do it.
func (n Never) Rehearse(_ context.Context, changes []connector.Change) ([]connector.Effect, error) {
	effects := make([]connector.Effect, len(changes))
	for i, c := range changes {
		effects[i] = connector.Effect{Change: c.ID, State: connector.Undeclared, Reason: n.Reason}
	}
	return effects, nil
}

// Carry changes nothing.
func (n Never) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return n.Rehearse(ctx, changes)
}

// Read shows nothing of a record, and says of none that it is gone.
func (Never) Read(_ context.Context, references []string) (map[string]connector.Finding, error) {
	there := map[string]connector.Finding{}
	for _, reference := range references {
		there[reference] = connector.Finding{Reference: reference}
	}
	return there, nil
}

// References names none, and does not say that there is none.
func (Never) References(context.Context, func(string) error) error {
	return connector.Fail(connector.ErrManual, "change", "", nil)
}
