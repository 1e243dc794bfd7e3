package connectortest

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// ChangeHarness makes one real source whose records can be changed, as its
// connection declares: at least one record of each that Plant writes can be erased.
type ChangeHarness interface {
	Harness
	// Pieces is all that the source holds, piece by piece (rows, mails, files), and
	// what each says: of a record by its reference, of anything else by its place, a
	// slash and whatever names it there.
	Pieces(t *testing.T) map[string]string
	// Correct gives another value for every field of a planted record that the
	// connection lets be corrected; none: nil.
	Correct(reference string) map[string]string
	// Alter changes a record behind the connector's back, so that Find shows it.
	Alter(t *testing.T, reference string)
	// Remove takes a record away behind the connector's back.
	Remove(t *testing.T, reference string)
}

// Forbidder is a harness whose source can refuse to erase a record although the
// account may.
type Forbidder interface {
	// Forbid lets the source hold on to one of these records, whose erasure stops
	// that of no other of them.
	Forbid(t *testing.T, references []string) (held string)
}

// Denier is a harness whose source knows what an account may.
type Denier interface {
	// Deny lets the account that changes only read from now on.
	Deny(t *testing.T)
}

// Renamer is a harness whose source names a record by what it says: one that changed
// is another, and the one decided about is missing.
type Renamer interface{ Renames() }

// Cutter is a harness that stands between the connector and its source.
type Cutter interface {
	// Cut takes the source away once, after n more halves of questions have passed:
	// of the last, with n odd, the source hears but its answer is lost. Negative:
	// never.
	Cut(n int)
}

// RunChanges puts what a kind changes through the suite. Each part gets a fresh
// source.
func RunChanges(t *testing.T, fresh func(t *testing.T) ChangeHarness) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, *changes)
	}{
		{"shows a record the same, whoever asks for it", sameRecord},
		{"says what a change would come to, and leaves the source as it was", rehearses},
		{"erases what was planned and nothing else", erases},
		{"takes along with a record only what it says", takesAlong},
		{"corrects the fields that are declared and no others", corrects},
		{"marks a record as restricted and lifts the mark", restricts},
		{"leaves a record as it is that changed since", differs},
		{"says of a record that is not there that it is missing", missing},
		{"lets what the source forbids stop nothing else", forbidden},
		{"says that its account may not", denied},
		{"does nothing twice", again},
		{"does all of a record or nothing, wherever the source goes away", cut},
		{"names all records that could be erased", names},
		{"says that the source is down before it changes anything", gone},
	} {
		t.Run(part.name, func(t *testing.T) {
			h := fresh(t)
			c := &changes{ChangeHarness: h, bench: &bench{Harness: h}}
			part.run(t, c)
			c.bench.silent(t)
		})
	}
}

// changes is a harness whose planted records are known.
type changes struct {
	ChangeHarness
	bench   *bench
	changer connector.Changer
	refs    []string                     // of Erika, in order
	seen    map[string]connector.Finding // as Find showed them
}

// begin plants everybody and asks for Erika.
func (c *changes) begin(t *testing.T) {
	t.Helper()
	c.refs = c.bench.plantEverybody(t)
	opened := c.bench.open(t)
	changer, ok := opened.(*watched).Connector.(connector.Changer)
	if !ok {
		t.Fatal("this kind changes nothing")
	}
	c.changer, c.seen = changer, map[string]connector.Finding{}
	for _, f := range c.bench.ask(t, opened, Erika.Query(), nil).findings {
		c.seen[f.Reference] = f
	}
}

// can says whether the connection declares something.
func (c *changes) can(do connector.Ability) bool {
	return slices.Contains(c.Kind().Abilities(c.Connection()), do)
}

// all are changes of records as Find showed them.
func (c *changes) all(do connector.Ability, refs []string) []connector.Change {
	var some []connector.Change
	for _, ref := range refs {
		one := connector.Change{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(ref)), Do: do, Reference: ref}
		if f, ok := c.seen[ref]; ok {
			one.Seen = f.Fingerprint()
		}
		some = append(some, one)
	}
	return some
}

func (c *changes) carry(t *testing.T, some []connector.Change) map[string]connector.Effect {
	t.Helper()
	effects, err := c.changer.Carry(t.Context(), some)
	return c.effects(t, some, effects, c.bench.hear(err))
}

