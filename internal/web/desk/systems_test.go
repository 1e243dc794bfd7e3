package desk_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/review"
)

// now is the time of these tests' clock.
var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestASystemThatFailsSaysWhyAndWhatFollows(t *testing.T) {
	for _, c := range []struct {
		name    string
		state   casefile.InquiryState
		trouble casefile.Trouble
		want    []string
		never   []string
	}{
		{"it is tried again later", casefile.Asked, casefile.Trouble{Kind: casefile.Unreachable, Place: "orders", Code: "57P03", Next: now.Add(20 * time.Minute)},
			[]string{"Noch keine Antwort", "Zuletzt vergeblich versucht am 23.11.2026, 09:50 Uhr (Versuch 3): Das Verfahren antwortet nicht (orders, 57P03).", "Nächster Versuch: 23.11.2026, 10:20 Uhr.", "Ein Verfahren hat nicht geantwortet und wird von selbst wieder versucht."},
			[]string{"Ein Verfahren wird gerade befragt"}},
		{"it is tried again now", casefile.Asked, casefile.Trouble{Kind: casefile.Lost, Next: now.Add(-time.Second)}, []string{"Der nächste Versuch läuft oder beginnt gleich."}, nil},
		{"it is given up", casefile.Failed, casefile.Trouble{Kind: casefile.Misentered, Code: "28P01"},
			[]string{"die Anmeldung wurde abgelehnt (28P01).", "Von selbst wird es nicht wieder versucht."}, []string{"Nächster Versuch"}},
		{"its unit stayed silent", casefile.Failed, casefile.Trouble{Kind: casefile.Silent}, []string{"Vergeblich gewartet bis 23.11.2026, 09:50 Uhr: Der Fachbereich hat trotz Erinnerung nicht geantwortet."}, []string{"Versuch 3"}},
		{"it answered at last", casefile.FoundNothing, casefile.Trouble{Kind: casefile.Unreachable}, nil, []string{"vergeblich"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Systems[2].Inquiry.State = casefile.FoundNothing
			one := &h.o.Systems[4]
			c.trouble.At = now.Add(-10 * time.Minute)
			one.Inquiry.State, one.Text.Trouble, one.Text.Failures = c.state, c.trouble, 3
			b := h.desk(t, casefile.Clerk)
			for _, path := range []string{h.path(), h.path() + "/stand"} {
				text := b.Get(path).Text()
				for _, want := range c.want {
					if !strings.Contains(text, want) {
						t.Errorf("%s: want %q", path, want)
					}
				}
				for _, never := range c.never {
					if strings.Contains(text, never) {
						t.Errorf("%s: got %q", path, never)
					}
				}
			}
		})
	}
}

func TestOneSystemCanBeAskedAgain(t *testing.T) {
	h := newOffice(t)
	h.o.Case.State = casefile.Gathering
	h.o.Blocked = map[casefile.Event][]casefile.Reason{casefile.AskAgain: nil}
	for i := range h.o.Systems {
		h.o.Systems[i].Attributable = true
	}
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path())
	form := page.Form(h.path() + "/erneut")
	body := string(page.Body)
	for i, offered := range []bool{true, false, true, true, false} { // found, with its unit, failed, nothing, being asked
		if got := strings.Contains(body, `<option value="`+h.o.Systems[i].ID+`"`); got != offered {
			t.Errorf("%s: offered %v, want %v", h.o.Systems[i].Inquiry.State, got, offered)
		}
	}
	h.o.Systems[2].Text.Trouble = casefile.Trouble{At: now, Kind: casefile.Unreadable}
	h.o.Tasks = append(h.o.Tasks, casefile.Task{ID: uuid.New(), Kind: casefile.TaskRepair, System: h.o.Systems[2].ID})
	if text := b.Get(h.path()).Text(); strings.Count(text, "Die Antwort des Verfahrens kann nicht gelesen werden.") != 2 || strings.Count(text, "Ein einzelnes Verfahren erneut befragen") != 2 {
		t.Error("want the task to say why, and to lead to where the system is asked again")
	}
	if page := b.Submit(form); page.Status != 422 {
		t.Errorf("no system named: got %d, want 422", page.Status)
	}
	form.Values.Set("system", h.o.Systems[2].ID)
	if page := b.Submit(form); page.Status != 303 || h.calls[len(h.calls)-1] != "again "+h.o.Systems[2].ID {
		t.Errorf("got %d and %q", page.Status, h.calls)
	}
	h.o.Blocked[casefile.AskAgain] = []casefile.Reason{{Key: "case.guard.all_pending"}}
	if strings.Contains(string(b.Get(h.path()).Body), h.path()+"/erneut") {
		t.Error("offered though every system is being asked")
	}
}

