package desk_test

import (
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/procedure/review"
)

// Where nobody asked for data, nothing is given or withheld: a finding is the person's or
// it is not, and no ground of Art. 15 stands beside it.
func TestWithoutARightToDataNobodyGivesOrWithholds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rights []law.Right
		data   bool
	}{
		{"erasure alone", []law.Right{law.Erasure}, false},
		{"objection and restriction", []law.Right{law.Objection, law.Restriction}, false},
		{"erasure and access", []law.Right{law.Erasure, law.Access}, true},
		{"data to take along", []law.Right{law.Portability}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Rights = nil
			for _, r := range tt.rights {
				h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: r}})
			}
			given := &h.o.Systems[0].Findings[0]
			given.Record.Fields[4].Unmapped = false
			b := h.desk(t, casefile.Clerk)
			page := b.Get(h.path() + "?system=" + h.o.Systems[0].ID + "&fund=" + given.ID.String())
			_, text, _ := strings.Cut(page.Text(), "Namensgleichheit")
			text, _, _ = strings.Cut(text, "Zu jedem Recht")
			access := []string{"Den offenen, sicher zugeordneten Fund geben", "Zurückhalten", "Rechtsgrundlage der Ablehnung", "wird geschwärzt", "Herausgeben lässt er sich"}
			belongs := []string{"Gehört dieser Person", "herausgegeben wird nichts", "Beim offenen Fund festhalten", "Wem gehört das?", "Er bleibt, wie er ist, bis"}
			want, not := access, belongs
			if !tt.data {
				want, not = belongs, access
			}
			for _, s := range want {
				if !strings.Contains(text, s) {
					t.Errorf("the findings lack %q: %s", s, text)
				}
			}
			for _, s := range not {
				if strings.Contains(text, s) {
					t.Errorf("the findings say %q", s)
				}
			}
			done := b.Submit(page.Form(h.path()+"/fund").With("verdict", string(disclosure.Give)))
			if done.Status != 303 || h.decision.Verdict != disclosure.Give {
				t.Errorf("got %d and %q", done.Status, h.decision.Verdict)
			}
		})
	}
}
