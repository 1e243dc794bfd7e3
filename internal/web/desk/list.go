package desk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// lights are the filters in the order of urgency, with the word that stands in
// the address and the shape that stands for it.
var lights = []lamp{
	{oversight.Red, "rot", kern.Danger},
	{oversight.Yellow, "gelb", kern.Warning},
	{oversight.Green, "gruen", kern.Success},
	{oversight.Resting, "ruht", kern.Info},
}

type lamp struct {
	light oversight.Light
	word  string
	kind  kern.Kind
}

// showList is the work list: open cases, the most urgent first.
func (d Deps) showList(c *fiber.Ctx, v visitor) error {
	if !d.may(v, casefile.ActionListCases) {
		p := d.listPage(c, v)
		p.EmptyTitle, p.EmptyText, p.Search = v.say("desk.list.none_for_you"), v.say("desk.list.none_for_you.text"), desk.Search{}
		return reply.Page(c, fiber.StatusOK, desk.ListPage(p))
	}
	all := c.Query("alle") != ""
	rows, err := d.Oversight.List(c.UserContext(), v.actor, person.Text{}, !all, v.now)
	if err != nil {
		return err
	}
	p := d.listPage(c, v)
	if p.Banner, err = d.listBanner(c, v); err != nil {
		return err
	}
	waiting, err := d.waitingCases(c, v)
	if err != nil {
		return err
	}
	wanted := c.Query("ampel")
	p.Lights = v.filters(rows, waiting, wanted, all)
	p.Table.Rows = v.rows(rows, waiting, wanted)
	p.EmptyTitle, p.EmptyText = v.say("desk.list.empty"), v.say("desk.list.empty.text")
	p.More = kern.Link{Href: home + "?alle=1", Label: v.say("desk.list.all")}
	if all {
		p.More = kern.Link{Href: home, Label: v.say("desk.list.open")}
	}
	return reply.Page(c, fiber.StatusOK, desk.ListPage(p))
}

// search answers with the list itself instead of sending on: the text is about
// a person and may stand in no address.
func (d Deps) search(c *fiber.Ctx, v visitor) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("search") == "" {
		return reply.Redirect(c, home)
	}
	rows, err := d.Oversight.List(c.UserContext(), v.actor, f.text("search"), false, v.now)
	if err != nil {
		return err
	}
	waiting, err := d.waitingCases(c, v)
	if err != nil {
		return err
	}
	p := d.listPage(c, v)
	p.Search.Value = f.get("search")
	p.Search.Clear = kern.Link{Href: home, Label: v.say("desk.search.clear")}
	p.Table.Rows = v.rows(rows, waiting, "")
	p.Table.Caption = v.count("desk.search.found", len(rows))
	p.Table.Hidden = false
	p.EmptyTitle, p.EmptyText = v.say("desk.search.empty"), v.say("desk.search.empty.text")
	return reply.Page(c, fiber.StatusOK, desk.ListPage(p))
}

// keysOff switches the keys of the desk off, for people whose voice input or
// trembling hand presses them by mistake (WCAG 2.1.4). It lasts until sign-out.
const keysOff reply.Key = "keys-off"

func (d Deps) switchKeys(c *fiber.Ctx, _ visitor) error {
	if session := reply.SessionOf(c); session.Get(keysOff) == "" {
		session.Set(keysOff, "1")
	} else {
		session.Delete(keysOff)
	}
	return reply.Redirect(c, home)
}

func (v visitor) keys(c *fiber.Ctx) desk.Keys {
	k := desk.Keys{On: reply.SessionOf(c).Get(keysOff) == ""}
	word := map[bool]string{true: "off", false: "on"}[k.On]
	k.Text = v.say("desk.keys." + map[bool]string{true: "on", false: "off"}[k.On])
	k.Form = desk.Form{Form: kern.Form{Action: "/desk/tasten", CSRF: reply.CSRF(c)}, Shown: true, Buttons: []kern.Button{{Label: v.say("desk.keys.switch_" + word), Rank: kern.Secondary}}}
	return k
}

func (d Deps) listPage(c *fiber.Ctx, v visitor) desk.List {
	title, keys := v.say("desk.list.title"), v.keys(c)
	return desk.List{
		Frame: d.frame(c, v, title, home), Heading: kern.Heading{Title: title},
		Search: desk.Search{Form: kern.Form{Action: home, CSRF: reply.CSRF(c)}, Label: v.say("desk.search"), Hint: v.say("desk.search.hint"), Go: v.say("desk.search.go"), Key: keys.On},
		Keys:   keys,
		Table: kern.Table{ID: "vorgaenge", Caption: v.say("desk.list.caption"), Hidden: true, Small: true, Stacked: true, Keys: keys.On, Columns: []kern.Column{
			{Title: v.say("desk.col.case")}, {Title: v.say("desk.col.person")}, {Title: v.say("desk.col.rights")}, {Title: v.say("desk.col.due")},
			{Title: v.say("desk.col.state")}, {Title: v.say("desk.col.tasks"), Numeric: true},
		}},
	}
}

