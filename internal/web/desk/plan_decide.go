package desk

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// every stands for all measures of a system that ask, whatever page they are on.
const every = "every"

// mostAtOnce is how many measures one form can name, so that it is not too long.
const mostAtOnce = 1000

// decideMeasures says what happens with measures that a machine does not carry out.
func (d Deps) decideMeasures(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	measures := f.uuids("measure")
	if slices.Contains(f.values["measure"], every) {
		for _, text := range strings.Split(f.get(every), " ") {
			if one, err := uuid.Parse(text); err == nil && !slices.Contains(measures, one) {
				measures = append(measures, one)
			}
		}
	}
	if len(measures) == 0 {
		return procedure.Incomplete("measure", "plan.error.measure")
	}
	return d.Fulfilment.Decide(c.UserContext(), v.actor, id, measures, fulfilment.Way(f.get("way")), f.text("for_person"), f.text("for_file"), v.now)
}

// decidable says whether staff can say what happens with a measure now.
func (s *planSheet) decidable(m procedure.Measure) bool {
	if s.p.Plan.Fixed() {
		return s.p.Case.State == casefile.Fulfilling && (m.State == casefile.Asks || m.State == casefile.ForUnit)
	}
	c := s.p.Case.State
	return (c == casefile.Received || c == casefile.Review) && !(m.State == casefile.Stays && m.Text.Ground != "")
}

// decideForm asks about the measures of a page, and offers all that ask at once
// where there are more.
func (s *planSheet) decideForm(sys fulfilment.System, page, first, last int) desk.Form {
	id := "massnahmen-" + sys.ID
	if !s.kept(s.d.may(s.visitor, casefile.ActionPlan), id) {
		return desk.Form{}
	}
	b := s.form(id, "plan/entscheiden")
	b.hidden("system", sys.ID).hidden("seite", itoa(page))
	var options []kern.Option
	asking, here := []string{}, 0
	for i, m := range sys.Measures {
		if !s.decidable(m) {
			continue
		}
		shown := i >= first && i < last
		if m.State == casefile.Asks {
			asking = append(asking, m.ID.String())
			if shown {
				here++
			}
		}
		if shown {
			options = append(options, kern.Option{Value: m.ID.String(), Label: s.say("plan.measure.numbered", "n", itoa(i+1), "label", s.recordOf(m)), Hint: s.stateOf(m)})
		}
	}
	if len(options) == 0 && len(asking) == 0 {
		return desk.Form{}
	}
	if len(asking) > here {
		asking = asking[:min(len(asking), mostAtOnce)]
		b.hidden(every, strings.Join(asking, " "))
		options = append([]kern.Option{{Value: every, Label: s.say("plan.decide.every", "n", itoa(len(asking)))}}, options...)
	}
	b.boxes(b.field("measure", "plan.decide.which"), options)
	b.radios(b.field("way", "plan.decide.way"), s.ways())
	why := b.field("for_person", "plan.decide.for_person")
	why.Optional = s.say("plan.decide.leaving")
	b.area(why, "")
	b.area(b.optional(b.field("for_file", "plan.decide.for_file")), "")
	f := b.done(s.say("plan.decide"), s.say("plan.decide.do"))
	f.Open = f.Open || here > 0
	return f
}

func (s *planSheet) ways() []kern.Option {
	var options []kern.Option
	for _, way := range fulfilment.Ways {
		hint := "plan.way." + string(way) + ".hint"
		options = append(options, kern.Option{Value: string(way), Label: s.say("plan.way." + string(way)), Hint: s.known(hint)})
	}
	return options
}

// correct plans that a record is corrected: only fields that were filled in, or
// ticked to be emptied, change.
func (d Deps) correct(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	values := map[string]person.Text{}
	for _, field := range f.values["empty"] {
		values[field] = person.Text{}
	}
	for name := range f.values {
		if field, is := strings.CutPrefix(name, "v-"); is && f.get(name) != "" {
			values[field] = f.text(name)
		}
	}
	if statement := f.text("statement"); !statement.IsBlank() {
		values[fulfilment.Statement] = statement
	}
	return d.Fulfilment.Correct(c.UserContext(), v.actor, id, f.uuid("finding"), values, v.now)
}

// correctable are the records of the person of which staff can say what is right.
func (s *planSheet) correctable() []procedure.Found {
	return slices.DeleteFunc(slices.Clone(s.p.Findings), func(f procedure.Found) bool {
		return f.Decision.Verdict != disclosure.Give && f.Decision.Verdict != disclosure.Withhold
	})
}

