package citizen

import (
	"net/http"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/webtest"
)

func TestAWrongPairAndAnUnknownNumberGetTheSamePage(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	try := func(number, code string) *webtest.Page {
		b := p.Browser(t)
		return b.Submit(b.Get("/stk-nrw/stand").Form("").With("number", number).With("code", code))
	}
	other := casefile.AccessCode([]byte("aaaaaaaaaaaaaaaaaaaa"))
	strip := func(page *webtest.Page) string {
		s := string(page.Body)
		for _, typed := range []string{number, unknown, code, other} {
			s = strings.ReplaceAll(s, typed, "TYPED")
		}
		i := strings.Index(s, `name="_csrf"`)
		return s[:i] + s[i+80:]
	}
	wrong, none := try(number, other), try(unknown, other)
	if wrong.Status != http.StatusUnprocessableEntity || none.Status != wrong.Status || strip(wrong) != strip(none) {
		t.Errorf("a wrong code (%d) and an unknown number (%d) can be told apart", wrong.Status, none.Status)
	}
	if !strings.Contains(wrong.Text(), "passen nicht zusammen") || wrong.Form("").Values.Get("number") != number {
		t.Error("the page does not say so, or lost what was typed")
	}
	if got := behind.tried; len(got) != 2 || got[0] != "127.0.0.1" {
		t.Errorf("tried from %q, want the visitor's address", got)
	}
	mistyped := try(number[:len(number)-1]+"?", code)
	if mistyped.Status != 422 || !strings.Contains(textByID(mistyped, "number-error"), "vertippt") || len(behind.tried) != 2 {
		t.Error("a number that can't be one is tried")
	}
	behind.wait = problem.New(problem.Throttled, "citizen.status.wait", "seconds", "17")
	if slow := try(number, code); slow.Status != http.StatusTooManyRequests || !strings.Contains(slow.Text(), "17 Sekunden") {
		t.Errorf("throttled: got %d, want to be told to wait 17 seconds", slow.Status)
	}
}

func inside(t *testing.T, p *webtest.Portal) *webtest.Browser {
	t.Helper()
	b := p.Browser(t)
	in := b.Submit(b.Get("/stk-nrw/stand").Form("").With("number", strings.ToLower(number)).With("code", " "+strings.ReplaceAll(code, "-", " ")))
	if got := in.Header.Get("Location"); in.Status != http.StatusSeeOther || got != "/stk-nrw/vorgang" {
		t.Fatalf("got %d to %q, want the case", in.Status, got)
	}
	return b
}

func TestACaseOpensWithItsCodeOnlyAndAtItsAuthority(t *testing.T) {
	p := open(t, newTown())
	stranger := p.Browser(t)
	for _, path := range []string{"/vorgang", "/vorgang/paket", "/vorgang/zuruecknehmen"} {
		if page := stranger.Get("/stk-nrw" + path); page.Header.Get("Location") != "/stk-nrw/stand" {
			t.Errorf("%s: got %d, want to be sent to the door", path, page.Status)
		}
	}
	b := inside(t, p)
	if page := b.Get("/stk-nrw/vorgang"); page.Status != http.StatusOK || !strings.Contains(page.Text(), number) {
		t.Errorf("got %d, want the case", page.Status)
	}
	if page := b.Get("/nlq/vorgang"); page.Header.Get("Location") != "/nlq/stand" {
		t.Errorf("another authority: got %d, want the door", page.Status)
	}
	leave := b.Submit(b.Get("/stk-nrw/vorgang").Form("/stk-nrw/vorgang/abmelden"))
	if leave.Status != http.StatusSeeOther || b.Get("/stk-nrw/vorgang").Status != http.StatusSeeOther {
		t.Error("signed out, the case is still open")
	}
}

