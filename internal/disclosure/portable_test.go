package disclosure

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

func taken(t *testing.T, decisions map[uuid.UUID]Decision, findings ...Finding) (Portable, []PortableRecord) {
	t.Helper()
	source := func(string) iter.Seq2[Finding, error] {
		return func(yield func(Finding, error) bool) {
			for _, f := range findings {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
	all, err := TakeAlong(source, decisions, []inventory.System{{ID: "s"}}, func(_, reference string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(reference)) })
	if err != nil {
		t.Fatal(err)
	}
	var records []PortableRecord
	for r, err := range all[0].Records() {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return all[0], records
}

func a(name, value string) connector.Field {
	return connector.Field{Name: name, Value: person.NewText(value)}
}

func one(fields ...connector.Field) Finding {
	return Finding{ID: uuid.UUID{1}, Finding: connector.Finding{Reference: "r", Category: "orders", Fields: fields}}
}

var giveOne = map[uuid.UUID]Decision{{1}: {Verdict: Give}}

func TestOnlyWhatThePersonProvidedIsTakenAlong(t *testing.T) {
	note := person.NewText("note")
	for name, c := range map[string]struct {
		d      Decision
		fields []connector.Field
		want   []string // names of fields
		left   Left
	}{
		"what they gave, and what was observed": {Decision{Verdict: Give}, []connector.Field{a("typed", "x"), {Name: "clicked", Category: "Nutzung", Value: person.NewText("x")}}, []string{"typed", "clicked"}, Left{}},
		"what was inferred":                     {Decision{Verdict: Give}, []connector.Field{a("typed", "x"), {Name: "score", Category: Inferred, Value: person.NewText("x")}}, []string{"typed"}, Left{Inferred: 1}},
		"what speaks of somebody else":          {Decision{Verdict: Give}, []connector.Field{a("typed", "x"), {Name: "other", ThirdParty: true, Value: person.NewText("x")}}, []string{"typed"}, Left{Others: 1}},
		"and was weighed":                       {Decision{Verdict: Give, Fields: map[string]FieldVerdict{"other": {}}}, []connector.Field{{Name: "other", ThirdParty: true, Value: person.NewText("x")}}, []string{"other"}, Left{}},
		"what is blacked out":                   {Decision{Verdict: Give, ForFile: note, ForPerson: note, Fields: map[string]FieldVerdict{"typed": {BlackOut: true}}}, []connector.Field{a("typed", "x"), a("more", "x")}, []string{"more"}, Left{Others: 1}},
		"a password hash":                       {Decision{Verdict: Give, Fields: map[string]FieldVerdict{"hash": {}}}, []connector.Field{{Name: "hash", Withheld: true}, a("typed", "x")}, []string{"typed"}, Left{Secrets: 1}},
		"a record of which nothing is left":     {Decision{Verdict: Give}, []connector.Field{{Name: "score", Category: Inferred}}, nil, Left{Inferred: 1, Records: 1}},
		"a record kept back":                    {Decision{Verdict: Withhold, ForFile: note, ForPerson: note}, []connector.Field{a("typed", "x"), {Name: "hash", Withheld: true}}, nil, Left{Records: 1}},
		"one that nobody may know of":           {Decision{Verdict: Give, SecretFact: true, ForFile: note}, []connector.Field{a("typed", "x")}, nil, Left{}},
		"somebody else's":                       {Decision{Verdict: NotThisPerson}, []connector.Field{a("typed", "x")}, nil, Left{}},
	} {
		p, records := taken(t, map[uuid.UUID]Decision{{1}: c.d}, one(c.fields...))
		var got []string
		for _, r := range records {
			for _, f := range r.Fields {
				got = append(got, f.Name)
			}
		}
		if !slices.Equal(got, c.want) || p.Left != c.left || p.Given != len(records) {
			t.Errorf("%s: got %v and %+v, want %v and %+v", name, got, p.Left, c.want, c.left)
		}
	}
}

func TestWhatNobodyDecidedIsNotTakenAlong(t *testing.T) {
	source := func(string) iter.Seq2[Finding, error] {
		return func(yield func(Finding, error) bool) { yield(one(a("x", "y")), nil) }
	}
	_, err := TakeAlong(source, nil, []inventory.System{{ID: "s"}}, nil)
	if !errors.Is(err, problem.Conflict) {
		t.Errorf("got %v, want %v", err, problem.Conflict)
	}
}

func TestTimesAreWrittenAnewOnlyWhereTheirZoneIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		values, want []string
		form         Form
	}{
		"a database's instant":    {[]string{"2026-03-03 10:15:00+01", ""}, []string{"2026-03-03T10:15:00+01:00", ""}, FormInstant},
		"with parts of a second":  {[]string{"2026-03-03 10:15:00.250+00"}, []string{"2026-03-03T10:15:00.25Z"}, FormInstant},
		"an access log":           {[]string{"03/Mar/2026:10:15:00 +0100"}, []string{"2026-03-03T10:15:00+01:00"}, FormInstant},
		"a mail":                  {[]string{"Tue, 3 Mar 2026 10:15:00 -0500"}, []string{"2026-03-03T10:15:00-05:00"}, FormInstant},
		"RFC 3339 already":        {[]string{"2026-03-03T10:15:00Z"}, []string{"2026-03-03T10:15:00Z"}, FormInstant},
		"without a zone":          {[]string{"2026-03-03 10:15:00", ""}, []string{"2026-03-03 10:15:00", ""}, FormClock},
		"a day":                   {[]string{"2026-03-03"}, []string{"2026-03-03"}, FormDay},
		"some with, some without": {[]string{"2026-03-03 10:15:00+01", "2026-03-03 10:15:00"}, []string{"2026-03-03 10:15:00+01", "2026-03-03 10:15:00"}, FormText},
		"an instant beside words": {[]string{"2026-03-03 10:15:00+01", "gestern"}, []string{"2026-03-03 10:15:00+01", "gestern"}, FormText},
		"no such day":             {[]string{"2026-02-30T10:15:00Z"}, []string{"2026-02-30T10:15:00Z"}, FormText},
		"a number":                {[]string{"20260303101500"}, []string{"20260303101500"}, FormText},
	} {
		var fields []connector.Field
		for _, v := range c.values {
			fields = append(fields, a("at", v))
		}
		p, records := taken(t, giveOne, one(fields...))
		var got []string
		for _, v := range records[0].Fields[0].Values {
			got = append(got, v.Reveal())
		}
		if !slices.Equal(got, c.want) || p.Fields[0].Form != c.form {
			t.Errorf("%s: got %q as %s, want %q as %s", name, got, p.Fields[0].Form, c.want, c.form)
		}
	}
}

func TestFieldsAreDescribedAsAllRecordsHaveThem(t *testing.T) {
	p, _ := taken(t, giveOne,
		one(connector.Field{Name: "mail", Label: "Adresse", Value: person.NewText("x")}, a("mail_to", "y")),
		one(a("mail", "x"), a("mail", ""), a("raw\xff", "a\xff"), connector.Field{Name: "new", Unmapped: true, Value: person.NewText("z")}))
	got := p.Fields
	if len(got) != 4 || !got[0].Several || !got[0].Empty || got[0].Title[wording.German] != "Adresse" || got[2].Name != "raw\uFFFD" || !got[2].Bytes || !got[3].Unmapped || got[1].Several {
		t.Errorf("got %+v", got)
	}
	if got[1].Title[wording.English] == "" || p.Kinds[0].Name != "orders" || len(p.Kinds) != 1 {
		t.Errorf("got %+v and %+v", got[1], p.Kinds)
	}
}
