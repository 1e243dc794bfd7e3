package control

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/staff"
	"einsicht/views/control"
	"einsicht/views/kern"
)

// errGone: a trial is kept for an hour, for who began it.
var errGone = problem.New(problem.NotFound, "control.result.gone")

// showResult shows what a test person would get. It is data of people: the step
// gives it to nobody but who began it.
func (d Deps) showResult(c *fiber.Ctx, v visitor) error {
	id, err := uuid.Parse(c.Params("trial"))
	if err != nil {
		return errGone
	}
	shown, err := d.Connecting.Show(c.UserContext(), v.Actor, c.Params("system"))
	if err != nil {
		return err
	}
	r, err := d.Connecting.Result(c.UserContext(), v.Actor, id, v.Now)
	if errors.Is(err, problem.NotFound) || err == nil && (r.Trial.System != shown.System.ID || r.Trial.Kind != connecting.Try) {
		return errGone
	}
	if err != nil {
		return err
	}
	path, name := pathOf(shown.System.ID), shown.System.In(v.Lang).Name
	title := v.say("control.result.title")
	p := control.Result{
		Frame: d.Door.Frame(c, v.Visitor, title, staff.Systems), Back: kern.Link{Href: path + "#probe", Label: name},
		Heading: kern.Heading{Preline: name, Title: title}, Lead: v.say("control.result.lead", "at", v.moment(r.Trial.ExpiresAt)),
	}
	if r.Trial.DoneAt.IsZero() {
		p.Poll = path + "/probe/" + id.String()
		p.Running = v.running(r.Trial, p.Poll)
		return reply.Page(c, fiber.StatusOK, control.ResultPage(p))
	}
	p.Again = kern.Button{Label: v.say("control.do.search_again"), Href: path + "/probe", Rank: kern.Secondary}
	p.Next = kern.Button{Label: v.say("control.do.on_to"), Href: path + "#einsatz"}
	if r.Trial.Outcome != connecting.Passed {
		p.Fault = v.fault(r.Trial.Outcome, r.Failure)
		p.Next = kern.Button{Label: v.say("control.do.text_to"), Href: path + "#text"}
		return reply.Page(c, fiber.StatusOK, control.ResultPage(p))
	}
	v.brought(&p, r)
	return reply.Page(c, fiber.StatusOK, control.ResultPage(p))
}

// brought fills in what the system gave.
func (v visitor) brought(p *control.Result, r connecting.Result) {
	got := r.Preview
	n := len(got.Findings)
	p.Outcome = kern.Alert{Kind: kern.Success, Title: v.count("control.result.found", n)}
	switch {
	case got.More:
		p.Outcome.Title, p.OutcomeI = v.say("control.result.more", "n", itoa(n)), v.say("control.result.more.text")
	case got.Answer.Outcome == connector.Unattributable:
		p.Outcome = kern.Alert{Kind: kern.Info, Title: v.say("connector.outcome.unattributable")}
	case n == 0:
		p.Outcome, p.OutcomeI = kern.Alert{Kind: kern.Info, Title: v.say("control.result.nothing")}, v.say("control.result.nothing.text")
	}
	if why := v.known(got.Answer.Reason); why != "" {
		p.OutcomeI = why
	}
	p.Counts = v.counts(got)
	for _, g := range got.Answer.Gaps {
		p.Gaps.Title = v.say("control.result.gaps")
		p.Gaps.Lines = append(p.Gaps.Lines, v.say("desk.systems.gap", "place", g.Place, "reason", v.known(g.Reason), "n", itoa(g.Count)))
	}
	for i, s := range got.Sorts {
		p.Sorts = append(p.Sorts, v.sort(i, s, r))
		for _, f := range s.Fields {
			if f.Unmapped {
				p.ToDoList = append(p.ToDoList, v.say("control.unmapped.name", "name", f.Name, "category", s.Category))
			}
		}
	}
	if k := len(p.ToDoList); k > 0 {
		p.Unmapped, p.ToDo = kern.Alert{Kind: kern.Warning, Title: v.count("control.unmapped", k)}, v.say("control.unmapped.todo")
	}
}

// counts are the records per category, and the time that was looked at.
func (v visitor) counts(got connector.Preview) control.Facts {
	f := control.Facts{ID: "anzahl", Title: v.say("control.result.counts")}
	for _, s := range got.Sorts {
		f.Items = append(f.Items, kern.Item{Key: s.Category, Value: v.count("control.records", s.Count)})
	}
	if a := got.Answer; !a.From.IsZero() || !a.Until.IsZero() {
		f.Items = append(f.Items, kern.Item{Key: v.say("control.result.time"), Value: v.say("control.result.span", "from", v.moment(a.From), "until", v.moment(a.Until))})
	}
	return f
}

