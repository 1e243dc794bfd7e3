package portal_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/mailer"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/web/webtest"
)

// telling is a case whose erasure was carried out, with recipients to tell.
type telling struct {
	t     *testing.T
	h     *portaltest.House
	w     *portaltest.Work
	db    *pgx.Conn // as superuser
	id    uuid.UUID
	at    string // the case's page
	clerk *webtest.Browser
}

// carriedOut lets an erasure be planned, ordered and confirmed, and names recipients.
func carriedOut(t *testing.T, recipients ...string) *telling {
	t.Helper()
	h := portaltest.Start(t, portaltest.Options{Tracer: watcher{}})
	h.Steps.Correspondence.Mail = picky{h.Steps.Correspondence.Mail}
	w := portaltest.NewWork(t, h, "stk-nrw")
	x := &telling{t: t, h: h, w: w, id: erasureByHand(t, h, w), clerk: staffAt(t, h, "Karla Sommer")}
	x.at = "/desk/vorgang/" + x.id.String()
	var err error
	if x.db, err = pgx.Connect(ctx, h.Database.Superuser); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.db.Close(ctx) })
	w.Plan(t, x.id)
	w.Order(t, x.id)
	w.WaitFor(t, x.id, casefile.Fulfilling)
	w.ConfirmTasks(t, x.id)
	w.WaitForPackage(t, x.id)
	plan := x.told().Plans[0]
	for _, name := range recipients {
		if err := h.Steps.Fulfilment.AddRecipient(ctx, w.Clerk, x.id, plan.ID, person.NewText(name), plan.Systems, h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	// Those of the inventory got nothing, so that the task hangs on ours.
	var others []uuid.UUID
	for _, n := range plan.Notices {
		others = append(others, n.ID)
	}
	if err := h.Steps.Fulfilment.RuleOut(ctx, w.Clerk, x.id, others, casefile.NoticeNone, person.NewText("nichts übermittelt"), h.Now()); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *telling) told() fulfilment.Told {
	x.t.Helper()
	told, err := x.h.Steps.Fulfilment.Recipients(ctx, x.w.Clerk, x.id, x.h.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	return told
}

func (x *telling) notice(recipient string) fulfilment.TellingNotice {
	x.t.Helper()
	for _, n := range x.told().Plans[0].Notices {
		if n.Text.Recipient.Reveal() == recipient {
			return n
		}
	}
	x.t.Fatalf("%s is no recipient", recipient)
	return fulfilment.TellingNotice{}
}

// mail tells a recipient by mail, at the desk.
func (x *telling) mail(recipient, address string) {
	x.t.Helper()
	page := x.clerk.Get(x.at + "/empfaenger?empfaenger=" + x.notice(recipient).ID.String())
	send(x.t, x.clerk, page.Form(x.at+"/empfaenger/unterrichten").With("how", "mail").With("mail", address))
}

// got is the latest mail to an address, with what it lets the recipient enter.
func (x *telling) got(address string, n int) (m mailer.Sent, number, code string) {
	x.t.Helper()
	portaltest.Wait(x.t, "the mail to a recipient", portaltest.Patience, func() (bool, error) {
		all, err := x.h.Outbox().List(ctx)
		all = slices.DeleteFunc(all, func(s mailer.Sent) bool { return s.To.Reveal() != address })
		if len(all) == n {
			m = all[0]
		}
		return len(all) == n, err
	})
	number = regexp.MustCompile(`STK-NRW-M-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{5}`).FindString(m.Text)
	code = regexp.MustCompile(`\b[0-9A-Z]{5}(-[0-9A-Z]{5}){3}\b`).FindString(m.Text)
	if number == "" || code == "" {
		x.t.Fatalf("number or code is missing in the mail: %s", m.Text)
	}
	portaltest.Wait(x.t, "that it was mailed is noted", portaltest.Patience, func() (bool, error) {
		var waiting int
		err := x.db.QueryRow(ctx, "select count(*) from river_job where kind = 'notice-mail' and state not in ('completed', 'discarded', 'cancelled')").Scan(&waiting)
		return waiting == 0, err
	})
	return m, number, code
}

// try enters number and code, without a wait for the one before.
func (x *telling) try(a casefile.Authority, number, code string) error {
	x.t.Helper()
	x.h.Move(2 * time.Minute)
	_, _, err := x.h.Steps.Identification.EnterNotice(ctx, a, number, code, uuid.NewString(), x.h.Now())
	return err
}

// asked says whether staff have the task to tell recipients.
func (x *telling) asked() bool {
	x.t.Helper()
	var open bool
	if err := x.db.QueryRow(ctx, "select exists (select from task where case_id = $1 and kind = $2 and done_at is null)", x.id, casefile.TaskNotify).Scan(&open); err != nil {
		x.t.Fatal(err)
	}
	return open
}

func (x *telling) sweep() error {
	x.t.Helper()
	return x.h.Steps.Correspondence.SweepNotices(ctx, x.w.Authority, x.h.Now())
}

// picky is a mail server that knows some addresses not, and is down for others.
type picky struct {
	inner interface {
		Send(ctx context.Context, l correspondence.Letter) error
	}
}

func (p picky) Send(ctx context.Context, l correspondence.Letter) error {
	switch {
	case strings.HasPrefix(l.To.Reveal(), "unbekannt@"):
		return problem.New(problem.Invalid, "mail.refused")
	case strings.HasPrefix(l.To.Reveal(), "stumm@"):
		return problem.New(problem.Unavailable, "mail.unavailable")
	}
	return p.inner.Send(ctx, l)
}

func TestARecipientIsToldByMailFromThePlanToTheConfirmation(t *testing.T) {
	t.Parallel()
	const name, address = "Versandhaus Wunderlich", "datenschutz@wunderlich.example"
	x := carriedOut(t, name)
	if !x.asked() {
		t.Fatal("staff are not asked to tell the recipient")
	}
	erika := x.h.Landscape.Person("erika")
	draft := x.notice(name).Draft.Reveal()
	x.mail(name, address)
	mail, number, code := x.got(address, 1)
	for _, secret := range []string{name, erika.First, erika.Last, x.w.Case(t, x.id).FileNumber, strings.Split(draft, ":")[0], "gelöscht", "Löschung"} {
		if strings.Contains(mail.Subject+mail.Text+mail.HTML, secret) {
			t.Errorf("the mail says %q", secret)
		}
	}
	if !strings.Contains(mail.Text, "/stk-nrw/mitteilung\n") || strings.Contains(mail.HTML, "mitteilung?") || !strings.Contains(mail.Text, "Art. 19 DSGVO") {
		t.Errorf("the mail leads nowhere, or with a parameter: %s", mail.Text)
	}
	if n := x.notice(name); n.State != casefile.NoticeUnderway || n.Text.MailedAt.IsZero() || !n.Text.Code.IsZero() {
		t.Errorf("mailed: got %s, mailed at %s, the code is kept: %t", n.State, n.Text.MailedAt, !n.Text.Code.IsZero())
	}
	if x.asked() {
		t.Error("staff are asked to tell a recipient that has a mail to read")
	}
	if page := x.clerk.Get(x.at + "/empfaenger"); !strings.Contains(page.Text(), "an "+address+" gemailt, noch nicht gelesen") {
		t.Errorf("the desk does not say that it was mailed: %s", page.Text())
	}

	reader := (&webtest.Portal{URL: x.h.Address()}).Browser(t)
	other := casefile.AccessCode([]byte("12345678901234567890"))
	door := func(number, code string) *webtest.Page {
		return reader.Submit(reader.Get("/stk-nrw/mitteilung").Form("").With("number", number).With("code", code))
	}
	if page := door(number, other); page.Status != http.StatusUnprocessableEntity || x.notice(name).State != casefile.NoticeUnderway {
		t.Errorf("a wrong code: got %d", page.Status)
	}
	for what, err := range map[string]error{
		"at another authority": x.try(x.h.Authority(t, "it-nrw"), number, code),
		"as a case": func() error {
			_, err := x.h.Steps.Identification.Enter(ctx, x.w.Authority, number, code, "192.0.2.1", x.h.Now())
			return err
		}(),
	} {
		if !errors.Is(err, problem.Forbidden) {
			t.Errorf("%s: got %v, want it refused", what, err)
		}
	}
	x.h.Move(13 * 24 * time.Hour)
	page := send(t, reader, reader.Get("/stk-nrw/mitteilung").Form("").With("number", number).With("code", code))
	if page.Status != http.StatusOK || !strings.Contains(page.Text(), strings.TrimSpace(draft)) || strings.Contains(page.Text(), erika.Last) {
		t.Errorf("the notice: got %d, want what was done and no name: %s", page.Status, page.Text())
	}
	read := x.notice(name)
	if read.State != casefile.NoticeSent || calendar.DateOf(read.SentAt) != calendar.DateOf(x.h.Now()) {
		t.Errorf("read: got %s at %s", read.State, read.SentAt)
	}
	x.h.Move(25 * 24 * time.Hour) // sessions end
	page = send(t, reader, reader.Get("/stk-nrw/mitteilung").Form("").With("number", number).With("code", code))
	page = send(t, reader, page.Form("/stk-nrw/mitteilung/lesen").With("said", "bei uns auch vernichtet"))
	if !strings.Contains(page.Text(), "Sie haben bestätigt") {
		t.Errorf("confirmed: %s", page.Text())
	}
	staff := staffAt(t, x.h, "Karla Sommer")
	if page := staff.Get(x.at + "/empfaenger"); !strings.Contains(page.Text(), "im Portal gelesen. Bestätigt am") || !strings.Contains(page.Text(), "bei uns auch vernichtet") {
		t.Errorf("the desk does not say that it was read and confirmed: %s", page.Text())
	}
	if page := staff.Get(x.at); !strings.Contains(page.Text(), "Empfänger der Daten") {
		t.Error("the history does not say who read it")
	}
	x.h.Move(6 * 24 * time.Hour)
	if err := x.try(x.w.Authority, number, code); !errors.Is(err, problem.Forbidden) {
		t.Errorf("31 days after it was read: got %v, want it refused", err)
	}
	if err := x.sweep(); err != nil || x.notice(name).State != casefile.NoticeConfirmed || x.asked() {
		t.Errorf("swept: got %v, %s", err, x.notice(name).State)
	}
	for kind, want := range map[string]int{"notice.sent": 1, "notice.answered": 1} {
		var n int
		if err := x.db.QueryRow(ctx, "select count(*) from ledger_entry where case_id = $1 and kind = $2", x.id, kind).Scan(&n); err != nil || n != want {
			t.Errorf("%s: got %d entries, want %d (%v)", kind, n, want, err)
		}
	}
	x.h.Audit(t)
}

func TestAMailedNoticeThatNobodyReadsComesBack(t *testing.T) {
	t.Parallel()
	x := carriedOut(t, "Amt liest nicht", "Amt mit Ratern", "Amt ohne Postfach", "Amt ohne Mailserver", "Amt das wartet", "Amt im Streit")
	returned := func(recipient, why string) {
		t.Helper()
		n := x.notice(recipient)
		if n.State != casefile.NoticeOpen || n.Text.Returned != "recipients.returned."+why || n.Mailed() || !x.asked() {
			t.Errorf("%s: got %s, %q, asked %t, want it open again: %s", recipient, n.State, n.Text.Returned, x.asked(), why)
		}
	}

	x.mail("Amt ohne Postfach", "unbekannt@amt.example")
	portaltest.Wait(t, "the address was refused", portaltest.Patience, func() (bool, error) { return x.notice("Amt ohne Postfach").State == casefile.NoticeOpen, nil })
	returned("Amt ohne Postfach", "refused")
	x.mail("Amt ohne Mailserver", "stumm@amt.example")
	portaltest.Wait(t, "the last attempt", portaltest.Patience, func() (bool, error) {
		_, err := x.db.Exec(ctx, "update river_job set state = 'available', scheduled_at = now() where state = 'retryable' and kind = 'notice-mail'")
		return x.notice("Amt ohne Mailserver").State == casefile.NoticeOpen, err
	})
	returned("Amt ohne Mailserver", "unsent")

	x.mail("Amt mit Ratern", "rater@amt.example")
	_, number, code := x.got("rater@amt.example", 1)
	for range casefile.NoticeAttempts - 1 {
		if err := x.try(x.w.Authority, number, casefile.AccessCode([]byte("12345678901234567890"))); !errors.Is(err, problem.Forbidden) {
			t.Fatalf("a wrong code: got %v", err)
		}
	}
	for range 3 { // what is right costs no attempt
		if err := x.try(x.w.Authority, number, code); err != nil {
			t.Fatalf("the right code before the last attempt: got %v", err)
		}
	}
	if err := x.try(x.w.Authority, number, casefile.AccessCode([]byte("12345678901234567890"))); !errors.Is(err, problem.Forbidden) {
		t.Fatalf("a wrong code: got %v", err)
	}
	if err := x.try(x.w.Authority, number, code); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the right code after the last attempt: got %v, want it refused", err)
	}
	if err := x.sweep(); err != nil {
		t.Fatal(err)
	}
	returned("Amt mit Ratern", "guessed")
	x.mail("Amt mit Ratern", "rater@amt.example")
	_, second, secondCode := x.got("rater@amt.example", 2)
	if err := x.try(x.w.Authority, number, code); second == number || !errors.Is(err, problem.Forbidden) {
		t.Errorf("mailed anew, the old code: got %v, want it refused", err)
	}
	if err := x.try(x.w.Authority, second, secondCode); err != nil {
		t.Errorf("mailed anew: got %v", err)
	}

	x.mail("Amt im Streit", "streit@amt.example")
	_, number, code = x.got("streit@amt.example", 1)
	reader := (&webtest.Portal{URL: x.h.Address()}).Browser(t)
	send(t, reader, reader.Get("/stk-nrw/mitteilung").Form("").With("number", number).With("code", code))
	if err := x.h.Steps.Fulfilment.StopMail(ctx, x.w.Clerk, x.id, x.notice("Amt im Streit").ID, x.h.Now()); !errors.Is(err, problem.Conflict) {
		t.Errorf("stopped after it was read: got %v, want a conflict", err)
	}

	x.mail("Amt liest nicht", "still@amt.example")
	x.mail("Amt das wartet", "wartet@amt.example")
	_, number, code = x.got("still@amt.example", 1)
	x.got("wartet@amt.example", 1)
	page := x.clerk.Get(x.at + "/empfaenger")
	stop := page.Form(x.at + "/empfaenger/anhalten")
	stop.Values.Set("notice", x.notice("Amt das wartet").ID.String())
	stop.Values.Set("form", "anhalten-"+x.notice("Amt das wartet").ID.String())
	send(t, x.clerk, stop)
	returned("Amt das wartet", "stopped")
	x.mail("Amt das wartet", "wartet@amt.example")
	x.got("wartet@amt.example", 2)

	x.h.Move(14 * 24 * time.Hour)
	if err := x.sweep(); err != nil || x.notice("Amt liest nicht").State != casefile.NoticeUnderway {
		t.Errorf("on the last day: got %v, %s, want it left", err, x.notice("Amt liest nicht").State)
	}
	x.h.Move(24 * time.Hour)
	if err := x.try(x.w.Authority, number, code); !errors.Is(err, problem.Forbidden) {
		t.Errorf("after 14 days: got %v, want it refused", err)
	}
	// What can't be opened holds up nobody.
	broken := x.notice("Amt das wartet").ID
	if _, err := x.db.Exec(ctx, "update notice set sealed = '\\x00', made_at = '2000-01-01' where id = $1", broken); err != nil {
		t.Fatal(err)
	}
	if err := x.sweep(); err == nil || !strings.Contains(err.Error(), broken.String()) {
		t.Errorf("one notice is broken: got %v, want to be told which", err)
	}
	var state string
	if err := x.db.QueryRow(ctx, "delete from notice where id = $1 returning state", broken).Scan(&state); err != nil || state != string(casefile.NoticeUnderway) {
		t.Fatalf("the broken one: got %s, %v", state, err)
	}
	returned("Amt liest nicht", "unread")
	if page := staffAt(t, x.h, "Karla Sommer").Get(x.at + "/empfaenger"); !strings.Contains(page.Text(), "nicht in 14 Tagen gelesen") {
		t.Errorf("the desk does not say why it is open again: %s", page.Text())
	}
	x.h.Audit(t)
}

func TestAWrongNoticeCodeAndAnUnknownNumberRunTheSameQueries(t *testing.T) {
	t.Parallel()
	x := carriedOut(t, "Amt")
	x.mail("Amt", "amt@amt.example")
	_, number, _ := x.got("amt@amt.example", 1)
	var known, unknown []string
	for into, number := range map[*[]string]string{&known: number, &unknown: casefile.NoticeNumber("stk-nrw", 2026, []byte("12345678"))} {
		watched := context.WithValue(ctx, watcher{}, into)
		if _, _, err := x.h.Steps.Identification.EnterNotice(watched, x.w.Authority, number, casefile.AccessCode([]byte("12345678901234567890")), uuid.NewString(), x.h.Now()); !errors.Is(err, problem.Forbidden) {
			t.Fatalf("got %v, want it refused", err)
		}
	}
	if len(known) < 4 || !slices.Equal(known, unknown) {
		t.Errorf("a wrong code ran %q,\nan unknown number %q", known, unknown)
	}
}
