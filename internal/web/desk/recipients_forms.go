package desk

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// nextOf is what can be done about one recipient now.
func (s *toldSheet) nextOf(plan fulfilment.TellingPlan, n fulfilment.TellingNotice, about string) templ.Component {
	one := func(key string, may casefile.Action) templ.Component {
		if !s.d.may(s.visitor, may) {
			return desk.NextOf(kern.Link{}, desk.Form{})
		}
		return desk.NextOf(kern.Link{Href: recipientsPath(s.path) + "?empfaenger=" + n.ID.String() + "#einer", Label: s.say(key), About: about}, desk.Form{})
	}
	switch {
	case n.State == casefile.NoticeOpen && !plan.EndedAt.IsZero():
		return one("recipients.open", casefile.ActionWriteLetter)
	case n.State == casefile.NoticeUnderway && n.Text.Unit:
		return one("recipients.said", casefile.ActionAnswerTask)
	case n.State == casefile.NoticeUnderway && n.Mailed():
		if !s.d.may(s.visitor, casefile.ActionWriteLetter) {
			return desk.NextOf(kern.Link{}, desk.Form{})
		}
		return desk.NextOf(kern.Link{}, s.button("anhalten", "recipients.stop", n))
	case n.State == casefile.NoticeUnderway:
		return desk.NextOf(kern.Link{Href: s.path + "/schreiben/" + n.Letter.String(), Label: s.say("recipients.letter"), About: about}, desk.Form{})
	case n.State == casefile.NoticeSent:
		return one("recipients.answer", casefile.ActionAnswerTask)
	case !n.State.Told() && n.State.Settled() && s.d.may(s.visitor, casefile.ActionWriteLetter):
		return desk.NextOf(kern.Link{}, s.button("doch", "recipients.reconsider", n))
	}
	return desk.NextOf(kern.Link{}, desk.Form{})
}

// button is a form with nothing but what it does about one recipient.
func (s *toldSheet) button(action, key string, n fulfilment.TellingNotice) desk.Form {
	b := s.form(action+"-"+n.ID.String(), "empfaenger/"+action).hidden("notice", n.ID.String())
	f := b.done("", s.say(key))
	f.Buttons[0].Rank = kern.Tertiary
	return f
}

// one is the form about one recipient: how it is told, what the unit says, or what it
// answered.
func (s *toldSheet) one(plan fulfilment.TellingPlan, n fulfilment.TellingNotice) desk.Form {
	name := n.Text.Recipient.Reveal()
	switch {
	case n.State == casefile.NoticeOpen && !plan.EndedAt.IsZero() && s.d.may(s.visitor, casefile.ActionWriteLetter):
		b := s.form("einer", "empfaenger/unterrichten").hidden("notice", n.ID.String())
		b.radios(b.field("how", "recipients.tell.how"), []kern.Option{
			{Value: tellByLetter, Label: s.say("recipients.tell.letter"), Hint: s.say("recipients.tell.letter.hint")},
			{Value: tellByMail, Label: s.say("recipients.tell.mail"), Hint: s.say("recipients.tell.mail.hint")},
			{Value: tellByUnit, Label: s.say("recipients.tell.unit"), Hint: s.say("recipients.tell.unit.hint")},
		})
		b.area(b.field("to", "recipients.tell.to"), name+"\n").line(b.field("mail", "recipients.tell.address"), n.Text.Mail.Reveal()).area(b.field("content", "recipients.tell.content"), n.Draft.Reveal())
		return primary(b.done(s.say("recipients.tell", "name", name), s.say("recipients.tell.do")))
	case n.State == casefile.NoticeUnderway && n.Text.Unit && s.d.may(s.visitor, casefile.ActionAnswerTask):
		b := s.form("einer", "empfaenger/rueckmeldung").hidden("notice", n.ID.String())
		b.area(b.field("said", "recipients.told.said"), "")
		return primary(b.done(s.say("recipients.told", "name", name), s.say("recipients.told.do")))
	case n.State == casefile.NoticeSent && s.d.may(s.visitor, casefile.ActionAnswerTask):
		b := s.form("einer", "empfaenger/antwort").hidden("notice", n.ID.String())
		b.area(b.field("said", "recipients.answered.said"), "")
		return primary(b.done(s.say("recipients.answered", "name", name), s.say("recipients.answered.do")))
	}
	return desk.Form{}
}

func primary(f desk.Form) desk.Form {
	f.Buttons[0].Rank = kern.Primary
	return f
}

// ruleOutForm says of several at once why they are not told.
func (s *toldSheet) ruleOutForm(plan fulfilment.TellingPlan) desk.Form {
	b := s.form("ausschliessen-"+plan.ID.String(), "empfaenger/ausschliessen")
	var options []kern.Option
	for _, n := range plan.Notices {
		if n.State == casefile.NoticeOpen {
			options = append(options, kern.Option{Value: n.ID.String(), Label: n.Text.Recipient.Reveal()})
		}
	}
	if len(options) == 0 {
		return desk.Form{}
	}
	b.boxes(b.field("notices", "recipients.rule_out.which"), options)
	b.radios(b.field("state", "recipients.rule_out.state"), []kern.Option{
		{Value: string(casefile.NoticeNone), Label: s.say("recipients.rule_out.none"), Hint: s.say("recipients.rule_out.none.hint")},
		{Value: string(casefile.NoticeImpossible), Label: s.say("recipients.rule_out.impossible"), Hint: s.say("recipients.rule_out.impossible.hint")},
	})
	b.area(b.field("why", "recipients.rule_out.why"), "")
	return b.done(s.say("recipients.rule_out"), s.say("recipients.rule_out.do"))
}

// addForm names one more recipient.
func (s *toldSheet) addForm(plan fulfilment.TellingPlan) desk.Form {
	if plan.ID == uuid.Nil {
		return desk.Form{}
	}
	b := s.form("ergaenzen-"+plan.ID.String(), "empfaenger/ergaenzen").hidden("plan", plan.ID.String())
	var systems []kern.Option
	for _, system := range s.o.Inventory.Systems {
		if slices.Contains(plan.Systems, system.ID) {
			systems = append(systems, kern.Option{Value: system.ID, Label: system.In(s.lang).Name, Selected: len(plan.Systems) == 1})
		}
	}
	b.line(b.field("recipient", "recipients.add.recipient"), "").boxes(b.field("systems", "recipients.add.systems"), systems)
	return b.done(s.say("recipients.add"), s.say("recipients.add.do"))
}
