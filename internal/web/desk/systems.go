package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) askSystems(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent) error {
	return d.Gathering.Start(c.UserContext(), v.actor, id, v.now)
}

// askAgain asks one system again, whatever the others do.
func (d Deps) askAgain(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.get("system") == "" {
		return procedure.Incomplete("system", "desk.error.system")
	}
	return d.Gathering.AskAgain(c.UserContext(), v.actor, id, f.get("system"), v.now)
}

// showProgress shows how far the systems are and nothing else, so that a page
// that asks every few seconds opens no case each time.
func (d Deps) showProgress(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	progress, err := d.Progress(c.UserContext(), v.actor, id)
	if err != nil {
		return err
	}
	title := v.say("desk.part.systems")
	p := desk.Stand{Frame: d.frame(c, v, title, ""), Heading: kern.Heading{Title: v.say("desk.stand.title")}, Systems: v.standing(casePath(id), progress)}
	p.Back = kern.Link{Href: casePath(id) + "#verfahren", Label: v.say("desk.stand.back")}
	if p.Systems.Poll == "" {
		p.Systems.Reload = kern.Link{Href: casePath(id) + "#verfahren", Label: v.say("desk.stand.done")}
	}
	return reply.Page(c, fiber.StatusOK, desk.StandPage(p))
}

// systems is how far the question to the systems has come.
func (s *sheet) systems() desk.Systems {
	var all []gathering.Progress
	for _, sys := range s.o.Systems {
		all = append(all, gathering.Progress{
			System: sys.System, Inquiry: sys.Inquiry, Said: sys.Text, Found: len(sys.Findings) + sys.Hidden, Unseen: sys.Hidden > 0, Unconfirmed: sys.Unconfirmed,
		})
	}
	p := s.standing(s.path, all)
	if !s.d.may(s.visitor, casefile.ActionAskSystems) {
		return p
	}
	_, possible := s.o.Blocked[casefile.Gather]
	switch {
	case !possible:
	case s.o.Case.State == casefile.Review:
		p.Ask = s.form("befragen", "befragen").done("", s.say("desk.do.befragen.again"))
		p.Ask.Lead = s.say("desk.systems.again")
	case s.mayAskFirst():
		p.Ask = s.form("befragen", "befragen").done("", s.say("desk.do.befragen"))
		p.Ask.Lead = s.say("desk.systems.first")
	}
	p.One = s.oneAgain()
	return p
}

// mayAskFirst says whether systems can be asked although the request wants no data: what
// is to be changed has to be found, but a refusal needs nothing.
func (s *sheet) mayAskFirst() bool {
	changes := slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Right.Right.Changes() })
	return s.o.Case.State == casefile.Received && changes && !s.needsData()
}

// oneAgain asks a single system again, those that failed first.
func (s *sheet) oneAgain() desk.Form {
	why, possible := s.o.Blocked[casefile.AskAgain]
	if !s.kept(possible && len(why) == 0, "erneut") {
		return desk.Form{}
	}
	byHand := map[string]bool{}
	for _, t := range s.o.Tasks {
		byHand[t.System] = byHand[t.System] || t.Kind == casefile.TaskSearch && !t.DoneAt.IsZero()
	}
	var failed, rest []kern.Option
	for _, sys := range s.o.Systems {
		if !gathering.Askable(sys.System, sys.Inquiry, byHand[sys.ID]) {
			continue
		}
		o := kern.Option{Value: sys.ID, Label: s.say("desk.systems.one", "name", sys.In(s.lang).Name, "state", s.say("case.inquiry."+string(sys.Inquiry.State)))}
		if sys.Inquiry.State == casefile.Failed {
			failed = append(failed, o)
		} else {
			rest = append(rest, o)
		}
	}
	if len(failed)+len(rest) == 0 {
		return desk.Form{}
	}
	b := s.form("erneut", "erneut")
	b.form.Lead = s.say("desk.systems.one.text")
	b.selects(b.field("system", "desk.col.system"), append(failed, rest...), s.say("desk.systems.one.choose"))
	form := b.done(s.say("desk.systems.one.title"), s.say("desk.do.erneut"))
	form.Open = form.Open || len(failed) > 0
	return form
}