// correction is where records are corrected, if that was asked.
func (s *planSheet) correction() desk.Correct {
	asked := slices.ContainsFunc(s.p.Rights, func(r casefile.Right) bool { return r.Right == law.Rectification })
	if !asked || !s.kept(s.plans(), "berichtigen") {
		return desk.Correct{}
	}
	p := desk.Correct{Title: s.say("plan.correct"), Text: s.say("plan.correct.text"), Said: s.corrections(s.p.Request)}
	records := s.correctable()
	if len(records) == 0 {
		p.None = s.say("plan.correct.none")
	}
	first, last, page := turned(s.shown, correcting, len(records))
	for i, f := range records {
		system, _ := s.o.Inventory.System(f.System)
		title := s.say("plan.correct.record", "system", system.In(s.lang).Name, "record", s.titleOf(f), "place", s.placeOf(f.System, f.Record))
		if i >= first && i < last {
			href := s.path + "/plan?system=" + correcting + "&seite=" + itoa(page) + "&fund=" + f.ID.String() + "#berichtigen"
			p.Records = append(p.Records, kern.Link{Href: href, Label: title})
		}
		if s.shown.finding == f.ID.String() {
			p.Form = s.correctForm(f, page)
			p.Form.Title = title
		}
	}
	p.Pages = s.turn(correcting, page, first, last, len(records))
	for _, l := range []*kern.Link{&p.Pages.Prev, &p.Pages.Next} {
		l.Href = strings.Replace(l.Href, "#"+planSystemID(correcting), "#berichtigung", 1)
	}
	return p
}

// corrections is what the person says is right, and what shows it.
func (s *sheet) corrections(r casefile.Request) []kern.Item {
	var items []kern.Item
	add := func(key string, said person.Text) {
		if !said.IsBlank() {
			items = append(items, kern.Item{Key: s.say(key), Value: said.Reveal()})
		}
	}
	add("desk.request.wrong", r.Concerns[law.Rectification])
	add("desk.request.right", r.Correction.Right)
	add("desk.request.evidence", r.Correction.Evidence)
	add("desk.request.statement", r.Correction.Statement)
	return items
}

// correcting stands for the list of records where else a system is named.
const correcting = "berichtigung"

func (s *planSheet) titleOf(f procedure.Found) string {
	if title := f.Record.Title(s.lang); title != "" {
		return title
	}
	return s.say("plan.record")
}

func (s *planSheet) correctForm(f procedure.Found, page int) desk.Form {
	b := s.form("berichtigen", "plan/berichtigen")
	b.hidden("finding", f.ID.String()).hidden("seite", itoa(page))
	planned := map[string]person.Text{}
	for _, system := range s.p.Systems {
		for _, m := range system.Measures {
			if m.Finding == f.ID && m.Do == connector.CanRectify {
				maps.Copy(planned, m.Text.Values)
			}
		}
	}
	var fields []kern.Area
	var empty []kern.Option
	for _, field := range f.Record.Fields {
		if field.Withheld || field.HoldsFile() {
			continue
		}
		now, title := field.Value.Reveal(), field.Title(s.lang)
		right, corrected := planned[field.Name]
		one := kern.Area{Field: kern.Field{Name: "v-" + field.Name, ID: "berichtigen-v-" + itoa(len(fields)), Label: title}, MaxLength: 8000, Value: b.value("v-"+field.Name, right.Reveal()), Rows: 1}
		if len(fields) == 0 {
			one.ID = "berichtigen-values" // where the summary of what is wrong leads
		}
		one.Hint = s.say("plan.correct.now", "value", shortened(now))
		if now == "" {
			one.Hint = s.say("plan.correct.now_empty")
		}
		if utf8.RuneCountInString(now) > 80 || strings.Contains(now, "\n") {
			one.Rows = 3
		}
		fields = append(fields, one)
		if now != "" {
			empty = append(empty, kern.Option{Value: field.Name, Label: title, Selected: corrected && right.Reveal() == ""})
		}
	}
	b.add(desk.Values(b.field("values", "plan.correct.values"), fields))
	b.boxes(b.optional(b.field("empty", "plan.correct.empty")), empty)
	if !slices.ContainsFunc(f.Record.Fields, func(field connector.Field) bool { return field.Name == fulfilment.Statement }) {
		b.area(b.optional(b.field("statement", "plan.correct.statement")), s.plannedStatement(f))
	}
	return b.done("", s.say("plan.correct.do"))
}

// plannedStatement is the person's statement to go with a record, where one is planned.
func (s *planSheet) plannedStatement(f procedure.Found) string {
	for _, system := range s.p.Systems {
		for _, m := range system.Measures {
			if statement, planned := m.Text.Values[fulfilment.Statement]; planned && m.Finding == f.ID {
				return statement.Reveal()
			}
		}
	}
	return ""
}

// shortened is as much of a value as tells which it is.
func shortened(value string) string {
	runes := []rune(value)
	if len(runes) <= 300 {
		return value
	}
	return string(runes[:300]) + " …"
}
