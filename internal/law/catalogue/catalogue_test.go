package catalogue

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

func TestTheShippedCatalogueIsRead(t *testing.T) {
	b := load(t)
	if len(b.Acts()) < 10 || len(b.Grounds()) < 60 {
		t.Errorf("got %d acts and %d grounds, want the whole catalogue", len(b.Acts()), len(b.Grounds()))
	}
	e := b.On(day("2026-03-01"))
	for _, right := range law.Rights {
		if _, ok := e.Right(right); !ok {
			t.Errorf("%s is missing", right)
		}
		if len(slices.Collect(e.For(right, calendar.NW, law.DSGNRW))) == 0 {
			t.Errorf("%s: no ground limits it, not even Art. 12(5)", right)
		}
	}
	for _, g := range b.Grounds() {
		if !strings.HasPrefix(g.Source, "https://") || g.ValidFrom.IsZero() && g.Applies(calendar.NW, law.DSGNRW) && strings.HasSuffix(g.Citation, "DSG NRW") {
			t.Errorf("%s: source %q, valid from %v", g.ID, g.Source, g.ValidFrom)
		}
	}
}

func TestTheLawOfADay(t *testing.T) {
	b := load(t)
	for _, tt := range []struct {
		name, day, ground string
		inForce, confirm  bool
	}{
		{"before the DSG NRW", "2018-05-24", "NRW-12-2-1", false, false},
		{"its first day", "2018-05-25", "NRW-12-2-1", true, false},
		{"the last day of the text we read", "2026-03-31", "NRW-12-2-1", true, false},
		{"the amendment nobody has read", "2026-04-01", "NRW-12-2-1", true, true},
		{"a ground of the GDPR on that day", "2026-04-01", "EU-15-4", true, false},
		{"the archive's ground follows the shorter of its acts", "2026-04-01", "NRW-10-1-A", true, true},
		{"a contested ground, always", "2020-01-01", "NRW-12-1-S2", true, true},
		{"unknown text of Lower Saxony", "2026-03-01", "NI-9", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, ok := b.On(day(tt.day)).Ground(tt.ground)
			if ok != tt.inForce || g.Confirm != tt.confirm {
				t.Errorf("got in force %v, confirm %v, want %v, %v", ok, g.Confirm, tt.inForce, tt.confirm)
			}
		})
	}
}

func TestAnAmendmentEndsATextAndBeginsAnother(t *testing.T) {
	two := `
  - id: OLD
    citation: § 1 X
    valid_to: 2020-12-31
    verified: true
` + rest + `
  - id: NEW
    citation: § 1 X
    valid_from: 2021-01-01
    verified: true
` + rest
	b, err := Read(files(act, "grounds:"+two))
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[string]string{"2020-12-31": "OLD", "2021-01-01": "NEW"} {
		if got := b.On(day(on)).Grounds(); len(got) != 1 || got[0].ID != want {
			t.Errorf("%s: got %v, want %s", on, got, want)
		}
	}
}

func TestTheHashNamesTheContents(t *testing.T) {
	read := func(m fstest.MapFS) [32]byte {
		b, err := Read(m)
		if err != nil {
			t.Fatal(err)
		}
		return b.SHA256()
	}
	one := read(files(act, ""))
	if read(files(act, "")) != one {
		t.Error("the same files have two hashes")
	}
	if read(files(act+"# reviewed\n", "")) == one {
		t.Error("another file has the same hash")
	}
	if read(fstest.MapFS{"b.yaml": {Data: []byte(act)}}) == one {
		t.Error("another name has the same hash")
	}
}