// standing is the table of systems, by purpose, with the share that answered.
func (v visitor) standing(path string, all []gathering.Progress) desk.Systems {
	p := desk.Systems{Title: v.say("desk.part.systems"), EmptyTitle: v.say("desk.systems.empty"), EmptyText: v.say("desk.systems.empty.text"),
		Table: kern.Table{ID: "verfahren-liste", Caption: v.say("desk.systems.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: v.say("desk.col.system")}, {Title: v.say("desk.col.state")}, {Title: v.say("desk.col.findings"), Numeric: true}, {Title: v.say("desk.col.remarks")},
		}},
	}
	slices.SortStableFunc(all, func(a, b gathering.Progress) int {
		return cmp.Or(cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Name, b.Name))
	})
	answered, running, failing := 0, 0, 0
	for _, a := range all {
		switch q := a.Inquiry; {
		case q.State.Answered():
			answered++
		case q.State == casefile.Asked && !a.Said.Trouble.At.IsZero():
			failing++
		case q.State == casefile.Asked || q.State == casefile.Wanted:
			running++
		}
		p.Table.Rows = append(p.Table.Rows, v.systemRow(a))
	}
	p.Progress = kern.Progress{Label: v.say("desk.systems.progress", "n", itoa(answered), "all", itoa(len(all))), Value: answered, Max: max(len(all), 1)}
	if running > 0 {
		p.Running = v.count("desk.systems.running", running)
	}
	if failing > 0 {
		p.Running = strings.TrimSpace(p.Running + " " + v.count("desk.systems.failing", failing))
	}
	if running+failing > 0 {
		p.Poll = path + "/stand"
		p.Reload = kern.Link{Href: path + "/stand", Label: v.say("desk.reload"), Icon: "autorenew"}
	}
	return p
}

var inquiryKinds = map[casefile.InquiryState]kern.Kind{
	casefile.Wanted: kern.Info, casefile.Asked: kern.Info, casefile.WithUnit: kern.Warning, casefile.FoundSome: kern.Success,
	casefile.FoundNothing: kern.Success, casefile.Unattributable: kern.Info, casefile.Failed: kern.Danger,
}

func (v visitor) systemRow(a gathering.Progress) kern.Row {
	q := a.Inquiry
	said := a.In(v.lang)
	when := ""
	if !q.AnsweredAt.IsZero() {
		when = v.moment(q.AnsweredAt)
	}
	state := kern.Badge{Kind: inquiryKinds[q.State], Label: v.say("case.inquiry." + string(q.State))}
	if q.State == casefile.Asked && !a.Said.Trouble.At.IsZero() {
		state = kern.Badge{Kind: kern.Warning, Label: v.say("desk.systems.retried")}
	}
	var notes []string
	switch {
	case q.Early && q.State == casefile.Asked:
		notes = append(notes, v.say("desk.systems.early.asked"))
	case q.Early && q.State.Answered():
		notes = append(notes, v.say("desk.systems.early"))
	}
	if a.Unseen && a.Found > 0 {
		notes = append(notes, v.say("desk.systems.unseen"))
	}
	notes = append(notes, v.trouble(a)...)
	notes = append(notes, v.systemNotes(a.Said)...)
	if a.Unconfirmed {
		notes = append(notes, v.say("desk.systems.unconfirmed"))
	}
	if len(notes) == 0 {
		notes = []string{""}
	}
	return kern.Row{Cells: []kern.Cell{
		{Content: desk.Lines(kern.Link{Label: cmp.Or(said.Name, q.System)}, said.Purpose)},
		{Content: desk.Stacked(desk.Tags(state), when)},
		{Text: itoa(a.Found)},
		{Content: desk.Lines(kern.Link{Label: notes[0]}, notes[1:]...)},
	}}
}

// troubleOf says why a system did not answer.
func (s *sheet) troubleOf(system string) []string {
	for _, sys := range s.o.Systems {
		if sys.Inquiry.System == system {
			return s.trouble(gathering.Progress{Inquiry: sys.Inquiry, Said: sys.Text})
		}
	}
	return nil
}

// trouble says that the last attempt was in vain, why, and what follows.
func (v visitor) trouble(a gathering.Progress) []string {
	t := a.Said.Trouble
	if t.At.IsZero() || a.Inquiry.State.Answered() {
		return nil
	}
	why := v.say("desk.trouble." + string(t.Kind))
	if place := strings.Join(slices.DeleteFunc([]string{t.Place, t.Code}, func(s string) bool { return s == "" }), ", "); place != "" {
		why = v.say("desk.trouble.place", "why", strings.TrimSuffix(why, "."), "place", place)
	}
	key := "desk.trouble.last"
	if t.Kind == casefile.Silent {
		key = "desk.trouble.waited"
	}
	notes := []string{v.say(key, "at", v.moment(t.At), "n", itoa(a.Said.Failures), "why", why)}
	switch {
	case a.Inquiry.State == casefile.Failed:
		notes = append(notes, v.say("desk.trouble.over"))
	case t.Next.IsZero():
	case t.Next.After(v.now):
		notes = append(notes, v.say("desk.trouble.next", "at", v.moment(t.Next)))
	default:
		notes = append(notes, v.say("desk.trouble.now"))
	}
	return notes
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
