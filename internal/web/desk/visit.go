package desk

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// visitor is the member of staff who asks for a page.
type visitor struct {
	login.Staff
	actor     casefile.Actor
	authority casefile.Authority
	now       time.Time
	words
}

type handler func(c *fiber.Ctx, v visitor) error

// staff finds out who is signed in, afresh at every request: an account that
// was disabled a minute ago opens nothing.
func (d Deps) staff(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := uuid.Parse(reply.SessionOf(c).Get(reply.StaffID))
		if err != nil {
			return leave(c)
		}
		staff, err := d.Accounts.Current(c.UserContext(), id)
		if errors.Is(err, problem.NotFound) {
			return leave(c)
		}
		if err != nil {
			return err
		}
		all, err := d.Authorities(c.UserContext())
		if err != nil {
			return fmt.Errorf("list authorities: %w", err)
		}
		i := slices.IndexFunc(all, func(a casefile.Authority) bool { return a.ID == staff.Authority })
		if i < 0 {
			return leave(c)
		}
		return h(c, visitor{staff, staff.Actor(), all[i], reply.Now(c), words{reply.Lang(c)}})
	}
}

func leave(c *fiber.Ctx) error {
	reply.SessionOf(c).End()
	return reply.Redirect(c, signIn)
}

// frame begins a page of the desk.
func (d Deps) frame(c *fiber.Ctx, v visitor, title, place string) frame.Frame {
	f := reply.Frame(c, title)
	f.Desk, f.SignOut, f.CSRF = true, "/desk/abmelden", reply.CSRF(c)
	f.User = v.say("desk.user", "name", v.Name, "role", v.say("case.role."+string(v.Role)))
	f.Authority = frame.Authority{Name: v.authority.Name, Path: "/" + v.authority.Slug}
	for _, l := range []struct{ path, key string }{{home, "desk.nav.list"}, {"/desk/aufgaben", "desk.nav.tasks"}, {"/desk/verzeichnis", "desk.nav.register"}} {
		if l.path != "/desk/verzeichnis" && !d.may(v, casefile.ActionListCases) {
			continue
		}
		f.Nav = append(f.Nav, kern.Link{Href: l.path, Label: v.say(l.key), Current: l.path == place})
	}
	return f
}

// may says whether to show what leads to an action. The step asks again.
func (d Deps) may(v visitor, a casefile.Action) bool {
	return d.Permission.May(v.actor, a, v.Authority) == nil
}

// words are the sentences in the visitor's language.
type words struct{ lang wording.Lang }

func (w words) say(key string, pairs ...string) string { return wording.Text(w.lang, key, pairs...) }

// known says a sentence if there is one for the key.
func (w words) known(key string, pairs ...string) string {
	if key == "" || !wording.Has(key) {
		return ""
	}
	return w.say(key, pairs...)
}

// count says a sentence in its form for one or for several.
func (w words) count(key string, n int) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return w.say(key+form, "n", fmt.Sprint(n))
}
