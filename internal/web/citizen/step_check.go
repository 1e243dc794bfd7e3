package citizen

import (
	"cmp"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// stepCheck shows everything once more before it is sent.
var stepCheck = step{
	slug: "pruefen", number: 5,
	fields: func(*draft) []string { return nil },
	check:  func(*draft, faults) {},
	show: func(w writer) []citizen.FormPart {
		var reviews citizen.Fields
		for i, r := range []struct {
			step  string
			items []kern.Item
		}{
			{stepWhat.slug, w.wishes()}, {stepWhom.slug, w.whom()}, {stepKnown.slug, w.known()}, {stepAnswer.slug, w.way()},
		} {
			reviews = append(reviews, citizen.ReviewWithEdit(kern.Summary{
				ID: r.step, Number: i + 1, Title: w.say("check." + r.step), Items: r.items,
			}, kern.Button{Label: w.say("check." + r.step + ".edit"), Rank: kern.Tertiary, Name: "to", Value: r.step, Icon: "edit", Skip: true}))
		}
		return []citizen.FormPart{{Fields: reviews}}
	},
}

func (w writer) wishes() []kern.Item {
	var items []kern.Item
	for _, r := range w.d.Rights {
		item := kern.Item{Key: article(w.c, r), Value: w.say("right." + string(r) + ".wish")}
		item.Lines = w.d.lines(concern(r))
		if r == law.Rectification {
			for _, name := range corrections {
				if said := w.d.lines(name); len(said) > 0 {
					item.Lines = append(item.Lines, w.say("check."+name)+" "+strings.Join(said, " "))
				}
			}
		}
		if restrictable(r) && w.d.typed(meanwhile(r)) == "yes" {
			item.Lines = append(item.Lines, w.say("field."+meanwhile(r)))
		}
		if r == law.Portability && len(w.listed) > 0 {
			item.Lines = append(item.Lines, cmp.Or(directText(w.c, w.d.direct()), w.say("direct.self")))
		}
		items = append(items, item)
	}
	return items
}

func (w writer) whom() []kern.Item {
	items := []kern.Item{{Key: w.say("check.about"), Value: w.say("about." + string(w.d.about()))}}
	if w.d.about() != casefile.Self {
		items = append(items, kern.Item{Key: w.say("check.agent"), Value: w.d.typed("agent")})
	}
	return items
}

func (w writer) known() []kern.Item {
	var items []kern.Item
	for _, i := range w.d.identifiers() {
		value := i.Value.Reveal()
		switch i.Kind {
		case person.Birthdate:
			day, _, _ := w.d.date("born")
			value = wording.ShortDate(w.d.Lang, day.Time())
		case person.IPTime: // as typed; what is searched is in world time
			day, _, _ := w.d.date("ip-date")
			value = w.d.typed("ip") + ", " + wording.ShortDate(w.d.Lang, day.Time()) + ", " + w.d.typed("ip-time")
		}
		items = append(items, kern.Item{Key: w.say("kind." + string(i.Kind)), Value: value})
	}
	return items
}

func (w writer) way() []kern.Item {
	way := w.d.typed("answer")
	items := []kern.Item{{Key: w.say("check.way"), Value: w.textIfAny("answer." + way)}}
	if w.d.Consent.Given {
		items = append(items, kern.Item{Key: w.say("check.consent"), Value: w.d.Consent.Text})
	}
	if v := w.d.typed("notify"); v != "" {
		items = append(items, kern.Item{Key: w.say("check.notify"), Value: v})
	}
	if to := w.d.request().Address.Reveal(); to != "" {
		lines := strings.Split(to, "\n")
		items = append(items, kern.Item{Key: w.say("check.post"), Value: lines[0], Lines: lines[1:]})
	}
	return items
}

// request is what the form asks, as the case keeps it.
func (d *draft) request() casefile.Request {
	r := casefile.Request{
		Lang: string(d.Lang), About: d.about(), Name: person.NewText(d.typed("name")), Email: person.NewText(d.typed("notify")),
		Answer: casefile.AnswerWay(d.typed("answer")), Consent: d.Consent, Concerns: map[law.Right]person.Text{}, Meanwhile: map[law.Right]bool{},
		Address: person.NewText(d.address("to-", "\n")), Direct: d.direct(),
	}
	if r.About != casefile.Self {
		r.Agent = person.NewText(d.typed("agent"))
	}
	for _, right := range d.Rights {
		if text := d.typed(concern(right)); text != "" {
			r.Concerns[right] = person.NewText(text)
		}
		if restrictable(right) && d.typed(meanwhile(right)) == "yes" {
			r.Meanwhile[right] = true
		}
		if right == law.Rectification {
			r.Correction = casefile.Correction{Right: person.NewText(d.typed("correct-right")), Evidence: person.NewText(d.typed("correct-evidence")), Statement: person.NewText(d.typed("correct-statement"))}
		}
	}
	return r
}

func (d *draft) application() intake.Application {
	return intake.Application{Token: d.Token, Rights: d.Rights, Request: d.request(), Identifiers: d.identifiers()}
}
