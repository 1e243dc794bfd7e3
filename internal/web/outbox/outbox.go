// Package outbox shows the mails of the demonstration instead of sending them.
package outbox

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/law/calendar"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	view "einsicht/views/outbox"
)

// Path is where the page stands; only a demonstration has it.
const Path = "/demo/postausgang"

// Mail is one mail that was not sent.
type Mail struct {
	At                time.Time
	To, Subject, Text string
}

// Routes are the page. list gives the mails, the newest first.
func Routes(list func(context.Context) ([]Mail, error)) []reply.Route {
	return []reply.Route{{Method: http.MethodGet, Path: Path, Class: reply.PageClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
		mails, err := list(c.UserContext())
		if err != nil {
			return err
		}
		l := reply.Lang(c)
		p := view.Page{Lang: l}
		for _, m := range mails {
			at := m.At.In(calendar.Berlin())
			p.Mails = append(p.Mails, view.Mail{At: wording.ShortDate(l, at) + ", " + at.Format("15:04"), To: m.To, Subject: m.Subject, Text: m.Text})
		}
		return reply.Page(c, http.StatusOK, view.List(reply.Frame(c, wording.Text(l, "outbox.title")), p))
	}}}
}
