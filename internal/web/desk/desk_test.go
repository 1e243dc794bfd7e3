package desk_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/web"
	"einsicht/internal/web/desk"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
	"einsicht/internal/wording"
)

func TestEveryPageSpeaksInWholeSentences(t *testing.T) {
	bracket := regexp.MustCompile(`\[[a-z]+\.[a-z._+-]+\]`)
	for _, lang := range wording.Languages {
		for _, role := range casefile.StaffRoles {
			for _, state := range casefile.States {
				h := newOffice(t)
				h.o.Case.State = state
				b := h.desk(t, role)
				b.Header.Set("Accept-Language", string(lang))
				for _, path := range []string{"/desk", "/desk/aufgaben", "/desk/verzeichnis", h.path(), h.path() + "/stand"} {
					page := b.Get(path)
					if missing := bracket.FindAllString(string(page.Body), -1); len(missing) > 0 {
						t.Errorf("%s %s %s %s: sentences missing: %v", lang, role, state, path, missing)
					}
				}
			}
		}
	}
}

func TestEveryWordOfTheCaseHasASentence(t *testing.T) {
	var keys []string
	for _, s := range casefile.States {
		keys = append(keys, "case.state."+string(s), "case.next."+string(s), "desk.next."+string(s))
	}
	for _, s := range casefile.Table {
		keys = append(keys, "case.event."+string(s.Event))
	}
	for _, r := range law.Rights {
		keys = append(keys, "case.right."+string(r), "case.article."+string(r))
	}
	for _, r := range casefile.StaffRoles {
		keys = append(keys, "case.role."+string(r))
	}
	for _, w := range casefile.VerifiedWays {
		keys = append(keys, "case.how."+string(w))
	}
	for _, r := range law.Regimes {
		keys = append(keys, "desk.regime."+string(r))
	}
	for _, key := range keys {
		if !wording.Has(key) {
			t.Errorf("%s has no sentence", key)
		}
	}
}

func TestEveryFormNeedsItsToken(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	n := 0
	for _, r := range desk.Routes(h.deps()) {
		if r.Method != http.MethodPost {
			continue
		}
		n++
		path := strings.NewReplacer(":id", h.o.Case.ID.String(), ":token", "abc", ":system", "x").Replace(r.Path)
		kind, body := "application/x-www-form-urlencoded", "note=x"
		if r.Class == reply.UploadClass {
			kind, body = "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n--b--\r\n"
		}
		if page := b.Do(http.MethodPost, path, kind, strings.NewReader(body)); page.Status != 403 {
			t.Errorf("%s without a token: got status %d, want 403", r.Path, page.Status)
		}
	}
	if n < 15 || len(h.calls) > 0 {
		t.Errorf("%d forms seen, steps called: %v; want all forms and no call", n, h.calls)
	}
}

func TestNobodyComesInUnsigned(t *testing.T) {
	h := newOffice(t)
	portal := webtest.Start(t, web.Deps{Routes: desk.Routes(h.deps())})
	for _, r := range desk.Routes(h.deps()) {
		if r.Method != http.MethodGet || r.Auth == reply.Public {
			continue
		}
		path := strings.ReplaceAll(r.Path, ":id", h.o.Case.ID.String())
		page := portal.Browser(t).Get(path)
		if page.Status != 303 || page.Header.Get("Location") != "/desk/anmelden" {
			t.Errorf("%s: got %d to %q, want the sign-in page", path, page.Status, page.Header.Get("Location"))
		}
	}
	if h.opened > 0 {
		t.Error("a case was opened for nobody")
	}
}

