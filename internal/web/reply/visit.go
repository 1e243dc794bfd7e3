package reply

import (
	"mime/multipart"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/wording"
	"einsicht/views/frame"
)

// Visit is what is known about one request beside its content.
type Visit struct {
	ID      string // ties the answer to the log
	Route   string // the pattern, never the address
	Lang    wording.Lang
	Now     time.Time
	Address netip.Addr // of the visitor; kept only as a keyed hash, and only to slow down guessing
	Demo    bool
	Session *Session
	Token   func() string // of forms; sets its cookie when first asked
	Parts   *multipart.Reader
	Report  func(error) // logs what happens after the handler returned

	// AnswerTime is how long the visitor may take to read the answer.
	AnswerTime time.Duration
}

const visitKey = "visit"

// Begin attaches a visit to a request.
func Begin(c *fiber.Ctx, v *Visit) { c.Locals(visitKey, v) }

// Of returns the visit of a request.
func Of(c *fiber.Ctx) *Visit {
	if v, ok := c.Locals(visitKey).(*Visit); ok {
		return v
	}
	return &Visit{Lang: wording.German, Session: NewSession(time.Time{})}
}

// Lang is the language of the visitor.
func Lang(c *fiber.Ctx) wording.Lang { return Of(c).Lang }

// Now is when the request arrived, by the program's clock.
func Now(c *fiber.Ctx) time.Time { return Of(c).Now }

// SessionOf returns what the portal remembers about the visitor.
func SessionOf(c *fiber.Ctx) *Session { return Of(c).Session }

// CSRF returns the token that every form must carry in its first field.
func CSRF(c *fiber.Ctx) string {
	if t := Of(c).Token; t != nil {
		return t()
	}
	return ""
}

// Address returns where the visitor comes from.
func Address(c *fiber.Ctx) netip.Addr { return Of(c).Address }

// RequestID returns the number that ties an answer to the log.
func RequestID(c *fiber.Ctx) string { return Of(c).ID }

// Frame begins a page: its title, in the visitor's language.
func Frame(c *fiber.Ctx, title string) frame.Frame {
	v := Of(c)
	f := frame.Frame{Lang: v.Lang, Title: title, Demo: v.Demo, Path: pathOf(c)}
	if v.Session.Get(StaffID) != "" {
		f.CSRF = CSRF(c)
	}
	return f
}

// pathOf is the address for the language switch. A path such as //example.org
// would lead elsewhere.
func pathOf(c *fiber.Ctx) string {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return "/"
	}
	u := url.URL{Path: "/" + strings.TrimLeft(c.Path(), `/\`)}
	return u.EscapedPath()
}
