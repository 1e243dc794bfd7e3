package portal_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/landscape"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// changed says for each kind by which test of its own, and against what, its changes
// are proven.
var changed = map[string]string{
	"sql": "TestChanges", "drupal": "TestChanges",
	"imap": "TestChanges", "mailman": "TestChanges", "ldap": "TestChanges", "webdav": "TestChanges", "rest": "TestChanges", "matomo": "TestChanges",
	"weblog": "TestLinesOfClosedLogsAreErased", "applog": "TestLinesOfClosedLogsAreErased", "cdr": "TestRowsWithAKeyAreErased",
}

// rotated are kinds whose files are written to until they are closed.
var rotated = map[string]bool{"weblog": true, "applog": true, "cdr": true}

// TestEverySystemChangesOrSaysWhyNot does to Erika's records in every system what
// its connection declares, reads all back, looks at those of her namesakes, and
// writes docs/connectors.md.
func TestEverySystemChangesOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true, Every: true})
	rows := map[string]string{}
	for _, inv := range inventory.Shipped() {
		w := portaltest.NewWork(t, h, inv.Authority.ID)
		for _, s := range inv.Systems {
			t.Run(s.ID, func(t *testing.T) {
				cells := byHand(s)
				if cells == nil {
					source, err := h.Steps.Gathering.Sources.Open(ctx, w.Authority.ID, s.ID)
					if err != nil {
						t.Fatal(err)
					}
					defer source.Close()
					cells = changesOf(t, h.Landscape, s, source)
				}
				rows[s.ID] = fmt.Sprintf("| %s | `%s` | `%s` | %s |\n", inv.Authority.ID, s.ID, s.Connector, strings.Join(cells, " | "))
			})
		}
	}
	if !t.Failed() {
		write(t, "<!-- written by TestEverySystemChangesOrSaysWhyNot -->", "| authority | system | kind | erase | rectify | restrict |\n|---|---|---|---|---|---|\n", rows)
	}
}

// byHand says what becomes of a system that no machine asks; nil for all others.
func byHand(s inventory.System) []string {
	switch {
	case s.Connector == inventory.Portal:
		return []string{"this program: the case is forgotten when its time is over (`internal/procedure/retention`)", "this program: a supplementary statement is kept with the case", "not applicable: the case proves the answer"}
	case !s.Attributable:
		return slices.Repeat([]string{"nothing can be attributed (Art. 11 GDPR)"}, 3)
	case s.Connector == "manual":
		return slices.Repeat([]string{"task: no machine asks it"}, 3)
	}
	return nil
}

// changesOf does in a system what can be done, and gives its cells.
func changesOf(t *testing.T, l *landscape.Landscape, s inventory.System, source connector.Connector) []string {
	t.Helper()
	changer, ok := source.(connector.Changer)
	if !ok {
		return slices.Repeat([]string{"task: the connection does not declare it"}, 3)
	}
	hers := l.Planted(s.ID, landscape.Erika)
	if len(hers) == 0 {
		return slices.Repeat([]string{"task: nobody's records can be told apart here"}, 3)
	}
	var theirs []string
	for _, namesake := range []string{landscape.ErikaYounger, landscape.ErikaElder} {
		theirs = append(theirs, without(l.Planted(s.ID, namesake), hers)...)
	}
	d := deeds{t, s, changer, hers}
	before := d.read(theirs)
	cells := []string{"", d.rectify(), d.restrict()}
	cells[0] = d.erase()
	after := d.read(theirs)
	for reference, f := range before {
		if now, there := after[reference]; !there || !bytes.Equal(now.Fingerprint(), f.Fingerprint()) {
			t.Errorf("%s is a namesake's and is not as it was", reference)
		}
	}
	if len(after) != len(before) {
		t.Errorf("got %d records of namesakes, want %d", len(after), len(before))
	}
	return cells
}

// deeds are changes of one system.
type deeds struct {
	t       *testing.T
	s       inventory.System
	changer connector.Changer
	hers    []string
}

