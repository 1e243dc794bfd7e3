package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

func TestErikaGetsExactlyHerRecordsThroughTheBrowser(t *testing.T) {
	erika := house.Landscape.Person(landscape.Erika)
	for _, authority := range houses {
		t.Run(authority, func(t *testing.T) {
			t.Parallel()
			planted := house.plant(t, authority, erika.ID)
			person := newSession(t, "Erika")
			f := person.file(authority, everythingOf(erika), nothing)
			work(t, authority, f, person, erika)

			person.enter(authority, f)
			person.picture("vorgang-" + authority)
			file := person.download("#antwort", person.text("#antwort .kern-btn"))
			got := referencesIn(t, file)
			for system, want := range planted {
				// The form asks for no number of a cookie, and lines of conferences by
				// address are looked at one by one: TestEverySystemAnswers asks both.
				if strings.HasSuffix(system, "matomo") || strings.HasSuffix(system, "jitsi") {
					continue
				}
				if !slices.Equal(got[system], want) {
					t.Errorf("%s: got %d records %v, want %d %v", system, len(got[system]), got[system], len(want), want)
				}
				for _, namesake := range []string{landscape.ErikaYounger, landscape.ErikaElder} {
					for _, reference := range house.Landscape.Planted(system, namesake) {
						if slices.Contains(got[system], reference) && !slices.Contains(want, reference) {
							t.Errorf("%s: %s is a namesake's", system, reference)
						}
					}
				}
			}
			person.open("/" + authority + "/vorgang")
			before, after, _ := strings.Cut(say("citizen.case.delivered.fetch", "date", "|"), "|")
			if got := person.text("main .kern-body--large"); !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
				t.Errorf("after the download: got %q, want %q with a date", got, before+"…"+after)
			}
		})
	}
}

// work is what staff do with a request, from the first question to the systems
// until the answer is there.
func work(t *testing.T, authority string, f filed, person *session, known landscape.Person) {
	t.Helper()
	at := newSession(t, clerk)
	at.signIn(authority, clerk)
	at.picture("liste-" + authority)
	path := at.openCase(f)
	at.gather(false)
	at.picture("fall-" + authority)
	prove(person, at, authority, f, known.Email)
	at.open(path)
	at.verifyByFacts()
	at.takeUpHints()
	at.verifyByFacts()
	at.gather(true)
	at.decideFindings()

	dpo := newSession(t, officer)
	dpo.signIn(authority, officer)
	dpo.confirmRegister()

	at.decideRight(path, law.Access)
	at.open(path)
	at.nextStep(say("desk.do.vorlegen"))
	if got, want := at.state(), say("case.state.proposed"); got != want {
		t.Fatalf("proposed: got %q, want %q\n%s", got, want, at.text("main"))
	}
	release(t, authority, path)
}

// release lets the answer out, as the second person.
func release(t *testing.T, authority, path string) *session {
	t.Helper()
	second := newSession(t, approver)
	second.signIn(authority, approver)
	second.open(path)
	second.nextStep(say("desk.do.freigeben"))
	second.until("the package", wait, func() bool { return second.state() == say("case.state.ready") })
	return second
}

// referencesIn are the references of all records in a package, by system.
func referencesIn(t *testing.T, file []byte) map[string][]string {
	t.Helper()
	got := map[string][]string{}
	for _, s := range systemsIn(t, file) {
		for _, r := range s.Records {
			got[s.ID] = append(got[s.ID], r.Reference)
		}
		slices.Sort(got[s.ID])
	}
	if len(got) == 0 {
		t.Fatal("no record in the package: this checks nothing")
	}
	return got
}

// system is what a package says about one of them.
type system struct {
	ID      string
	Records []struct{ Reference string }
}

func systemsIn(t *testing.T, file []byte) []system {
	t.Helper()
	var data struct{ Systems []system }
	if err := json.Unmarshal(fileIn(t, file, "daten.json"), &data); err != nil {
		t.Fatal(err)
	}
	return data.Systems
}

// letterIn is the letter in a package, with simple blanks.
func letterIn(t *testing.T, file []byte) string {
	t.Helper()
	return plain(string(fileIn(t, file, "Auskunft.html")))
}

func fileIn(t *testing.T, file []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := fs.ReadFile(z, name)
	if err != nil {
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
		}
		t.Fatalf("%v; there are %v", err, names)
	}
	return content
}
