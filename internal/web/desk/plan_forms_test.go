package desk_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/fulfilment"
)

func TestWhatEachRoleMayDoToAPlan(t *testing.T) {
	verbs := []string{"plan/entscheiden", "plan/berichtigen", "plan/erstellen", "umsetzen"}
	for _, tt := range []struct {
		role   casefile.Role
		state  casefile.State
		offers []string
	}{
		{casefile.Clerk, casefile.Review, []string{"plan/entscheiden", "plan/berichtigen", "plan/erstellen"}},
		{casefile.Approver, casefile.Review, []string{"plan/entscheiden", "plan/berichtigen", "plan/erstellen"}},
		{casefile.Officer, casefile.Review, nil},
		{casefile.Clerk, casefile.Proposed, nil},
		{casefile.Approver, casefile.Proposed, []string{"umsetzen"}},
		{casefile.Officer, casefile.Proposed, nil},
		{casefile.Clerk, casefile.Fulfilling, []string{"plan/entscheiden"}},
		{casefile.Officer, casefile.Fulfilling, nil},
		{casefile.Clerk, casefile.Ready, nil},
	} {
		t.Run(string(tt.role)+" in "+string(tt.state), func(t *testing.T) {
			h := newOffice(t)
			p := h.planned(t)
			p.shown.Stale = 1
			if tt.state == casefile.Fulfilling || tt.state == casefile.Ready {
				h.fix()
			}
			h.o.Case.State = tt.state
			b := h.desk(t, tt.role)
			page := b.Get(h.path() + "/plan?fund=" + p.shown.Findings[0].ID.String())
			if page.Status != 200 || !strings.Contains(page.Text(), "Bestellung vom 3. März 2026") {
				t.Fatalf("got %d, want the plan", page.Status)
			}
			token := b.Get("/desk").Form("/desk/abmelden").Values.Get("_csrf")
			for _, verb := range verbs {
				offered := strings.Contains(string(page.Body), `action="`+h.path()+"/"+verb+`"`)
				if offered != slices.Contains(tt.offers, verb) {
					t.Errorf("%s is offered: got %t", verb, offered)
				}
				form := url.Values{"_csrf": {token}, "form": {"x"}, "measure": {uuid.NewString()}, "way": {"again"}, "v-email": {"neu"}}
				if sent := b.Post(h.path()+"/"+verb, form); tt.role == casefile.Officer && sent.Status != 403 {
					t.Errorf("%s sent by who only reads: got %d, want 403", verb, sent.Status)
				}
			}
		})
	}
}

func TestSeveralMeasuresAreDecidedAtOnce(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	b := h.desk(t, casefile.Clerk)
	system := h.o.Inventory.Systems[0].ID
	one, two := p.shown.Systems[0].Measures[3].ID, p.shown.Systems[0].Measures[4].ID
	form := b.Get(h.path() + "/plan").Form(h.path() + "/plan/entscheiden")
	for _, tt := range []struct {
		name, field string
		values      url.Values
	}{
		{"no measure", "measure", url.Values{"way": {"leave"}, "for_file": {"wegen <b>Frist</b>"}}},
		{"no way", "way", url.Values{"measure": {one.String()}, "for_file": {"wegen <b>Frist</b>"}}},
		{"no reason for the person", "for_person", url.Values{"measure": {one.String()}, "way": {"leave"}, "for_file": {"wegen <b>Frist</b>"}}},
	} {
		for _, name := range []string{"measure", "way", "for_file"} {
			form.Values[name] = tt.values[name]
		}
		page := b.Submit(form)
		id := "massnahmen-" + system + "-" + tt.field
		for _, want := range []string{`href="#` + id + `"`, `id="` + id + `"`, `id="` + id + `-error"`, "wegen &lt;b&gt;Frist&lt;/b&gt;"} {
			if page.Status != 422 || !strings.Contains(string(page.Body), want) {
				t.Errorf("%s: got %d without %s", tt.name, page.Status, want)
			}
		}
	}
	form = form.With("measure", one.String(), two.String()).With("way", "leave").With("for_person", "Ein Prozess läuft.")
	page := b.Submit(form)
	if to := page.Header.Get("Location"); page.Status != 303 || to != h.path()+"/plan?system="+system+"&seite=1#plan-"+system {
		t.Errorf("got %d to %q, want back to the system", page.Status, to)
	}
	if !slices.Equal(p.decided, []uuid.UUID{one, two}) || p.way != fulfilment.Leave || p.said["person"].Reveal() != "Ein Prozess läuft." || p.said["file"].Reveal() != "wegen <b>Frist</b>" {
		t.Errorf("got %v %s %v", p.decided, p.way, p.said)
	}
}

