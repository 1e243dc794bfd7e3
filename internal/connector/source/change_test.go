package source

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"einsicht/internal/connector"
)

// editable is a fake that can be changed, and goes away whenever it is asked to.
type editable struct {
	fake
	carries, reads int
	away           int // so many calls are not answered
}

func (e *editable) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	opened, err := e.fake.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &editing{opened, e}, nil
}

type editing struct {
	connector.Connector
	e *editable
}

func (s *editing) answer() error {
	if s.e.away--; s.e.away >= 0 {
		return connector.Fail(connector.ErrUnreachable, "fake", "", nil)
	}
	return nil
}

func (s *editing) Rehearse(context.Context, []connector.Change) ([]connector.Effect, error) {
	return nil, s.answer()
}

func (s *editing) Carry(context.Context, []connector.Change) ([]connector.Effect, error) {
	s.e.carries++
	return nil, s.answer()
}

func (s *editing) Read(context.Context, []string) (map[string]connector.Finding, error) {
	s.e.reads++
	return nil, s.answer()
}

func (s *editing) References(context.Context, func(string) error) error { return s.answer() }

func TestAChangeIsNotTriedAgainAndReadingIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &editable{}
		s := New(Deps{Kinds: []connector.Kind{e}})
		if err := s.Load(parse(t, head)); err != nil {
			t.Fatal(err)
		}
		opened, err := s.Open(t.Context(), somebody, "shop")
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		c, ok := opened.(connector.Changer)
		if !ok {
			t.Fatal("a system that can be changed can't be, once opened")
		}
		e.away = 1
		if _, err := c.Carry(t.Context(), nil); !errors.Is(err, connector.ErrUnreachable) || e.carries != 1 {
			t.Errorf("got %v after %d attempts, want it to be said after one: nobody knows what was done", err, e.carries)
		}
		e.away = 1
		if _, err := c.Read(t.Context(), nil); err != nil || e.reads != 2 {
			t.Errorf("got %v after %d attempts, want two", err, e.reads)
		}
		e.away = tooOften
		for range tooOften {
			_, _ = c.Carry(t.Context(), nil)
		}
		before := e.carries
		if _, err := c.Carry(t.Context(), nil); err == nil || e.carries != before {
			t.Errorf("got %v: a system that does not answer is not left in peace", err)
		}
	})
}

func TestWhatCanNotBeChangedCanNotBeOnceOpened(t *testing.T) {
	opened, err := sources(t, &fake{}, head).Open(t.Context(), somebody, "shop")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if _, ok := opened.(connector.Changer); ok {
		t.Error("it claims to be a Changer")
	}
}