func TestWhatIsWrongInAFileIsNamedWithItsLine(t *testing.T) {
	ground := "grounds:\n  - id: G\n    citation: § 1 X\n    verified: true\n" + rest
	for _, tt := range []struct{ name, in, want string }{
		{"an unknown key", strings.Replace(ground, "    reach:", "    range: case\n    reach:", 1), "b.yaml:7: grounds[0].range: unknown key"},
		{"an unknown key inside a condition", strings.Replace(ground, "{id: c,", "{id: c, when: now,", 1), "grounds[0].conditions[0].when: unknown key"},
		{"a key twice", strings.Replace(ground, "    reach:", "    id: H\n    reach:", 1), "b.yaml:7: grounds[0].id: stands here a second time, first in line 2"},
		{"an unknown effect", strings.Replace(ground, "effect: withhold", "effect: deny", 1), "b.yaml:8: grounds[0].effect: holds no known word"},
		{"an act nobody lists", strings.Replace(ground, "§ 1 X", "§ 1 Y", 1), "b.yaml:3: grounds[0].citation: cites an act"},
		{"a section the act does not have", strings.Replace(ground, "§ 1 X", "§ 35 X", 1), "X ends before that number"},
		{"the short form of a citation", strings.Replace(ground, "§ 1 X", "Art. 1(2) X", 1), "b.yaml:3: grounds[0].citation"},
		{"no condition", strings.Replace(ground, "conditions:\n      - {id: c, de: \"A?\", en: \"B?\"}", "conditions: []", 1), "grounds[0].conditions: is missing"},
		{"a condition that is no question", strings.Replace(ground, `de: "A?"`, `de: "A."`, 1), "write every condition as a question"},
		{"German alone", strings.Replace(ground, `, en: "B?"`, "", 1), "needs a sentence in German and in English"},
		{"a sentence for letters in German alone", strings.Replace(ground, "    reach:", "    for_letter: {de: \"A\"}\n    reach:", 1), "b.yaml:7: grounds[0].for_letter: needs a sentence"},
		{"a sentence for letters that none can say", strings.Replace(ground, "withhold", "clarify\n    for_letter: {de: A, en: B}", 1), "grounds[0].for_letter: is said of a limit"},
		{"another act for one kind of body", strings.Replace(ground, "    reach:", "    citations: {other: § 1 Y}\n    reach:", 1), "b.yaml:7: grounds[0].citations: cites an act"},
		{"unverified without saying what", strings.Replace(ground, "verified: true", "verified: false", 1), "say what is not verified"},
		{"a day that does not exist", strings.Replace(ground, "    reach:", "    valid_to: 2026-02-30\n    reach:", 1), "b.yaml:7: grounds[0].valid_to: is no day"},
		{"two grounds with one id", ground + "  - id: G\n    citation: § 1 X\n    verified: true\n" + rest, "another ground has this id"},
		{"an alias", "grounds: &g []\nrights: *g\n", "is an anchor or an alias"},
		{"a second document", ground + "---\n{}\n", "a second document begins"},
		{"no YAML", "grounds: [", "is not YAML"},
		{"nothing", "", "is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(fstest.MapFS{"a.yaml": {Data: []byte(act)}, "b.yaml": {Data: []byte(tt.in)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// What a letter says speaks to the person, and not of them or of what staff do.
func TestSentencesForLettersSpeakToThePerson(t *testing.T) {
	said := 0
	for _, g := range load(t).Grounds() {
		if g.ForLetter.IsZero() {
			continue
		}
		said++
		for _, word := range []string{"die Stelle", "der Stelle", "die Person", "Brief", "Frist hält", "Nichts;", "the authority", "the person", "the letter"} {
			if strings.Contains(g.ForLetter.DE, word) || strings.Contains(g.ForLetter.EN, word) {
				t.Errorf("%s: %q stands in %q", g.ID, word, g.ForLetter)
			}
		}
	}
	if said < 20 {
		t.Errorf("only %d grounds say anything: this checks nothing", said)
	}
}

// § 4 ArchivG NRW is for bodies of the Land; §§ 10, 11 are for others.
func TestTheOfferToTheArchiveIsCitedByBody(t *testing.T) {
	g, _ := load(t).On(day("2026-03-01")).Ground("NRW-10-1-A")
	for body, want := range map[string]string{"": "§ 4 Abs. 1 ArchivG NRW", "land": "§ 4 Abs. 1 ArchivG NRW", "municipal": "§ 10 Abs. 4 ArchivG NRW", "other": "§ 11 ArchivG NRW"} {
		if got := g.CitationFor(body); !strings.HasPrefix(got, "§ 10 Abs. 1 Alt. 1 DSG NRW i. V. m. ") || !strings.Contains(got, want) || body != "" && body != "land" && strings.Contains(got, "§ 4") {
			t.Errorf("%q: got %s, want %s", body, got, want)
		}
	}
}

func TestAGroundThatIsNoLawHereIsRefusedWithItsReason(t *testing.T) {
	e := load(t).On(day("2026-03-01"))
	for _, tt := range []struct{ name, query, id, reason string }{
		{"the words people use", "nur wegen Aufbewahrungspflicht", "NOT-RETENTION-ONLY", "muss beauskunftet werden"},
		{"in a sentence", "Wir haben die Daten nur wegen Aufbewahrungspflicht, geht das?", "NOT-RETENTION-ONLY", "muss beauskunftet werden"},
		{"the citation it is copied from", "§ 34 Abs. 1 Nr. 2 Buchst. a BDSG", "NOT-RETENTION-ONLY", "nur im BDSG"},
		{"restriction to protect the person", "Sperrung statt Löschung", "NOT-RESTRICT-TO-PROTECT", "nur bei Akten ohne Automatisierung"},
		{"a contract", "vertragliche Aufbewahrung", "NOT-BYLAW-RETENTION", "nur eine Rechtsnorm"},
		{"civil claims", "zivilrechtliche Ansprüche", "NOT-CIVIL-CLAIMS", "nicht gegen die Auskunft"},
		{"public order", "öffentliche Ordnung", "NOT-PUBLIC-ORDER", "nicht die öffentliche Ordnung"},
		{"the internal schedule", "Aktenplan", "NOT-INTERNAL-SCHEDULE", "keine rechtliche Verpflichtung"},
		{"the federal formula", "Auskunft an die LDI", "NOT-TO-AUTHORITY", "§ 12 DSG NRW enthält weder"},
		{"text that is not known", "§ 9 NDSG", "NI-9", "liegt nicht vor"},
		{"an id", "AO-32C", "AO-32C", "nur für Finanzbehörden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := e.Find(tt.query)
			i := slices.IndexFunc(found.Refusals, func(r Refusal) bool { return r.ID == tt.id })
			if i < 0 || !strings.Contains(found.Refusals[i].Reason.DE, tt.reason) {
				t.Errorf("got %+v, want %s with %q", found.Refusals, tt.id, tt.reason)
			}
		})
	}
	if got := e.Find("NRW-12-2-S2"); len(got.Grounds) != 1 || len(got.Refusals) != 0 {
		t.Errorf("a ground that is law: got %d grounds and %d refusals, want it alone", len(got.Grounds), len(got.Refusals))
	}
	if got := e.Find(" "); len(got.Grounds)+len(got.Refusals) != 0 {
		t.Errorf("nothing asked: got %+v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("grounds:\n  - id: G\n"))
	f.Add([]byte("acts: [{name: X, in_force: 2026-02-30}]"))
	f.Add([]byte("grounds: &g [*g]\n---\n"))
	f.Add([]byte("rights:\n- right: access\n  contents: [{id: a}]\n  clock: {at_once: yes}\n"))
	f.Add([]byte("absent: [{words: [~]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Read(fstest.MapFS{"a.yaml": {Data: data}})
		if err != nil {
			if !strings.Contains(err.Error(), "a.yaml:") {
				t.Errorf("an error names no file: %v", err)
			}
			return
		}
		for _, g := range b.On(day("2026-03-01")).Grounds() {
			if _, err := b.Resolve(g.Citation); err != nil {
				t.Errorf("a ground was taken whose citation does not resolve: %v", err)
			}
		}
	})
}

const act = "acts:\n  - {name: X, title: Gesetz, source: \"https://example.org/x\", read: all, verified: true, highest: 34, in_force: 2018-05-25}\n"

// rest is what a ground needs besides id, citation and verified.
const rest = `    title: {de: "A", en: "B"}
    rights: [access]
    reach: case
    effect: withhold
    decision: bound
    conditions:
      - {id: c, de: "A?", en: "B?"}
    on_file:
      - {de: "A", en: "B"}
    replacement: {de: "A", en: "B"}
`

func files(a, b string) fstest.MapFS {
	m := fstest.MapFS{"a.yaml": {Data: []byte(a)}}
	if b != "" {
		m["b.yaml"] = &fstest.MapFile{Data: []byte(b)}
	}
	return m
}

func load(t *testing.T) Book {
	t.Helper()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(s string) calendar.Date {
	d, err := calendar.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}
