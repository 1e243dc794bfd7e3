package connectortest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

func sameRecord(t *testing.T, c *changes) {
	c.begin(t)
	read := c.read(t, c.refs)
	effects := c.rehearse(t, c.all(connector.CanErase, c.refs))
	if len(read) != len(c.refs) {
		t.Errorf("read %d records, want %d", len(read), len(c.refs))
	}
	for _, ref := range c.refs {
		found := c.seen[ref]
		for by, other := range map[string]connector.Finding{"Read": read[ref], "Effect.Before": effects[ref].Before} {
			if !bytes.Equal(other.Fingerprint(), found.Fingerprint()) {
				t.Errorf("%s: %s shows another record than Find", ref, by)
			}
			if other.Led != nil || other.Confidence != "" || other.Hints != nil {
				t.Errorf("%s: %s says whom it led to", ref, by)
			}
			if other.Origin.Place != found.Origin.Place || !slices.EqualFunc(other.Fields, found.Fields, sameMeaning) {
				t.Errorf("%s: %s says otherwise what the record means", ref, by)
			}
		}
	}
}

func sameMeaning(a, b connector.Field) bool {
	a.Value, b.Value = person.Text{}, person.Text{}
	return a == b
}

func rehearses(t *testing.T, c *changes) {
	c.begin(t)
	pieces, fingerprint := c.Pieces(t), c.Fingerprint(t)
	rehearsed := c.rehearse(t, c.all(connector.CanErase, c.refs))
	c.rehearse(t, c.all(connector.CanRestrict, c.refs))
	var some []connector.Change
	for _, one := range c.all(connector.CanRectify, c.refs) {
		one.Values = texts(c.Correct(one.Reference))
		some = append(some, one)
	}
	c.rehearse(t, some)
	if c.Fingerprint(t) != fingerprint || len(changed(pieces, c.Pieces(t))) > 0 {
		t.Error("the source is not as it was")
	}
	for ref, e := range c.carry(t, c.all(connector.CanErase, c.refs)) {
		r := rehearsed[ref]
		if e.State != r.State || e.Reason != r.Reason || !bytes.Equal(e.FingerprintAfter(), r.FingerprintAfter()) || !slices.Equal(e.With, r.With) || !slices.Equal(e.Kept, r.Kept) {
			t.Errorf("%s: got %s, while the rehearsal said %s", ref, e.State, r.State)
		}
	}
}

func erases(t *testing.T, c *changes) {
	c.begin(t)
	c.erasable(t)
	before := c.Pieces(t)
	effects := c.carry(t, c.all(connector.CanErase, c.refs))
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
	for ref, e := range effects {
		if e.State == connector.Missing || e.State == connector.Differs {
			t.Errorf("%s: got %s, want a record that goes along with another to be changed before it", ref, e.State)
		}
	}
}

func takesAlong(t *testing.T, c *changes) {
	c.begin(t)
	for _, ref := range c.erasable(t) {
		before := c.Pieces(t)
		effects := c.carry(t, c.all(connector.CanErase, []string{ref}))
		c.asSaid(t, effects)
		c.onlySaid(t, before, effects)
	}
}

func corrects(t *testing.T, c *changes) {
	if !c.can(connector.CanRectify) {
		t.Skip("nothing can be corrected")
	}
	c.begin(t)
	n := 0
	for _, one := range c.all(connector.CanRectify, c.refs) {
		values, before := c.Correct(one.Reference), c.Pieces(t)
		one.Values = texts(values)
		effects := c.carry(t, []connector.Change{one})
		e := effects[one.Reference]
		if want := map[bool]connector.EffectState{true: connector.Changed, false: connector.Undeclared}[len(values) > 0]; e.State != want {
			t.Errorf("%s: got %s, want %s", one.Reference, e.State, want)
		}
		c.asSaid(t, effects)
		c.onlySaid(t, before, effects)
		for i, f := range e.After {
			switch v, corrected := values[f.Name]; {
			case corrected && f.Value.Reveal() != v:
				t.Errorf("%s: %s is not what is right", one.Reference, f.Name)
			case !corrected && !f.Value.Equal(e.Before.Fields[i].Value):
				t.Errorf("%s: %s is another, though nobody asked for it", one.Reference, f.Name)
			}
		}
		n += len(values)
		before = c.Pieces(t)
		for _, f := range c.seen[one.Reference].Fields {
			if _, declared := values[f.Name]; !declared {
				one.Seen, one.Values = nil, texts(map[string]string{f.Name: "x"})
				if e := c.carry(t, []connector.Change{one})[one.Reference]; e.State != connector.Undeclared {
					t.Errorf("%s: %s, which is not declared: got %s, want %s", one.Reference, f.Name, e.State, connector.Undeclared)
				}
			}
		}
		if len(changed(before, c.Pieces(t))) > 0 {
			t.Errorf("%s: something was corrected that is not declared", one.Reference)
		}
	}
	if n == 0 {
		t.Error("nothing could be corrected: this test checks nothing")
	}
}

