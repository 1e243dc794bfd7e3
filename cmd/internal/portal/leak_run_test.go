package portal_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
)

// file files the request in a browser and looks at its status.
func (l *leak) file(t *testing.T) uuid.UUID {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	page := b.Get("/stk-nrw/antrag")
	street, house, _ := strings.Cut(seeds["street"], " ")
	for _, typed := range []url.Values{
		{"rights": {"access", "rectification"}}, {"concern-rectification": {seeds["concern"]}}, {"about": {"self"}},
		{"name": {seeds["name"]}, "email": {seeds["mail"]}, "born-day": {"29"}, "born-month": {"03"}, "born-year": {"1951"},
			"street": {street + " " + house}, "zip": {"50667"}, "city": {seeds["city"]}, "phone": {seeds["phone"]}, "more-email": {seeds["second mail"]},
			"former-name": {seeds["former name"]}, "former-address": {seeds["former address"]}, "account": {seeds["account"]}, "iban": {seeds["iban"]},
			"ip": {seeds["network address"]}, "ip-date-day": {"20"}, "ip-date-month": {"11"}, "ip-date-year": {"2025"}, "ip-time": {"10:15"}},
		{"answer": {"portal"}, "consent": {"yes"}}, nil,
	} {
		f := page.Form("")
		maps.Copy(f.Values, typed)
		if page = b.Submit(f); page.Status >= 400 {
			t.Fatalf("%s: got status %d: %s", page.Path, page.Status, page.Text())
		}
	}
	groups := regexp.MustCompile(`\b[0-9A-Z]{5}( [0-9A-Z]{5}){3}\b`).FindString(b.Follow(page).Text())
	code := strings.ReplaceAll(groups, " ", "-")
	var id uuid.UUID
	var number string
	if err := l.db.QueryRow(ctx, "select id, file_number from casefile").Scan(&id, &number); err != nil || code == "" {
		t.Fatalf("no case or no code: %v", err)
	}
	l.found["access code"], l.found["access code without groups"] = code, strings.ReplaceAll(groups, " ", "")
	status := b.Get("/stk-nrw/stand").Form("")
	if page := b.Submit(status.With("number", number).With("code", seeds["wrong access code"])); page.Status < 400 {
		t.Errorf("a wrong code: got status %d", page.Status)
	}
	time.Sleep(1100 * time.Millisecond) // guessing is slowed down
	own := b.Follow(b.Submit(status.With("number", number).With("code", code)))
	if own.Status != http.StatusOK {
		t.Fatalf("own case: got status %d", own.Status)
	}
	l.found["session"] = b.Cookie("__Host-session")
	return id
}

// gather lets every failure happen, then heals the sources.
func (l *leak) gather(t *testing.T, id uuid.UUID) {
	t.Helper()
	l.w.Start(t, id)
	portaltest.Wait(t, "failures", portaltest.Patience, func() (bool, error) {
		asked, _ := l.w.Inquiries(t, id)
		var failed int
		err := l.db.QueryRow(ctx, "select count(*) from river_job where kind = 'system-gather' and cardinality(errors) > 0").Scan(&failed)
		for _, q := range asked {
			if q.State == casefile.Failed {
				failed++
			}
		}
		return failed >= 4, err
	})
	l.healSources(t)
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) {
		l.sql(t, "update river_job set state = 'available', scheduled_at = now() where state = 'retryable'")
		time.Sleep(200 * time.Millisecond)
		return len(l.w.Waiting(t, id)) == 0, nil
	})
}

