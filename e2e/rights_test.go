package e2e

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

// TestEachRightFromTheFormToTheProofInTheAnswer walks one case of each right: filed
// in the form, worked at the desk, carried out in the systems, and read in the answer.
// Access is walked by TestErikaGetsExactlyHerRecordsThroughTheBrowser.
func TestEachRightFromTheFormToTheProofInTheAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		authority string
		who       string
		rights    []law.Right
		say       map[law.Right][2]string // what the right asks besides grounds
		correct   string                  // name of the system in which a value is corrected
		proof     string                  // sentence of the answer that says what was done
		file      string                  // file of the package in which that stands
	}{
		{authority: "krz", who: landscape.SameDay, rights: []law.Right{law.Erasure, law.Notification}, proof: say("letter.measures.heading"), file: "umsetzung.json",
			say: map[law.Right][2]string{law.Erasure: {"ground", "yes"}, law.Notification: {"changed", "yes"}}},
		{authority: "krz", who: landscape.Max, rights: []law.Right{law.Restriction}, proof: say("letter.measures.heading"), file: "umsetzung.json",
			say: map[law.Right][2]string{law.Restriction: {"case", "yes"}}},
		{authority: "krz", who: landscape.JuergenSs, rights: []law.Right{law.ConsentWithdrawal}, proof: say("letter.measures.heading"), file: "umsetzung.json"},
		{authority: "krz", who: landscape.JuergenSz, rights: []law.Right{law.Objection}, proof: say("letter.measures.heading"), file: "umsetzung.json",
			say: map[law.Right][2]string{law.Objection: {"situation", "yes"}}},
		{authority: "stk-nrw", who: landscape.SameDay, rights: []law.Right{law.Rectification}, correct: "Newsletter Landesportal: Anmeldung", proof: say("letter.measures.heading"), file: "umsetzung.json",
			say: map[law.Right][2]string{law.Rectification: {"wrong", "yes"}}},
		{authority: "krz", who: landscape.Max, rights: []law.Right{law.Portability}, proof: say("letter.right.portability"), file: "Datenmitnahme.zip"},
	} {
		name := make([]string, len(tt.rights))
		for i, r := range tt.rights {
			name[i] = string(r)
		}
		t.Run(strings.Join(name, " and "), func(t *testing.T) {
			t.Parallel()
			who := house.Landscape.Person(tt.who)
			person := newSession(t, who.First)
			direct := slices.Contains(tt.rights, law.Portability)
			steps := nothing
			if direct {
				steps = person.wants
			}
			f := person.fileFor(tt.authority, everythingOf(who), steps, tt.rights...)
			at := newSession(t, clerk)
			at.signIn(tt.authority, clerk)
			path := at.openCase(f)
			at.gather(!tt.rights[0].NeedsData())
			at.verifyByFacts()
			at.takeUpHints()
			at.verifyByFacts()
			at.gather(true)
			at.decideFindings()
			dpo := newSession(t, officer)
			dpo.signIn(tt.authority, officer)
			dpo.confirmRegister()
			for _, right := range tt.rights {
				if q, asked := tt.say[right]; asked {
					at.rightPage(path, right)
					at.pick("#voraussetzungen-form", "a-"+q[0], q[1])
					at.send("#voraussetzungen-form")
				}
				if got := at.decideRight(path, right); !slices.Contains([]string{say("case.outcome.granted"), say("case.outcome.partly-granted")}, got) {
					t.Fatalf("%s: got %q, want it granted at least in part\n%s", right, got, at.text("#ergebnis"))
				}
			}
			if !direct {
				if tt.correct != "" {
					at.correct(path, tt.correct)
				}
				at.plan(path)
			}
			at.picture("plan-" + name[0])
			at.open(path)
			at.nextStep(say("desk.do.vorlegen"))
			if direct {
				release(t, tt.authority, path).handOver(path)
			} else {
				carryOut(t, tt.authority, path, at)
				at.open(path + "/plan/nachweis")
				at.picture("nachweis-" + name[0])
				at.everyLook()
			}

			person.enter(tt.authority, f)
			person.picture("antwort-" + name[0])
			file := person.download("#antwort", person.text("#antwort .kern-btn"))
			answer := letterIn(t, file)
			if !strings.Contains(answer, tt.proof) {
				t.Errorf("the answer does not say %q", tt.proof)
			}
			if want := say("portability.letter.direct.wanted", "name", clubName); direct && !strings.Contains(answer, want) {
				t.Errorf("the answer does not say %q", want)
			}
			if direct && !strings.Contains(person.text("main"), say("citizen.direct.to", "name", clubName)) {
				t.Error("their own case does not say where the data go")
			}
			fileIn(t, file, tt.file)
		})
	}
}
