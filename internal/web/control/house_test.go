package control_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/login"
	"einsicht/internal/permission"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web"
	"einsicht/internal/web/control"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/internal/web/webtest"

	"github.com/gofiber/fiber/v2"
)

// house is an authority with staff, and a step that remembers what it was asked
// and refuses what the test tells it to refuse.
type house struct {
	authority casefile.Authority
	staff     map[casefile.Role]login.Staff
	policy    *permission.Policy
	shown     connecting.Shown
	others    []connecting.Item
	result    connecting.Result
	refuse    error
	calls     []string
	strangers []string
	who       map[person.IdentifierKind]person.Text
	why       connecting.Why
	secret    string
}

var at = webtest.NewClock().Now()

const system = "stk-newsletter"

func newHouse(t testing.TB) *house {
	t.Helper()
	policy, err := permission.New()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{authority: casefile.Authority{ID: uuid.New(), Slug: "stk-nrw", Name: "Staatskanzlei NRW", Land: calendar.NW}, staff: map[casefile.Role]login.Staff{}, policy: policy}
	for i, role := range casefile.StaffRoles {
		h.staff[role] = login.Staff{ID: uuid.New(), Authority: h.authority.ID, Name: []string{"Carla Klee", "Anton Frei", "Dora Rat", "Bernd Strom"}[i], Role: role}
	}
	h.shown = connecting.Shown{Item: connecting.Item{System: h.entry(system)}, Kinds: []string{"sql", "imap", "manual"}}
	return h
}

// entry is a system of the shipped register.
func (h *house) entry(id string) inventory.System {
	for _, inv := range inventory.Shipped() {
		if s, ok := inv.System(id); ok {
			return s
		}
	}
	panic("no such system")
}

// saved brings the system into the state after a text was saved.
func (h *house) saved(text string) {
	h.shown.Where, h.shown.Kind, h.shown.State, h.shown.Draft = connecting.ByPage, "sql", connecting.Draft, "v1"
	h.shown.Text, h.shown.ChangedAt, h.shown.ChangedBy = text, at, h.staff[casefile.Operator].ID
}

// tested adds a test of a version.
func (h *house) tested(o connecting.Outcome, version string) {
	h.shown.Test = connecting.Trial{ID: uuid.New(), System: system, Version: version, Kind: connecting.Test, Outcome: o, CreatedAt: at.Add(-time.Second), CreatedBy: h.staff[casefile.Operator].ID}
	if o != connecting.Waiting {
		h.shown.Test.DoneAt = at
	}
	h.result = connecting.Result{Trial: h.shown.Test}
}

// browser opens the portal with somebody of a role signed in.
func (h *house) browser(t testing.TB, role casefile.Role) *webtest.Browser {
	t.Helper()
	door := staff.Door{Accounts: h, Permission: h.policy, Authorities: func(context.Context) ([]casefile.Authority, error) { return []casefile.Authority{h.authority}, nil }}
	routes := control.Routes(control.Deps{Door: door, Connecting: h, Names: func(context.Context, uuid.UUID) (map[uuid.UUID]string, error) {
		names := map[uuid.UUID]string{}
		for _, s := range h.staff {
			names[s.ID] = s.Name
		}
		return names, nil
	}})
	routes = append(routes, reply.Route{Method: fiber.MethodGet, Path: "/desk/anmelden", Class: reply.PageClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
		reply.SessionOf(c).Set(reply.StaffID, h.staff[role].ID.String())
		return reply.Redirect(c, staff.Systems)
	}})
	b := webtest.Start(t, web.Deps{Routes: routes}).Browser(t)
	b.Get("/desk/anmelden")
	return b
}

func (h *house) Current(_ context.Context, id uuid.UUID) (login.Staff, error) {
	for _, s := range h.staff {
		if s.ID == id && !s.Disabled {
			return s, nil
		}
	}
	return login.Staff{}, problem.New(problem.NotFound, "login.ended")
}

func (h *house) do(a casefile.Actor, what string) error {
	if err := h.policy.May(a, casefile.ActionConnect, a.Authority); err != nil {
		return err
	}
	if h.refuse == nil {
		h.calls = append(h.calls, what)
	}
	return h.refuse
}

func (h *house) List(_ context.Context, a casefile.Actor) ([]connecting.Item, error) {
	return append([]connecting.Item{h.shown.Item}, h.others...), h.policy.May(a, casefile.ActionSeeConnections, a.Authority)
}

