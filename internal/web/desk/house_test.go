package desk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/login"
	"einsicht/internal/permission"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web"
	"einsicht/internal/web/desk"
	"einsicht/internal/web/webtest"
)

// office is an authority with staff and one case, and steps that remember what
// they were asked and refuse what the test tells them to refuse.
type office struct {
	authority casefile.Authority
	staff     map[casefile.Role]login.Staff
	o         review.Opened
	refuse    error
	calls     []string
	opened    int
	searched  string
	decision  disclosure.Decision
	findings  []uuid.UUID
	answer    gathering.ManualAnswer
	policy    *permission.Policy
	tasks     []casefile.Task
	confirmed map[string][]procedure.Confirmation
	exams     *exams
	plans     *plans
	mail      []correspondence.Written
	question  identification.Question
	drafted   letter.Letter
	lacks     []string
	direct    delivery.Direct
	waiting   []oversight.Waiting
}

var received = time.Date(2026, 11, 16, 9, 30, 0, 0, time.UTC)

func newOffice(t testing.TB) *office {
	t.Helper()
	policy, err := permission.New()
	if err != nil {
		t.Fatal(err)
	}
	h := &office{
		authority: casefile.Authority{ID: uuid.New(), Slug: "stk-nrw", Name: "Staatskanzlei NRW", Land: calendar.NW},
		staff:     map[casefile.Role]login.Staff{}, policy: policy, confirmed: map[string][]procedure.Confirmation{},
	}
	for i, role := range casefile.StaffRoles {
		name := []string{"Carla Klee", "Anton Frei", "Dora Rat", "Bernd Strom"}[i]
		h.staff[role] = login.Staff{ID: uuid.New(), Authority: h.authority.ID, Name: name, Role: role}
	}
	h.o = h.erika(t)
	h.exams = newExams(h)
	h.plans = &plans{h: h}
	return h
}

// erika is a case in review: a record found over a verified address, one found
// over a name only, a system with its unit, one that failed.
func (h *office) erika(t testing.TB) review.Opened {
	t.Helper()
	var inv inventory.Inventory
	for _, shipped := range inventory.Shipped() {
		if shipped.Authority.ID == "stk-nrw" {
			inv = shipped
		}
	}
	id, clerk := uuid.New(), h.staff[casefile.Clerk].ID
	c := casefile.Case{ID: id, Authority: h.authority.ID, FileNumber: "STK-NRW-2026-7K3M-Q9TZ4", State: casefile.Review, ReceivedAt: received, Received: calendar.DateOf(received)}
	reckoning, err := c.Reckon(calendar.NW, nil)
	if err != nil {
		t.Fatal(err)
	}
	mail := casefile.Identifier{ID: uuid.New(), Case: id, Kind: person.Email, Value: person.NewText("erika@example.org"), Typed: true, VerifiedAt: received.Add(time.Hour), VerifiedBy: clerk, How: casefile.ByContact, Note: person.NewText("Code eingegeben")}
	name := casefile.Identifier{ID: uuid.New(), Case: id, Kind: person.Name, Value: person.NewText("Erika Mustermann"), Typed: true}
	o := review.Opened{
		Case: c, Reckoning: reckoning, Inventory: inv, Identifiers: []casefile.Identifier{mail, name}, Hidden: 2,
		Request: casefile.Request{Lang: "de", About: casefile.Self, Name: person.NewText("Erika Mustermann"), Email: person.NewText("erika@example.org"), Answer: casefile.ByPortal,
			Concerns: map[law.Right]person.Text{law.Access: person.NewText("Welche Veranstaltungen haben Sie von mir gespeichert?")}, Consent: casefile.Consent{Given: true, At: received}},
		Rights: []review.Right{{Right: casefile.Right{Right: law.Access, Due: c.Due}}, {Right: casefile.Right{Right: law.Rectification, Due: c.Due}}},
		Blocked: map[casefile.Event][]casefile.Reason{
			casefile.Gather: nil, casefile.Withdraw: nil, casefile.GiveUp: {{Key: "case.guard.identified", Args: []string{"n", "1", "names", ""}}},
			casefile.Propose: {{Key: "case.guard.findings", Args: []string{"n", "2", "names", ""}}, {Key: "case.guard.partial", Args: []string{"n", "1", "names", inv.Systems[2].ID}}},
		},
	}
	found := func(n int, by casefile.Identifier, verified bool, sure connector.Confidence) review.Finding {
		return review.Finding{Finding: casefile.Finding{ID: uuid.New(), Case: id}, Verified: verified, Vouched: []bool{verified}, Record: connector.Finding{
			Reference: fmt.Sprintf("participants/%d", n), Category: "participants", Label: fmt.Sprintf("Anmeldung zur Veranstaltung %d", n), Confidence: sure, Led: [][]uuid.UUID{{by.ID}},
			Origin: connector.Origin{Place: "participants", Position: fmt.Sprint(n), At: received.Add(-240 * time.Hour)},
			Fields: []connector.Field{
				{Name: "full_name", Label: "Name", Value: person.NewText("Erika Mustermann")}, {Name: "email", Label: "E-Mail", Value: person.NewText("erika@example.org")},
				{Name: "companion", Label: "Begleitung", Value: person.NewText("Max Muster"), ThirdParty: true}, {Name: "password", Label: "Passwort (Prüfwert)", Value: person.NewText("$2y$10$abc"), Withheld: true},
				{Name: "x17", Value: person.NewText("ja"), Unmapped: true},
			},
			Hints: []person.Identifier{{Kind: person.Phone, Value: person.NewText("+49 211 1234567")}},
		}}
	}
	states := []casefile.InquiryState{casefile.FoundSome, casefile.WithUnit, casefile.Failed, casefile.FoundNothing, casefile.Asked}
	for i, state := range states {
		s := review.System{System: inv.Systems[i], Inquiry: casefile.Inquiry{ID: uuid.New(), Case: id, System: inv.Systems[i].ID, State: state, AskedAt: received}}
		if i == 0 {
			s.Unconfirmed = true
			s.Findings = []review.Finding{found(1, mail, true, connector.Sure), found(2, name, false, connector.Check)}
			s.Text.GoneBefore = received.Add(-720 * time.Hour)
		}
		o.Systems = append(o.Systems, s)
	}
	o.Tasks = []casefile.Task{{ID: uuid.New(), Case: id, Kind: casefile.TaskSearch, System: inv.Systems[1].ID, CreatedAt: received, DueOn: c.Warn}, {ID: uuid.New(), Case: id, Kind: casefile.TaskPost, CreatedAt: received, DoneAt: received, DoneBy: clerk}}
	h.tasks = o.Tasks
	for i, kind := range []string{"submit", "gather", casefile.NoteVerified, casefile.NoteDecided, casefile.NoteDecided, "settle"} {
		e := review.Happened{Happening: casefile.Happening{ID: uuid.New(), Kind: kind, At: received.Add(time.Duration(i) * time.Hour), Actor: clerk}}
		if kind == casefile.NoteVerified {
			e.Text.ForFile = person.NewText("Code eingegeben")
		}
		o.History = append(o.History, e)
	}
	return o
}