func (c *changes) rehearse(t *testing.T, some []connector.Change) map[string]connector.Effect {
	t.Helper()
	effects, err := c.changer.Rehearse(t.Context(), some)
	return c.effects(t, some, effects, c.bench.hear(err))
}

// effects checks what is true of every effect.
func (c *changes) effects(t *testing.T, some []connector.Change, effects []connector.Effect, err error) map[string]connector.Effect {
	t.Helper()
	if err != nil || len(effects) != len(some) {
		t.Fatalf("got %d effects and %v, want %d", len(effects), err, len(some))
	}
	all := map[string]connector.Effect{}
	for i, e := range effects {
		ref := some[i].Reference
		if e.Change != some[i].ID {
			t.Errorf("%s: got the effect of another change", ref)
		}
		if !slices.Contains(connector.EffectStates, e.State) {
			t.Errorf("%s: got the state %q", ref, e.State)
		}
		if e.State == connector.Hindered || e.State == connector.Undeclared || e.State == connector.Denied {
			if !wording.Has(e.Reason) {
				t.Errorf("%s: %s, but nobody has words for %q", ref, e.State, e.Reason)
			}
		}
		if e.State != connector.Changed && !bytes.Equal(e.FingerprintAfter(), e.Before.Fingerprint()) {
			t.Errorf("%s: %s, but after is not as before", ref, e.State)
		}
		for _, f := range slices.Concat(e.Before.Fields, e.After) {
			if f.Withheld && !f.Value.IsZero() {
				t.Errorf("%s: %s is withheld and was read", ref, f.Name)
			}
		}
		all[ref] = e
	}
	return all
}

// read gives what Read says of references.
func (c *changes) read(t *testing.T, refs []string) map[string]connector.Finding {
	t.Helper()
	found, err := c.changer.Read(t.Context(), refs)
	if c.bench.hear(err) != nil {
		t.Fatalf("read: %v", err)
	}
	return found
}

// erasable are Erika's records that a rehearsal says can be erased.
func (c *changes) erasable(t *testing.T) (refs []string) {
	t.Helper()
	for ref, e := range c.rehearse(t, c.all(connector.CanErase, c.refs)) {
		if e.State == connector.Changed {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		t.Fatal("no record can be erased: this test checks nothing")
	}
	slices.Sort(refs)
	return refs
}

// asSaid holds what the source says now against effects.
func (c *changes) asSaid(t *testing.T, effects map[string]connector.Effect) {
	t.Helper()
	now := c.read(t, slices.Collect(maps.Keys(effects)))
	for ref, e := range effects {
		f, there := now[ref]
		if gone := e.Gone(); gone == there {
			t.Errorf("%s: %s; read back it is there: %v, want %v", ref, e.State, there, !gone)
		} else if there && !bytes.Equal(f.Fingerprint(), e.FingerprintAfter()) {
			t.Errorf("%s: %s; read back it is another than the effect says", ref, e.State)
		}
	}
}

// onlySaid holds every piece of the source against what it was: only what was
// changed is different, and of other places as many as went along.
func (c *changes) onlySaid(t *testing.T, before map[string]string, effects map[string]connector.Effect) {
	t.Helper()
	along := map[string]int{}
	for _, e := range effects {
		for _, a := range e.With {
			along[a.Place] += a.Count
		}
	}
	for _, piece := range changed(before, c.Pieces(t)) {
		if e, planned := effects[piece]; planned && e.State == connector.Changed {
			continue
		}
		place := ""
		for p := range along {
			if strings.HasPrefix(piece, p+"/") && len(p) > len(place) {
				place = p
			}
		}
		if along[place]--; place == "" || along[place] < 0 {
			t.Errorf("%s is not as it was, and no effect says so", piece)
		}
	}
	for place, n := range along {
		if n > 0 {
			t.Errorf("%d records of %s went along, as it says, and are there", n, place)
		}
	}
}

// changed lists the pieces that differ.
func changed(before, now map[string]string) []string {
	var names []string
	for name, said := range before {
		if s, there := now[name]; !there || s != said {
			names = append(names, name)
		}
	}
	for name := range now {
		if _, was := before[name]; !was {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// texts are values of a correction.
func texts(values map[string]string) map[string]person.Text {
	all := map[string]person.Text{}
	for name, v := range values {
		all[name] = person.NewText(v)
	}
	return all
}