func TestTheHistorySaysWhatIsMissing(t *testing.T) {
	h := newOffice(t)
	names := []string{h.o.Systems[2].Name, h.o.Systems[3].Name}
	happened := &h.o.History[len(h.o.History)-1]
	b := h.desk(t, casefile.Clerk)
	if text := b.Get(h.path()).Text(); !strings.Contains(text, "Alle Antworten sind da") {
		t.Error("all answered: want it said")
	}
	happened.Text.Missing, happened.Text.Partial = []string{h.o.Systems[2].ID}, []string{h.o.Systems[3].ID}
	text := b.Get(h.path()).Text()
	for _, want := range []string{"Befragung beendet, Antworten fehlen", "Ohne Antwort: " + names[0] + ".", "Nur zum Teil geantwortet: " + names[1] + "."} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q", want)
		}
	}
	if strings.Contains(text, "Alle Antworten sind da") {
		t.Error("it is still said that all answered")
	}
	h.o.Case.State, h.o.Tasks = casefile.Delivered, nil
	if text := b.Get(h.path()).Text(); !strings.Contains(text, "Die Antwort ist übergeben. Ohne Antwort: "+names[0]+".") || strings.Contains(text, "Es ist nichts zu tun") {
		t.Error("delivered: want the next step to say what is missing")
	}
	h.o.Systems[2].Inquiry.State = casefile.FoundNothing
	if text := b.Get(h.path()).Text(); !strings.Contains(text, "Die Antwort ist übergeben. Es ist nichts zu tun.") {
		t.Error("delivered, and all answered: want nothing to do")
	}
}

func TestCountsAgreeBeforeIdentityIsProven(t *testing.T) {
	h := newOffice(t)
	h.o.Systems = h.o.Systems[:1]
	h.o.Systems[0].Findings, h.o.Systems[0].Hidden, h.o.Hidden = []review.Finding{}, 35, 35
	h.o.Systems[0].Inquiry.Early = true
	b := h.desk(t, casefile.Clerk)
	for _, path := range []string{h.path(), h.path() + "/stand"} {
		if text := b.Get(path).Text(); !regexp.MustCompile(`(?s)35\s*Vor der Klärung.{0,120}Die Funde liegen ungesehen`).MatchString(text) {
			t.Errorf("%s: want 35 unseen ones in the table", path)
		}
	}
	text := b.Get(h.path()).Text()
	if !strings.Contains(text, "35 früh gesicherte Funde") || strings.Contains(text, "Keine Funde") {
		t.Error("want the section of findings to say the same")
	}
}

func TestGivingAllLeavesWhatNobodyMapped(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*connector.Field)
		gives  bool
	}{
		{"a field that nobody mapped", func(*connector.Field) {}, false},
		{"an empty one", func(f *connector.Field) { f.Value = person.NewText(" ") }, true},
		{"one that never leaves the house", func(f *connector.Field) { f.Withheld = true }, true},
		{"one that was mapped", func(f *connector.Field) { f.Unmapped = false }, true},
	} {
		h := newOffice(t)
		one := h.o.Systems[0].Findings[0]
		c.change(&one.Record.Fields[4])
		page := h.desk(t, casefile.Clerk).Get(h.path())
		gives := strings.Contains(string(page.Body), `id="geben-`+h.o.Systems[0].ID+`"`)
		left := strings.Contains(page.Text(), "Ein Fund auf dieser Seite hat Felder, die noch niemand zugeordnet hat.")
		if gives != c.gives || left == c.gives {
			t.Errorf("%s: given with all: %v, said to be left: %v; want %v and %v", c.name, gives, left, c.gives, !c.gives)
		}
	}
}

