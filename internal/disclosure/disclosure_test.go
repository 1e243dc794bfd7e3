package disclosure_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

var (
	someone = person.NewText("value")
	reason  = person.NewText("a reason")
	system  = inventory.System{ID: "sys", Name: "System"}
)

func TestDecisionsSayWhatOfAFindingGoesOut(t *testing.T) {
	finding := connector.Finding{Reference: "orders/1", Label: "Order", Fields: []connector.Field{
		{Name: "mail", Label: "Mail", Value: someone},
		{Name: "clerk", Label: "Clerk", Value: someone, ThirdParty: true},
		{Name: "hash", Label: "Hash", Value: someone, Withheld: true},
	}}
	show := map[string]disclosure.FieldVerdict{"clerk": {}, "hash": {}}
	black := map[string]disclosure.FieldVerdict{"mail": {BlackOut: true, ForFile: reason, ForPerson: reason}}
	for _, tt := range []struct {
		name     string
		decision disclosure.Decision
		want     string // record by record: field=state, or "withheld"
		outcome  disclosure.Outcome
		refuses  bool
	}{
		{"given, with somebody else's field blacked out and the hash only stated", disclosure.Decision{Verdict: disclosure.Give}, "mail=value clerk=blacked-out hash=held", disclosure.Found, true},
		{"given with the other person's field weighed and shown, but never the hash", disclosure.Decision{Verdict: disclosure.Give, Fields: show}, "mail=value clerk=value hash=held", disclosure.Found, false},
		{"given with a field blacked out by decision", disclosure.Decision{Verdict: disclosure.Give, Fields: black}, "mail=blacked-out clerk=blacked-out hash=held", disclosure.Found, true},
		{"withheld with a text for the person", disclosure.Decision{Verdict: disclosure.Withhold, ForFile: reason, ForPerson: reason}, "withheld", disclosure.Found, true},
		{"withheld without a text, the silence noted", disclosure.Decision{Verdict: disclosure.Withhold, ForFile: reason, SilentReason: reason}, "withheld", disclosure.Found, true},
		{"of another person", disclosure.Decision{Verdict: disclosure.NotThisPerson}, "", disclosure.Nothing, false},
		{"of which nobody may know", disclosure.Decision{Verdict: disclosure.Withhold, SecretFact: true, ForFile: reason}, "", disclosure.Nothing, false},
		{"of which nobody may know, whatever the verdict", disclosure.Decision{Verdict: disclosure.Give, SecretFact: true, ForFile: reason}, "", disclosure.Nothing, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := apply(finding, tt.decision)
			if err != nil {
				t.Fatal(err)
			}
			s := d.Systems[0]
			if got := describe(t, s); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if s.Outcome != tt.outcome || d.Refuses() != tt.refuses {
				t.Errorf("got %s, refuses %v, want %s, refuses %v", s.Outcome, d.Refuses(), tt.outcome, tt.refuses)
			}
		})
	}
}