// answer works the case to its end, with a word at every place for one.
func (l *leak) answer(t *testing.T, id uuid.UUID) {
	t.Helper()
	w, steps, now := l.w, l.h.Steps, l.h.Now
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v %v", err, portaltest.ReasonsOf(err))
		}
	}
	b := l.signIn(t)
	ok(steps.Identification.Ask(ctx, w.Clerk, w.Authority.Land, id, text(seeds["question"]), text(seeds["doubts"]), now()))
	ok(steps.Identification.Answered(ctx, w.Clerk, w.Authority.Land, id, calendar.DateOf(now()), now()))
	l.found["contact code"] = w.ProveEmail(t, id, seeds["mail"])
	o := w.Open(t, id)
	for _, d := range o.Identifiers {
		if d.Kind != person.IPTime && !d.Verified() {
			ok(steps.Identification.Verify(ctx, w.Clerk, id, d.ID, casefile.ByFacts, text(seeds["verified: note"]), now()))
		}
	}
	l.upload(t, b, id, o.Identifiers[0].ID)
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true, Note: text(seeds["unit: note"])})
	w.WaitFor(t, id, casefile.Review)
	ok(steps.Correspondence.Extend(ctx, w.Clerk, w.Authority.Land, id, text(seeds["extension"]), w.Case(t, id).Received, now()))
	if page := b.Get("/desk/vorgang/" + id.String()); page.Status != http.StatusOK || !strings.Contains(page.Text(), seeds["surname"]) {
		t.Errorf("case at the desk: got status %d", page.Status)
	}
	given := 0
	for _, s := range w.Open(t, id).Systems {
		for i, f := range s.Findings {
			given++
			d := disclosure.Decision{Verdict: disclosure.Give}
			switch {
			case !f.Verified: // nothing may be said of it
				d = disclosure.Decision{Verdict: disclosure.NotThisPerson, ForFile: text(seeds["finding: for the file"])}
			case i > 0:
				d = disclosure.Decision{Verdict: disclosure.Withhold, Ground: "NRW-12-2-1", ForFile: text(seeds["finding: for the file"]), ForPerson: text(seeds["finding: for person"]), SilentReason: text(seeds["finding: silent"])}
			}
			w.Decide(t, id, []uuid.UUID{f.ID}, d)
		}
	}
	if given < 4 {
		t.Errorf("only %d findings: this checks little", given)
	}
	w.ConfirmAll(t, id)
	refusal := casefile.RightText{ForFile: text(seeds["right: for the file"]), ForPerson: text(seeds["right: for person"])}
	w.Weigh(t, id, law.Access)
	w.ConfirmLaw(t)
	w.Answer(t, id, law.Rectification, string(law.Rectification), "", "wrong", false)
	for _, right := range []law.Right{law.Access, law.Rectification} {
		if got := w.DecideRight(t, id, right, refusal); !got.Refuses() {
			t.Errorf("%s: got %s, want something refused", right, got)
		}
	}
	l.sql(t, "alter table happening add constraint broken check (kind <> 'gaps-accepted')")
	if err := steps.Review.AcceptGaps(ctx, w.Clerk, id, text(seeds["gaps"]), now()); err == nil {
		t.Error("the database refused a row: got no error")
	} else if portaltest.NewHaystack([]byte(err.Error())).Find(seeds["gaps"]) != "" {
		t.Error("an error quotes a reason")
	}
	l.sql(t, "alter table happening drop constraint broken")
	ok(steps.Review.AcceptGaps(ctx, w.Clerk, id, text(seeds["gaps"]), now()))
	ok(steps.Review.Propose(ctx, w.Clerk, id, text(seeds["proposal"]), now()))
	ok(steps.Review.Return(ctx, w.Approver, id, text(seeds["return"]), now()))
	w.Release(t, id)
	w.WaitForPackage(t, id)
	if letter := w.Fetch(t, id)["Auskunft.html"]; !bytes.Contains(letter, []byte(seeds["right: for person"])) {
		t.Error("the answer lacks what is said to the person: this checks nothing")
	}
}

