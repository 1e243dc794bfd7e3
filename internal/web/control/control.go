// Package control is where an authority's operator connects its systems: enters
// how each is reached, tests that, sees with a test person what would come back,
// and turns it on.
//
// Whether somebody may do something is decided in the step. Nothing here reaches
// a system: a page adds a job, a worker asks, and the page shows what came.
package control

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/internal/wording"
)

// Deps is what the control pages need.
type Deps struct {
	Door       staff.Door
	Connecting connects
	Names      func(ctx context.Context, authority uuid.UUID) (map[uuid.UUID]string, error) // of staff
}

// connects is the step internal/procedure/connecting.
type connects interface {
	List(ctx context.Context, actor casefile.Actor) ([]connecting.Item, error)
	Unregistered(ctx context.Context, actor casefile.Actor) ([]string, error)
	Show(ctx context.Context, actor casefile.Actor, system string) (connecting.Shown, error)
	Save(ctx context.Context, actor casefile.Actor, system, text, from string, now time.Time) error
	PutSecret(ctx context.Context, actor casefile.Actor, system, name string, value person.Text, now time.Time) error
	Test(ctx context.Context, actor casefile.Actor, system string, now time.Time) (uuid.UUID, error)
	Try(ctx context.Context, actor casefile.Actor, system string, who map[person.IdentifierKind]person.Text, why connecting.Why, now time.Time) (uuid.UUID, error)
	Result(ctx context.Context, actor casefile.Actor, id uuid.UUID, now time.Time) (connecting.Result, error)
	TurnOn(ctx context.Context, actor casefile.Actor, system, version string, now time.Time) error
	TurnOff(ctx context.Context, actor casefile.Actor, system string, now time.Time) error
}

// Routes are the control pages.
func Routes(d Deps) []reply.Route {
	get := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodGet, Path: path, Class: reply.PageClass, Auth: reply.Staff, Door: staff.SignIn, Handler: d.staff(h)}
	}
	post := func(path string, h handler) reply.Route {
		return reply.Route{Method: fiber.MethodPost, Path: path, Class: reply.FormClass, Auth: reply.Staff, Door: staff.SignIn, Handler: d.staff(h)}
	}
	const one = staff.Systems + "/:system"
	return []reply.Route{
		get(staff.Systems, d.showList),
		get(one, d.showSystem),
		// A text in parts is as long as it is; as a form it might be three times as
		// long, and a form is refused before anybody can say what is wrong with it.
		{Method: fiber.MethodPost, Path: one + "/speichern", Class: reply.UploadClass, Auth: reply.Staff, Door: staff.SignIn, MaxBody: connector.MaxFile, Handler: d.staff(d.save)},
		post(one+"/geheimnis", d.putSecret),
		post(one+"/pruefen", d.test),
		get(one+"/probe", d.showTrial),
		post(one+"/probe", d.try),
		get(one+"/probe/:trial", d.showResult),
		post(one+"/einschalten", d.turnOn),
		post(one+"/ausschalten", d.turnOff),
	}
}

// visitor is the member of staff who asks for a page.
type visitor struct {
	staff.Visitor
	d Deps
}

type handler func(c *fiber.Ctx, v visitor) error

func (d Deps) staff(h handler) fiber.Handler {
	return d.Door.Admit(func(c *fiber.Ctx, v staff.Visitor) error { return h(c, visitor{v, d}) })
}

// may says whether to show what leads to an action.
func (v visitor) may(a casefile.Action) bool { return v.d.Door.May(v.Visitor, a) }

func (v visitor) say(key string, pairs ...string) string { return wording.Text(v.Lang, key, pairs...) }

// known says a sentence if there is one for the key.
func (v visitor) known(key string, pairs ...string) string {
	if key == "" || !wording.Has(key) {
		return ""
	}
	return v.say(key, pairs...)
}

// count says a sentence in its form for one or for several.
func (v visitor) count(key string, n int, pairs ...string) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return v.say(key+form, append(pairs, "n", itoa(n))...)
}

// moment writes an instant as the clocks in Germany showed it.
func (v visitor) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(calendar.Berlin())
	return v.say("desk.moment", "date", wording.ShortDate(v.Lang, t), "time", t.Format("15:04"))
}

// pathOf is the page of a system.
func pathOf(system string) string { return staff.Systems + "/" + url.PathEscape(system) }

func itoa(n int) string { return strconv.Itoa(n) }

// readForm reads what was typed. Lines end as in files: browsers send them as
// letters do, and the version of a text would depend on who sent it.
func readForm(c *fiber.Ctx) (url.Values, error) {
	values, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return nil, problem.New(problem.Invalid, "problem.invalid") // the error quotes what was typed
	}
	return inLines(values), nil
}

// readParts is readForm for a form that is sent in parts.
func readParts(c *fiber.Ctx) (url.Values, error) {
	parts, err := reply.Upload(c)
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return inLines(values), nil
		}
		if err != nil {
			return nil, problem.New(problem.Invalid, "problem.invalid")
		}
		content, err := io.ReadAll(part) // bounded by the route
		if err != nil {
			return nil, problem.New(problem.Invalid, "problem.invalid")
		}
		values.Add(part.FormName(), string(content))
	}
}

func inLines(values url.Values) url.Values {
	for _, all := range values {
		for i := range all {
			all[i] = strings.ReplaceAll(all[i], "\r\n", "\n")
		}
	}
	return values
}
