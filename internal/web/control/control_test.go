package control_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/webtest"
	"einsicht/internal/wording"
)

const page = "/desk/verfahren/" + system

func TestOnlyTheOperatorChangesAndOnlyTheOfficerMayLook(t *testing.T) {
	want := map[casefile.Role][2]int{ // to look, to change
		casefile.Clerk: {403, 403}, casefile.Approver: {403, 403}, casefile.Officer: {200, 403}, casefile.Operator: {200, 303},
	}
	for role, status := range want {
		h := newHouse(t)
		h.saved("system: " + system + "\nkind: sql\n")
		h.tested(connecting.Passed, "v1")
		b := h.browser(t, role)
		for _, path := range []string{"/desk/verfahren", page} {
			p := b.Get(path)
			if p.Status != status[0] {
				t.Errorf("%s, GET %s: got %d, want %d", role, path, p.Status, status[0])
			}
			if n := strings.Count(string(p.Body), "<form") - strings.Count(string(p.Body), "/desk/abmelden"); role == casefile.Officer && n > 0 {
				t.Errorf("%s, GET %s: got %d forms, want none", role, path, n)
			}
		}
		token := csrf(b.Get("/desk/verfahren"))
		for _, verb := range []string{"speichern", "geheimnis", "pruefen", "einschalten", "ausschalten"} {
			post := b.Post
			if verb == "speichern" {
				post = func(path string, values url.Values) *webtest.Page { return inParts(t, b, path, values) }
			}
			if p := post(page+"/"+verb, url.Values{"_csrf": {token}}); p.Status != status[1] {
				t.Errorf("%s, %s: got %d, want %d", role, verb, p.Status, status[1])
			}
		}
		if p := b.Get(page + "/probe"); (p.Status == 200) != (role == casefile.Operator) {
			t.Errorf("%s, form of a trial: got %d", role, p.Status)
		}
		if role != casefile.Operator && len(h.calls) > 0 {
			t.Errorf("%s: the step did %v", role, h.calls)
		}
		if p := b.Post(page+"/einschalten", url.Values{}); p.Status != 403 {
			t.Errorf("%s, without a token: got %d", role, p.Status)
		}
	}
}

