package desk_test

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

func (p *plans) Recipients(_ context.Context, a casefile.Actor, id uuid.UUID, _ time.Time) (fulfilment.Told, error) {
	told := p.told
	told.Case, told.Inventory = p.h.o.Case, p.h.o.Inventory
	return told, p.h.exists(a, id)
}

func (p *plans) AddRecipient(_ context.Context, a casefile.Actor, _, _ uuid.UUID, recipient person.Text, systems []string, _ time.Time) error {
	if recipient.IsBlank() {
		return procedure.Incomplete("recipient", "recipients.error.recipient")
	}
	return p.do(a, casefile.ActionWriteLetter, "add "+recipient.Reveal())
}

func (p *plans) RuleOut(_ context.Context, a casefile.Actor, _ uuid.UUID, notices []uuid.UUID, state casefile.NoticeState, why person.Text, _ time.Time) error {
	switch {
	case len(notices) == 0:
		return procedure.Incomplete("notices", "recipients.error.which")
	case why.IsBlank():
		return procedure.Incomplete("why", "recipients.error.why")
	}
	return p.do(a, casefile.ActionWriteLetter, "rule out "+string(state))
}

func (p *plans) Reconsider(_ context.Context, a casefile.Actor, _, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionWriteLetter, "reconsider")
}

func (p *plans) Tell(_ context.Context, a casefile.Actor, _, _ uuid.UUID, to []person.Text, content person.Text, _ time.Time) error {
	if len(to) < 2 {
		return procedure.Incomplete("to", "recipients.error.to")
	}
	p.said = map[string]person.Text{"content": content, "to": to[0]}
	return p.do(a, casefile.ActionWriteLetter, "tell")
}

func (p *plans) TellByMail(_ context.Context, a casefile.Actor, _, _ uuid.UUID, address, content person.Text, _ time.Time) error {
	if !strings.Contains(address.Reveal(), "@") {
		return procedure.Incomplete("mail", "recipients.error.mail")
	}
	p.said = map[string]person.Text{"content": content, "to": address}
	return p.do(a, casefile.ActionWriteLetter, "mail "+address.Reveal())
}

func (p *plans) StopMail(_ context.Context, a casefile.Actor, _, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionWriteLetter, "stop")
}

func (p *plans) LetUnitTell(_ context.Context, a casefile.Actor, _, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionWriteLetter, "unit")
}

func (p *plans) UnitTold(_ context.Context, a casefile.Actor, _, _ uuid.UUID, said person.Text, _ time.Time) error {
	return p.do(a, casefile.ActionAnswerTask, "told "+said.Reveal())
}

func (p *plans) RecipientAnswered(_ context.Context, a casefile.Actor, _, _ uuid.UUID, said person.Text, _ time.Time) error {
	return p.do(a, casefile.ActionAnswerTask, "answered "+said.Reveal())
}

// recipients gives the office's plan a recipient in every state.
func (h *office) recipients() map[casefile.NoticeState]uuid.UUID {
	plan := fulfilment.TellingPlan{Plan: casefile.Plan{ID: uuid.New(), Kind: casefile.PlanDecision, EndedAt: received.Add(50 * time.Hour)}, Systems: []string{h.o.Inventory.Systems[0].ID}}
	ids := map[casefile.NoticeState]uuid.UUID{}
	for _, state := range casefile.NoticeStates {
		n := fulfilment.TellingNotice{Draft: text("Bestellungen, orders/4711: gelöscht")}
		n.ID, n.State, n.Letter = uuid.New(), state, uuid.New()
		n.Text.Recipient, n.Text.Source, n.Text.Systems = text("Stelle "+string(state)), casefile.FromInventory, plan.Systems
		switch {
		case state.Told():
			n.SentAt, n.Text.Said = received.Add(60*time.Hour), text("angerufen")
		case state.Settled():
			n.Text.Why = text("gibt es nicht mehr")
		}
		ids[state] = n.ID
		plan.Notices = append(plan.Notices, n)
	}
	byUnit := plan.Notices[1]
	byUnit.ID, byUnit.Text.Unit, byUnit.Text.Recipient = uuid.New(), true, text("Stelle beim Fachbereich")
	plan.Notices = append(plan.Notices, byUnit)
	ids["unit"] = byUnit.ID
	for what, change := range map[casefile.NoticeState]func(*fulfilment.TellingNotice){
		"mailed":  func(n *fulfilment.TellingNotice) { n.Text.MailedAt = received.Add(70 * time.Hour) },
		"sending": func(*fulfilment.TellingNotice) {},
		"read":    func(n *fulfilment.TellingNotice) { n.State, n.SentAt = casefile.NoticeSent, received.Add(80*time.Hour) },
		"confirmed by itself": func(n *fulfilment.TellingNotice) {
			n.State, n.SentAt, n.Text.AnsweredAt, n.Text.Said = casefile.NoticeConfirmed, received.Add(80*time.Hour), received.Add(90*time.Hour), text("auch gesperrt")
		},
		"returned": func(n *fulfilment.TellingNotice) {
			n.State, n.Number, n.Text.Returned = casefile.NoticeOpen, "", "recipients.returned.unread"
		},
	} {
		n := plan.Notices[1]
		n.ID, n.Number, n.Expires = uuid.New(), "STK-NRW-M-2026-7K3Q-9XWDR", calendar.DateOf(received).AddDays(17)
		n.Text.Recipient, n.Text.Mail = text("Stelle "+string(what)), text("stelle@example.org")
		change(&n)
		ids[what] = n.ID
		plan.Notices = append(plan.Notices, n)
	}
	h.plans.told.Plans, h.plans.told.Asked = []fulfilment.TellingPlan{plan}, true
	return ids
}
