package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/review"
)

func TestTheHistorySaysWhichIdentifierAndWhichDecision(t *testing.T) {
	h := newOffice(t)
	at := received.Add(24 * time.Hour)
	clerk := h.staff[casefile.Clerk].ID
	note := func(kind string, ref uuid.UUID, after time.Duration) review.Happened {
		e := review.Happened{Happening: casefile.Happening{ID: uuid.New(), Kind: kind, At: at.Add(after), Actor: clerk}}
		e.Text.Ref = ref
		return e
	}
	findings := h.o.Systems[0].Findings
	h.o.Rights[0].Outcome, h.o.Rights[0].DecidedAt = casefile.Granted, at.Add(4*time.Minute)
	h.o.History = []review.Happened{
		note(casefile.NoteVerified, h.o.Identifiers[0].ID, 0),
		note(casefile.NoteDecided, findings[0].ID, time.Minute), note(casefile.NoteDecided, findings[1].ID, 2*time.Minute),
		note(casefile.NoteDecided, uuid.Nil, 4*time.Minute),
		note(casefile.NoteDecided, findings[1].ID, 5*time.Minute),
	}
	text := h.desk(t, casefile.Clerk).Get(h.path()).Text()
	for _, want := range []string{"Kennung geprüft: E-Mail, erika@example.org", "2 Entscheidungen getroffen", "Entscheidung getroffen: Auskunft", "Entscheidung getroffen: " + h.o.Systems[0].Name + ", Fund 2"} {
		if !strings.Contains(text, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
}

func TestTheRequestSaysWhatIsStillClaimed(t *testing.T) {
	h := newOffice(t)
	if text := h.desk(t, casefile.Clerk).Get(h.path()).Text(); !strings.Contains(text, "erika@example.org (geprüft)") || strings.Contains(text, "(behauptet)") {
		t.Error("the request does not say that the address was verified")
	}
	h.o.Identifiers[0].VerifiedAt = time.Time{}
	if text := h.desk(t, casefile.Clerk).Get(h.path()).Text(); !strings.Contains(text, "erika@example.org (behauptet)") {
		t.Error("the request does not say that the address is claimed")
	}
}

func TestTheNavigationLeadsToRestrictions(t *testing.T) {
	h := newOffice(t)
	for _, role := range casefile.StaffRoles {
		got := slices.Contains(h.desk(t, role).Get("/desk/verzeichnis").Links(), "/desk/einschraenkungen")
		if want := role != casefile.Operator; got != want {
			t.Errorf("%s: got %v, want %v", role, got, want)
		}
	}
}
