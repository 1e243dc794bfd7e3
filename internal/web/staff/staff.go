// Package staff finds out which member of staff asks for a page, and draws the
// frame around what they see: who they are, and the places they can go to.
package staff

import (
	"context"
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

// Addresses of the desk that other pages lead to.
const (
	Home     = "/desk"
	SignIn   = "/desk/anmelden"
	Tasks    = "/desk/aufgaben"
	Limited  = "/desk/einschraenkungen"
	Register = "/desk/verzeichnis"
	Systems  = "/desk/verfahren"
)

// Door lets staff in.
type Door struct {
	Accounts    accounts
	Permission  permission
	Authorities func(ctx context.Context) ([]casefile.Authority, error)
}

type accounts interface {
	Current(ctx context.Context, id uuid.UUID) (login.Staff, error)
}

type permission interface {
	May(actor casefile.Actor, action casefile.Action, authority uuid.UUID) error
}

// Visitor is the member of staff who asks for a page.
type Visitor struct {
	login.Staff
	Actor  casefile.Actor
	Office casefile.Authority // whose staff they are
	Now    time.Time
	Lang   wording.Lang
}

// Admit finds out who is signed in, afresh at every request: an account that was
// disabled a minute ago opens nothing.
func (d Door) Admit(h func(c *fiber.Ctx, v Visitor) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := uuid.Parse(reply.SessionOf(c).Get(reply.StaffID))
		if err != nil {
			return Leave(c)
		}
		who, err := d.Accounts.Current(c.UserContext(), id)
		if errors.Is(err, problem.NotFound) {
			return Leave(c)
		}
		if err != nil {
			return err
		}
		all, err := d.Authorities(c.UserContext())
		if err != nil {
			return fmt.Errorf("list authorities: %w", err)
		}
		i := slices.IndexFunc(all, func(a casefile.Authority) bool { return a.ID == who.Authority })
		if i < 0 {
			return Leave(c)
		}
		return h(c, Visitor{Staff: who, Actor: who.Actor(), Office: all[i], Now: reply.Now(c), Lang: reply.Lang(c)})
	}
}

// Leave ends what the portal remembers about the visitor and shows the way in.
func Leave(c *fiber.Ctx) error {
	reply.SessionOf(c).End()
	return reply.Redirect(c, SignIn)
}

// May says whether to show what leads to an action. The step asks again.
func (d Door) May(v Visitor, a casefile.Action) bool {
	return d.Permission.May(v.Actor, a, v.Authority) == nil
}

// places are where staff can go, with the right that each is of use for; none:
// everybody may.
var places = []struct {
	path, key string
	needs     casefile.Action
}{
	{Home, "desk.nav.list", casefile.ActionListCases},
	{Tasks, "desk.nav.tasks", casefile.ActionListCases},
	{Limited, "desk.nav.restrictions", casefile.ActionListCases},
	{Register, "desk.nav.register", ""},
	{Systems, "control.nav", casefile.ActionSeeConnections},
}

// Frame begins a page for staff; place is where in the navigation it stands.
func (d Door) Frame(c *fiber.Ctx, v Visitor, title, place string) frame.Frame {
	say := func(key string, pairs ...string) string { return wording.Text(v.Lang, key, pairs...) }
	f := reply.Frame(c, title)
	f.Desk, f.SignOut, f.CSRF = true, "/desk/abmelden", reply.CSRF(c)
	f.User = say("desk.user", "name", v.Name, "role", say("case.role."+string(v.Role)))
	f.Authority = frame.Authority{Name: v.Office.Name, Path: "/" + v.Office.Slug}
	for _, p := range places {
		if p.needs == "" || d.May(v, p.needs) {
			f.Nav = append(f.Nav, kern.Link{Href: p.path, Label: say(p.key), Current: p.path == place})
		}
	}
	return f
}
