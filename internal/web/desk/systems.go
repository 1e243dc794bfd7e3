package desk

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) askSystems(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent) error {
	return d.Gathering.Start(c.UserContext(), v.actor, id, v.now)
}

// asked is one system with how far it is.
type asked struct {
	inventory.System
	inquiry casefile.Inquiry
	found   int
	notes   []string
}

// showProgress shows how far the systems are and nothing else, so that a page
// that asks every few seconds opens no case each time.
func (d Deps) showProgress(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	inv, inquiries, counts, err := d.Progress(c.UserContext(), v.actor, id)
	if err != nil {
		return err
	}
	var all []asked
	for _, q := range inquiries {
		system, _ := inv.System(q.System)
		all = append(all, asked{System: system, inquiry: q, found: counts[q.System]})
	}
	title := v.say("desk.part.systems")
	p := desk.Stand{Frame: d.frame(c, v, title, ""), Heading: kern.Heading{Title: v.say("desk.stand.title")}, Systems: v.standing(casePath(id), all)}
	p.Back = kern.Link{Href: casePath(id) + "#verfahren", Label: v.say("desk.stand.back")}
	if p.Systems.Poll == "" {
		p.Systems.Reload = kern.Link{Href: casePath(id) + "#verfahren", Label: v.say("desk.stand.done")}
	}
	return reply.Page(c, fiber.StatusOK, desk.StandPage(p))
}

// systems is how far the question to the systems has come.
func (s *sheet) systems() desk.Systems {
	var all []asked
	for _, sys := range s.o.Systems {
		found := len(sys.Findings)
		a := asked{System: sys.System, inquiry: sys.Inquiry, found: found}
		a.notes = s.systemNotes(sys.Text)
		if sys.Unconfirmed {
			a.notes = append(a.notes, s.say("desk.systems.unconfirmed"))
		}
		all = append(all, a)
	}
	p := s.standing(s.path, all)
	again := s.o.Case.State == casefile.Review
	if _, possible := s.o.Blocked[casefile.Gather]; possible && again && s.d.may(s.visitor, casefile.ActionAskSystems) {
		p.Ask = s.form("befragen", "befragen").done("", s.say("desk.do.befragen.again"))
		p.Ask.Lead = s.say("desk.systems.again")
	}
	return p
}

// standing is the table of systems, by purpose, with the share that answered.
func (v visitor) standing(path string, all []asked) desk.Systems {
	p := desk.Systems{Title: v.say("desk.part.systems"), EmptyTitle: v.say("desk.systems.empty"), EmptyText: v.say("desk.systems.empty.text"),
		Table: kern.Table{ID: "verfahren-liste", Caption: v.say("desk.systems.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("desk.col.system")}, {Title: v.say("desk.col.state")}, {Title: v.say("desk.col.findings"), Numeric: true}, {Title: v.say("desk.col.remarks")},
		}},
	}
	slices.SortStableFunc(all, func(a, b asked) int {
		return cmp.Or(cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Name, b.Name))
	})
	answered, running := 0, 0
	for _, a := range all {
		if a.inquiry.State.Answered() {
			answered++
		}
		if a.inquiry.State == casefile.Asked || a.inquiry.State == casefile.Wanted {
			running++
		}
		p.Table.Rows = append(p.Table.Rows, v.systemRow(a))
	}
	p.Progress = kern.Progress{Label: v.say("desk.systems.progress", "n", itoa(answered), "all", itoa(len(all))), Value: answered, Max: max(len(all), 1)}
	if running > 0 {
		p.Running = v.count("desk.systems.running", running)
		p.Poll = path + "/stand"
		p.Reload = kern.Link{Href: path + "/stand", Label: v.say("desk.reload"), Icon: "autorenew"}
	}
	return p
}

var inquiryKinds = map[casefile.InquiryState]kern.Kind{
	casefile.Wanted: kern.Info, casefile.Asked: kern.Info, casefile.WithUnit: kern.Warning, casefile.FoundSome: kern.Success,
	casefile.FoundNothing: kern.Success, casefile.Unattributable: kern.Info, casefile.Failed: kern.Danger,
}

func (v visitor) systemRow(a asked) kern.Row {
	q := a.inquiry
	said := a.In(v.lang)
	when := ""
	if !q.AnsweredAt.IsZero() {
		when = v.moment(q.AnsweredAt)
	}
	notes := a.notes
	switch {
	case q.Early && q.State == casefile.Asked:
		notes = append([]string{v.say("desk.systems.early.asked")}, notes...)
	case q.Early && q.State.Answered():
		notes = append([]string{v.say("desk.systems.early")}, notes...)
	}
	if len(notes) == 0 {
		notes = []string{""}
	}
	return kern.Row{Cells: []kern.Cell{
		{Content: desk.Lines(kern.Link{Label: cmp.Or(said.Name, q.System)}, said.Purpose)},
		{Content: desk.Stacked(desk.Tags(kern.Badge{Kind: inquiryKinds[q.State], Label: v.say("case.inquiry." + string(q.State))}), when)},
		{Text: itoa(a.found)},
		{Content: desk.Lines(kern.Link{Label: notes[0]}, notes[1:]...)},
	}}
}

// systemNotes says what a system said beyond its findings.
func (w words) systemNotes(t casefile.InquiryText) []string {
	var notes []string
	if reason := w.known(t.Reason); reason != "" {
		notes = append(notes, reason)
	}
	for _, g := range t.Gaps {
		notes = append(notes, w.say("desk.systems.gap", "place", g.Place, "reason", w.known(g.Reason), "n", itoa(g.Count)))
	}
	if !t.GoneBefore.IsZero() {
		notes = append(notes, w.say("desk.systems.gone", "date", w.day(calendar.DateOf(t.GoneBefore))))
	}
	if !t.Note.IsZero() {
		notes = append(notes, w.say("desk.systems.note", "text", t.Note.Reveal()))
	}
	return notes
}