// inParts sends a form as browsers send one with files: the token first.
func inParts(t *testing.T, b *webtest.Browser, path string, values url.Values) *webtest.Page {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, name := range append([]string{"_csrf"}, slices.Sorted(maps.Keys(values))...) {
		for _, value := range values[name] {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		delete(values, "_csrf")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Do(http.MethodPost, path, w.FormDataContentType(), &body)
}

// csrf is the token of any form that the frame of a page shows.
func csrf(p *webtest.Page) string {
	_, after, _ := strings.Cut(string(p.Body), `name="_csrf" value="`)
	token, _, _ := strings.Cut(after, `"`)
	return token
}

// reads says whether a text can be read on a page; blanks between cells of a
// table are the browser's.
func reads(p *webtest.Page, want string) bool {
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	return strings.Contains(bare(p.Text()), bare(want))
}

func TestTheListCountsAndExplains(t *testing.T) {
	h := newHouse(t)
	add := func(id string, where connecting.Where, state connecting.State, twice bool) {
		h.others = append(h.others, connecting.Item{System: h.entry(id), Where: where, Kind: "sql", State: state, Version: "v", Draft: "v", Twice: twice, ChangedAt: at})
	}
	add("stk-brochures", connecting.ByFile, connecting.On, false)
	add("stk-callbacks", connecting.ByPage, connecting.Draft, false)
	h.others[1].Test = connecting.Trial{ID: uuid.New(), DoneAt: at, Outcome: connecting.Passed, Version: "older"}
	b := h.browser(t, casefile.Operator)
	text := b.Get("/desk/verfahren").Text()
	for _, want := range []string{"3 alle", "1 eingeschaltet", "1 Entwurf", "0 ausgeschaltet", "1 von Hand", "Datenbank (sql)", "über eine Datei des Betriebs", "noch nie getestet", "erfolgreich, aber mit einem älteren Text"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Contains(text, "doppelt") {
		t.Error("the list offers what is not there: connected twice")
	}
	for word, want := range map[string]string{"entwurf": "stk-callbacks", "ein": "stk-brochures", "von-hand": system} {
		p := b.Get("/desk/verfahren?stand=" + word)
		for _, id := range []string{"stk-callbacks", "stk-brochures", system} {
			if got := slices.Contains(p.Links(), "/desk/verfahren/"+id); got != (id == want) {
				t.Errorf("%s: %s is shown: %t", word, id, got)
			}
		}
	}
	if text := b.Get("/desk/verfahren?stand=aus").Text(); !strings.Contains(text, "Ein Verfahren steht hier, wenn seine Anbindung ausgeschaltet wurde.") {
		t.Errorf("nothing turned off: got %q, want what will stand here", text)
	}
	if strings.Contains(text, "kein Verzeichnis kennt") {
		t.Error("strangers are named though there are none")
	}
	h.strangers = []string{"a-typo", "stk-newsleter"}
	if text := b.Get("/desk/verfahren").Text(); !strings.Contains(text, "kein Verzeichnis kennt") || !strings.Contains(text, "a-typo, stk-newsleter") {
		t.Errorf("files that nobody asks: got %q, want them named", text)
	}
	h.others[0].Twice = true
	if text := b.Get("/desk/verfahren?stand=doppelt").Text(); !strings.Contains(text, "1 doppelt angebunden") {
		t.Errorf("connected twice: got %q", text)
	}
}

func TestNothingTypedIsLostAndTheLineIsShown(t *testing.T) {
	h := newHouse(t)
	b := h.browser(t, casefile.Operator)
	save := func(f webtest.Form) *webtest.Page { return inParts(t, b, f.Action, maps.Clone(f.Values)) }
	form := b.Get(page).Form(page + "/speichern")
	if got := form.Values.Get("text"); !strings.HasPrefix(got, "system: "+system+"\nkind: sql\n") {
		t.Errorf("nothing saved yet: got %q, want a text to begin with", got)
	}
	typed := "system: " + system + "\nkind: sql\ncolour: red\nmatch: [{by: [email]}]\n<b>\n"
	h.refuse = problem.New(problem.Invalid, "connecting.error.text").Because(&connecting.Wrong{Line: 3, Key: "colour", What: "unknown key"})
	p := save(form.With("text", strings.ReplaceAll(typed, "\n", "\r\n")))
	if p.Status != 422 || !strings.HasPrefix(p.Title(), "Fehler: ") {
		t.Errorf("got status %d and title %q", p.Status, p.Title())
	}
	if got := p.Form(page + "/speichern").Values.Get("text"); got != typed {
		t.Errorf("got back %q, want what was typed", got)
	}
	if n := strings.Count(p.Text(), "Zeile 3, colour: diesen Schlüssel gibt es nicht"); n != 2 {
		t.Errorf("the mistake is named %d times, want it in the summary and at the field", n)
	}
	if !slices.Contains(p.Links(), "#anbindung-text") || !strings.Contains(string(p.Body), `<ol start="1"`) ||
		!strings.Contains(string(p.Body), `<mark><span class="kern-sr-only">Fehler: </span><code>colour: red</code></mark>`) {
		t.Error("the wrong line is not shown with its number")
	}

	h.refuse = nil
	if p := save(form.With("text", "system: x\r\n").With("do", "save")); p.Header.Get("Location") != page+"?getan=gespeichert" {
		t.Errorf("got %d to %q", p.Status, p.Header.Get("Location"))
	}
	save(form.With("do", "test"))
	if want := []string{"save " + system + " from : system: x\n", "save " + system + " from : system: x\n", "test " + system}; !slices.Equal(h.calls, want) {
		t.Errorf("got %q, want %q", h.calls, want)
	}
	if text := b.Get(page + "?getan=gespeichert").Text(); !strings.Contains(text, "Der Entwurf ist gespeichert.") {
		t.Error("nobody is told that it was saved")
	}
	if p := b.Get(page + "?getan=%3Cscript%3E"); p.Status != 200 || strings.Contains(string(p.Body), "<script>") {
		t.Error("an address says what was done")
	}
}

func TestWhatSomebodyElseSavedIsShownBeforeItIsReplaced(t *testing.T) {
	h := newHouse(t)
	h.saved("theirs: 1\n")
	b := h.browser(t, casefile.Operator)
	save := func(f webtest.Form) *webtest.Page { return inParts(t, b, f.Action, maps.Clone(f.Values)) }
	form := b.Get(page).Form(page + "/speichern")
	if got := form.Values.Get("from"); got != "v1" {
		t.Errorf("got from %q, want the version that is shown", got)
	}
	h.shown.Draft, h.refuse = "v2", problem.New(problem.Conflict, "connecting.error.changed")
	p := save(form.With("text", "mine: 1\n"))
	again := p.Form(page + "/speichern")
	if p.Status != 409 || again.Values.Get("text") != "mine: 1\n" || again.Values.Get("from") != "v2" {
		t.Errorf("got status %d, %v", p.Status, again.Values)
	}
	if !strings.Contains(p.Text(), "theirs: 1") || !strings.Contains(p.Text(), "Inzwischen hat jemand diesen Text gespeichert") {
		t.Error("the other text is not shown")
	}
}

func TestASecretIsInNoAnswer(t *testing.T) {
	h := newHouse(t)
	h.saved("system: " + system + "\nkind: sql\n")
	h.shown.Secrets = []connecting.SecretUse{{Name: "old", ChangedAt: at, ChangedBy: h.staff[casefile.Operator].ID}, {Name: "shop", Used: true}}
	b := h.browser(t, casefile.Operator)
	p := b.Get(page)
	for _, want := range []string{"shop fehlt wird gebraucht", "old hinterlegt am 23.11.2026, 10:00 Uhr, Bernd Strom nicht genannt", "noch niemand eingegeben"} {
		if !reads(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	form := p.Form(page + "/geheimnis")
	if form.Values.Get("name") != "shop" {
		t.Errorf("got name %q, want the one that is missing", form.Values.Get("name"))
	}
	h.refuse = problem.New(problem.Invalid, "connecting.error.secret")
	h.refuse.(*problem.Error).Fields = map[string]string{"name": "connecting.error.secret_name"}
	p = b.Submit(form.With("name", "Groß").With("value", "sehr-geheim"))
	if p.Status != 422 || p.Form(page+"/geheimnis").Values.Get("name") != "Groß" || !slices.Contains(p.Links(), "#geheimnis-name") {
		t.Errorf("got status %d, want the name back with what is wrong", p.Status)
	}
	if strings.Contains(string(p.Body), "sehr-geheim") {
		t.Error("the secret comes back")
	}
	h.refuse = nil
	p = b.Submit(form.With("name", "shop"))
	if h.secret != "sehr-geheim" || !slices.Equal(h.calls, []string{"secret shop of " + system}) || strings.Contains(p.Header.Get("Location"), "geheim-") {
		t.Errorf("got %q, %v, %q", h.secret, h.calls, p.Header.Get("Location"))
	}
}

func TestEachStepIsOfferedOrSaysWhyNot(t *testing.T) {
	const noText, untested, untestedOn = "Zuerst muss der Text der Anbindung gespeichert sein", "Zuerst muss der gespeicherte Text einen Test bestehen", "Eingeschaltet wird nur ein Text, der seinen Test bestanden hat"
	for _, c := range []struct {
		name    string
		set     func(h *house)
		primary string
		forms   []string
		says    []string
	}{
		{"nothing yet", func(*house) {}, "Entwurf speichern", nil, []string{noText, "sucht der Fachbereich von Hand"}},
		{"a draft", func(h *house) { h.saved("a: b") }, "Verbindung testen", []string{"pruefen"}, []string{untested, untestedOn}},
		{"a worker is at it", func(h *house) { h.saved("a: b"); h.tested(connecting.Waiting, "v1") }, "", nil, []string{"Läuft seit 1 Sekunde.", untested}},
		{"nobody is at it", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Waiting, "v1")
			h.shown.Test.CreatedAt = at.Add(-2 * time.Minute)
		}, "", nil, []string{"Noch hat kein Arbeitsprozess geantwortet"}},
		{"a test failed", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Refused, "v1")
			h.result.Failure = "orders: 42P01"
		}, "Noch einmal testen", []string{"pruefen"}, []string{"orders: 42P01", "die Anmeldung wurde abgelehnt", untestedOn}},
		{"tested", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Passed, "v1")
			h.result.Preview.Sorts = []connector.Sort{{Category: "orders", Fields: []connector.FieldUse{{Name: "x17", Unmapped: true}, {Name: "fine"}}}}
		}, "Einschalten", []string{"pruefen", "einschalten"}, []string{"x17", "Dieses Feld hat niemand zugeordnet"}},
		{"tested before the text was changed", func(h *house) { h.saved("a: b"); h.tested(connecting.Passed, "v0") }, "Noch einmal testen", []string{"pruefen"}, []string{untestedOn, "erfolgreich, aber mit einem älteren Text"}},
		{"on", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Passed, "v1")
			h.shown.State, h.shown.Version = connecting.On, "v1"
		}, "", []string{"pruefen", "ausschalten"}, []string{"Dieser Text ist in Kraft"}},
		{"on, and changed", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Passed, "v1")
			h.shown.State, h.shown.Version = connecting.On, "v0"
		}, "Einschalten", []string{"pruefen", "einschalten", "ausschalten"}, []string{"In Kraft ist ein älterer Text"}},
		{"off", func(h *house) {
			h.saved("a: b")
			h.tested(connecting.Passed, "v1")
			h.shown.State = connecting.Off
		}, "Einschalten", []string{"pruefen", "einschalten"}, []string{"Die Anbindung ist ausgeschaltet"}},
		{"by a file", func(h *house) {
			h.shown.Where, h.shown.State, h.shown.Version, h.shown.Draft, h.shown.Kind = connecting.ByFile, connecting.On, "f", "f", "sql"
		}, "Verbindung testen", []string{"pruefen"}, []string{"Eine Datei des Betriebs bindet dieses Verfahren an"}},
		{"twice", func(h *house) {
			h.shown.Where, h.shown.State, h.shown.Version, h.shown.Draft, h.shown.Twice = connecting.ByFile, connecting.On, "f", "f", true
		}, "Verbindung testen", []string{"pruefen", "ausschalten"}, []string{"doppelt angebunden"}},
	} {
		h := newHouse(t)
		c.set(h)
		p := h.browser(t, casefile.Operator).Get(page)
		var primary []string
		for part := range strings.SplitSeq(string(p.Body), `<button class="kern-btn kern-btn--primary"`) {
			if _, label, ok := strings.Cut(part, `<span class="kern-label">`); ok && !strings.HasPrefix(part, "<!") {
				label, _, _ = strings.Cut(label, "<")
				primary = append(primary, label)
			}
		}
		if got := strings.Join(primary, ", "); got != c.primary {
			t.Errorf("%s: got the primary button %q, want %q", c.name, got, c.primary)
		}
		var forms []string
		for _, verb := range []string{"pruefen", "einschalten", "ausschalten"} {
			if strings.Contains(string(p.Body), `action="`+page+"/"+verb+`"`) {
				forms = append(forms, verb)
			}
		}
		if !slices.Equal(forms, c.forms) {
			t.Errorf("%s: got the forms %v, want %v", c.name, forms, c.forms)
		}
		for _, want := range c.says {
			if !reads(p, want) {
				t.Errorf("%s: the page lacks %q", c.name, want)
			}
		}
		if polls := strings.Contains(string(p.Body), `hx-trigger="every 2s"`); polls != strings.Contains(p.Text(), "Läuft seit") {
			t.Errorf("%s: asks again: %t", c.name, polls)
		}
	}
}