func restricts(t *testing.T, c *changes) {
	if !c.can(connector.CanRestrict) {
		t.Skip("nothing can be restricted")
	}
	c.begin(t)
	before, some := c.Pieces(t), c.all(connector.CanRestrict, c.refs)
	effects := c.carry(t, some)
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
	n := 0
	for i := range some {
		e := effects[some[i].Reference]
		some[i].Lift, some[i].Seen = true, e.FingerprintAfter()
		if e.State == connector.Changed {
			if n++; bytes.Equal(e.FingerprintAfter(), e.Before.Fingerprint()) {
				t.Errorf("%s: nothing shows that it is restricted", some[i].Reference)
			}
		}
	}
	if n == 0 {
		t.Error("nothing could be restricted: this test checks nothing")
	}
	effects = c.carry(t, some)
	c.asSaid(t, effects)
	if left := changed(before, c.Pieces(t)); len(left) > 0 {
		t.Errorf("lifted, %q are not as they were", left)
	}
}

func differs(t *testing.T, c *changes) {
	c.begin(t)
	refs := c.erasable(t)
	one := refs[len(refs)/2]
	c.Alter(t, one)
	before, rehearsed := c.Pieces(t), c.rehearse(t, c.all(connector.CanErase, refs))
	effects := c.carry(t, c.all(connector.CanErase, refs))
	for _, e := range []connector.Effect{rehearsed[one], effects[one]} {
		if e.State != connector.Differs {
			t.Errorf("%s: got %s, want %s", one, e.State, connector.Differs)
		}
	}
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
	others(t, effects, one, connector.Changed)
}

// others makes sure that some other records had this come to them.
func others(t *testing.T, effects map[string]connector.Effect, but string, want connector.EffectState) {
	t.Helper()
	n := 0
	for ref, e := range effects {
		if ref != but && e.State == want {
			n++
		}
	}
	if n == 0 && len(effects) > 1 {
		t.Errorf("none of the %d others is %s", len(effects)-1, want)
	}
}

func missing(t *testing.T, c *changes) {
	c.begin(t)
	refs := c.erasable(t)
	one := refs[0]
	c.Remove(t, one)
	nobody := []string{one, "", "/", "no-such-place/1", one + "x", one + "/1", one + "%", one + "%00", one + "' OR true --", one + "\n"}
	before := c.Pieces(t)
	if found := c.read(t, nobody); len(found) > 0 {
		t.Errorf("read %d records, want none", len(found))
	}
	for _, do := range []connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict} {
		some := c.all(do, nobody)
		for i := range some {
			some[i].Seen, some[i].Values = nil, texts(c.Correct(one))
		}
		for ref, e := range c.carry(t, some) {
			if e.State != connector.Missing && !(e.State == connector.Undeclared && !c.can(do)) {
				t.Errorf("%s %q: got %s, want %s", do, ref, e.State, connector.Missing)
			}
		}
	}
	if left := changed(before, c.Pieces(t)); len(left) > 0 {
		t.Errorf("%q are not as they were", left)
	}
	effects := c.carry(t, c.all(connector.CanErase, refs))
	c.asSaid(t, effects)
	others(t, effects, one, connector.Changed)
}

func forbidden(t *testing.T, c *changes) {
	f, ok := c.ChangeHarness.(Forbidder)
	if !ok {
		t.Skip("this kind's source forbids nothing that the account may")
	}
	c.begin(t)
	refs := c.erasable(t)
	held := f.Forbid(t, refs)
	before, rehearsed := c.Pieces(t), c.rehearse(t, c.all(connector.CanErase, refs))
	effects := c.carry(t, c.all(connector.CanErase, refs))
	for _, all := range []map[string]connector.Effect{rehearsed, effects} {
		for ref, e := range all {
			if want := map[bool]connector.EffectState{true: connector.Hindered, false: connector.Changed}[ref == held]; e.State != want {
				t.Errorf("%s: got %s (%s), want %s", ref, e.State, e.Reason, want)
			}
		}
	}
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
}

func denied(t *testing.T, c *changes) {
	d, ok := c.ChangeHarness.(Denier)
	if !ok {
		t.Skip("this kind's source does not know what an account may")
	}
	c.begin(t)
	refs := c.erasable(t)
	d.Deny(t)
	before := c.Fingerprint(t)
	for _, effects := range []map[string]connector.Effect{c.rehearse(t, c.all(connector.CanErase, refs)), c.carry(t, c.all(connector.CanErase, refs))} {
		for ref, e := range effects {
			if e.State != connector.Denied {
				t.Errorf("%s: got %s (%s), want %s", ref, e.State, e.Reason, connector.Denied)
			}
		}
	}
	if c.Fingerprint(t) != before {
		t.Error("the source is not as it was")
	}
}

func again(t *testing.T, c *changes) {
	c.begin(t)
	some := c.all(connector.CanErase, c.erasable(t))
	c.carry(t, some)
	before := c.Pieces(t)
	for ref, e := range c.carry(t, some) {
		if e.State != connector.Missing && e.State != connector.Differs {
			t.Errorf("%s: got %s the second time, want %s or %s", ref, e.State, connector.Missing, connector.Differs)
		}
	}
	if left := changed(before, c.Pieces(t)); len(left) > 0 {
		t.Errorf("%q were changed a second time", left)
	}
}

// cut tries again and again, each time a little further, until all is done.
func cut(t *testing.T, c *changes) {
	cutter, ok := c.ChangeHarness.(Cutter)
	if !ok {
		t.Skip("nobody stands between this kind and its source")
	}
	c.begin(t)
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
