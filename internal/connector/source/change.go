package source

import (
	"context"
	"errors"

	"einsicht/internal/connector"
)

// changeable is a system that was opened and can be changed.
type changeable struct {
	*asked
	connector.Changer
}

// Find, Close and Unmapped are those of what was asked.
func (c *changeable) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	return c.asked.Find(ctx, q, from, yield)
}

// Close gives the place back.
func (c *changeable) Close() error { return c.asked.Close() }

// Rehearse tries changes.
func (c *changeable) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return through(ctx, c.gate, func() ([]connector.Effect, error) { return c.Changer.Rehearse(ctx, changes) })
}

// Carry makes changes. It is not tried again here: after an error nobody knows how
// far the system came, and who asked has to read first.
func (c *changeable) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return through(ctx, c.gate, func() ([]connector.Effect, error) { return c.Changer.Carry(ctx, changes) })
}

// Read reads single records.
func (c *changeable) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	return again(ctx, func() (map[string]connector.Finding, error) {
		return through(ctx, c.gate, func() (map[string]connector.Finding, error) { return c.Changer.Read(ctx, references) })
	})
}

// References lists the records.
func (c *changeable) References(ctx context.Context, yield func(string) error) error {
	_, err := through(ctx, c.gate, func() (struct{}, error) { return struct{}{}, c.Changer.References(ctx, yield) })
	return err
}

// through puts one question through the gate.
func through[T any](ctx context.Context, g *gate, f func() (T, error)) (v T, err error) {
	if err := g.wait(ctx); err != nil {
		return v, err
	}
	err = g.try(ctx, func() (verdict, error) {
		if v, err = f(); errors.Is(err, connector.ErrUnreachable) {
			return silent, err
		}
		return answered, err
	})
	return v, err
}