func TestWhatIsToBeChangedCanBeLookedForFirst(t *testing.T) {
	for _, tt := range []struct {
		right  law.Right
		state  casefile.State
		offers bool
	}{
		{law.Erasure, casefile.Received, true},
		{law.Rectification, casefile.Received, true},
		{law.Notification, casefile.Received, false}, // nothing is changed, nothing is given
		{law.Erasure, casefile.Proposed, false},
	} {
		h := newOffice(t)
		h.o.Case.State = tt.state
		h.o.Rights = h.o.Rights[:1]
		h.o.Rights[0].Right.Right = tt.right
		h.o.Blocked = map[casefile.Event][]casefile.Reason{casefile.Gather: nil, casefile.Propose: nil}
		b := h.desk(t, casefile.Clerk)
		page := b.Get(h.path())
		offers := strings.Contains(string(page.Body), `action="`+h.path()+`/befragen"`)
		if offers != tt.offers {
			t.Errorf("%s, %s: asking is offered: %v, want %v", tt.right, tt.state, offers, tt.offers)
		}
		if offers && b.Submit(page.Form(h.path()+"/befragen")).Status != 303 {
			t.Errorf("%s: asking was refused", tt.right)
		}
	}
}

func TestRecordsAreShownInWords(t *testing.T) {
	for _, c := range []struct{ connector, place, position, category, want string }{
		{"sql", "orders", "17", "orders", "Quelle: Tabelle orders, Datensatz 17."},
		{"drupal", "user__roles", "1/0/de", "user__roles", "Quelle: Tabelle user__roles, Datensatz 1/0/de."},
		{"imap", "INBOX", "UID 55", "INBOX", "Quelle: Postfach INBOX, E-Mail Nummer 55."},
		{"weblog", "access.log", "byte 1024", "access", "Quelle: Datei access.log, ab Byte 1024."},
		{"cdr", "2026.csv", "row 7", "call", "Quelle: Datei 2026.csv, Zeile 7."},
		{"ldap", "dc=amt", "uid=erika,dc=amt", "entry", "Quelle: Verzeichniszweig dc=amt, Eintrag uid=erika,dc=amt."},
		{"webdav", "medien", "a/b.jpg", "file", "Quelle: Ordner medien, Datei a/b.jpg."},
		{"manual", "paper", "", "manual", "Quelle: Antwort des Fachbereichs."},
		{"sql", "orders", "", "orders", "Quelle: orders."},
	} {
		h := newOffice(t)
		i := slices.IndexFunc(h.o.Inventory.Systems, func(s inventory.System) bool { return s.ID == h.o.Systems[0].ID })
		h.o.Inventory.Systems[i].Connector = c.connector
		f := &h.o.Systems[0].Findings[0].Record
		f.Category, f.Origin.Place, f.Origin.Position = c.category, c.place, c.position
		f.Hints[0] = person.Identifier{Kind: person.IPTime, Value: person.NewText("192.0.2.17 2026-11-21T02:56:41Z")}
		f.Fields[4].Value = person.NewText("2026-03-01T10:00:00Z")
		text := h.desk(t, casefile.Clerk).Get(h.path()).Text()
		if !strings.Contains(text, c.want) {
			t.Errorf("%s %s %s: want %q", c.connector, c.place, c.position, c.want)
		}
		if !strings.Contains(text, "192.0.2.17, 21.11.2026, 03:56:41 Uhr MEZ") {
			t.Error("a hint: want its time by the clock in Germany")
		}
		if !strings.Contains(text, "01.03.2026, 11:00 Uhr MEZ") || strings.Contains(text, "2026-03-01T10:00") {
			t.Error("the time of a field: want it by the clock in Germany")
		}
	}
}