// tell mails a recipient of data that there is a notice, who reads and answers it.
func (l *leak) tell(t *testing.T, id uuid.UUID) {
	t.Helper()
	w, house, now := l.w, l.h.House, l.h.Now()
	plan := casefile.Plan{ID: uuid.New(), Case: id, Kind: casefile.PlanDecision, MadeAt: now, MadeBy: w.Clerk.ID, FixedAt: now, FixedBy: w.Approver.ID, EndedAt: now}
	n := procedure.Notice{Notice: casefile.Notice{ID: uuid.New(), Plan: plan.ID, Case: id, State: casefile.NoticeOpen, MadeAt: now},
		Text: casefile.NoticeText{Recipient: text(seeds["recipient"]), Source: casefile.FromStaff, Systems: []string{"stk-newsletter"}}}
	err := l.h.DB.InTx(ctx, w.Authority.ID, func(ctx context.Context) error {
		c, err := house.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		m := procedure.Measure{Measure: casefile.Measure{ID: uuid.New(), Plan: plan.ID, Case: id, System: "stk-newsletter", Right: law.Erasure, Do: connector.CanErase,
			State: casefile.Done, ActedAt: now, DoneAt: now}, Text: casefile.MeasureText{Reference: seeds["account"]}}
		return errors.Join(house.Plans.PutPlan(ctx, plan), house.PutMeasures(ctx, c, m), house.PutNotices(ctx, c, n))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.h.Steps.Fulfilment.TellByMail(ctx, w.Clerk, id, n.ID, text(seeds["recipient: mail"]), text(seeds["recipient: notice"]), now); err != nil {
		t.Fatal(err)
	}
	number, code := "", ""
	portaltest.Wait(t, "the mail to the recipient", portaltest.Patience, func() (bool, error) {
		sent, err := l.h.Outbox().List(ctx)
		for _, m := range sent {
			if m.To.Reveal() == seeds["recipient: mail"] {
				number = regexp.MustCompile(`STK-NRW-M-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{5}`).FindString(m.Text)
				code = regexp.MustCompile(`\b[0-9A-Z]{5}(-[0-9A-Z]{5}){3}\b`).FindString(m.Text)
			}
		}
		return number != "" && code != "", err
	})
	l.found["notice: code"], l.found["notice: code without groups"] = code, strings.ReplaceAll(code, "-", "")
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	door := b.Get("/stk-nrw/mitteilung").Form("").With("number", number)
	if page := b.Submit(door.With("code", seeds["wrong access code"])); page.Status < 400 {
		t.Errorf("a wrong code: got status %d", page.Status)
	}
	page := b.Follow(b.Submit(door.With("code", code)))
	if !strings.Contains(page.Text(), seeds["recipient: notice"]) {
		t.Fatalf("the notice: got status %d: this checks nothing", page.Status)
	}
	if done := b.Submit(page.Form("/stk-nrw/mitteilung/lesen").With("said", seeds["recipient: answer"])); done.Status != http.StatusSeeOther {
		t.Errorf("confirmed: got status %d", done.Status)
	}
	l.found["session of a recipient"] = b.Cookie("__Host-session")
}

// signIn comes to the desk after a wrong password, and searches.
func (l *leak) signIn(t *testing.T) *webtest.Browser {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	form := b.Get("/desk/anmelden").Form("/desk/anmelden").With("authority", "stk-nrw").With("name", "Karla Sommer")
	if page := b.Submit(form.With("password", seeds["wrong password"])); page.Status < 400 {
		t.Errorf("a wrong password: got status %d", page.Status)
	}
	time.Sleep(1100 * time.Millisecond) // guessing is slowed down
	desk := b.Follow(b.Submit(form.With("password", seeds["password"])))
	for _, search := range []string{seeds["search"], seeds["mail"]} {
		if page := b.Submit(desk.Form("/desk").With("search", search)); page.Status != http.StatusOK {
			t.Errorf("search: got status %d", page.Status)
		}
	}
	l.found["session of staff"] = b.Cookie("__Host-session")
	return b
}

// upload answers a task at the desk with a file.
func (l *leak) upload(t *testing.T, b *webtest.Browser, id, led uuid.UUID) {
	t.Helper()
	path := "/desk/vorgang/" + id.String()
	csrf := b.Get(path).Form("/desk/abmelden").Values.Get("_csrf")
	asked, _ := l.w.Inquiries(t, id)
	system := ""
	for _, q := range asked {
		if q.State == casefile.WithUnit {
			system = q.System
		}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("_csrf", csrf)
	for name, value := range map[string]string{"task": system, "text": seeds["unit: text"], "note": seeds["unit: note"], "led": led.String()} {
		form.WriteField(name, value)
	}
	part, err := form.CreateFormFile("file", seeds["unit: file name"])
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte(seeds["unit: file"]))
	form.Close()
	if page := b.Do(http.MethodPost, path+"/aufgabe", form.FormDataContentType(), &body); page.Status != http.StatusSeeOther {
		t.Fatalf("upload: got status %d: %s", page.Status, page.Text())
	}
}

// knock comes to every route with personal data where none belongs.
func (l *leak) knock(t *testing.T) {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	b.Header.Set("User-Agent", seeds["request: header"])
	b.Header.Set("Referer", "https://example.org/"+seeds["request: header"])
	n := 0
	for _, r := range l.h.App().Routes() {
		path := regexp.MustCompile(`:\w+|\*`).ReplaceAllString(strings.Replace(r.Path, ":authority", "stk-nrw", 1), seeds["request: path"])
		kind := "application/x-www-form-urlencoded"
		if r.Class == reply.UploadClass {
			kind = "multipart/form-data; boundary=b"
		}
		for _, path := range []string{path, path + "/" + seeds["request: path"]} {
			b.Do(r.Method, path+"?q="+seeds["request: query"]+"&_csrf="+seeds["request: query"], kind, strings.NewReader("name="+seeds["request: body"]))
			n++
		}
	}
	if n < 30 {
		t.Errorf("only %d requests: this checks little", n)
	}
}
