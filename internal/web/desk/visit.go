package desk

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/login"
	"einsicht/internal/web/staff"
	"einsicht/internal/wording"
	"einsicht/views/frame"
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

// door lets staff in.
func (d Deps) door() staff.Door {
	return staff.Door{Accounts: d.Accounts, Permission: d.Permission, Authorities: d.Authorities}
}

// staff finds out who is signed in.
func (d Deps) staff(h handler) fiber.Handler {
	return d.door().Admit(func(c *fiber.Ctx, v staff.Visitor) error {
		return h(c, visitor{v.Staff, v.Actor, v.Office, v.Now, words{v.Lang}})
	})
}

// frame begins a page of the desk.
func (d Deps) frame(c *fiber.Ctx, v visitor, title, place string) frame.Frame {
	return d.door().Frame(c, staff.Visitor{Staff: v.Staff, Actor: v.actor, Office: v.authority, Now: v.now, Lang: v.lang}, title, place)
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