func TestNothingGoesOutWithoutACompleteDecision(t *testing.T) {
	for _, tt := range []struct {
		name     string
		decision disclosure.Decision
		want     error
	}{
		{"undecided", disclosure.Decision{}, problem.Conflict},
		{"withheld without a note for the file", disclosure.Decision{Verdict: disclosure.Withhold, ForPerson: reason}, problem.Invalid},
		{"withheld without a text for the person or a noted reason", disclosure.Decision{Verdict: disclosure.Withhold, ForFile: reason}, problem.Invalid},
		{"secret without a note for the file", disclosure.Decision{Verdict: disclosure.Withhold, SecretFact: true}, problem.Invalid},
		{"a field blacked out without any reason", disclosure.Decision{Verdict: disclosure.Give, Fields: map[string]disclosure.FieldVerdict{"mail": {BlackOut: true}}}, problem.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := apply(connector.Finding{}, tt.decision); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	broken := func(string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) { yield(disclosure.Finding{}, problem.Unavailable) }
	}
	_, err := disclosure.Apply(wording.German, broken, nil, []disclosure.SystemAnswer{{System: system}})
	if !errors.Is(err, problem.Unavailable) {
		t.Errorf("a source that breaks: got %v, want %v", err, problem.Unavailable)
	}
}

func TestOutcomesFitWhatIsLeft(t *testing.T) {
	for _, tt := range []struct{ answered, withRecord, without disclosure.Outcome }{
		{disclosure.Found, disclosure.Found, disclosure.Nothing},
		{disclosure.Nothing, disclosure.Found, disclosure.Nothing},
		{disclosure.Unattributable, disclosure.Found, disclosure.Unattributable},
		{disclosure.Partial, disclosure.Partial, disclosure.Partial},
		{disclosure.Failed, disclosure.Partial, disclosure.Failed},
		{disclosure.NotAsked, disclosure.Partial, disclosure.NotAsked},
	} {
		for verdict, want := range map[disclosure.Verdict]disclosure.Outcome{disclosure.Give: tt.withRecord, disclosure.NotThisPerson: tt.without} {
			id := uuid.New()
			d, err := disclosure.Apply(wording.German, lettertest.Slices(map[string][]disclosure.Finding{"sys": {{ID: id}}}),
				map[uuid.UUID]disclosure.Decision{id: {Verdict: verdict}}, []disclosure.SystemAnswer{{System: system, Outcome: tt.answered}})
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Systems[0].Outcome; got != want {
				t.Errorf("answered %s, then %s: got %s, want %s", tt.answered, verdict, got, want)
			}
		}
	}
}

func TestASecretSystemIsDisclosedAsOneThatHoldsNothing(t *testing.T) {
	secret, nothing := sample(t, true), sample(t, false)
	if got, want := everything(t, secret), everything(t, nothing); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNotesForTheFileReachNothingThatIsDisclosed(t *testing.T) {
	out := everything(t, sample(t, true))
	for _, secret := range []string{lettertest.Planted, "WITHHELD", "$argon2id$HASH", "Max Kollege"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s reached what is disclosed", secret)
		}
	}
	if !strings.Contains(out, "Hinweisgeber") || !strings.Contains(out, "erika@mustermann.example") {
		t.Error("what is meant for the person is not there: this test checks nothing")
	}
}

func TestOnlyVerifiedIdentifiersLeadToWhatMayBeGiven(t *testing.T) {
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	verified := map[uuid.UUID]bool{a: true, b: true}
	for _, tt := range []struct {
		name string
		led  [][]uuid.UUID
		want bool
	}{
		{"nothing led there", nil, false},
		{"an empty way leads nowhere", [][]uuid.UUID{{}}, false},
		{"one verified identifier", [][]uuid.UUID{{a}}, true},
		{"two verified ones together", [][]uuid.UUID{{a, b}}, true},
		{"a verified one that needed a claimed one", [][]uuid.UUID{{a, c}}, false},
		{"a claimed one", [][]uuid.UUID{{c}}, false},
		{"a claimed way and a verified way", [][]uuid.UUID{{c}, {b}}, true},
	} {
		if got := disclosure.MayGive(tt.led, verified); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func apply(f connector.Finding, d disclosure.Decision) (disclosure.Disclosed, error) {
	id := uuid.New()
	findings := lettertest.Slices(map[string][]disclosure.Finding{"sys": {{ID: id, Finding: f}}})
	return disclosure.Apply(wording.German, findings, map[uuid.UUID]disclosure.Decision{id: d},
		[]disclosure.SystemAnswer{{System: system, Outcome: disclosure.Found}})
}

func describe(t *testing.T, s disclosure.System) string {
	t.Helper()
	var parts []string
	for rec, err := range s.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Withheld {
			if len(rec.Fields) > 0 || rec.Label != "" || !rec.Reference.IsZero() {
				t.Error("a withheld record tells more than its reason")
			}
			parts = append(parts, "withheld")
		}
		for _, f := range rec.Fields {
			state := string(f.State)
			if f.State == disclosure.Shown {
				state = f.Value.Reveal()
			} else if !f.Value.IsZero() {
				t.Errorf("%s is %s and has its value all the same", f.Name, f.State)
			}
			parts = append(parts, f.Name+"="+state)
		}
	}
	return strings.Join(parts, " ")
}

func sample(t *testing.T, secret bool) disclosure.Disclosed {
	t.Helper()
	in, err := lettertest.Input(lettertest.Options{Lang: wording.German, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return in.Disclosed
}

// everything writes all that stands in a Disclosed, personal data in clear.
func everything(t *testing.T, d disclosure.Disclosed) string {
	t.Helper()
	var out strings.Builder
	for _, s := range d.Systems {
		v := reflect.ValueOf(s)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fmt.Fprintf(&out, "%s: %+v\n", v.Type().Field(i).Name, v.Field(i).Interface())
			}
		}
		for rec, err := range s.Records() {
			if err != nil {
				t.Fatal(err)
			}
			b, err := person.Encode(rec)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(b)
			out.WriteByte('\n')
		}
	}
	return out.String()
}
