package desk

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/procedure"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// begins is how long an attempt that is due is given to begin, before staff are offered
// to begin it again.
const begins = 2 * time.Minute

// tryNow lets what waits for a system be tried at once.
func (d Deps) tryNow(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.get("system") == "" {
		return procedure.Incomplete("system", "desk.error.system")
	}
	return d.Fulfilment.TryNow(c.UserContext(), v.actor, id, f.get("system"), v.now)
}

// silent says of each system for which measures wait why, since when, which attempt it
// was and when the next follows. action is where staff let it be tried at once.
func (d Deps) silent(v visitor, waits map[string]map[casefile.Job]casefile.Tries, inv inventory.Inventory, action, csrf string, back came) []desk.Silent {
	var all []desk.Silent
	for _, system := range inv.Systems {
		var last casefile.Tries
		for _, t := range waits[system.ID] {
			if t.Trouble.At.After(last.Trouble.At) {
				last = t
			}
		}
		if last.Since.IsZero() {
			continue
		}
		next := last.Trouble.Next
		due := !next.After(v.now)
		one := desk.Silent{Title: v.troubleTitle(system.In(v.lang).Name, last), Lines: v.triedLines(last, due)}
		if d.may(v, casefile.ActionPlan) && !(due && v.now.Sub(next) < begins) {
			b := v.build(back, "jetzt-"+system.ID, action, csrf).hidden("system", system.ID)
			one.Form = b.done("", v.say("plan.trouble.do"))
			one.Form.Buttons[0].Rank = kern.Primary
		}
		all = append(all, one)
	}
	return all
}

func (v visitor) troubleTitle(name string, t casefile.Tries) string {
	if t.Trouble.Kind == casefile.Unreachable {
		return v.say("plan.trouble.silent", "system", name, "at", v.moment(t.Since))
	}
	return v.say("plan.trouble.failing", "system", name, "at", v.moment(t.Since))
}

func (v visitor) triedLines(t casefile.Tries, due bool) []string {
	var lines []string
	if t.Count > 0 {
		lines = append(lines, v.say("plan.trouble.tried", "n", itoa(t.Count), "all", itoa(len(casefile.Pauses)+1), "at", v.moment(t.Trouble.At)))
	}
	why := v.say("desk.trouble." + string(t.Trouble.Kind))
	if place := strings.Join(slices.DeleteFunc([]string{t.Trouble.Place, t.Trouble.Code}, func(s string) bool { return s == "" }), ", "); place != "" {
		why = v.say("desk.trouble.place", "why", strings.TrimSuffix(why, "."), "place", place)
	}
	lines = append(lines, why)
	if due {
		return append(lines, v.say("desk.trouble.now"))
	}
	return append(lines, v.say("desk.trouble.next", "at", v.moment(t.Trouble.Next))+" "+v.say("plan.trouble.after"))
}
