package desk_test

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/procedure/review"
)

// What the next step says and what its button does are the same, in every state.
func TestTheNextStepSaysWhatItsButtonDoes(t *testing.T) {
	open := func(key string) []casefile.Reason {
		return []casefile.Reason{{Key: key, Args: []string{"n", "1", "names", ""}}}
	}
	const asked, missing, granted = casefile.Received, "Zum ersten offenen Punkt", casefile.Granted
	for _, tt := range []struct {
		name    string
		state   casefile.State
		right   law.Right
		outcome casefile.Outcome
		blocked []casefile.Reason
		says    string
		not     string
		button  string // what the primary button is called
		does    string // the last word of its form, or where it leads
	}{
		{"new, access", asked, law.Access, "", nil, "Befragen Sie die Verfahren.", "", "Verfahren befragen", "/befragen"},
		{"new, erasure", asked, law.Erasure, "", open("case.guard.rights"), "Befragen Sie die Verfahren:", "", "Verfahren befragen", "/befragen"},
		{"new, erasure, and what is missing without asking", asked, law.Erasure, "", open("case.guard.rights"), "„Zur Freigabe vorlegen“ geht noch nicht:", "", "Verfahren befragen", "/befragen"},
		{"new, erasure refused without asking", asked, law.Erasure, casefile.Refused, nil, "Über alles ist entschieden. Legen Sie", "Befragen Sie", "Zur Freigabe vorlegen", "/vorlegen"},
		{"new, erasure refused, and something is missing", asked, law.Erasure, casefile.Refused, open("case.guard.residence"), "Vor dem Vorlegen fehlt noch etwas.", "Befragen Sie", missing, "#entscheidung"},
		{"new, to be decided in writing", asked, law.Notification, "", open("case.guard.rights"), "Entscheiden Sie schriftlich", "Befragen Sie", missing, "#entscheidung"},
		{"in review, a right is open", casefile.Review, law.Access, "", open("case.guard.rights"), "Entscheiden Sie über die Funde und über jedes Recht", "", missing, "#entscheidung"},
		{"in review, findings are open", casefile.Review, law.Access, granted, open("case.guard.findings"), "Entscheiden Sie über die Funde", "Über alles ist entschieden", missing, "#funde"},
		{"in review, decided before something changed", casefile.Review, law.Access, granted, open("case.guard.stale"), "Entscheiden Sie über die Funde", "Über alles ist entschieden", missing, "#entscheidung"},
		{"in review, all is decided", casefile.Review, law.Access, granted, nil, "Über alles ist entschieden. Legen Sie", "Entscheiden Sie", "Zur Freigabe vorlegen", "/vorlegen"},
		{"in review, only the plan is missing", casefile.Review, law.Erasure, granted, open("case.guard.plan_missing"), "Vor dem Vorlegen fehlt noch etwas.", "Entscheiden Sie", missing, "/plan"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Case.State = tt.state
			h.o.Rights = []review.Right{{Right: casefile.Right{Right: tt.right, Outcome: tt.outcome}}}
			h.o.Blocked = map[casefile.Event][]casefile.Reason{casefile.Propose: tt.blocked, casefile.Gather: nil}
			page := string(h.desk(t, casefile.Clerk).Get(h.path()).Body)
			_, step, found := strings.Cut(page, `<section class="ein-next"`)
			step, _, _ = strings.Cut(step, "</section>")
			if !found || !strings.Contains(step, tt.says) || tt.not != "" && strings.Contains(step, tt.not) {
				t.Errorf("want it to say %q and not %q, got %s", tt.says, tt.not, step)
			}
			attributes := []string{`action="` + h.path() + tt.does + `"`, `href="` + tt.does + `"`, `href="` + h.path() + tt.does + `"`}
			leads := slices.ContainsFunc(attributes, func(a string) bool { return strings.Contains(step, a) })
			if _, button, _ := strings.Cut(step, "kern-btn--primary"); !leads || !strings.Contains(button, tt.button) {
				t.Errorf("want the button %q to lead to %s, got %s", tt.button, tt.does, step)
			}
		})
	}
}