// waits is the filter of cases in which something waits for the visitor as the second
// person, as it stands in the address.
const waits = "freigabe"

// waitingCases says in which cases something waits for the visitor as the second person;
// nil: the visitor is never one.
func (d Deps) waitingCases(c *fiber.Ctx, v visitor) (map[uuid.UUID]bool, error) {
	if !d.may(v, casefile.ActionRelease) {
		return nil, nil
	}
	all, err := d.Oversight.Waiting(c.UserContext(), v.actor, v.now)
	cases := map[uuid.UUID]bool{}
	for _, w := range all {
		cases[w.Case.ID] = true
	}
	return cases, err
}

func (v visitor) filters(rows []oversight.Row, waiting map[uuid.UUID]bool, wanted string, all bool) kern.Filters {
	f := kern.Filters{Label: v.say("desk.filter")}
	query := "?"
	if all {
		query = "?alle=1&"
	}
	f.All = append(f.All, kern.Filter{Label: v.say("desk.filter.all"), Count: len(rows), Href: home + query[:len(query)-1], Current: wanted == ""})
	for _, l := range lights {
		n := 0
		for _, r := range rows {
			if r.Light == l.light {
				n++
			}
		}
		f.All = append(f.All, kern.Filter{Kind: l.kind, Label: v.say("case.light." + string(l.light)), Count: n, Href: home + query + "ampel=" + l.word, Current: wanted == l.word})
	}
	if waiting != nil {
		n := 0
		for _, r := range rows {
			if waiting[r.Case.ID] {
				n++
			}
		}
		f.All = append(f.All, kern.Filter{Label: v.say("desk.waiting"), Count: n, Href: home + query + "ampel=" + waits, Current: wanted == waits})
	}
	return f
}

func (v visitor) rows(rows []oversight.Row, waiting map[uuid.UUID]bool, wanted string) []kern.Row {
	var shown []kern.Row
	i := slices.IndexFunc(lights, func(l lamp) bool { return l.word == wanted })
	for _, r := range rows {
		if i >= 0 && r.Light != lights[i].light || wanted == waits && waiting != nil && !waiting[r.Case.ID] {
			continue
		}
		shown = append(shown, v.row(r, waiting[r.Case.ID]))
	}
	return shown
}

func (v visitor) row(r oversight.Row, waiting bool) kern.Row {
	c := r.Case
	first, second := v.due(c)
	next := v.say("case.next." + string(c.State))
	if c.State == casefile.Delivered && r.Tasks > 0 {
		next = v.say("case.next.tasks")
	}
	if waiting {
		next = v.say("desk.waiting")
	}
	link := kern.Link{Href: home + "/vorgang/" + c.ID.String(), Label: c.FileNumber}
	return kern.Row{Cells: []kern.Cell{
		{Content: desk.Lit(v.light(r.Light), link)},
		{Text: r.Person.Reveal()},
		{Content: desk.Lines(kern.Link{Label: v.rightsShort(r.Rights)})},
		{Content: desk.Lines(kern.Link{Label: first}, second...)},
		{Content: desk.Lines(kern.Link{Label: v.say("case.state." + string(c.State))}, next)},
		{Text: itoa(r.Tasks)},
	}}
}

func (v visitor) light(l oversight.Light) kern.Badge {
	kind := kern.Success
	for _, known := range lights {
		if known.light == l {
			kind = known.kind
		}
	}
	return kern.Badge{Kind: kind, Label: v.say("case.light." + string(l))}
}

// due says until when a case must be answered, and how far away that is.
func (v visitor) due(c casefile.Case) (string, []string) {
	switch {
	case c.State.Answered():
		return v.short(c.Due), []string{v.say("desk.due.answered")}
	case !c.RestsSince.IsZero():
		return v.say("desk.due.rests"), []string{v.say("desk.due.since", "date", v.short(c.RestsSince))}
	}
	return v.short(c.Due), []string{v.left(c.Due, calendar.DateOf(v.now))}
}

func (v visitor) rightsShort(rights []casefile.Right) string {
	names := make([]string, len(rights))
	for i, r := range rights {
		names[i] = v.right(r.Right)
	}
	return strings.Join(names, ", ")
}

func itoa(n int) string { return strconv.Itoa(n) }