func TestTheCaseSaysWhereItStands(t *testing.T) {
	resting := ownCase(casefile.Received, deadline.Event{Kind: deadline.Suspend, On: calendar.Day(2026, 11, 20)})
	resting.Question = asked("Seit wann haben Sie den Newsletter?")
	ready := ownCase(casefile.Ready)
	delivered := func(ways ...casefile.Event) func() *town {
		return func() *town {
			t := newTown()
			t.own = ownCase(casefile.Delivered)
			for i, way := range ways {
				t.own.History = append(t.own.History, correspondence.OwnHappening{Kind: string(way), At: calendar.Day(2026, 11, 23+i).Time()})
			}
			return t
		}
	}
	const fetched, posted = "Sie haben die Antwort am Montag, 23. November 2026 hier heruntergeladen.", "Am Montag, 23. November 2026 ging die Antwort mit der Post an Sie."
	for name, c := range map[string]struct {
		own  func() *town
		want []string
		not  []string
	}{
		"fetched":                   {delivered(casefile.Fetch, casefile.Fetch), []string{fetched}, []string{"ging die Antwort", "unterwegs"}},
		"posted":                    {delivered(casefile.Post), []string{posted}, []string{"heruntergeladen", "unterwegs"}},
		"posted, and fetched later": {delivered(casefile.Post, casefile.Fetch), []string{posted, "Sie haben die Antwort am Dienstag, 24. November 2026 hier"}, []string{"unterwegs"}},
		"under way":                 {func() *town { return newTown() }, []string{"Wir prüfen, was wir Ihnen antworten.", "Spätestens am Freitag, 18. Dezember 2026.", "Ihr Antrag ist eingegangen", "Ich möchte wissen, welche Daten", "Postfach 20 04 44", "Antrag zurücknehmen"}, []string{"Antwort herunterladen", "Was wir von Ihnen brauchen"}},
		"resting":                   {func() *town { t := newTown(); t.own = resting; return t }, []string{"Die Frist ruht seit Freitag, 20. November 2026. Wenn sie weiterläuft, bleiben noch 28 Tage.", "Seit wann haben Sie den Newsletter?"}, []string{"Spätestens am"}},
		"ready":                     {func() *town { t := newTown(); t.own = ready; return t }, []string{"Antwort herunterladen (ZIP, 1,2 MB)", "Auskunft.html", "beginnen Sie hier", "stk-newsletter.csv", "812 Bytes", "Gelöscht: 12 Einträge in 3 Verfahren.", "Unverändert: 2 Einträge in 1 Verfahren.", "wie umsetzung.json aufgebaut ist", strings.Repeat("ab", 32), "bis Sonntag, 17. Januar 2027"}, []string{"Antrag zurücknehmen", "Spätestens am"}},
	} {
		b := inside(t, open(t, c.own()))
		text := b.Get("/stk-nrw/vorgang").Text()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: the page says %q", name, not)
			}
		}
	}
}

func TestAContactCodeIsEntered(t *testing.T) {
	behind := newTown()
	behind.own.WantsCode, behind.contact = true, "12345678"
	b := inside(t, open(t, behind))
	form := b.Get("/stk-nrw/vorgang").Form("/stk-nrw/vorgang/code")
	wrong := b.Submit(form.With("contact-code", "87654321"))
	if wrong.Status != 422 || !strings.Contains(textByID(wrong, "contact-code-error"), "passt nicht") {
		t.Errorf("a wrong code: got %d, want it said at the field", wrong.Status)
	}
	right := b.Submit(wrong.Form("/stk-nrw/vorgang/code").With("contact-code", "12345678"))
	if right.Status != http.StatusSeeOther || strings.Contains(b.Get("/stk-nrw/vorgang").Text(), "8 Ziffern") {
		t.Errorf("the right code: got %d, want it taken", right.Status)
	}
}

func TestWithdrawingAsksFirst(t *testing.T) {
	behind := newTown()
	b := inside(t, open(t, behind))
	ask := b.Get("/stk-nrw/vorgang/zuruecknehmen")
	if behind.withdrawn || !strings.Contains(ask.Text(), "nicht rückgängig") {
		t.Fatal("withdrawn without being asked")
	}
	after := b.Follow(b.Submit(ask.Form("")))
	if !behind.withdrawn || !strings.Contains(after.Text(), "Sie haben Ihren Antrag zurückgenommen") {
		t.Error("not withdrawn")
	}
	if again := b.Get("/stk-nrw/vorgang/zuruecknehmen"); again.Header.Get("Location") != "/stk-nrw/vorgang" {
		t.Errorf("once withdrawn it can be withdrawn again: %d", again.Status)
	}
}

func TestThePackageIsHandedOverAndThatIsRecorded(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := inside(t, p)
	if page := b.Get("/stk-nrw/vorgang/paket"); page.Status != http.StatusNotFound || !strings.Contains(page.Text(), "30 Tage") {
		t.Errorf("without a package: got %d, want an explanation", page.Status)
	}
	behind.pack = []byte(strings.Repeat("PK", 100_000))
	got := b.Get("/stk-nrw/vorgang/paket")
	if string(got.Body) != string(behind.pack) || got.Header.Get("Content-Type") != "application/zip" || !strings.Contains(got.Header.Get("Content-Disposition"), number+".zip") {
		t.Errorf("got %d bytes of %s, want the package", len(got.Body), got.Header.Get("Content-Type"))
	}
	// The browser may have read all before the portal has noted it.
	if at := <-behind.fetched; !at.Equal(p.Clock.Now()) || len(behind.fetched) > 0 {
		t.Errorf("recorded at %v and %d times more, want once", at, len(behind.fetched))
	}
}