func TestTheVersionThatWasShownIsTurnedOn(t *testing.T) {
	h := newHouse(t)
	h.saved("a: b")
	h.tested(connecting.Passed, "v1")
	b := h.browser(t, casefile.Operator)
	form := b.Get(page).Form(page + "/einschalten")
	if p := b.Submit(form); p.Header.Get("Location") != page+"?getan=eingeschaltet" || h.calls[0] != "on "+system+" v1" {
		t.Errorf("got %d, %v", p.Status, h.calls)
	}
	h.shown.Draft, h.refuse = "v2", problem.New(problem.Conflict, "connecting.error.changed")
	p := b.Submit(form)
	if p.Status != 409 || !strings.Contains(p.Text(), "Der Text wurde inzwischen geändert") || !slices.Contains(p.Links(), "#einsatz") {
		t.Errorf("changed meanwhile: got %d", p.Status)
	}
}

func TestWhatAnotherOperatorTestedShowsWithItsResult(t *testing.T) {
	h := newHouse(t)
	h.saved("a: b")
	h.tested(connecting.Refused, "v1")
	h.shown.Test.CreatedBy = uuid.New()
	h.result = connecting.Result{Trial: h.shown.Test, Failure: "orders: 42P01"}
	if p := h.browser(t, casefile.Operator).Get(page); p.Status != 200 || !reads(p, "Test nicht bestanden 23.11.2026, 10:00 Uhr") || !reads(p, "orders: 42P01") {
		t.Errorf("got %d, want the outcome and where it failed", p.Status)
	}
}