func TestWhatAPlanRefusesSaysWhereToGo(t *testing.T) {
	court := &casefile.Refusal{Reasons: []casefile.Reason{{Key: "case.guard.residence", Args: []string{"n", "1", "names", "Art. 17 DSGVO"}}}}
	notNow := problem.New(problem.Conflict, "fulfilment.error.not_now")
	for _, tt := range []struct {
		name string
		form string // by the last words of its address
		err  error
		want string
		link string
	}{
		{"measures of another state", "/entscheiden", notNow, "Über diese Maßnahme ist jetzt nichts zu sagen.", "#massnahmen-"},
		{"a court that nobody named", "/entscheiden", court, "muss das richtige Gericht erfahren", "CASE#entscheidung"},
		{"a plan in another state", "/erstellen", problem.New(problem.Conflict, "fulfilment.error.not_planning"), "In diesem Stand des Vorgangs wird nicht geplant.", "#title"},
		{"values of another state", "/berichtigen", problem.New(problem.Conflict, "fulfilment.error.not_planning"), "In diesem Stand des Vorgangs wird nicht geplant.", "#berichtigen"},
		{"a task that is done", "/aufgabe", problem.New(problem.Conflict, "desk.error.task_done"), "Diese Aufgabe ist schon erledigt.", "#title"},
		{"a task that can't be refused yet", "/aufgabe", court, "muss das richtige Gericht erfahren", "CASE#entscheidung"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			p := h.planned(t)
			b := h.desk(t, casefile.Clerk)
			at, action := h.path()+"/plan?fund="+p.shown.Findings[0].ID.String(), h.path()+"/plan"+tt.form
			switch tt.form {
			case "/aufgabe":
				h.fix()
				at = h.path() + "/plan/aufgabe/" + h.o.Inventory.Systems[0].ID
				action = at
			case "/erstellen":
				p.shown.Stale = 1
			}
			form := b.Get(at).Form(action).With("measure", uuid.NewString()).With("way", "again").With("v-email", "neu").With("done", "no").With("statement", "Der Band ist versiegelt")
			p.refuse, p.shown.Stale = tt.err, 0
			if tt.link == "#title" {
				p.shown.Systems = nil
			}
			page := b.Submit(form)
			if page.Status != 409 || !strings.Contains(page.Text(), tt.want) {
				t.Errorf("got %d %s", page.Status, page.Text())
			}
			link := strings.Replace(tt.link, "CASE", h.path(), 1)
			if !slices.ContainsFunc(page.Links(), func(l string) bool { return strings.HasPrefix(l, link) }) {
				t.Errorf("nothing leads to %s: %v", link, page.Links())
			}
			if lost := leadsNowhere(page); len(lost) > 0 {
				t.Errorf("leads nowhere: %v", lost)
			}
		})
	}
}

func TestABigPlanIsTurnedPageByPage(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	s := fulfilment.System{System: h.o.Inventory.Systems[1]}
	for i := range 50 {
		m := h.measure(s.ID, casefile.Asks)
		m.Text.Label = fmt.Sprintf("Bestellung Nr. %d.", i+1)
		s.Measures = append(s.Measures, m)
	}
	p.shown.Systems[1] = s
	b := h.desk(t, casefile.Clerk)
	page := b.Get(h.path() + "/plan?system=" + s.ID + "&seite=3")
	for label, want := range map[string]bool{"Bestellung Nr. 40.": false, "Bestellung Nr. 41.": true, "Bestellung Nr. 50.": true} {
		if strings.Contains(page.Text(), label) != want {
			t.Errorf("page three shows %s: got %t", label, !want)
		}
	}
	back := h.path() + "/plan?system=" + s.ID + "&seite=2#plan-" + s.ID
	if !slices.Contains(page.Links(), back) {
		t.Errorf("nothing leads back to %s: %v", back, page.Links())
	}
	id := "massnahmen-" + s.ID
	every := regexp.MustCompile(`id="` + id + `"(?s:.*?)name="every" value="([^"]*)"`).FindSubmatch(page.Body)
	if every == nil {
		t.Fatal("those on other pages can't be decided about at once")
	}
	values := url.Values{"_csrf": page.Form(h.path() + "/plan/entscheiden").Values["_csrf"], "form": {id}, "system": {s.ID}, "every": {string(every[1])}, "measure": {"every"}, "way": {"again"}}
	if sent := b.Post(h.path()+"/plan/entscheiden", values); sent.Status != 303 || len(p.decided) != 50 {
		t.Errorf("got %d with %d measures, want all 50", sent.Status, len(p.decided))
	}
}

