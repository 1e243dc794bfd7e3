package citizen

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/law"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// stepWhat asks what the person wants; several at once are one request.
var stepWhat = step{
	slug: "was", number: 1,
	fields: func(*draft) []string { return []string{concern(law.Access)} },
	check: func(d *draft, wrong faults) {
		if len(d.Rights) == 0 {
			wrong["rights"] = "rights"
		}
	},
	show: func(w writer) []citizen.FormPart {
		choice := kern.Choice{Field: w.field("rights", true)}
		for _, r := range law.Rights {
			choice.Options = append(choice.Options, kern.Option{
				Value: string(r), Label: w.say("right." + string(r) + ".wish"), Hint: article(w.c, r), Selected: w.d.wants(r),
			})
		}
		return []citizen.FormPart{
			{Fields: citizen.Fields{kern.Checkboxes(choice)}},
			{Fields: citizen.Fields{kern.Lines(w.area(concern(law.Access), 3))}},
		}
	},
}

// stepDetail asks what a right other than access is about. It is left out where
// there is none.
var stepDetail = step{
	slug: "genauer", number: 1,
	fields: func(d *draft) []string {
		var names []string
		for _, r := range d.detailed() {
			names = append(names, concern(r))
			if r == law.Rectification {
				names = append(names, corrections...)
			}
			if restrictable(r) {
				names = append(names, meanwhile(r))
			}
			if r == law.Portability {
				names = append(names, directField, otherField)
			}
		}
		return names
	},
	check: func(d *draft, wrong faults) {
		// What is to be rectified nobody can guess.
		if d.wants(law.Rectification) && d.typed(concern(law.Rectification)) == "" {
			wrong[concern(law.Rectification)] = "concern"
		}
		if d.wants(law.Portability) {
			d.checkDirect(wrong)
		}
	},
	show: func(w writer) []citizen.FormPart {
		var fields citizen.Fields
		for _, r := range w.d.detailed() {
			area := w.area(concern(r), 4)
			if r == law.Rectification {
				area.Optional = ""
			}
			if r == law.Portability && len(w.listed) > 0 {
				area.Hint = w.say("field.concern-portability.listed")
			}
			fields = append(fields, kern.Lines(area))
			if r == law.Rectification {
				for _, name := range corrections {
					fields = append(fields, kern.Lines(w.area(name, 3)))
				}
			}
			if restrictable(r) {
				check := kern.Check{Field: w.field(meanwhile(r), true), Value: "yes", Checked: w.d.typed(meanwhile(r)) == "yes"}
				fields = append(fields, kern.Checkbox(check))
			}
			if r == law.Portability {
				fields = append(fields, w.directFields()...)
			}
		}
		return []citizen.FormPart{{Fields: fields}}
	},
}

// corrections are the fields that say what is right, beside what is wrong (Art. 16
// GDPR).
var corrections = []string{"correct-right", "correct-evidence", "correct-statement"}

// restrictable says whether data can be restricted on demand while a right is decided
// (Art. 18(1)(a), (d) GDPR).
func restrictable(r law.Right) bool { return r == law.Rectification || r == law.Objection }

// meanwhile names the field that demands that.
func meanwhile(r law.Right) string { return "meanwhile-" + string(r) }

// concern names the field that says what a right is about.
func concern(r law.Right) string { return "concern-" + string(r) }

// detailed are the rights that need a word more than their name.
func (d *draft) detailed() []law.Right {
	var rights []law.Right
	for _, r := range d.Rights {
		if r != law.Access {
			rights = append(rights, r)
		}
	}
	return rights
}

func (d *draft) takeRights(c *fiber.Ctx) {
	d.Rights = nil
	for _, value := range c.Request().PostArgs().PeekMulti("rights") {
		if r, err := law.ParseRight(string(value)); err == nil && !d.wants(r) {
			d.Rights = append(d.Rights, r)
		}
	}
	slices.SortFunc(d.Rights, func(a, b law.Right) int { return slices.Index(law.Rights, a) - slices.Index(law.Rights, b) })
}
