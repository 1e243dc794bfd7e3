package review

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// at allows silence and secrecy.
var at = assess.Place{Ground: "NRW-12-2-3A", System: "system"}

func TestWhatIsSaidAboutAGroundFollowsItsFindings(t *testing.T) {
	open := func(why string) disclosure.Decision {
		return disclosure.Decision{Verdict: disclosure.Withhold, Ground: at.Ground, ForPerson: person.NewText(why), ForFile: person.NewText("file " + why)}
	}
	silent := disclosure.Decision{Verdict: disclosure.Withhold, Ground: at.Ground, ForFile: person.NewText("file"), SilentReason: person.NewText("note")}
	secret := open("secret")
	secret.SecretFact = true
	secretSilent := secret
	secretSilent.SilentReason = person.NewText("note")
	give := disclosure.Decision{Verdict: disclosure.Give}
	other := disclosure.Decision{Verdict: disclosure.NotThisPerson}
	type step struct {
		finding int
		d       disclosure.Decision
		typed   func(*casefile.Exam) // on the page of the right, afterwards
	}
	typed := func(e *casefile.Exam) { e.Claims[0].ForPerson = person.NewText("typed") }
	answered := func(condition string) func(*casefile.Exam) {
		return func(e *casefile.Exam) {
			say(e, casefile.Answer{Ground: at.Ground, System: at.System, Condition: condition, Yes: true})
		}
	}
	for _, c := range []struct {
		name    string
		steps   []step
		person  string
		file    string
		answers []string
	}{
		{"the text of the finding", []step{{0, open("a"), nil}}, "a", "file a", nil},
		{"the first of two", []step{{0, open("a"), nil}, {1, open("b"), nil}}, "a", "file a", nil},
		{"also when an earlier one follows", []step{{1, open("b"), nil}, {0, open("a"), nil}}, "b", "file b", nil},
		{"one said again in other words", []step{{0, open("a"), nil}, {0, open("c"), nil}}, "c", "file c", nil},
		{"one that is secret now", []step{{0, open("a"), nil}, {1, open("b"), nil}, {0, secret, nil}}, "b", "file secret", []string{assess.FactSecret}},
		{"one that is somebody else's now", []step{{0, open("a"), nil}, {1, open("b"), nil}, {0, other, nil}}, "b", "file b", nil},
		{"one that is given now", []step{{0, open("a"), nil}, {1, open("b"), nil}, {0, give, nil}}, "b", "file b", nil},
		{"a secret alone", []step{{0, open("a"), nil}, {0, secret, nil}}, "", "file secret", []string{assess.FactSecret}},
		{"what staff typed stays", []step{{0, open("a"), typed}, {0, open("c"), nil}}, "typed", "file c", nil},
		{"silence", []step{{0, silent, nil}}, "", "file", []string{assess.ReasonsEndanger}},
		{"silence taken back", []step{{0, silent, nil}, {0, open("a"), nil}}, "a", "file a", nil},
		{"silence that another keeps", []step{{0, silent, nil}, {1, silent, nil}, {0, open("a"), nil}}, "a", "file", []string{assess.ReasonsEndanger}},
		{"a secret is silent about itself only", []step{{0, open("a"), nil}, {1, secretSilent, nil}}, "a", "file a", []string{assess.FactSecret}},
		{"a secret taken back", []step{{0, secret, nil}, {0, open("a"), nil}}, "a", "file a", nil},
		{"an answer of staff stays", []step{{0, open("a"), answered(assess.ReasonsEndanger)}, {0, open("c"), nil}}, "c", "file c", []string{assess.ReasonsEndanger}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := matter(t)
			for _, s := range c.steps {
				m.decide(s.finding, s.d)
				text := m.Texts[law.Access]
				if s.typed != nil {
					s.typed(&text.Exam)
				}
				m.Texts[law.Access] = text
			}
			exam := m.Texts[law.Access].Exam
			i := claimAt(exam, at)
			if i < 0 {
				t.Fatal("got no claim")
			}
			if got := exam.Claims[i]; got.ForPerson.Reveal() != c.person || got.ForFile.Reveal() != c.file {
				t.Errorf("got %q and %q, want %q and %q", got.ForPerson.Reveal(), got.ForFile.Reveal(), c.person, c.file)
			}
			var answers []string
			for _, a := range exam.Answers {
				answers = append(answers, a.Condition)
			}
			if !slices.Equal(answers, c.answers) {
				t.Errorf("got yes to %v, want %v", answers, c.answers)
			}
		})
	}
}

func TestSilenceNeedsItsNote(t *testing.T) {
	silent := disclosure.Decision{Verdict: disclosure.Withhold, Ground: at.Ground, ForFile: person.NewText("file"), SilentReason: person.NewText("note")}
	here := casefile.Limit{Ground: at.Ground, System: at.System, ReasonsWithheld: true}
	elsewhere := here
	elsewhere.System = "other"
	secret := elsewhere
	secret.SecretFact = true
	for name, c := range map[string]struct {
		limits []casefile.Limit
		typed  string
		field  string
	}{
		"the findings say it":              {[]casefile.Limit{here}, "", ""},
		"nobody says it":                   {[]casefile.Limit{elsewhere}, "", "silent"},
		"nobody says it of one of them":    {[]casefile.Limit{here, elsewhere}, "", "silent"},
		"staff say it":                     {[]casefile.Limit{elsewhere}, "typed", ""},
		"a secret is no matter of silence": {[]casefile.Limit{secret}, "", ""},
	} {
		m := matter(t)
		m.decide(0, silent)
		text := casefile.RightText{ForFile: person.NewText("file"), Silent: person.NewText(c.typed), Limits: c.limits}
		if c.typed == "" {
			text.Silent = silentBy(m.Matter, c.limits)
		}
		err := checkRight(procedure.Examination{Right: law.Access, Outcome: casefile.PartlyGranted}, text)
		if got := fieldOf(err); got != c.field {
			t.Errorf("%s: got %v, want something at the field %q", name, err, c.field)
		}
	}
}

type handling struct{ procedure.Matter }

func matter(t *testing.T) handling {
	t.Helper()
	book, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := procedure.Matter{Texts: map[law.Right]casefile.RightText{}, Rights: []casefile.Right{{Right: law.Access}}, Edition: book.On(calendar.Day(2026, 3, 2))}
	for range 2 {
		m.Findings = append(m.Findings, procedure.Found{Finding: casefile.Finding{ID: uuid.New(), System: at.System}})
	}
	return handling{m}
}

// decide does with a finding what DecideFindings does with it.
func (h handling) decide(i int, d disclosure.Decision) {
	rested, before := resting(h.Matter), toldBy(h.Matter)
	h.Findings[i].Verdict, h.Findings[i].Decision = string(d.Verdict), d
	takeUp(h.Matter, map[assess.Place]bool{at: true}, before, casefile.Actor{}, time.Time{})
	letGo(h.Matter, rested)
}

func fieldOf(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	for field := range p.Fields {
		return field
	}
	return ""
}
