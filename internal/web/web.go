// Package web is the portal's door: it takes every request, keeps out what does
// not belong, remembers who is signed in, and hands the rest to the pages for
// citizens and for staff.
//
// The routes are one table. Each has a class that bounds what is read and how
// long it may take, and says who may come in; the security headers stand on
// every answer, errors included.
package web

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
	"einsicht/views/frame"
)

// Deps is what the portal needs from outside.
type Deps struct {
	Routes      []reply.Route // of citizens and of the desk
	Authorities func(ctx context.Context) ([]frame.Authority, error)
	Sessions    SessionStore
	Sealer      Sealer
	Now         func() time.Time
	Log         *slog.Logger
	Ready       func(ctx context.Context) error // nil: ready as soon as it listens
	Demo        bool
	HTTPS       bool           // visitors come over HTTPS: promise that it stays so (HSTS)
	Proxies     []netip.Prefix // whose X-Forwarded-For is believed
	Observe     func(route, method string, status int, took time.Duration)
}

// App is the portal, ready to listen.
type App struct {
	deps       Deps
	fiber      *fiber.App
	routes     []reply.Route
	answerTime func(reply.Class) time.Duration
	linger     patience
}

// New builds the portal.
func New(d Deps) *App {
	a := &App{deps: d, answerTime: answerTimeOf, linger: lingerFor}
	a.fiber = fiber.New(fiber.Config{
		// Without Immutable a name kept from one request changes into another
		// person's with the next: fasthttp reuses its buffers.
		Immutable:                    true,
		ErrorHandler:                 a.fail,
		BodyLimit:                    reply.FormLimit,
		StreamRequestBody:            true, // limits are ours, see body.go
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		CaseSensitive:                true,
		ReadBufferSize:               16 << 10,
		ReadTimeout:                  30 * time.Second,
		IdleTimeout:                  60 * time.Second,
	})
	a.fiber.Use(a.begin)
	a.routes = slices.Concat(a.ownRoutes(), d.Routes)
	for _, r := range a.routes {
		switch {
		case r.Method == fiber.MethodGet && r.Class != reply.DownloadClass:
			a.fiber.Get(r.Path, a.serve(r)) // and HEAD
		default:
			a.fiber.Add(r.Method, r.Path, a.serve(r))
		}
	}
	return a
}

// Routes is the table of everything the portal answers.
func (a *App) Routes() []reply.Route { return slices.Clone(a.routes) }

// Listen answers until Shutdown.
func (a *App) Listen(ln net.Listener) error {
	return a.fiber.Listener(&doors{Listener: ln, patience: &a.linger})
}

// Shutdown stops taking requests and waits for those under way, at most until
// the context ends.
func (a *App) Shutdown(ctx context.Context) error { return a.fiber.ShutdownWithContext(ctx) }

func (a *App) ownRoutes() []reply.Route {
	page := func(path string, h fiber.Handler) reply.Route {
		return reply.Route{Method: fiber.MethodGet, Path: path, Class: reply.PageClass, Auth: reply.Public, Handler: h}
	}
	return []reply.Route{
		page("/", a.start("start")),
		page("/impressum", a.start("start.imprint")),
		page("/datenschutz", a.start("start.privacy")),
		page("/barrierefreiheit", a.start("start.accessibility")),
		{Method: fiber.MethodGet, Path: "/assets/*", Class: reply.AssetClass, Auth: reply.Public, Handler: serveAsset},
		{Method: fiber.MethodGet, Path: "/healthz", Class: reply.APIClass, Auth: reply.Public, Handler: healthy},
		{Method: fiber.MethodGet, Path: "/readyz", Class: reply.APIClass, Auth: reply.Public, Handler: a.ready},
	}
}

// serve puts the same steps before every handler, cheapest first.
func (a *App) serve(r reply.Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v := reply.Of(c)
		v.Route, v.AnswerTime = r.Path, a.answerTime(r.Class)
		if err := boundBody(c, r); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeOf(r.Class))
		defer cancel()
		c.SetUserContext(ctx) // never c.Context(): it is reused for the next visitor
		if r.Class == reply.AssetClass || r.Class == reply.APIClass {
			return r.Handler(c)
		}
		kept, err := a.loadSession(c, v)
		if err != nil {
			return err
		}
		if !admitted(r, v.Session) {
			return sendToDoor(c, r)
		}
		if err := checkToken(c, r, v); err != nil {
			return err
		}
		if err := r.Handler(c); err != nil {
			return err
		}
		return a.saveSession(c, v, kept)
	}
}

// answerTimeOf is how long a visitor may take to read an answer.
func answerTimeOf(class reply.Class) time.Duration {
	if class == reply.DownloadClass {
		return 30 * time.Minute // 2 GB at 10 Mbit/s
	}
	return time.Minute
}

// timeOf is how long a handler may take.
func timeOf(class reply.Class) time.Duration {
	if class == reply.UploadClass {
		return 10 * time.Minute
	}
	return 20 * time.Second
}
