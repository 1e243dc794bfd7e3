package connectortest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"einsicht/internal/connector"
)

// cut tries again and again, each time a little further, until all is done.
func cut(t *testing.T, c *changes) {
	cutter, ok := c.ChangeHarness.(Cutter)
	if !ok {
		t.Skip("nobody stands between this kind and its source")
	}
	c.begin(t)
	defer cutter.Cut(-1)
	refs := c.erasable(t)
	if len(refs) > 4 {
		refs = slices.Concat(refs[:2], refs[len(refs)-2:])
	}
	some := c.all(connector.CanErase, refs)
	whole := c.rehearse(t, some)
	before := c.Pieces(t)
	for n := 0; ; n++ {
		cutter.Cut(n)
		_, err := c.changer.Carry(t.Context(), some)
		cutter.Cut(-1) // what comes now only looks
		if err == nil {
			if n == 0 {
				t.Fatal("the source never went away: this test checks nothing")
			}
			break
		}
		if c.bench.hear(err); !errors.Is(err, connector.ErrUnreachable) {
			t.Fatalf("cut after %d: got %v, want %v", n, err, connector.ErrUnreachable)
		}
		if n > 5_000 {
			t.Fatal("never ends")
		}
		now := c.read(t, refs)
		for _, ref := range refs {
			f, there := now[ref]
			none := there && bytes.Equal(f.Fingerprint(), c.seen[ref].Fingerprint())
			all := whole[ref].Gone() == !there && (!there || bytes.Equal(f.Fingerprint(), whole[ref].FingerprintAfter()))
			if !none && !all {
				t.Errorf("cut after %d: %s is neither as it was nor as planned", n, ref)
			}
		}
	}
	c.asSaid(t, whole)
	c.onlySaid(t, before, whole)
}

func names(t *testing.T, c *changes) {
	c.begin(t)
	times := map[string]int{}
	err := c.changer.References(t.Context(), func(ref string) error { times[ref]++; return nil })
	if c.bench.hear(err) != nil {
		t.Fatalf("references: %v", err)
	}
	for _, ref := range c.erasable(t) {
		if times[ref] != 1 {
			t.Errorf("%s: named %d times, want once", ref, times[ref])
		}
	}
	if found := c.read(t, []string{someOf(times)}); len(found) != 1 {
		t.Error("a reference leads to no record")
	}
	full, n := errors.New("full"), 0
	if err := c.changer.References(t.Context(), func(string) error { n++; return full }); !errors.Is(err, full) || n != 1 {
		t.Errorf("got %v after %d, want that of the receiver after 1", err, n)
	}
}

func someOf(times map[string]int) string {
	for ref := range times {
		return ref
	}
	return ""
}

func gone(t *testing.T, c *changes) {
	c.begin(t)
	some := c.all(connector.CanErase, c.erasable(t))
	before := c.Pieces(t)
	restore := c.Break(t)
	for what, do := range map[string]func() error{
		"rehearse":   func() error { _, err := c.changer.Rehearse(t.Context(), some); return err },
		"carry":      func() error { _, err := c.changer.Carry(t.Context(), some); return err },
		"read":       func() error { _, err := c.changer.Read(t.Context(), c.refs); return err },
		"references": func() error { return c.changer.References(t.Context(), func(string) error { return nil }) },
	} {
		if err := c.bench.hear(do()); !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("%s: got %v, want %v", what, err, connector.ErrUnreachable)
		}
	}
	restore()
	nobody, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.changer.Carry(nobody, some); c.bench.hear(err) == nil {
		t.Error("carried out although nobody waits")
	}
	if left := changed(before, c.Pieces(t)); len(left) > 0 {
		t.Errorf("%q are not as they were", left)
	}
	c.asSaid(t, c.carry(t, some))
}