func (h *office) deps() desk.Deps {
	return desk.Deps{
		Oversight: h, Review: h, Exam: h.exams, Law: book, Gathering: h, Identification: h, Fulfilment: h.plans, Delivery: h, Correspondence: h, Accounts: h, Permission: h.policy,
		Authorities: func(context.Context) ([]casefile.Authority, error) { return []casefile.Authority{h.authority}, nil },
		Names: func(context.Context, uuid.UUID) (map[uuid.UUID]string, error) {
			names := map[uuid.UUID]string{}
			for _, s := range h.staff {
				names[s.ID] = s.Name
			}
			return names, nil
		},
		Tasks: func(context.Context, casefile.Actor) ([]casefile.Task, map[uuid.UUID]string, error) {
			return h.tasks, map[uuid.UUID]string{h.o.Case.ID: h.o.Case.FileNumber}, nil
		},
		Register: func(context.Context, casefile.Actor) (inventory.Inventory, map[string][]procedure.Confirmation, error) {
			return h.o.Inventory, h.confirmed, nil
		},
		Progress: func(_ context.Context, actor casefile.Actor, id uuid.UUID) (all []gathering.Progress, err error) {
			for _, s := range h.o.Systems {
				all = append(all, gathering.Progress{System: s.System, Inquiry: s.Inquiry, Said: s.Text, Found: len(s.Findings) + s.Hidden, Unseen: s.Hidden > 0, Unconfirmed: s.Unconfirmed})
			}
			return all, h.exists(actor, id)
		},
	}
}

// desk opens the portal with somebody of a role signed in.
func (h *office) desk(t testing.TB, role casefile.Role) *webtest.Browser {
	t.Helper()
	b := webtest.Start(t, web.Deps{Routes: desk.Routes(h.deps())}).Browser(t)
	h.signIn(t, b, role)
	return b
}

func (h *office) signIn(t testing.TB, b *webtest.Browser, role casefile.Role) {
	t.Helper()
	form := b.Get("/desk/anmelden").Form("/desk/anmelden")
	page := b.Submit(form.With("authority", "stk-nrw").With("name", h.staff[role].Name).With("password", "richtig"))
	if page.Status != 303 {
		t.Fatalf("sign in as %s: got status %d", role, page.Status)
	}
}