// sort is one category: its fields and what would become of them, those first
// that somebody has to look at.
func (v visitor) sort(i int, s connector.Sort, r connecting.Result) control.Sort {
	id := "sorte-" + itoa(i+1)
	p := control.Sort{ID: id, Title: s.Category, Text: v.count("control.sort", s.Count),
		Table: kern.Table{ID: id + "-felder", Caption: v.say("control.sort.caption", "category", s.Category), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("control.col.field")}, {Title: v.say("control.col.name")}, {Title: v.say("control.col.category")}, {Title: v.say("control.col.becomes")}, {Title: v.say("control.col.in"), Numeric: true},
		}},
		Examples: control.Examples{ID: id + "-beispiele", Title: v.say("control.examples", "category", s.Category), Note: v.say("control.examples.note")},
	}
	fields := slices.Clone(s.Fields)
	slices.SortStableFunc(fields, func(a, b connector.FieldUse) int { return cmp.Compare(urgency(a), urgency(b)) })
	for _, f := range fields {
		p.Table.Rows = append(p.Table.Rows, v.fieldRow(f, s.Count))
	}
	for _, f := range r.Preview.Findings {
		if f.Category == s.Category && len(p.Examples.Records) < examples {
			p.Examples.Records = append(p.Examples.Records, v.record(f, r.Kinds))
		}
	}
	return p
}

// examples is how many records of a category are shown with their values.
const examples = 5

func urgency(f connector.FieldUse) int {
	switch {
	case f.Unmapped:
		return 0
	case f.ThirdParty, f.Withheld:
		return 1
	}
	return 2
}

func (v visitor) fieldRow(f connector.FieldUse, of int) kern.Row {
	title := connector.Field{Name: f.Name, Label: f.Label}.Title(v.Lang)
	return kern.Row{Cells: []kern.Cell{
		{Text: title}, {Content: control.Code(f.Name)}, {Text: cmp.Or(f.Category, "–")},
		{Content: control.Tags(v.becomes(f.ThirdParty, f.Withheld, f.Unmapped)...)},
		{Text: v.say("control.of", "n", itoa(f.Count), "all", itoa(of))},
	}}
}

// becomes says what would become of a field.
func (v visitor) becomes(thirdParty, withheld, unmapped bool) []kern.Badge {
	var all []kern.Badge
	if unmapped {
		all = append(all, kern.Badge{Kind: kern.Warning, Label: v.say("control.field.unmapped")})
	}
	if thirdParty {
		all = append(all, kern.Badge{Kind: kern.Info, Label: v.say("control.field.third")})
	}
	if withheld {
		all = append(all, kern.Badge{Kind: kern.Danger, Label: v.say("control.field.withheld")})
	}
	if len(all) == 0 {
		all = append(all, kern.Badge{Kind: kern.Success, Label: v.say("control.field.given")})
	}
	return all
}

var sureness = map[connector.Confidence]kern.Kind{connector.Sure: kern.Success, connector.Likely: kern.Info, connector.Check: kern.Warning}

// record is one finding with its values, as staff of a case would see it.
func (v visitor) record(f connector.Finding, kinds map[uuid.UUID]person.IdentifierKind) control.Record {
	r := control.Record{Title: cmp.Or(f.Label, f.Category), Tags: []kern.Badge{{Kind: sureness[f.Confidence], Label: v.say("connector.confidence." + string(f.Confidence))}}}
	for _, field := range f.Fields {
		i := kern.Item{Key: field.Title(v.Lang), Value: field.Value.Reveal()}
		for _, b := range v.becomes(field.ThirdParty, field.Withheld, field.Unmapped) {
			if b.Kind != kern.Success {
				i.Lines = append(i.Lines, v.say("control.mark", "what", b.Label))
			}
		}
		if field.Body != nil && field.Body.Size >= 0 {
			i.Value = strconv.FormatInt((field.Body.Size+1023)/1024, 10) + " KiB"
		}
		if field.Withheld {
			i.Value = "–"
		}
		r.Items = append(r.Items, i)
	}
	for _, led := range f.Led {
		var by []string
		for _, id := range led {
			by = append(by, v.say("case.kind."+string(kinds[id])))
		}
		if note := v.say("control.led", "kinds", strings.Join(by, v.say("control.led.and"))); !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
	}
	for _, h := range f.Hints {
		if note := v.say("control.hint", "kind", v.say("case.kind."+string(h.Kind))); !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
	}
	if f.Origin.Place != "" {
		r.Notes = append(r.Notes, v.say("control.origin", "place", f.Origin.Place, "position", f.Origin.Position))
	}
	return r
}