func TestATextThatIsTooLongComesBack(t *testing.T) {
	h := newHouse(t)
	b := h.browser(t, casefile.Operator)
	form := b.Get(page).Form(page + "/speichern")
	long := strings.Repeat("äöü: ß\n", connecting.MaxText/11) // as a form three times as long
	if p := inParts(t, b, form.Action, maps.Clone(form.With("text", long).Values)); p.Status != 303 || len(h.calls) != 1 || !strings.HasSuffix(h.calls[0], long) {
		t.Errorf("as long as the step takes: got %d, %d calls", p.Status, len(h.calls))
	}
	h.refuse = &problem.Error{Kind: problem.TooLarge, Key: "connecting.error.too_long", Fields: map[string]string{"text": "connecting.error.too_long"}}
	p := inParts(t, b, form.Action, maps.Clone(form.With("text", long+long).Values))
	if p.Status != 413 || p.Form(page+"/speichern").Values.Get("text") != long+long || !slices.Contains(p.Links(), "#anbindung-text") || !reads(p, "Der Text ist länger als 256 KiB") {
		t.Errorf("longer: got %d, want it back with what is wrong", p.Status)
	}
}

func TestATestPersonIsAskedFor(t *testing.T) {
	h := newHouse(t)
	b := h.browser(t, casefile.Operator)
	if p := b.Get(page + "/probe"); p.Header.Get("Location") != page+"#probe" {
		t.Errorf("without a text: got %d to %q", p.Status, p.Header.Get("Location"))
	}
	h.saved("system: " + system + "\nkind: sql\nmatch: [{by: [iban]}]\n")
	h.trial(connecting.Waiting)
	p := b.Get(page + "/probe")
	form := p.Form(page + "/probe")
	before, _, _ := strings.Cut(string(p.Body), `id="weitere"`)
	for kind, first := range map[string]bool{"email": true, "iban": true, "personnel-number": false} {
		if got := strings.Contains(before, `name="`+kind+`"`); got != first {
			t.Errorf("%s stands among the first: %t", kind, got)
		}
	}
	h.refuse = &problem.Error{Kind: problem.Invalid, Key: "connecting.error.who", Fields: map[string]string{"email": "connecting.error.identifier"}}
	p = b.Submit(form.With("email", "kein@").With("personnel-number", "4711"))
	back := p.Form(page + "/probe").Values
	if p.Status != 422 || back.Get("email") != "kein@" || back.Get("personnel-number") != "4711" || !strings.Contains(p.Text(), "E-Mail: Diese Angabe hat nicht die erwartete Form.") {
		t.Errorf("got status %d, %v", p.Status, back)
	}
	if !strings.Contains(string(p.Body), `id="weitere" open`) {
		t.Error("what was typed lies in a part that is folded")
	}
	h.refuse = &problem.Error{Kind: problem.Invalid, Key: "connecting.error.who", Fields: map[string]string{"who": "connecting.error.nobody"}}
	if strings.Count(string(p.Body), `name="reason"`) != len(connecting.Reasons) || strings.Contains(string(p.Body), " checked") {
		t.Error("the reasons are not offered, or one is chosen beforehand")
	}
	h.refuse.(*problem.Error).Fields["reason"] = "connecting.error.reason"
	if p := b.Submit(p.Form(page + "/probe")); !slices.Contains(p.Links(), "#testperson-email") || !slices.Contains(p.Links(), "#testperson-reason") {
		t.Error("nobody named: the summary leads nowhere")
	}
	h.refuse = nil
	p = b.Submit(form.With("email", "probe@example.org").With("personnel-number", " ").With("reason", "case").With("case", "STK-NRW-2026-X"))
	if to := p.Header.Get("Location"); to != page+"/probe/"+h.result.Trial.ID.String() {
		t.Errorf("got %d to %q", p.Status, to)
	}
	if len(h.who) != 1 || h.who[person.Email].Reveal() != "probe@example.org" {
		t.Errorf("got %d identifiers, want the one that was typed", len(h.who))
	}
	if want := (connecting.Why{Reason: connecting.ForCase, Case: "STK-NRW-2026-X"}); h.why != want {
		t.Errorf("got %+v, want %+v", h.why, want)
	}
	if strings.Contains(string(b.Get(page+"/probe").Body), "benannt hat") {
		t.Error("test persons are named though none are declared")
	}
	h.shown.TestPeople = connecting.TestPeople{{Kind: person.Email, Value: person.NewText("test@example.org")}, {Kind: person.Name, Value: person.NewText("Petra Probe")}}
	if text := b.Get(page + "/probe").Text(); !strings.Contains(text, "E-Mail test@example.org; Name Petra Probe") {
		t.Error("the test persons that are declared are not named")
	}
	running := b.Follow(p)
	if !strings.Contains(running.Text(), "Läuft seit 3 Sekunden.") || !strings.Contains(string(running.Body), `hx-get="`+running.Path+`"`) || !slices.Contains(running.Links(), running.Path) {
		t.Errorf("while a worker is at it: got %q", running.Text())
	}
}