func TestOnlyWhatIsWrongIsCorrected(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	p.shown.Findings[1].Decision.Verdict = disclosure.NotThisPerson
	b := h.desk(t, casefile.Clerk)
	list := b.Get(h.path() + "/plan")
	finding := p.shown.Findings[0].ID
	open := h.path() + "/plan?system=berichtigung&seite=1&fund=" + finding.String() + "#berichtigen"
	if !slices.Contains(list.Links(), open) || strings.Contains(string(list.Body), p.shown.Findings[1].ID.String()) {
		t.Fatalf("want the person's record and nobody else's: %v", list.Links())
	}
	page := b.Get(open)
	body := string(page.Body)
	for _, never := range []string{`name="v-password"`, "$2y$10$abc"} {
		if strings.Contains(body, never) {
			t.Errorf("the form shows %s", never)
		}
	}
	form := page.Form(h.path() + "/plan/berichtigen")
	if refused := b.Submit(form); refused.Status != 422 || !strings.Contains(string(refused.Body), `href="#berichtigen-values"`) || !strings.Contains(string(refused.Body), `id="berichtigen-values"`) {
		t.Errorf("nothing filled in: got %d, want an error at the first field", refused.Status)
	}
	if sent := b.Submit(form.With("v-email", " neu@example.org ").With("empty", "x17")); sent.Status != 303 || !strings.HasSuffix(sent.Header.Get("Location"), "/plan#berichtigung") {
		t.Errorf("got %d to %q", sent.Status, sent.Header.Get("Location"))
	}
	empty, emptied := p.said["x17"]
	if len(p.said) != 2 || p.said["email"].Reveal() != "neu@example.org" || !emptied || !empty.IsZero() || !slices.Equal(p.decided, []uuid.UUID{finding}) {
		t.Errorf("got %d values of %v, want the one typed and the one emptied", len(p.said), p.decided)
	}

	m := &p.shown.Systems[0].Measures[10]
	m.Finding, m.Text.Values = finding, words("email", "neu@example.org", "x17", "")
	body = string(b.Get(open).Body)
	for _, kept := range []string{`value="neu@example.org"`, `value="x17" checked`} {
		if !strings.Contains(body, kept) {
			t.Errorf("what was planned is gone from the form: %s", kept)
		}
	}
}

func TestAUnitSaysWhatItDid(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	system := h.o.Inventory.Systems[0]
	path := h.path() + "/plan/aufgabe/" + system.ID
	b := h.desk(t, casefile.Clerk)
	if page := b.Get(path); !strings.Contains(page.Text(), "erst, wenn der Plan freigegeben ist") || strings.Contains(string(page.Body), `action="`+path+`"`) {
		t.Error("before the plan is fixed it can be answered")
	}
	h.fix()
	page := b.Get(path)
	for _, want := range []string{"Von Hand ändern: " + system.Name, "Löschen Sie die genannten Daten", "Tragen Sie die richtigen Werte ein", "E-Mail erika@example.org neu@example.org", "orders/4711"} {
		if !strings.Contains(spoken(page), want) {
			t.Errorf("the task lacks %q", want)
		}
	}
	if strings.Contains(page.Text(), "Braucht Ihr Wort") || strings.Contains(page.Text(), "Geplant") {
		t.Error("the task names what is none of the unit's")
	}
	form := page.Form(path)
	for _, tt := range []struct {
		name, done, statement string
		status                int
		want                  string
	}{
		{"whether is missing", "", "Kartei vernichtet", 422, `id="erledigt-done-error"`},
		{"the statement is missing", "yes", "", 422, `id="erledigt-statement-error"`},
		{"done", "yes", "Kartei vernichtet", 303, "confirm " + system.ID + " true"},
		{"not possible", "no", "Der Band ist versiegelt", 303, "confirm " + system.ID + " false"},
	} {
		h.calls = nil
		page := b.Submit(form.With("done", tt.done).With("statement", tt.statement))
		if page.Status != tt.status || tt.status == 422 && (!strings.Contains(string(page.Body), tt.want) || !strings.Contains(string(page.Body), tt.statement)) || tt.status == 303 && !slices.Equal(h.calls, []string{tt.want}) {
			t.Errorf("%s: got %d, steps %v", tt.name, page.Status, h.calls)
		}
	}
	if got := p.said["statement"].Reveal(); got != "Der Band ist versiegelt" {
		t.Errorf("statement: got %q", got)
	}
	if page := h.desk(t, casefile.Approver).Get(path); page.Status != 200 || strings.Contains(string(page.Body), `action="`+path+`"`) || !strings.Contains(page.Text(), "die Rolle Sachbearbeitung") {
		t.Error("who may not answer is offered the form, or not told who may")
	}
	if page := b.Get(h.path() + "/plan/aufgabe/" + h.o.Inventory.Systems[4].ID); page.Status != 200 || !strings.Contains(page.Text(), "Hier ist nichts von Hand zu tun") {
		t.Errorf("a system without a task: got %d", page.Status)
	}
	if page := b.Get(h.path() + "/plan/aufgabe/nichts"); page.Status != 404 {
		t.Errorf("no such system: got %d, want 404", page.Status)
	}
}
