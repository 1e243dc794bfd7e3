package citizen

import (
	"slices"

	"einsicht/internal/casefile"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

var abouts = []casefile.About{casefile.Self, casefile.Child, casefile.Represented}

// stepWhom asks whose data it is about.
var stepWhom = step{
	slug: "ueber-wen", number: 2,
	fields: func(*draft) []string { return []string{"about", "agent"} },
	check: func(d *draft, wrong faults) {
		if !slices.Contains(abouts, casefile.About(d.typed("about"))) {
			wrong["about"] = "about"
		} else if d.about() != casefile.Self && d.typed("agent") == "" {
			wrong["agent"] = "agent"
		}
	},
	show: func(w writer) []citizen.FormPart {
		choice := kern.Choice{Field: w.field("about", true)}
		for _, a := range abouts {
			choice.Options = append(choice.Options, kern.Option{
				Value: string(a), Label: w.say("about." + string(a)), Hint: w.textIfAny("about." + string(a) + ".hint"), Selected: w.d.about() == a,
			})
		}
		agent := w.line("agent", true, "off")
		return []citizen.FormPart{
			{Fields: citizen.Fields{kern.Radios(choice)}},
			{Fields: citizen.Fields{kern.Line(agent)}},
		}
	},
}

// about is whose data it is; most people ask for themselves.
func (d *draft) about() casefile.About {
	if a := casefile.About(d.typed("about")); slices.Contains(abouts, a) {
		return a
	}
	return casefile.Self
}