func TestAResultMarksWhatNobodyMapped(t *testing.T) {
	h := newHouse(t)
	h.saved("a: b")
	h.found()
	b := h.browser(t, casefile.Operator)
	path := page + "/probe/" + h.result.Trial.ID.String()
	p := b.Get(path)
	text := p.Text()
	for _, want := range []string{"8 Datensätze kämen zurück", "Ein Feld hat niemand zugeordnet", "x17 in subscriber", "subscriber 7 Datensätze", "bounce 1 Datensatz", "7 von 7",
		"x17 x17 – nicht zugeordnet", "friend friend – betrifft andere", "password password – nie herausgegeben", "kommt in die Auskunft",
		"Unvollständig: archive. Eine Datei bricht mitten im Text ab.", "Gefunden über: E-Mail.", "Gefunden über: Name zusammen mit Geburtsdatum.", "sicher", "zu prüfen", "Nennt eine weitere Kennung, die vorgeschlagen würde: Telefon.",
		"probe@example.org", "Stelle im Verfahren: subscriber, 7", "bis 23.11.2026, 11:00 Uhr"} {
		if !reads(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Index(text, "x17x17") > strings.Index(text, "E-Mail-Adresseemail") {
		t.Error("what nobody mapped does not stand first")
	}
	for what, secret := range map[string]string{"a hint": "+49 211 1", "what never leaves the house": "$2y$10$abc"} {
		if strings.Contains(text, secret) {
			t.Errorf("the value of %s is shown", what)
		}
	}
	if n := strings.Count(string(p.Body), "<article"); n != 6 {
		t.Errorf("got %d examples, want five of the first category and one of the second", n)
	}
	if strings.Contains(string(p.Body), "hx-get") {
		t.Error("asks again although it is done")
	}

	for name, c := range map[string]struct {
		path string
		set  func()
	}{
		"an id that is none":   {page + "/probe/x", func() {}},
		"an id nobody knows":   {page + "/probe/" + uuid.NewString(), func() {}},
		"of another system":    {path, func() { h.result.Trial.System = "stk-brochures" }},
		"a test":               {path, func() { h.result.Trial.Kind = connecting.Test }},
		"begun by another":     {path, func() { h.result.Trial.CreatedBy = uuid.New() }},
		"an hour ago":          {path, func() { h.result.Trial.ExpiresAt = at }},
		"of an unknown system": {"/desk/verfahren/no/probe/" + h.result.Trial.ID.String(), func() {}},
	} {
		before := h.result
		c.set()
		p := b.Get(c.path)
		if p.Status != 404 || strings.Contains(p.Text(), "probe@example.org") {
			t.Errorf("%s: got %d", name, p.Status)
		}
		if c.path == path && !strings.Contains(p.Text(), "nach einer Stunde gelöscht") {
			t.Errorf("%s: got %q, want why it is gone", name, p.Text())
		}
		h.result = before
	}
}

func TestHowATrialEndsIsSaidInWords(t *testing.T) {
	for name, c := range map[string]struct {
		outcome connecting.Outcome
		preview connector.Preview
		want    []string
	}{
		"nothing":        {connecting.Passed, connector.Preview{Answer: connector.Answer{Outcome: connector.Nothing}}, []string{"Zu dieser Person gibt das Verfahren nichts", "(match)"}},
		"unattributable": {connecting.Passed, connector.Preview{Answer: connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}}, []string{"nicht zuzuordnen (Art. 11 Abs. 2 DSGVO)", "wonach dieses Verfahren durchsucht werden kann"}},
		"more":           {connecting.Passed, connector.Preview{Findings: make([]connector.Finding, 50), More: true}, []string{"Mehr als 50 Datensätze"}},
		"unreachable":    {connecting.Unreachable, connector.Preview{}, []string{"Das Verfahren antwortet nicht.", "Firewall", "Zum Text der Anbindung"}},
		"refused":        {connecting.Refused, connector.Preview{}, []string{"die Anmeldung wurde abgelehnt", "ist das Geheimnis richtig"}},
		"broken":         {connecting.Broken, connector.Preview{}, []string{"kann nicht gelesen werden"}},
		"people":         {connecting.ByPeople, connector.Preview{}, []string{"Menschen antworten dafür"}},
		"outdated":       {connecting.Outdated, connector.Preview{}, []string{"wurde während des Versuchs geändert"}},
	} {
		h := newHouse(t)
		h.saved("a: b")
		h.trial(c.outcome)
		h.result.Preview = c.preview
		text := h.browser(t, casefile.Operator).Get(page + "/probe/" + h.result.Trial.ID.String()).Text()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
		if strings.Contains(text, "[control.") || strings.Contains(text, "[connecting.") {
			t.Errorf("%s: a sentence is missing", name)
		}
	}
}

func TestEveryKindHasANameAndATextToBeginWith(t *testing.T) {
	if len(all.Kinds()) < 3 {
		t.Fatal("no kinds: this checks nothing")
	}
	for _, kind := range all.Kinds() {
		if !wording.Has("control.kind." + kind.Name()) {
			t.Errorf("%s has no name for people", kind.Name())
		}
		if kind.Name() == "manual" {
			continue
		}
		h := newHouse(t)
		h.shown.Kinds = []string{kind.Name()}
		text := h.browser(t, casefile.Operator).Get(page + "?vorlage=" + kind.Name()).Form(page + "/speichern").Values.Get("text")
		c, err := connector.ParseConnection("begin.yaml", []byte(text))
		if err == nil {
			err = kind.Check(c)
		}
		if err != nil || c.System != system || c.Kind != kind.Name() || len(c.Match) == 0 {
			t.Errorf("%s: %v\n%s", kind.Name(), err, text)
		}
		for name, ref := range c.Secrets {
			if ref.Sealed == "" {
				t.Errorf("%s: secret %s would be refused: %+v", kind.Name(), name, fmt.Sprint(ref))
			}
		}
	}
}
