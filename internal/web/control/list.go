package control

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// standing is how a system stands, for a filter: the word that stands in the
// address, and its colour.
type standing struct {
	word string
	kind kern.Kind
}

// The ways to stand, in the order of the filters.
var (
	working  = standing{"ein", kern.Success}
	drafted  = standing{"entwurf", kern.Info}
	resting  = standing{"aus", kern.Warning}
	doubled  = standing{"doppelt", kern.Danger}
	byPeople = standing{"von-hand", kern.Info}

	standings = []standing{working, drafted, resting, doubled, byPeople}
)

func standingOf(i connecting.Item) standing {
	switch {
	case i.Twice:
		return doubled
	case i.Where == connecting.Nowhere:
		return byPeople
	case i.State == connecting.On:
		return working
	case i.State == connecting.Off:
		return resting
	}
	return drafted
}

// showList shows all systems and how each is reached.
func (d Deps) showList(c *fiber.Ctx, v visitor) error {
	items, err := d.Connecting.List(c.UserContext(), v.Actor)
	if err != nil {
		return err
	}
	strangers, err := d.Connecting.Unregistered(c.UserContext(), v.Actor)
	if err != nil {
		return err
	}
	title, wanted := v.say("control.list.title"), c.Query("stand")
	p := control.List{
		Frame: d.Door.Frame(c, v.Visitor, title, staff.Systems), Heading: kern.Heading{Title: title}, Lead: v.say("control.list.lead"),
		Filters: v.filters(items, wanted), EmptyTitle: v.say("control.list.none"), EmptyText: v.say("control.list.none.text"),
		Table: kern.Table{ID: "verfahren", Caption: v.say("control.list.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("control.col.system")}, {Title: v.say("control.col.kind")}, {Title: v.say("control.col.where")},
			{Title: v.say("control.col.state")}, {Title: v.say("control.col.test")},
		}},
	}
	if len(strangers) > 0 {
		p.Strangers = kern.Alert{Kind: kern.Warning, Title: v.say("control.list.strangers")}
		p.StrangersAre = v.say("control.list.strangers.text", "systems", strings.Join(strangers, ", "))
	}
	for _, i := range items {
		if standingOf(i).word == wanted || !known(wanted) {
			p.Table.Rows = append(p.Table.Rows, v.row(i))
		}
	}
	if len(items) > 0 {
		p.EmptyTitle, p.EmptyText = v.say("control.list.empty"), v.say("control.list.empty."+wanted)
		p.All = kern.Link{Href: staff.Systems, Label: v.say("control.list.all")}
	}
	return reply.Page(c, fiber.StatusOK, control.ListPage(p))
}

func known(word string) bool {
	for _, s := range standings {
		if s.word == word {
			return true
		}
	}
	return false
}

func (v visitor) filters(items []connecting.Item, wanted string) kern.Filters {
	f := kern.Filters{Label: v.say("control.filter"), All: []kern.Filter{
		{Label: v.say("control.filter.all"), Count: len(items), Href: staff.Systems, Current: !known(wanted)},
	}}
	for _, s := range standings {
		n := 0
		for _, i := range items {
			if standingOf(i) == s {
				n++
			}
		}
		if s == doubled && n == 0 {
			continue // hardly ever, and then it must be seen
		}
		f.All = append(f.All, kern.Filter{Kind: s.kind, Label: v.say("control.state." + s.word), Count: n, Href: staff.Systems + "?stand=" + s.word, Current: wanted == s.word})
	}
	return f
}

func (v visitor) row(i connecting.Item) kern.Row {
	said := i.System.In(v.Lang)
	link := kern.Link{Href: pathOf(i.System.ID), Label: said.Name}
	test, when := v.lastTest(i)
	below := ""
	if i.Where == connecting.ByPage {
		below = v.moment(i.ChangedAt)
	}
	return kern.Row{Cells: []kern.Cell{
		{Content: control.Name(link, i.System.ID)},
		{Text: v.kind(i.System.Connector)},
		{Content: control.Plain(v.where(i), v.otherKind(i))},
		{Content: control.State(v.badge(i), below)},
		{Content: control.Plain(test, when)},
	}}
}

// badge says how a system stands.
func (v visitor) badge(i connecting.Item) kern.Badge {
	s := standingOf(i)
	return kern.Badge{Kind: s.kind, Label: v.say("control.state." + s.word)}
}

func (v visitor) where(i connecting.Item) string {
	if i.Where == connecting.Nowhere {
		return v.say("connecting.where.nowhere")
	}
	return v.say("connecting.where." + string(i.Where))
}

// otherKind names the kind where it is not the one that the register names.
func (v visitor) otherKind(i connecting.Item) string {
	if i.Kind == "" || i.Kind == i.System.Connector {
		return ""
	}
	return v.say("control.as", "kind", v.kind(i.Kind))
}

// kind names a kind of system as people do, with its word in a text.
func (v visitor) kind(name string) string {
	if said := v.known("control.kind." + name); said != "" {
		return v.say("control.kind", "name", said, "word", name)
	}
	return name
}

// lastTest says how the last test went, and when; what of it no longer counts.
func (v visitor) lastTest(i connecting.Item) (said, when string) {
	t := i.Test
	switch {
	case t.ID == uuid.Nil:
		return v.say("control.test.never"), ""
	case t.DoneAt.IsZero():
		return v.say("connecting.outcome.waiting"), v.moment(t.CreatedAt)
	case t.Outcome == connecting.Passed && !i.Tested():
		return v.say("control.test.older"), v.moment(t.DoneAt)
	}
	return v.say("connecting.outcome." + string(t.Outcome)), v.moment(t.DoneAt)
}