func (h *house) Unregistered(_ context.Context, a casefile.Actor) ([]string, error) {
	return h.strangers, h.policy.May(a, casefile.ActionSeeConnections, a.Authority)
}

func (h *house) Show(_ context.Context, a casefile.Actor, id string) (connecting.Shown, error) {
	if err := h.policy.May(a, casefile.ActionSeeConnections, a.Authority); err != nil {
		return connecting.Shown{}, err
	}
	if id != system {
		return connecting.Shown{}, problem.NotFound
	}
	return h.shown, nil
}

func (h *house) Save(_ context.Context, a casefile.Actor, id, text, from string, _ time.Time) error {
	return h.do(a, "save "+id+" from "+from+": "+text)
}

func (h *house) PutSecret(_ context.Context, a casefile.Actor, system, name string, value person.Text, _ time.Time) error {
	h.secret = value.Reveal()
	return h.do(a, "secret "+name+" of "+system)
}

func (h *house) Test(_ context.Context, a casefile.Actor, id string, _ time.Time) (uuid.UUID, error) {
	return uuid.New(), h.do(a, "test "+id)
}

func (h *house) Try(_ context.Context, a casefile.Actor, id string, who map[person.IdentifierKind]person.Text, why connecting.Why, _ time.Time) (uuid.UUID, error) {
	h.who, h.why = who, why
	return h.result.Trial.ID, h.do(a, "try "+id)
}

func (h *house) Result(_ context.Context, a casefile.Actor, id uuid.UUID, now time.Time) (connecting.Result, error) {
	if err := h.policy.May(a, casefile.ActionConnect, a.Authority); err != nil {
		return connecting.Result{}, err
	}
	if id != h.result.Trial.ID || h.result.Trial.Kind != connecting.Test && a.ID != h.result.Trial.CreatedBy || !h.result.Trial.ExpiresAt.IsZero() && !now.Before(h.result.Trial.ExpiresAt) {
		return connecting.Result{}, problem.NotFound
	}
	return h.result, nil
}

func (h *house) TurnOn(_ context.Context, a casefile.Actor, id, version string, _ time.Time) error {
	return h.do(a, "on "+id+" "+version)
}

func (h *house) TurnOff(_ context.Context, a casefile.Actor, id string, _ time.Time) error {
	return h.do(a, "off "+id)
}

// found is a trial that brought records of two categories.
func (h *house) found() {
	fields := []connector.Field{
		{Name: "email", Label: "E-Mail-Adresse", Value: person.NewText("probe@example.org"), Category: "Kontakt"},
		{Name: "friend", Value: person.NewText("Max Muster"), ThirdParty: true}, {Name: "password", Value: person.NewText("$2y$10$abc"), Withheld: true},
		{Name: "x17", Value: person.NewText("ja"), Unmapped: true},
	}
	var p connector.Preview
	email, name, born := uuid.New(), uuid.New(), uuid.New()
	for range 7 {
		p.Add(connector.Finding{Category: "subscriber", Label: "Anmeldung", Confidence: connector.Sure, Fields: slices.Clone(fields), Led: [][]uuid.UUID{{email}},
			Hints: []person.Identifier{{Kind: person.Phone, Value: person.NewText("+49 211 1")}}, Origin: connector.Origin{Place: "subscriber", Position: "7"}})
	}
	p.Add(connector.Finding{Category: "bounce", Confidence: connector.Check, Fields: fields[:1], Led: [][]uuid.UUID{{name, born}}})
	p.Answer = connector.Answer{Outcome: connector.Found, Gaps: []connector.Gap{{Place: "archive", Reason: "connector.gap.truncated", Count: 3}}}
	h.trial(connecting.Passed)
	h.result.Preview = p
	h.result.Kinds = map[uuid.UUID]person.IdentifierKind{email: person.Email, name: person.Name, born: person.Birthdate}
}

func (h *house) trial(o connecting.Outcome) {
	h.result = connecting.Result{Trial: connecting.Trial{ID: uuid.New(), System: system, Version: "v1", Kind: connecting.Try, Outcome: o,
		CreatedAt: at.Add(-3 * time.Second), CreatedBy: h.staff[casefile.Operator].ID, ExpiresAt: at.Add(time.Hour)}}
	if o != connecting.Waiting {
		h.result.Trial.DoneAt = at
	}
}
