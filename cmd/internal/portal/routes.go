package portal

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/postgres"
	"einsicht/internal/procedure"
	"einsicht/internal/web"
	"einsicht/internal/web/citizen"
	"einsicht/internal/web/control"
	"einsicht/internal/web/desk"
	"einsicht/internal/web/outbox"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
)

// Routes is the route table of the program, for reading: its handlers are joined
// to nothing.
func Routes(demo bool) []reply.Route {
	m := &Main{Config: Config{Demo: demo}, House: &procedure.House{}}
	return web.New(web.Deps{Routes: m.routes(), Demo: demo}).Routes()
}

// routes are all pages of the portal but those of the door itself.
func (m *Main) routes() []reply.Route {
	// Fixed addresses first: /:authority would take /desk for one.
	routes := slices.Concat(desk.Routes(m.deskDeps()), control.Routes(m.controlDeps()), citizen.Routes(m.citizenDeps()))
	if m.Demo && m.Mail.Server == "" {
		routes = append(outbox.Routes(m.sent), routes...)
	}
	return routes
}

func (m *Main) citizenDeps() citizen.Deps {
	return citizen.Deps{
		Intake: m.Steps.Intake, Identification: m.Steps.Identification, Correspondence: m.Steps.Correspondence, Delivery: m.Steps.Delivery,
		Authorities: m.DB.Authorities, Controllers: m.controllers.Controllers, Pages: m.Keys, URL: m.URL, Now: m.Clock,
	}
}

func (m *Main) deskDeps() desk.Deps {
	return desk.Deps{
		Oversight: m.Steps.Oversight, Review: m.Steps.Review, Exam: m.Steps.Review, Law: m.House.Law, Gathering: m.Steps.Gathering, Identification: m.Steps.Identification,
		Fulfilment: m.Steps.Fulfilment, Delivery: m.Steps.Delivery, Correspondence: m.Steps.Correspondence, Accounts: m.Accounts, Permission: m.House.Permission,
		Authorities: m.DB.Authorities, Names: postgres.Staff{DB: m.DB}.Names, SignIns: signIns{m},
		Tasks: m.Steps.Oversight.Tasks, Register: m.Steps.Review.Register, Progress: m.Steps.Gathering.Progress,
	}
}

func (m *Main) controlDeps() control.Deps {
	return control.Deps{
		Door:       staff.Door{Accounts: m.Accounts, Permission: m.House.Permission, Authorities: m.DB.Authorities},
		Connecting: m.Steps.Connecting, Names: postgres.Staff{DB: m.DB}.Names,
	}
}

// signIns records who of the staff came and went.
type signIns struct{ m *Main }

func (s signIns) SignedIn(ctx context.Context, actor casefile.Actor, now time.Time) error {
	return s.record(ctx, ledger.SignedIn, actor, now)
}

func (s signIns) SignedOut(ctx context.Context, actor casefile.Actor, now time.Time) error {
	return s.record(ctx, ledger.SignedOut, actor, now)
}

func (s signIns) record(ctx context.Context, kind ledger.Kind, actor casefile.Actor, now time.Time) error {
	return s.m.DB.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		return s.m.Ledger.Record(ctx, kind, uuid.Nil, actor, nil, now)
	})
}

func (m *Main) sent(ctx context.Context) ([]outbox.Mail, error) {
	all, err := m.Outbox().List(ctx)
	if err != nil {
		return nil, err
	}
	mails := make([]outbox.Mail, len(all))
	for i, s := range all {
		mails[i] = outbox.Mail{At: s.At, To: s.To.Reveal(), Subject: s.Subject, Text: s.Text}
	}
	slices.SortStableFunc(mails, func(a, b outbox.Mail) int { return b.At.Compare(a.At) })
	return mails, nil
}