func TestSigningInRenewsTheSessionAndTellsNothing(t *testing.T) {
	h := newOffice(t)
	b := webtest.Start(t, web.Deps{Routes: desk.Routes(h.deps())}).Browser(t)
	form := b.Get("/desk/anmelden").Form("/desk/anmelden")
	texts := map[string]string{}
	for _, tt := range []struct{ name, authority, who, password string }{
		{"wrong password", "stk-nrw", "Carla Klee", "falsch"},
		{"unknown name", "stk-nrw", "Carla Klee", ""},
		{"unknown authority", "anderswo", "Carla Klee", "richtig"},
	} {
		page := b.Submit(form.With("authority", tt.authority).With("name", tt.who).With("password", tt.password))
		if page.Status != 422 || !strings.HasPrefix(page.Title(), "Fehler: ") {
			t.Errorf("%s: got %d %q, want 422 and a title that says so", tt.name, page.Status, page.Title())
		}
		if strings.Contains(string(page.Body), "richtig") || !strings.Contains(string(page.Body), `value="Carla Klee"`) {
			t.Errorf("%s: the name should stay and the password should not", tt.name)
		}
		texts[strings.ReplaceAll(page.Text(), "Bitte wählen", "")] = tt.name
	}
	if len(texts) != 1 {
		t.Errorf("%d different answers, want one: %v", len(texts), texts)
	}
	if page := b.Submit(form.With("name", "zu oft")); page.Status != 429 || !strings.Contains(page.Text(), "30 Sekunden") {
		t.Errorf("throttled: got %d", page.Status)
	}
	again := b.Get("/desk/anmelden").Form("/desk/anmelden").With("authority", "stk-nrw").With("name", "Carla Klee").With("password", "richtig")
	b.Submit(again)
	first := b.Cookie("__Host-session")
	if b.Submit(again); b.Cookie("__Host-session") == first || first == "" {
		t.Error("each sign-in should give the session a new id")
	}
	page := b.Submit(b.Get("/desk").Form("/desk/abmelden"))
	if page.Status != 303 || b.Cookie("__Host-session") != "" {
		t.Error("signing out should end the session")
	}
}

func TestADisabledAccountOpensNothingAnyMore(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	gone := h.staff[casefile.Clerk]
	gone.Disabled = true
	h.staff[casefile.Clerk] = gone
	if page := b.Get(h.path()); page.Status != 303 || h.opened > 0 {
		t.Errorf("got %d with the case opened %d times, want the sign-in page", page.Status, h.opened)
	}
}

func TestAnInvitationSetsAPassword(t *testing.T) {
	h := newOffice(t)
	b := webtest.Start(t, web.Deps{Routes: desk.Routes(h.deps())}).Browser(t)
	form := b.Get("/desk/einladung/abc").Form("")
	for _, tt := range []struct {
		name, password, again string
		status                int
	}{
		{"two different", "ein Boot, drei Möwen", "ein Boot", 422},
		{"too short", "x7!q", "x7!q", 422},
		{"good", "ein Boot, drei Möwen", "ein Boot, drei Möwen", 303},
	} {
		page := b.Submit(form.With("password", tt.password).With("again", tt.again))
		if page.Status != tt.status || strings.Contains(string(page.Body), tt.password) {
			t.Errorf("%s: got %d, want %d and no password in the page", tt.name, page.Status, tt.status)
		}
	}
	if !slices.Equal(h.calls, []string{"accept"}) {
		t.Errorf("calls: got %v", h.calls)
	}
	if page := b.Get("/desk/einladung/used"); page.Status != 404 || !strings.Contains(page.Text(), "24 Stunden") {
		t.Errorf("a link that is used up: got %d", page.Status)
	}
}

