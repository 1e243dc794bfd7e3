package connectortest

import (
	"bytes"
	"slices"
	"testing"

	"einsicht/internal/connector"
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
	return a.Name == b.Name && a.Label == b.Label && a.Category == b.Category && a.ThirdParty == b.ThirdParty && a.Withheld == b.Withheld && a.Unmapped == b.Unmapped && a.Volatile == b.Volatile
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
	slices.Reverse(c.refs) // their order does not matter
	effects := c.carry(t, c.all(connector.CanErase, c.refs))
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
	for ref, e := range effects {
		if e.State != connector.Changed && e.State != connector.Undeclared {
			t.Errorf("%s: got %s (%s), want what hangs together to be changed one after the other", ref, e.State, e.Reason)
		}
	}
}

func takesAlong(t *testing.T, c *changes) {
	c.begin(t)
	refs := c.erasable(t)
	slices.Reverse(refs)
	places := map[string]bool{}
	before := c.Pieces(t)
	for _, ref := range refs {
		place, e := c.seen[ref].Origin.Place, c.rehearse(t, c.all(connector.CanErase, []string{ref}))[ref]
		if places[place] && len(e.With) == 0 {
			continue // one of each sort, and all that take something along
		}
		places[place] = true
		effects := c.carry(t, c.all(connector.CanErase, []string{ref}))
		c.asSaid(t, effects)
		c.onlySaid(t, before, effects)
		before = c.Pieces(t)
	}
}

func corrects(t *testing.T, c *changes) {
	if !c.can(connector.CanRectify) {
		t.Skip("nothing can be corrected")
	}
	c.begin(t)
	before := c.Pieces(t)
	var some, wrong []connector.Change
	n := 0
	for _, one := range c.all(connector.CanRectify, c.refs) {
		values := c.Correct(one.Reference)
		n += len(values)
		for _, f := range c.seen[one.Reference].Fields {
			if _, declared := values[f.Name]; !declared {
				one.Values = texts(map[string]string{f.Name: "x"})
				wrong = append(wrong, one)
			}
		}
		one.Values = texts(values)
		some = append(some, one)
	}
	if n == 0 {
		t.Fatal("nothing could be corrected: this test checks nothing")
	}
	undeclared, err := c.changer.Carry(t.Context(), wrong)
	c.effects(t, wrong, undeclared, c.bench.hear(err))
	for i, e := range undeclared {
		if e.State != connector.Undeclared {
			t.Errorf("%s: got %s for a field that is not declared, want %s", wrong[i].Reference, e.State, connector.Undeclared)
		}
	}
	if left := changed(before, c.Pieces(t)); len(left) > 0 {
		t.Errorf("%q: a field was corrected that is not declared", left)
	}
	effects := c.carry(t, some)
	c.asSaid(t, effects)
	c.onlySaid(t, before, effects)
	for ref, e := range effects {
		values := c.Correct(ref)
		if want := map[bool]connector.EffectState{true: connector.Changed, false: connector.Undeclared}[len(values) > 0]; e.State != want {
			t.Errorf("%s: got %s (%s), want %s", ref, e.State, e.Reason, want)
		}
		for i, f := range e.After {
			switch v, corrected := values[f.Name]; {
			case corrected && f.Value.Reveal() != v:
				t.Errorf("%s: %s is not what is right", ref, f.Name)
			case !corrected && !f.Value.Equal(e.Before.Fields[i].Value):
				t.Errorf("%s: %s is another, though nobody asked for it", ref, f.Name)
			}
		}
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
	want := connector.Differs
	if _, ok := c.ChangeHarness.(Renamer); ok {
		want = connector.Missing
	}
	for _, e := range []connector.Effect{rehearsed[one], effects[one]} {
		if e.State != want {
			t.Errorf("%s: got %s, want %s", one, e.State, want)
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
