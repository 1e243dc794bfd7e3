package citizen

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/web/reply"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

var answerFields = []string{"answer", "consent", "notify", "to-street", "to-zip", "to-city"}

// stepAnswer asks how the person wants the answer.
var stepAnswer = step{
	slug: "antwort", number: 4,
	fields: func(*draft) []string { return answerFields },
	check: func(d *draft, wrong faults) {
		switch casefile.AnswerWay(d.typed("answer")) {
		case casefile.ByPortal:
			if !d.Consent.Given {
				wrong["consent"] = "consent"
			}
		case casefile.ByPost:
			if d.address("to-", "\n") == "" {
				wrong["to-street"] = "address"
			}
		default:
			wrong["answer"] = "answer"
		}
		if v := d.typed("notify"); v != "" && malformed(person.Email, v) {
			wrong["notify"] = "email"
		}
	},
	show: func(w writer) []citizen.FormPart {
		w.d.suggest()
		choice := kern.Choice{Field: w.field("answer", true)}
		for _, way := range []casefile.AnswerWay{casefile.ByPortal, casefile.ByPost} {
			choice.Options = append(choice.Options, kern.Option{
				Value: string(way), Label: w.say("answer." + string(way)), Hint: w.say("answer." + string(way) + ".hint"), Selected: w.d.typed("answer") == string(way),
			})
		}
		consent := kern.Check{Field: w.field("consent", true), Value: "yes", Checked: w.d.Consent.Given}
		consent.Label = w.say("consent")
		consent.Hint = ""
		notify := w.line("notify", false, "email")
		notify.Type, notify.InputMode = "email", "email"
		return []citizen.FormPart{
			{Fields: citizen.Fields{kern.Radios(choice)}},
			{Title: w.say("answer.portal.title"), Text: w.say("answer.portal.text"), Fields: citizen.Fields{kern.Checkbox(consent)}},
			{Title: w.say("answer.notify.title"), Fields: citizen.Fields{kern.Line(notify)}},
			{Title: w.say("answer.post.title"), Text: w.say("answer.post.text"), Fields: address(w, "to-")},
		}
	},
}

// suggest fills in what the person already said one step before.
func (d *draft) suggest() {
	if _, seen := d.Typed["answer"]; seen {
		return
	}
	d.Typed["answer"] = person.NewText(string(casefile.ByPortal))
	if d.about() != casefile.Self {
		return
	}
	for to, from := range map[string]string{"notify": "email", "to-street": "street", "to-zip": "zip", "to-city": "city"} {
		d.Typed[to] = d.Typed[from]
	}
}

// takeConsent keeps the consent to electronic notification with its time and
// the text that was on the page, § 41(2a) VwVfG, Art. 7(1) GDPR.
func (d *draft) takeConsent(c *fiber.Ctx) {
	given := d.typed("consent") == "yes" && casefile.AnswerWay(d.typed("answer")) == casefile.ByPortal
	switch {
	case !given:
		d.Consent = casefile.Consent{}
	case !d.Consent.Given || d.Consent.Text != say(c, "consent"):
		d.Consent = casefile.Consent{Given: true, At: reply.Now(c), Text: say(c, "consent")}
	}
}