func (d deeds) read(references []string) map[string]connector.Finding {
	d.t.Helper()
	found, err := d.changer.Read(ctx, references)
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

// do rehearses, then carries out what can be, and reads it back. It gives what was
// done, and why the rest can't be.
func (d deeds) do(all []connector.Change) (done []connector.Effect, why map[string]bool) {
	d.t.Helper()
	rehearsed, err := d.changer.Rehearse(ctx, all)
	if err != nil {
		d.t.Fatal(err)
	}
	why = map[string]bool{}
	var can []connector.Change
	for i, e := range rehearsed {
		if e.State == connector.Changed {
			all[i].Seen = e.Before.Fingerprint()
			can = append(can, all[i])
		} else if e.State == connector.Undeclared || e.State == connector.Denied || all[i].Do != connector.CanRectify {
			why[because(d.t, e)] = true
		}
	}
	if len(can) == 0 {
		return nil, why
	}
	effects, err := d.changer.Carry(ctx, can)
	if err != nil {
		d.t.Fatal(err)
	}
	var references []string
	for _, c := range can {
		references = append(references, c.Reference)
	}
	now := d.read(references)
	for i, e := range effects {
		f, there := now[can[i].Reference]
		switch {
		case e.State != connector.Changed:
			d.t.Errorf("%s: %s: could be done, and then %s %s", can[i].Reference, can[i].Do, e.State, e.Reason)
		case e.Gone() == there, there && !bytes.Equal(f.Fingerprint(), e.FingerprintAfter()):
			d.t.Errorf("%s: %s: read back it is not as it should be", can[i].Reference, can[i].Do)
		default:
			done = append(done, e)
		}
	}
	return done, why
}

func (d deeds) changes(do connector.Ability, lift bool) (all []connector.Change) {
	for _, reference := range d.hers {
		all = append(all, connector.Change{ID: uuid.New(), Do: do, Lift: lift, Reference: reference})
	}
	return all
}

func (d deeds) erase() string {
	done, why := d.do(d.changes(connector.CanErase, false))
	how := "deleted"
	switch {
	case slices.ContainsFunc(done, func(e connector.Effect) bool { return !e.Gone() }):
		how = "masked"
	case rotated[d.s.Connector]: // which lines stand in a closed file is a matter of the hour
		how = "deleted, once its file is closed"
		still := wording.Text(wording.English, "connector.rewrite.open")
		if len(done) == 0 && !why[still] {
			d.t.Error("nothing was erased, and no file is being written")
		}
		delete(why, still)
		return d.proven(how, why)
	}
	return d.cell(done, why, how)
}

// rectify tries each field of one record of each kind by itself: a connection says
// which can be corrected. What a field does not take, such as a letter in a number, is
// no answer to that.
func (d deeds) rectify() string {
	var done []connector.Effect
	why := map[string]bool{}
	tried := map[string]bool{}
	records := d.read(d.hers)
	for _, reference := range d.hers {
		f := records[reference]
		if len(f.Fields) == 0 { // it is there, and nobody reads it by its reference
			f.Fields = []connector.Field{{Name: "value", Value: person.NewText("x")}}
		}
		if tried[f.Origin.Place] {
			continue
		}
		tried[f.Origin.Place] = true
		for _, field := range f.Fields {
			if field.Withheld || field.HoldsFile() || field.Value.IsZero() {
				continue
			}
			values := map[string]person.Text{field.Name: person.NewText(field.Value.Reveal() + "x")}
			some, because := d.do([]connector.Change{{ID: uuid.New(), Do: connector.CanRectify, Reference: reference, Values: values}})
			done = append(done, some...)
			maps.Copy(why, because)
		}
	}
	return d.cell(done, why, "corrected")
}

// restrict marks, and lifts the mark again: the record is as it was.
func (d deeds) restrict() string {
	before := d.read(d.hers)
	done, why := d.do(d.changes(connector.CanRestrict, false))
	if len(done) > 0 {
		lifted, _ := d.do(d.changes(connector.CanRestrict, true))
		if len(lifted) != len(done) {
			d.t.Errorf("%d records were restricted, and of %d it was lifted", len(done), len(lifted))
		}
		for reference, f := range d.read(d.hers) {
			if was := before[reference]; !bytes.Equal(f.Fingerprint(), was.Fingerprint()) {
				d.t.Errorf("%s: restricted and lifted, it is not as it was", reference)
			}
		}
	}
	return d.cell(done, why, "marked, and the mark lifted")
}

// cell says what was seen: a proof, or a task and why. Where only some records can be
// changed it says both.
func (d deeds) cell(done []connector.Effect, why map[string]bool, how string) string {
	d.t.Helper()
	if len(done) > 0 {
		return d.proven(how, why)
	}
	if len(why) == 0 {
		d.t.Error("nothing was done, and nobody says why")
	}
	return "task: " + sentences(why)
}

func (d deeds) proven(how string, why map[string]bool) string {
	d.t.Helper()
	test := changed[d.s.Connector]
	if test == "" {
		d.t.Errorf("%s can be changed, and nobody says by which test that is proven", d.s.Connector)
	}
	said := fmt.Sprintf("proven: %s; `%s` `%s` against %s", how, proofs[d.s.Connector].folder, test, proofs[d.s.Connector].against)
	if len(why) > 0 {
		said += "; else task: " + sentences(why)
	}
	return said
}

func sentences(why map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(why)), " ") }

// because says why a change is not made, as the plan does.
func because(t *testing.T, e connector.Effect) string {
	t.Helper()
	key := cmp.Or(e.Reason, "fulfilment.reason."+string(e.State))
	if !wording.Has(key) {
		t.Errorf("nobody has words for %q", key)
	}
	said := wording.Text(wording.English, key)
	var kept []string
	for _, k := range e.Kept {
		if !slices.Contains(kept, k.Why) {
			kept = append(kept, k.Why)
		}
	}
	if len(kept) == 0 {
		return said
	}
	return strings.TrimSuffix(said, ".") + " (" + strings.Join(kept, "; ") + ")."
}
