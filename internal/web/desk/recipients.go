package desk

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/review"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// askedFor says, before the answer is proposed and released, that it names recipients of
// whom nobody has said yet whether they got anything (Art. 19 sentence 2 GDPR). The
// answer may leave like this: it must not be late for it.
func (s *sheet) askedFor() desk.Hint {
	if s.o.Recipients == 0 {
		return desk.Hint{}
	}
	return desk.Hint{
		Title: s.count("recipients.hint", s.o.Recipients), Text: s.say("recipients.hint.text"),
		Link: kern.Link{Href: recipientsPath(s.path), Label: s.say("recipients.see")},
	}
}

// toldSheet is what the page of recipients is built from.
type toldSheet struct {
	*sheet
	told fulfilment.Told
}

// recipientActions are what staff do about recipients with a form.
func (d Deps) recipientActions() []action {
	return []action{
		{"unterrichten", "", d.tell},
		{"ausschliessen", "", d.ruleOut},
		{"ergaenzen", "", d.addRecipient},
		{"doch", "", d.reconsider},
		{"anhalten", "", d.stopMail},
		{"rueckmeldung", "", d.unitTold},
		{"antwort", "", d.recipientAnswered},
	}
}

func (d Deps) showRecipients(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	return d.recipientsPage(c, v, id, came{}, c.Query("empfaenger"))
}

// telling does one thing about recipients and shows them again.
func (d Deps) telling(a action) handler {
	again := func(c *fiber.Ctx, v visitor, id uuid.UUID, f sent, back came) error {
		return d.recipientsPage(c, v, id, back, f.get("notice"))
	}
	return doing(a, d.mending(again), func(id uuid.UUID, _ sent) string { return recipientsPath(casePath(id)) })
}

func recipientsPath(path string) string { return path + "/empfaenger" }

// The ways in which a recipient is told.
const (
	tellByLetter = "letter"
	tellByMail   = "mail"
	tellByUnit   = "unit"
)

func (d Deps) tell(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	switch f.get("how") {
	case tellByUnit:
		return d.Fulfilment.LetUnitTell(c.UserContext(), v.actor, id, f.uuid("notice"), v.now)
	case tellByMail:
		return d.Fulfilment.TellByMail(c.UserContext(), v.actor, id, f.uuid("notice"), f.text("mail"), f.text("content"), v.now)
	case tellByLetter:
		var to []person.Text
		for line := range strings.Lines(f.get("to")) {
			if line = strings.TrimSpace(line); line != "" {
				to = append(to, person.NewText(line))
			}
		}
		return d.Fulfilment.Tell(c.UserContext(), v.actor, id, f.uuid("notice"), to, f.text("content"), v.now)
	}
	return procedure.Incomplete("how", "recipients.error.do")
}

func (d Deps) ruleOut(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.RuleOut(c.UserContext(), v.actor, id, f.uuids("notices"), casefile.NoticeState(f.get("state")), f.text("why"), v.now)
}

func (d Deps) addRecipient(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.AddRecipient(c.UserContext(), v.actor, id, f.uuid("plan"), f.text("recipient"), f.values["systems"], v.now)
}

func (d Deps) reconsider(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.Reconsider(c.UserContext(), v.actor, id, f.uuid("notice"), v.now)
}

func (d Deps) stopMail(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.StopMail(c.UserContext(), v.actor, id, f.uuid("notice"), v.now)
}

func (d Deps) unitTold(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.UnitTold(c.UserContext(), v.actor, id, f.uuid("notice"), f.text("said"), v.now)
}

func (d Deps) recipientAnswered(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Fulfilment.RecipientAnswered(c.UserContext(), v.actor, id, f.uuid("notice"), f.text("said"), v.now)
}

func (d Deps) recipientsPage(c *fiber.Ctx, v visitor, id uuid.UUID, back came, open string) error {
	told, err := d.Fulfilment.Recipients(c.UserContext(), v.actor, id, v.now)
	if err != nil {
		return err
	}
	names, err := d.Names(c.UserContext(), v.Authority)
	if err != nil {
		return err
	}
	o := review.Opened{Case: told.Case, Inventory: told.Inventory}
	s := &toldSheet{&sheet{visitor: v, d: d, o: o, names: names, path: casePath(id), csrf: reply.CSRF(c), back: back}, told}
	p := desk.Recipients{
		Frame:   d.frame(c, v, s.say("recipients.title", "number", told.Case.FileNumber), ""),
		Heading: kern.Heading{Preline: told.Case.FileNumber + " · " + s.say("case.state."+string(told.Case.State)), Title: s.say("recipients.heading")},
		Lead:    s.say("recipients.lead"), EmptyTitle: s.say("recipients.none"), EmptyText: s.say("recipients.none.text"),
	}
	p.Crumbs = []kern.Link{{Href: home, Label: s.say("desk.list.title")}, {Href: s.path + "#umsetzung", Label: told.Case.FileNumber}, {Label: s.say("recipients.heading")}}
	if told.Asked {
		p.Asked = s.say("recipients.asked")
	}
	for _, plan := range told.Plans {
		p.Plans = append(p.Plans, s.recipientsOf(plan))
		for _, n := range plan.Notices {
			if n.ID.String() == open && !p.Form.Shown {
				p.Form = s.one(plan, n)
			}
		}
	}
	p.Errors = s.errors(back)
	for i, line := range p.Errors.Lines {
		if line.ID == back.id && !strings.HasPrefix(back.id, "einer") {
			p.Errors.Lines[i].ID = "title"
		}
	}
	status := fiber.StatusOK
	if back.status != 0 {
		status, p.Failed = back.status, true
	}
	return reply.Page(c, status, desk.RecipientsPage(p))
}

