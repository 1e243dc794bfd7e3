package desk

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/procedure"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// showRegister shows the inventory: what the notice leaves open, and what is
// ours until somebody of the authority confirms it.
func (d Deps) showRegister(c *fiber.Ctx, v visitor) error { return d.registerPage(c, v, came{}) }

// confirm records that the authority stands by what was inferred about a
// system.
func (d Deps) confirm(c *fiber.Ctx, v visitor) error {
	system := c.Params("system")
	err := d.Review.Confirm(c.UserContext(), v.actor, system, v.now)
	if err == nil {
		return reply.Redirect(c, "/desk/verzeichnis#v-"+system)
	}
	back, ok := v.refusal(sent{id: "confirm-" + system}, err)
	if !ok {
		return err
	}
	return d.registerPage(c, v, back)
}

func (d Deps) registerPage(c *fiber.Ctx, v visitor, back came) error {
	inv, confirmed, err := d.Register(c.UserContext(), v.actor)
	if err != nil {
		return err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return err
	}
	title := v.say("desk.register.title")
	p := desk.Register{
		Frame: d.frame(c, v, title, "/desk/verzeichnis"), Heading: kern.Heading{Title: title}, Lead: v.say("desk.register.lead", "source", inv.Authority.Source),
		OpenTitle: v.say("desk.register.open"), DoneTitle: v.say("desk.register.rest"), None: v.say("desk.register.none"), Errors: v.errors(back),
	}
	if p.Law, err = d.lawText(c, v, names, back); err != nil {
		return err
	}
	for _, s := range inv.Systems {
		e := v.entered(inv, s)
		known, stands := procedure.Confirmed(s, confirmed[s.ID])
		ours := len(s.ToConfirm()) > 0
		switch {
		case ours && stands:
			e.Tag = kern.Badge{Kind: kern.Success, Label: v.say("desk.register.confirmed")}
			e.Items = append(e.Items, kern.Item{Key: v.say("desk.register.by"), Value: v.say("desk.register.who", "name", names[known.By], "at", v.moment(known.At))})
			p.Done = append(p.Done, e)
		case ours:
			e.Tag = kern.Badge{Kind: kern.Warning, Label: v.say("desk.register.unconfirmed")}
			if d.may(v, casefile.ActionConfirmInventory) {
				e.Form = v.build(back, "confirm-"+s.ID, "/desk/verzeichnis/"+s.ID+"/bestaetigen", reply.CSRF(c)).done("", v.say("desk.register.confirm"))
			}
			p.Open = append(p.Open, e)
		default:
			p.Done = append(p.Done, e)
		}
	}
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.RegisterPage(p))
}

func (v visitor) entered(inv inventory.Inventory, s inventory.System) desk.Entered {
	said := s.In(v.lang)
	e := desk.Entered{ID: "v-" + s.ID, Name: said.Name, OurIs: v.say("desk.register.ours"), GapIs: v.say("desk.register.gaps"), Items: []kern.Item{
		v.item("desk.register.purpose", said.Purpose), v.item("desk.register.basis", v.provisions(strings.Join(said.LegalBasis, "; "))),
		v.item("desk.register.regime", v.known("desk.regime."+string(s.Regime))), v.item("desk.register.fields", strings.Join(said.Fields, ", ")),
		v.item("desk.register.retention", v.systemsIn(inv, v.provisions(said.Retention.Text))), v.item("desk.register.connector", cmp.Or(v.known("desk.kind."+s.Connector), s.Connector)),
	}}
	if len(s.FieldsInferred) > 0 {
		e.Items = append(e.Items, v.item("desk.register.fields_inferred", strings.Join(s.FieldsInferred, ", ")))
	}
	for _, key := range s.ToConfirm() {
		e.Ours = append(e.Ours, v.say(key))
	}
	for _, key := range s.Gaps() {
		e.Gaps = append(e.Gaps, v.say(key))
	}
	return e
}

var (
	articles       = regexp.MustCompile(`Art\. \d[0-9a-z(), ]*`)
	shortProvision = regexp.MustCompile(`(\d[a-z]?|,) ?((?:\((?:\d+[a-z]?|[a-z])\))+)`)
	inBrackets     = regexp.MustCompile(`\(([0-9]*)([a-z]?)\)`)
)

// provisions writes "Art. 6(1)(e)" as German does: "Art. 6 Abs. 1 Buchst. e".
func (w words) provisions(text string) string {
	if w.lang != wording.German {
		return text
	}
	return articles.ReplaceAllStringFunc(text, func(cited string) string {
		return shortProvision.ReplaceAllStringFunc(cited, longProvision)
	})
}

func longProvision(short string) string {
	long := inBrackets.ReplaceAllStringFunc(short, func(part string) string {
		m := inBrackets.FindStringSubmatch(part)
		if m[1] == "" {
			return " Buchst. " + m[2]
		}
		return " Abs. " + m[1] + m[2]
	})
	return strings.ReplaceAll(long, "  ", " ")
}

// systemsIn names systems that a text of the inventory calls by their id.
func (w words) systemsIn(inv inventory.Inventory, text string) string {
	for _, s := range inv.Systems {
		text = strings.ReplaceAll(text, "("+s.ID+")", "("+s.In(w.lang).Name+")")
	}
	return text
}

// item is a word with its value; what is not said shows as such.
func (w words) item(key, value string) kern.Item {
	if value == "" {
		value = w.say("desk.not_said")
	}
	return kern.Item{Key: w.say(key), Value: value}
}