func TestTheListShowsTheUrgentFirstAndFilters(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	page := b.Get("/desk")
	for _, want := range []string{"Jürgen Groß", "Erika Mustermann", "Überfällig", "seit 7 Tagen überfällig", "Frist ruht", "seit 16.11.2026", "Auskunft"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	red := b.Get("/desk?ampel=rot").Text()
	if !strings.Contains(red, "Jürgen Groß") || strings.Contains(red, "Erika Mustermann") {
		t.Error("the filter for overdue cases shows the wrong ones")
	}
}

func TestASearchTextStandsInNoAddress(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	form := b.Get("/desk").Form("/desk")
	page := b.Submit(form.With("search", "Mustermann"))
	if page.Status != 200 || h.searched != "Mustermann" {
		t.Fatalf("got %d, searched %q: want the list itself as the answer", page.Status, h.searched)
	}
	for _, link := range page.Links() {
		if strings.Contains(link, "Mustermann") {
			t.Errorf("the link %s carries the search text", link)
		}
	}
	for _, r := range desk.Routes(h.deps()) {
		if r.Path == "/desk" && r.Method == http.MethodPost {
			return
		}
	}
	t.Error("the search is no POST")
}

func TestWhatEachRoleIsOffered(t *testing.T) {
	tests := []struct {
		role          casefile.Role
		state         casefile.State
		offers, hides []string
	}{
		{casefile.Clerk, casefile.Review, []string{"sammel", "pruefen", "fragen", "verlaengern", "aufgabe", "befragen", "luecken"}, []string{"freigeben", "zurueckgeben"}},
		{casefile.Approver, casefile.Review, []string{"sammel"}, []string{"pruefen", "befragen", "verlaengern", "aufgabe", "freigeben"}},
		{casefile.Approver, casefile.Proposed, []string{"freigeben", "zurueckgeben"}, []string{"fund", "recht"}},
		{casefile.Clerk, casefile.Proposed, nil, []string{"freigeben", "zurueckgeben", "fund", "recht"}},
		{casefile.Officer, casefile.Review, nil, []string{"fund", "recht", "pruefen", "befragen", "verlaengern", "aufgabe", "freigeben", "fragen"}},
		{casefile.Officer, casefile.Proposed, nil, []string{"freigeben", "zurueckgeben"}},
	}
	for _, tt := range tests {
		t.Run(string(tt.role)+" in "+string(tt.state), func(t *testing.T) {
			h := newOffice(t)
			h.o.Case.State = tt.state
			if tt.state == casefile.Proposed {
				h.o.Blocked = map[casefile.Event][]casefile.Reason{casefile.Release: nil, casefile.Return: nil}
			}
			body := string(h.desk(t, tt.role).Get(h.path()).Body)
			for _, verb := range tt.offers {
				if !strings.Contains(body, `action="`+h.path()+`/`+verb+`"`) {
					t.Errorf("%s is not offered", verb)
				}
			}
			for _, verb := range tt.hides {
				if strings.Contains(body, `action="`+h.path()+`/`+verb+`"`) {
					t.Errorf("%s is offered", verb)
				}
			}
		})
	}
}

func TestOperationsSeeNoCase(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Operator)
	if page := b.Get("/desk"); page.Status != 200 || strings.Contains(page.Text(), "Mustermann") {
		t.Errorf("the list: got %d with or without names, want 200 without", page.Status)
	}
	if page := b.Get(h.path()); page.Status != 403 || h.opened > 0 {
		t.Errorf("a case: got %d, opened %d times, want 403", page.Status, h.opened)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	for _, path := range []string{"/desk/vorgang/" + uuid.NewString(), "/desk/vorgang/nichts", "/desk/vorgang/" + uuid.NewString() + "/stand", h.path() + "/paket"} {
		if page := b.Get(path); page.Status != 404 {
			t.Errorf("%s: got %d, want 404", path, page.Status)
		}
	}
}

func TestARefusalSaysEveryReason(t *testing.T) {
	h := newOffice(t)
	h.o.Blocked[casefile.Propose] = nil
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path())
	form := page.Form(h.path()+"/vorlegen").With("note", "bitte heute")
	for _, tt := range []struct {
		name   string
		err    error
		status int
		want   []string
	}{
		{"guards", &casefile.Refusal{Reasons: []casefile.Reason{
			{Key: "case.guard.findings", Args: []string{"n", "3", "names", ""}}, {Key: "case.guard.inferred", Args: []string{"n", "1", "names", h.o.Inventory.Systems[0].ID}},
		}}, 409, []string{"Funde ohne Entscheidung: 3", "nur erschlossen ist: " + h.o.Inventory.Systems[0].Name}},
		{"the state", problem.New(problem.Conflict, "case.not_now", "state", "review", "event", "propose"), 409, []string{"„Zur Freigabe vorlegen“ bei „In Entscheidung“"}},
		{"the policy", problem.New(problem.Forbidden, "permission.refused"), 403, []string{"nicht berechtigt"}},
	} {
		h.refuse = tt.err
		page := b.Submit(form)
		if page.Status != tt.status || !strings.HasPrefix(page.Title(), "Fehler: ") {
			t.Errorf("%s: got %d %q, want %d", tt.name, page.Status, page.Title(), tt.status)
		}
		for _, want := range tt.want {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s: the page lacks %q", tt.name, want)
			}
		}
	}
	h.refuse = nil
	if page := b.Submit(form); page.Status != 303 || !slices.Contains(h.calls, "propose") {
		t.Errorf("allowed: got %d, calls %v", page.Status, h.calls)
	}
}