func (h *office) path() string { return "/desk/vorgang/" + h.o.Case.ID.String() }

func (h *office) exists(actor casefile.Actor, id uuid.UUID) error {
	if id != h.o.Case.ID {
		return fmt.Errorf("case: %w", problem.NotFound)
	}
	return h.policy.May(actor, casefile.ActionOpenCase, actor.Authority)
}

func (h *office) do(actor casefile.Actor, action casefile.Action, what string) error {
	if err := h.policy.May(actor, action, actor.Authority); err != nil {
		return err
	}
	if h.refuse == nil {
		h.calls = append(h.calls, what)
	}
	return h.refuse
}

func (h *office) SignIn(_ context.Context, c login.Credentials) (login.Staff, error) {
	if c.Name == "zu oft" {
		return login.Staff{}, login.TooMany(30 * time.Second)
	}
	for _, s := range h.staff {
		if s.Name == c.Name && c.Password == "richtig" && c.Authority == s.Authority {
			return s, nil
		}
	}
	return login.Staff{}, problem.New(problem.Invalid, "login.wrong")
}

func (h *office) Current(_ context.Context, id uuid.UUID) (login.Staff, error) {
	for _, s := range h.staff {
		if s.ID == id && !s.Disabled {
			return s, nil
		}
	}
	return login.Staff{}, problem.New(problem.NotFound, "login.ended")
}

func (h *office) Invited(_ context.Context, token string) (login.Staff, error) {
	if token != "abc" {
		return login.Staff{}, problem.New(problem.NotFound, "login.invite.gone")
	}
	return h.staff[casefile.Clerk], nil
}

func (h *office) Accept(ctx context.Context, token, password string) (login.Staff, error) {
	if len(password) < 12 {
		err := problem.New(problem.Invalid, "login.check")
		err.Fields = map[string]string{"password": "login.password.short"}
		return login.Staff{}, err
	}
	h.calls = append(h.calls, "accept")
	return h.Invited(ctx, token)
}

func (h *office) List(_ context.Context, actor casefile.Actor, search person.Text, openOnly bool, now time.Time) ([]oversight.Row, error) {
	if err := h.policy.May(actor, casefile.ActionListCases, actor.Authority); err != nil {
		return nil, err
	}
	h.searched = search.Reveal()
	if h.searched == "niemand" {
		return nil, nil
	}
	row := func(number, name string, light oversight.Light, days int, state casefile.State) oversight.Row {
		c := h.o.Case
		if number != c.FileNumber {
			c.ID = uuid.New()
		}
		c.FileNumber, c.State = number, state
		c.Due = c.Due.AddDays(days)
		if light == oversight.Resting {
			c.RestsSince = c.Received
		}
		return oversight.Row{Case: c, Person: person.NewText(name), Rights: []casefile.Right{h.o.Rights[0].Right}, Light: light, Left: days, Tasks: 1}
	}
	return []oversight.Row{
		row("STK-NRW-2026-1111-22223", "Jürgen Groß", oversight.Red, -30, casefile.Review),
		row("STK-NRW-2026-7K3M-Q9TZ4", "Erika Mustermann", oversight.Green, 0, casefile.Review),
		row("STK-NRW-2026-3333-44445", "Juergen Gross", oversight.Resting, 3, casefile.Received),
	}, nil
}

func (h *office) Waiting(_ context.Context, actor casefile.Actor, _ time.Time) ([]oversight.Waiting, error) {
	if h.policy.May(actor, casefile.ActionRelease, actor.Authority) != nil {
		return nil, nil
	}
	return h.waiting, nil
}

func (h *office) Open(_ context.Context, actor casefile.Actor, _ calendar.Land, id uuid.UUID, _ time.Time) (review.Opened, error) {
	if err := h.exists(actor, id); err != nil {
		return review.Opened{}, err
	}
	h.opened++
	return h.o, nil
}

func (h *office) DecideFindings(_ context.Context, a casefile.Actor, _ uuid.UUID, findings []uuid.UUID, d disclosure.Decision, _ time.Time) error {
	if err := d.Check(); err != nil {
		return err
	}
	h.findings, h.decision = findings, d
	return h.do(a, casefile.ActionDecide, "decide findings")
}

