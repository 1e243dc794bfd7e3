// Package citizen is everything the public sees: what a person can ask an
// authority, the form for asking it, the confirmation, and the page on which
// they follow their own case and fetch the answer; and the page on which a
// recipient of data reads what was done to them.
//
// It reaches only the steps that a person may reach; it cannot compile against
// those that decide. Between the steps of the form nothing is kept here: the
// answers travel sealed in the page.
package citizen

import (
	"context"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Deps is what the pages for the public need. The steps are those of
// internal/procedure; keyring.Keyring is Pages.
type Deps struct {
	Intake         receiver
	Identification identifier
	Correspondence correspondent
	Delivery       deliverer
	Authorities    func(ctx context.Context) ([]casefile.Authority, error)
	Controllers    func(authority string) []casefile.Controller // to whom data can be handed directly; nil: nobody
	Pages          pages
	URL            string           // of the portal, without a slash at the end; for receipts
	Now            func() time.Time // for what ends after its handler has returned
}

type receiver interface {
	Inform(ctx context.Context, authority casefile.Authority) (inventory.Inventory, error)
	Submit(ctx context.Context, authority casefile.Authority, a intake.Application, now time.Time) (intake.Receipt, error)
}

type identifier interface {
	Enter(ctx context.Context, authority casefile.Authority, fileNumber, code, address string, now time.Time) (casefile.Actor, error)
	EnterNotice(ctx context.Context, authority casefile.Authority, number, code, address string, now time.Time) (casefile.Actor, string, error)
	EnterContactCode(ctx context.Context, actor casefile.Actor, code, address string, now time.Time) error
}

type correspondent interface {
	Own(ctx context.Context, actor casefile.Actor, land calendar.Land, now time.Time) (correspondence.OwnCase, error)
	Withdraw(ctx context.Context, actor casefile.Actor, now time.Time) error
	Letters(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) ([]correspondence.Written, error)
	Letter(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) (correspondence.Written, error)
	PDF(ctx context.Context, actor casefile.Actor, caseID, id uuid.UUID, now time.Time) ([]byte, error)
	ReadNotice(ctx context.Context, actor casefile.Actor, number string, now time.Time) (correspondence.OwnNotice, error)
	ConfirmNotice(ctx context.Context, actor casefile.Actor, number string, said person.Text, now time.Time) error
}

type deliverer interface {
	Provide(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (*delivery.Provided, error)
}

// pages seals what a form carries from one step to the next.
type pages interface {
	SealPage(ctx context.Context, purpose string, plain []byte) (string, error)
	OpenPage(ctx context.Context, purpose, text string) ([]byte, error)
}

// parcel is a package on its way to the person.
type parcel struct {
	name   string
	size   int64
	stream func(ctx context.Context, w io.Writer, now func() time.Time) error
}

type site struct {
	Deps
	provide func(ctx context.Context, actor casefile.Actor, now time.Time) (parcel, error)
}

// Routes is everything the public sees. The address "/:authority" takes any
// word, so pages with a name of their own ("/desk") come before it in the
// table.
func Routes(d Deps) []reply.Route {
	s := &site{Deps: d, provide: func(ctx context.Context, actor casefile.Actor, now time.Time) (parcel, error) {
		p, err := d.Delivery.Provide(ctx, actor, actor.ID, now)
		if err != nil {
			return parcel{}, err
		}
		return parcel{p.Name(), p.Text.Size, p.Stream}, nil
	}}
	return s.routes()
}

func (s *site) routes() []reply.Route {
	get := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodGet, Path: "/:authority" + path, Class: reply.PageClass, Auth: reply.Public, Handler: s.at(h)}
	}
	post := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodPost, Path: "/:authority" + path, Class: reply.FormClass, Auth: reply.Public, Handler: s.at(h)}
	}
	told := func(r reply.Route) reply.Route {
		r.Auth, r.Door = reply.Recipient, "/:authority/mitteilung"
		return r
	}
	own := func(r reply.Route) reply.Route {
		r.Auth, r.Door = reply.Citizen, "/:authority/stand"
		return r
	}
	download := func(r reply.Route) reply.Route {
		r.Class = reply.DownloadClass
		return r
	}
	routes := []reply.Route{
		get("", s.showStart),
		get("/impressum", s.showImprint),
		get("/datenschutz", s.showPrivacy),
		get("/barrierefreiheit", s.showAccessibility),

		get("/antrag", s.begin),
		get("/antrag/bestaetigung", s.showConfirmation),
		post("/antrag/bestaetigung", s.noted),
		download(get("/antrag/bestaetigung/quittung", s.receiptFile)),

		get("/stand", s.showStatus),
		post("/stand", s.enter),
		own(get("/vorgang", s.owner(s.showCase))),
		own(post("/vorgang/code", s.owner(s.enterContactCode))),
		own(get("/vorgang/zuruecknehmen", s.owner(s.askWithdraw))),
		own(post("/vorgang/zuruecknehmen", s.owner(s.withdraw))),
		own(download(get("/vorgang/paket", s.owner(s.fetch)))),
		own(get("/vorgang/schreiben/:letter", s.owner(s.showLetter))),
		own(download(get("/vorgang/schreiben/:letter/datei", s.owner(s.letterFile)))),
		own(download(get("/vorgang/schreiben/:letter/pdf", s.owner(s.letterPDF)))),
		own(post("/vorgang/abmelden", s.signOut)),

		get("/mitteilung", s.askNotice),
		post("/mitteilung", s.enterNotice),
		told(get("/mitteilung/lesen", s.recipient(s.showNotice))),
		told(post("/mitteilung/lesen", s.recipient(s.confirmNotice))),
		told(download(get("/mitteilung/datei", s.recipient(s.noticeFile)))),
		told(post("/mitteilung/abmelden", s.signOut)),
	}
	for _, step := range steps {
		take := post("/antrag/"+step.slug, s.taking(step))
		take.MaxBody = stepLimit
		routes = append(routes, take, get("/antrag/"+step.slug, s.backToBegin))
	}
	return routes
}

// handler answers at an authority's door.
type handler func(c *fiber.Ctx, a casefile.Authority) error

// at finds the authority of the address.
func (s *site) at(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		all, err := s.Authorities(c.UserContext())
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.Slug == c.Params("authority") {
				return h(c, a)
			}
		}
		return problem.New(problem.NotFound, "problem.notfound")
	}
}

// say writes a sentence in the visitor's language.
func say(c *fiber.Ctx, key string, pairs ...string) string {
	return wording.Text(reply.Lang(c), "citizen."+key, pairs...)
}

// dated writes a day in words.
func dated(c *fiber.Ctx, day calendar.Date) string { return wording.Date(reply.Lang(c), day.Time()) }

// framed begins a page of an authority.
func framed(c *fiber.Ctx, a casefile.Authority, title string) frame.Frame {
	f := reply.Frame(c, title)
	home := "/" + a.Slug
	f.Authority = frame.Authority{Name: a.Name, Path: home}
	path := c.Path()
	if c.Method() == fiber.MethodPost {
		f.Path = path // each of our forms has a page under the same address
	}
	for _, l := range []kern.Link{
		{Href: home, Label: say(c, "nav.start")},
		{Href: home + "/antrag", Label: say(c, "nav.request")},
		{Href: home + "/stand", Label: say(c, "nav.status")},
	} {
		l.Current = l.Href == path
		f.Nav = append(f.Nav, l)
	}
	return f
}