// recipientsOf is one plan with its recipients.
func (s *toldSheet) recipientsOf(plan fulfilment.TellingPlan) desk.RecipientsOf {
	p := desk.RecipientsOf{
		ID: "plan-" + plan.ID.String(), Title: s.say("recipients.plan."+string(plan.Kind), "at", s.moment(plan.MadeAt)), None: s.say("recipients.none"),
		Table: kern.Table{ID: "empfaenger-" + plan.ID.String(), Caption: s.say("recipients.caption", "plan", s.say("recipients.plan."+string(plan.Kind), "at", s.moment(plan.MadeAt))), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: s.say("recipients.col.recipient")}, {Title: s.say("recipients.col.from")}, {Title: s.say("recipients.col.state")}, {Title: s.say("recipients.col.next")},
		}},
	}
	if plan.EndedAt.IsZero() {
		p.Note = s.say("recipients.not_yet")
	}
	for _, n := range plan.Notices {
		about := "an-" + n.ID.String()
		p.Table.Rows = append(p.Table.Rows, kern.Row{Cells: []kern.Cell{
			{Content: desk.Named(about, n.Text.Recipient.Reveal())},
			{Text: s.say("recipients.of", "source", s.say("recipients.from."+string(n.Text.Source)), "systems", s.systemNames(n.Text.Systems...))},
			{Content: desk.Stacked(desk.Lights(kern.Badge{Kind: noticeKinds[n.State], Label: s.say("recipients.state." + string(n.State))}), s.standing(n))},
			{Content: s.nextOf(plan, n, about)},
		}})
	}
	if s.d.may(s.visitor, casefile.ActionWriteLetter) {
		p.RuleOut, p.Add = s.ruleOutForm(plan), s.addForm(plan)
	}
	return p
}

var noticeKinds = map[casefile.NoticeState]kern.Kind{
	casefile.NoticeOpen: kern.Warning, casefile.NoticeUnderway: kern.Info, casefile.NoticeSent: kern.Success,
	casefile.NoticeConfirmed: kern.Success, casefile.NoticeImpossible: kern.Info, casefile.NoticeNone: kern.Info,
}

// standing says more about the state of a notice.
func (s *toldSheet) standing(n fulfilment.TellingNotice) string {
	switch {
	case n.State == casefile.NoticeOpen && n.Text.Returned != "":
		return s.say(n.Text.Returned)
	case n.State == casefile.NoticeUnderway && n.Mailed() && n.Text.MailedAt.IsZero():
		return s.say("recipients.underway.sending", "address", n.Text.Mail.Reveal())
	case n.State == casefile.NoticeUnderway && n.Mailed():
		return s.say("recipients.underway.mail", "date", s.moment(n.Text.MailedAt), "address", n.Text.Mail.Reveal(), "until", s.short(n.Expires))
	case n.State == casefile.NoticeUnderway && n.Text.Unit:
		return s.say("recipients.underway.unit")
	case n.State == casefile.NoticeUnderway:
		return s.say("recipients.underway.letter")
	case !n.State.Settled():
		return ""
	case !n.State.Told():
		return n.Text.Why.Reveal()
	case n.Mailed():
		return s.readInPortal(n)
	}
	return joined(s.say("recipients.sent_on", "date", s.moment(n.SentAt)), n.Text.Said.Reveal())
}

// readInPortal says when a recipient read a mailed notice, and that it confirmed.
func (s *toldSheet) readInPortal(n fulfilment.TellingNotice) string {
	line := s.say("recipients.read_on", "date", s.moment(n.SentAt))
	if !n.Text.AnsweredAt.IsZero() {
		line = joined(line, s.say("recipients.confirmed_on", "date", s.moment(n.Text.AnsweredAt)))
	}
	return joined(line, n.Text.Said.Reveal())
}