func TestTheNextStepSaysWhatIsMissing(t *testing.T) {
	h := newOffice(t)
	text := h.desk(t, casefile.Clerk).Get(h.path()).Text()
	for _, want := range []string{"„Zur Freigabe vorlegen“ geht noch nicht", "Funde ohne Entscheidung: 2", "haben nicht geantwortet: " + h.o.Inventory.Systems[2].Name} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestTheNextStepSaysWhatCantWaitForTheDecision(t *testing.T) {
	for name, c := range map[string]struct {
		right   law.Right
		asked   bool
		outcome casefile.Outcome
		want    string // nothing: it says nothing of it
	}{
		"a doubt, and it is asked that data rest": {law.Rectification, true, casefile.Undecided, "solange die Richtigkeit geprüft wird"},
		"a doubt alone":                {law.Rectification, false, casefile.Undecided, ""},
		"an objection that is decided": {law.Objection, true, casefile.Granted, ""},
		"a consent that was withdrawn": {law.ConsentWithdrawal, false, casefile.Undecided, "wird sofort eingestellt"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Rights[0].Right.Right, h.o.Rights[0].Outcome = c.right, c.outcome
			h.o.Request.Meanwhile = map[law.Right]bool{c.right: c.asked}
			text := h.desk(t, casefile.Clerk).Get(h.path()).Text()
			if c.want == "" && (strings.Contains(text, "solange") || strings.Contains(text, "sofort eingestellt")) || !strings.Contains(text, c.want) {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

func TestNothingTypedIsLost(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	id := h.o.Systems[0].Findings[0].ID.String()
	values := url.Values{"form": {"fund-" + id}, "finding": {id}, "verdict": {"give"}, "black": {"email"}, "show": {"companion"}, "for_person": {"wegen <b>Müller</b>"}, "silent": {"still"}}
	page := b.Get(h.path())
	values.Set("_csrf", page.Form("").Values.Get("_csrf"))
	page = b.Post(h.path()+"/fund", values)
	if page.Status != 422 {
		t.Fatalf("a blacked-out field without a reason for the file: got %d, want 422", page.Status)
	}
	for _, f := range []string{"fund-" + id} {
		body := string(page.Body)
		for _, want := range []string{
			`href="#` + f + `-for_file"`, `id="` + f + `-for_file-error"`, "wegen &lt;b&gt;Müller&lt;/b&gt;", ">still<",
			`value="email" checked`, `value="companion" checked`, `id="` + f + `-fold" open`, `id="system-` + h.o.Systems[0].ID + `"`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
	}
	values.Set("for_file", "Art. 15 Abs. 4")
	values.Set("system", h.o.Systems[0].ID)
	page = b.Post(h.path()+"/fund", values)
	if to := page.Header.Get("Location"); page.Status != 303 || !strings.HasSuffix(to, "#record-"+id) || strings.Contains(to, "M") && strings.Contains(to, "ller") {
		t.Errorf("complete: got %d to %q, want back to the record", page.Status, to)
	}
	want := map[string]disclosure.FieldVerdict{"email": {BlackOut: true}, "companion": {}}
	if got := h.decision.Fields; len(got) != 2 || got["email"].BlackOut != want["email"].BlackOut || got["companion"].BlackOut || h.decision.Verdict != disclosure.Give {
		t.Errorf("decision: got %v %v", h.decision.Verdict, got)
	}

	form := b.Get(h.path()).Form(h.path()+"/verlaengern").With("on-day", "31").With("on-month", "2").With("reasons", "viele Anträge")
	page = b.Submit(form)
	if page.Status != 422 || !strings.Contains(string(page.Body), "viele Anträge") || !strings.Contains(string(page.Body), `value="31"`) {
		t.Errorf("a day that does not exist: got %d, or what was typed is gone", page.Status)
	}
}

func TestASearchTermIsTakenUpByTheFindingThatNamesIt(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	form := b.Get(h.path()).Form(h.path()+"/hinweis").With("note", "dieselbe Bestellung")
	for _, sent := range form.Values {
		if strings.Contains(strings.Join(sent, " "), "1234567") {
			t.Error("the form carries the number itself")
		}
	}
	if page := b.Submit(form); page.Status != 303 || !slices.Equal(h.calls, []string{"take up 0"}) {
		t.Errorf("got %d, calls %v", page.Status, h.calls)
	}
}

func TestANewCodeIsShownForALetterOnly(t *testing.T) {
	for _, tt := range []struct {
		name, to string
		status   int
		shown    bool
	}{
		{"by letter", "letter", 200, true},
		{"to a verified contact", "contact", 303, false},
		{"nowhere", "", 422, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			b := h.desk(t, casefile.Clerk)
			to := tt.to
			if to == "contact" {
				to = h.o.Identifiers[0].ID.String()
			}
			page := b.Submit(b.Get(h.path()).Form(h.path()+"/zugangscode").With("contact", to))
			if page.Status != tt.status || strings.Contains(page.Text(), "AAAAA") != tt.shown {
				t.Errorf("got %d, code shown: %v", page.Status, !tt.shown)
			}
		})
	}
}

func TestAllAtOnceGivesOnlyWhatIsSure(t *testing.T) {
	h := newOffice(t)
	h.o.Systems[0].Findings[0].Record.Fields[4].Unmapped = false
	b := h.desk(t, casefile.Clerk)
	page := b.Submit(b.Get(h.path()).Form(h.path() + "/sammel"))
	if page.Status != 303 || len(h.findings) != 1 || h.findings[0] != h.o.Systems[0].Findings[0].ID || h.decision.Verdict != disclosure.Give {
		t.Errorf("got %d, %v %s, want the verified finding only", page.Status, h.findings, h.decision.Verdict)
	}
}

func TestAUnitAnswersWithAFile(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	form := b.Get(h.path()).Form(h.path() + "/aufgabe")
	led := h.o.Identifiers[0].ID.String()
	send := func(file []byte) *webtest.Page {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("_csrf", form.Values.Get("_csrf"))
		_ = w.WriteField("form", form.Values.Get("form"))
		_ = w.WriteField("task", form.Values.Get("task"))
		_ = w.WriteField("led", led)
		_ = w.WriteField("note", "Ordner 7")
		f, _ := w.CreateFormFile("file", "Liste.pdf")
		_, _ = f.Write(file)
		_ = w.Close()
		return b.Do(http.MethodPost, form.Action, w.FormDataContentType(), &body)
	}
	page := send([]byte("%PDF"))
	if page.Status != 303 || string(h.answer.File.Content) != "%PDF" || h.answer.File.Name.Reveal() != "Liste.pdf" || len(h.answer.Led) != 1 || h.answer.Note.Reveal() != "Ordner 7" {
		t.Errorf("got %d and %d bytes", page.Status, len(h.answer.File.Content))
	}
	h.refuse = problem.New(problem.Conflict, "desk.error.task_done")
	if page := send([]byte("%PDF")); page.Status != 409 || !strings.Contains(string(page.Body), "Ordner 7") || !strings.Contains(page.Text(), "schon erledigt") {
		t.Errorf("refused: got %d, or the note is gone", page.Status)
	}
	large := problem.New(problem.Invalid, "desk.error.form")
	large.Fields = map[string]string{"file": "desk.error.file_too_large"}
	h.refuse = large
	page = send(make([]byte, 40<<20))
	if got := len(h.answer.File.Content); got != gathering.MaxUpload+1 {
		t.Errorf("a file of 40 MiB: got %d bytes, want one more than allowed", got)
	}
	if page.Status != 422 || !strings.Contains(string(page.Body), "Ordner 7") || !strings.Contains(page.Text(), "größer als 8 MiB") {
		t.Errorf("a file of 40 MiB: got %d, or the note is gone, or nothing is said: %s", page.Status, page.TextOf("h2"))
	}
}

func TestTheProgressPageOpensNoCase(t *testing.T) {
	h := newOffice(t)
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path() + "/stand")
	if page.Status != 200 || h.opened > 0 || strings.Contains(page.Text(), "Mustermann") {
		t.Errorf("got %d, opened %d: want progress without names", page.Status, h.opened)
	}
	if !strings.Contains(string(page.Body), `hx-get="`+h.path()+`/stand"`) {
		t.Error("while a machine asks, the region should look again by itself")
	}
	h.o.Systems[4].Inquiry.State = casefile.FoundNothing
	if strings.Contains(string(b.Get(h.path()+"/stand").Body), "hx-get") {
		t.Error("once nothing runs the region should stop looking")
	}
}

func TestTheOfficerConfirmsWhatWasInferred(t *testing.T) {
	h := newOffice(t)
	system := ""
	for _, s := range h.o.Inventory.Systems {
		if len(s.ToConfirm()) > 0 {
			system = s.ID
			break
		}
	}
	action := "/desk/verzeichnis/" + system + "/bestaetigen"
	if body := string(h.desk(t, casefile.Clerk).Get("/desk/verzeichnis").Body); strings.Contains(body, action) {
		t.Error("a clerk is offered to confirm")
	}
	b := h.desk(t, casefile.Officer)
	page := b.Submit(b.Get("/desk/verzeichnis").Form(action))
	text := b.Get("/desk/verzeichnis").Text()
	if page.Status != 303 || !strings.Contains(text, "Dora Rat, 23.11.2026") {
		t.Errorf("got %d, and who confirmed when is not shown", page.Status)
	}
}
