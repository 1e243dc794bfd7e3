package desk

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// confirmLaw records that somebody compared the catalogue with the text in force.
func (d Deps) confirmLaw(c *fiber.Ctx, v visitor) error {
	err := d.Exam.ConfirmLaw(c.UserContext(), v.actor, v.now)
	if err == nil {
		return reply.Redirect(c, "/desk/verzeichnis#gesetz")
	}
	back, ok := v.refusal(sent{id: "gesetz"}, err)
	if !ok {
		return err
	}
	return d.registerPage(c, v, back)
}

// lawBanner leads to the place where the text of the law is compared.
func (v visitor) lawBanner() desk.Banner {
	return desk.Banner{Text: v.lawOpen(), Link: kern.Link{Href: "/desk/verzeichnis#gesetz", Label: v.say("exam.law.go")}}
}

func (v visitor) lawOpen() string {
	if text := v.known("exam.law.open." + string(v.authority.Land)); text != "" {
		return text
	}
	return v.say("exam.law.open")
}

// listBanner stands above the work list until somebody has compared the text.
func (d Deps) listBanner(c *fiber.Ctx, v visitor) (desk.Banner, error) {
	must, by, err := d.Exam.LawBanner(c.UserContext(), v.actor, v.now)
	if err != nil || !must || !by.At.IsZero() {
		return desk.Banner{}, err
	}
	return v.lawBanner(), nil
}

// lawText is what was read of the acts that limit rights here, until when, and
// who compared it with the text in force.
func (d Deps) lawText(c *fiber.Ctx, v visitor, names map[uuid.UUID]string, back came) (desk.LawText, error) {
	must, by, err := d.Exam.LawBanner(c.UserContext(), v.actor, v.now)
	if err != nil || !must && by.At.IsZero() {
		return desk.LawText{}, err
	}
	sum := d.Law.SHA256()
	p := desk.LawText{
		Title: v.say("exam.law"), Text: v.lawOpen() + " " + v.say("exam.law.text"), Tag: kern.Badge{Kind: kern.Warning, Label: v.say("desk.register.unconfirmed")},
		Items: []kern.Item{{Key: v.say("exam.law.catalogue"), Value: hex.EncodeToString(sum[:])}}, Acts: v.acts(d.Law),
	}
	if !by.At.IsZero() {
		p.Tag = kern.Badge{Kind: kern.Success, Label: v.say("exam.law.done")}
		p.Text = v.say("exam.law.done.text")
		p.Items = append(p.Items, kern.Item{Key: v.say("exam.law.by"), Value: v.say("desk.register.who", "name", names[by.By], "at", v.moment(by.At))})
		return p, nil
	}
	if d.may(v, casefile.ActionConfirmLaw) {
		p.Form = v.build(back, "gesetz-form", "/desk/verzeichnis/gesetz", reply.CSRF(c)).done("", v.say("exam.law.confirm"))
		p.Form.Buttons[0].Rank = kern.Primary
	} else {
		p.Text += " " + v.say("exam.law.who_may")
	}
	return p, nil
}

// acts lists the acts whose grounds wait to be compared.
func (v visitor) acts(book catalogue.Book) []desk.Act {
	var sources []string
	for _, g := range book.On(calendar.DateOf(v.now)).Grounds() {
		if g.Confirm && g.Usable() && g.Applies(v.authority.Land, "") && !slices.Contains(sources, g.Source) {
			sources = append(sources, g.Source)
		}
	}
	var acts []desk.Act
	for _, a := range book.Acts() {
		if !slices.Contains(sources, a.Source) {
			continue
		}
		act := desk.Act{Title: a.Title, Exact: v.readOf(a), Read: v.say("exam.law.read_some"), Source: kern.Link{Href: cmp.Or(a.Current, a.Source), Label: v.say("exam.statute.source"), Icon: "open-in-new"}}
		switch {
		case !a.Verified:
			act.Read = v.say("exam.law.unread")
		case !a.ReadUntil.IsZero():
			act.Read = v.say("exam.law.read_until", "date", v.short(a.ReadUntil))
		}
		if !strings.HasPrefix(a.Source, "https://") {
			act.Source = kern.Link{}
		}
		acts = append(acts, act)
	}
	return acts
}

// readOf says which text of an act was read. The catalogue says it in English.
func (v visitor) readOf(a catalogue.Act) string {
	return cmp.Or(v.known("exam.read."+strings.ReplaceAll(a.Name, " ", "_")), a.Read)
}