func (h *office) AcceptGaps(_ context.Context, a casefile.Actor, _ uuid.UUID, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionDecide, "accept gaps")
}
func (h *office) Propose(_ context.Context, a casefile.Actor, _ uuid.UUID, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionPropose, "propose")
}
func (h *office) Return(_ context.Context, a casefile.Actor, _ uuid.UUID, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionReturn, "return")
}
func (h *office) Release(_ context.Context, a casefile.Actor, _ uuid.UUID, _ time.Time) error {
	return h.do(a, casefile.ActionRelease, "release")
}
func (h *office) GiveUp(_ context.Context, a casefile.Actor, _ uuid.UUID, _, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionDecide, "give up")
}
func (h *office) File(context.Context, casefile.Actor, uuid.UUID, uuid.UUID, int, time.Time) (*review.File, error) {
	return &review.File{Name: person.NewText("Akte.pdf"), Size: 4, Content: io.NopCloser(strings.NewReader("%PDF"))}, nil
}

func (h *office) Confirm(_ context.Context, a casefile.Actor, system string, now time.Time) error {
	if err := h.do(a, casefile.ActionConfirmInventory, "confirm "+system); err != nil {
		return err
	}
	s, _ := h.o.Inventory.System(system)
	h.confirmed[system] = []procedure.Confirmation{{Fingerprint: procedure.Fingerprint(s), By: a.ID, At: now}}
	return nil
}
func (h *office) Start(_ context.Context, a casefile.Actor, _ uuid.UUID, _ time.Time) error {
	return h.do(a, casefile.ActionAskSystems, "start")
}
func (h *office) AskAgain(_ context.Context, a casefile.Actor, _ uuid.UUID, system string, _ time.Time) error {
	return h.do(a, casefile.ActionAskSystems, "again "+system)
}
func (h *office) AnswerTask(_ context.Context, a casefile.Actor, _ uuid.UUID, system string, answer gathering.ManualAnswer, _ time.Time) error {
	h.answer = answer
	return h.do(a, casefile.ActionAnswerTask, "answer "+system)
}
func (h *office) Verify(_ context.Context, a casefile.Actor, _, _ uuid.UUID, how casefile.VerifiedHow, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionVerifyIdentifier, "verify "+string(how))
}
func (h *office) AddIdentifier(_ context.Context, a casefile.Actor, _ uuid.UUID, kind person.IdentifierKind, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionVerifyIdentifier, "add "+string(kind))
}
func (h *office) TakeUp(_ context.Context, a casefile.Actor, _, _ uuid.UUID, hint int, _ person.Text, _ time.Time) error {
	return h.do(a, casefile.ActionVerifyIdentifier, fmt.Sprint("take up ", hint))
}
func (h *office) ReplaceCode(_ context.Context, a casefile.Actor, _, contact uuid.UUID, _ time.Time) (person.Text, error) {
	err := h.do(a, casefile.ActionReplaceCode, "replace code")
	if err != nil || contact != uuid.Nil {
		return person.Text{}, err
	}
	return person.NewText("AAAAA-BBBBB-CCCCC-DDDDD"), nil
}
func (h *office) SendContactCode(_ context.Context, a casefile.Actor, _, _ uuid.UUID, _ time.Time) error {
	return h.do(a, casefile.ActionVerifyIdentifier, "code")
}
func (h *office) AskFor(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, q identification.Question, _ time.Time) error {
	h.question = q
	return h.do(a, casefile.ActionAskIdentity, "ask "+string(q.About))
}
func (h *office) Provide(_ context.Context, a casefile.Actor, id uuid.UUID, _ time.Time) (*delivery.Provided, error) {
	return nil, errors.Join(h.exists(a, id), problem.New(problem.NotFound, "citizen.package.none"))
}
func (h *office) DraftAnswer(_ context.Context, a casefile.Actor, id uuid.UUID, _ time.Time) (letter.Letter, []string, error) {
	return h.drafted, h.lacks, h.exists(a, id)
}
func (h *office) Direct(_ context.Context, a casefile.Actor, _ casefile.Authority, id uuid.UUID, _ time.Time) (delivery.Direct, error) {
	return h.direct, h.exists(a, id)
}
func (h *office) Transmit(_ context.Context, a casefile.Actor, _ casefile.Authority, _ uuid.UUID, controller string, _ time.Time) error {
	return h.do(a, casefile.ActionRelease, "transmit "+controller)
}
func (h *office) Posted(_ context.Context, a casefile.Actor, _ uuid.UUID, on calendar.Date, _ time.Time) error {
	return h.do(a, casefile.ActionAnswerTask, "posted "+on.String())
}
func (h *office) Extend(_ context.Context, a casefile.Actor, _ calendar.Land, _ uuid.UUID, reasons person.Text, on calendar.Date, _ time.Time) error {
	if strings.TrimSpace(reasons.Reveal()) == "" {
		err := problem.New(problem.Invalid, "desk.error.form")
		err.Fields = map[string]string{"reasons": "desk.error.extend_reasons"}
		return err
	}
	return h.do(a, casefile.ActionExtendClock, "extend "+on.String())
}
