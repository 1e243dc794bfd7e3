package desk

import (
	"cmp"
	"slices"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/law/assess"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// result is what follows from what was answered, and the form that decides it.
func (e *exam) result() desk.Result {
	o := e.x.Outcome
	p := desk.Result{
		Title: e.say("exam.result"), MissingIs: e.say("exam.missing"), DecidedIs: e.say("exam.decided"),
		Tag: kern.Badge{Kind: outcomeKinds[o], Label: e.composed(o)}, Missing: e.missing(), Warnings: desk.Statements{Title: e.say("exam.warnings")},
	}
	if o == casefile.Undecided {
		p.Text = e.say("exam.result.open")
	}
	for _, w := range e.x.Warnings {
		p.Warnings.All = append(p.Warnings.All, desk.Line{Text: e.reason(w)})
	}
	p.Groups = e.follows()
	p.Decided = e.decidedBefore()
	if e.decides() && o != casefile.Undecided && len(e.x.Why) == 0 || e.back.id == "entscheiden" && e.back.status != 0 {
		p.Form = e.decideForm(o)
	}
	return p
}

// composed names the outcome as the button and the badge do.
func (e *exam) composed(o casefile.Outcome) string {
	if o == casefile.Undecided {
		return e.say("exam.outcome.open")
	}
	return e.outcome(o)
}

// follows lists everything the law draws from the answers.
func (e *exam) follows() []desk.Statements {
	r := e.x.Result
	var groups []desk.Statements
	add := func(key string, lines []desk.Line) {
		if len(lines) > 0 {
			groups = append(groups, desk.Statements{Title: e.say(key), All: lines})
		}
	}
	add("exam.follows.due", e.lines(r.Due))
	add("exam.follows.limits", e.limits(r.Limits))
	add("exam.follows.instead", e.lines(r.Instead))
	add("exam.follows.ask_person", e.lines(r.AskPerson))
	add("exam.follows.on_file", e.lines(r.OnFile))
	var tasks []desk.Line
	for _, t := range r.Tasks {
		g, _ := e.x.Edition.Ground(t.Ground)
		tasks = append(tasks, desk.Line{Text: e.say("law.task." + string(t.Task)), System: e.at(t.System), Cite: e.cite(g.Citation)})
	}
	add("exam.follows.tasks", sameOf(tasks))
	add("exam.follows.notes", e.lines(r.Notes))
	return groups
}

func (e *exam) at(system string) string {
	if system == "" {
		return ""
	}
	return e.systemName(system)
}

func (e *exam) lines(all []assess.Line) []desk.Line {
	var lines []desk.Line
	for _, l := range all {
		lines = append(lines, desk.Line{Text: l.Text(e.lang), System: e.at(l.System), Cite: e.cite(l.Citation)})
	}
	return sameOf(lines)
}

// sameOf joins lines that say the same of several systems.
func sameOf(lines []desk.Line) []desk.Line {
	var all []desk.Line
	for _, l := range lines {
		i := slices.IndexFunc(all, func(have desk.Line) bool { return have.Text == l.Text && have.Cite == l.Cite })
		switch {
		case i < 0:
			all = append(all, l)
		case l.System != "" && all[i].System != "" && !slices.Contains(strings.Split(all[i].System, ", "), l.System):
			all[i].System += ", " + l.System
		}
	}
	return all
}

func (e *exam) limits(all []assess.Limit) []desk.Line {
	var lines []desk.Line
	for _, l := range all {
		g, _ := e.x.Edition.Ground(l.Ground)
		said := []string{e.say("exam.limit", "title", e.sentence(g.Title), "effect", e.known("law.effect."+string(l.Effect)))}
		for _, mark := range []struct {
			is  bool
			key string
		}{{!l.Whole, "exam.limit.part"}, {l.ReasonsWithheld, "exam.limit.reasons"}, {l.SecretFact, "exam.limit.secret"}} {
			if mark.is {
				said = append(said, e.say(mark.key))
			}
		}
		lines = append(lines, desk.Line{Text: strings.Join(said, " "), System: e.at(l.System), Cite: e.cite(l.Citation)})
	}
	return sameOf(lines)
}

// missing is what stands between the answers and a decision; each leads to the
// place where it is settled. Questions are named one by one.
func (e *exam) missing() []kern.Link {
	var links []kern.Link
	for _, r := range e.x.Why {
		if r.Key == "case.exam.questions" || r.Key == "case.exam.ground_open" && e.asksAt(e.placeOf(r)) {
			continue
		}
		links = append(links, kern.Link{Href: e.placeOf(r), Label: e.reason(r)})
	}
	for _, q := range e.x.Result.AskStaff {
		label := e.say("exam.missing.question", "text", e.sentence(q.Text))
		if q.System != "" {
			label = e.say("exam.missing.question_at", "system", e.systemName(q.System), "text", e.sentence(q.Text))
		}
		links = append(links, kern.Link{Href: "#" + e.questionID(q.Question), Label: label})
	}
	return links
}

// asksAt says whether the questions of a ground are named one by one.
func (e *exam) asksAt(place string) bool {
	return slices.ContainsFunc(e.x.Result.AskStaff, func(q assess.Asked) bool { return "#"+placeID(q.Place)+"-place" == place })
}

// questionID is the first answer to a question, so that a link lands there.
func (e *exam) questionID(q assess.Question) string {
	if q.Ground == string(e.about) {
		return "voraussetzungen-form-a-" + q.Condition
	}
	return placeID(q.Place) + "-a-" + q.Condition
}

// placeOf says where a reason can be settled: at a ground of this page, elsewhere
// on it, or in the case.
func (e *exam) placeOf(r casefile.Reason) string {
	for _, c := range e.checks() {
		if e.isAbout(r, c) {
			return "#" + placeID(c.Place) + "-place"
		}
	}
	if place := examPlaces[r.Key]; place != "" {
		return place
	}
	if place := places[r.Key]; strings.HasPrefix(place, "#") {
		return e.path + place
	}
	return places[r.Key]
}

// isAbout says whether a reason is about a ground at a place.
func (e *exam) isAbout(r casefile.Reason, c assess.Check) bool {
	args := map[string]string{}
	for i := 0; i+1 < len(r.Args); i += 2 {
		args[r.Args[i]] = r.Args[i+1]
	}
	g, _ := e.x.Edition.Ground(c.Ground)
	return args["ground"] != "" && cmp.Or(g.Citation, c.Ground) == args["ground"] && (c.System == "" || c.System == args["names"])
}

// examPlaces are the places of reasons that no ground settles.
var examPlaces = map[string]string{
	"case.exam.systems":    "#tatsachen",
	"case.exam.questions":  "#voraussetzungen",
	"case.exam.law":        "/desk/verzeichnis#gesetz",
	"case.exam.residence":  "#wohnort",
	"case.exam.ask_person": "#ergebnis",
	"case.guard.rights":    "#ergebnis",
	"case.guard.law":       "/desk/verzeichnis#gesetz",
	"case.guard.residence": "#wohnort",
}

// reason says why something is not possible, with the citation as the language
// writes it.
func (e *exam) reason(r casefile.Reason) string {
	args := e.named(r)
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "ground" {
			args[i+1] = e.cite(args[i+1])
		}
	}
	return e.say(r.Key, args...)
}

// decidedBefore is what stands so far.
func (e *exam) decidedBefore() []kern.Item {
	r := e.x.Right
	if r.Outcome == casefile.Undecided {
		return nil
	}
	items := []kern.Item{
		{Key: e.say("desk.decision.outcome"), Value: e.outcome(r.Outcome)},
		{Key: e.say("desk.decided.by"), Value: e.say("desk.decided.who", "name", e.who(r.DecidedBy), "at", e.moment(r.DecidedAt))},
	}
	for _, t := range []struct{ key, value string }{
		{"desk.decided.for_person", r.Text.ForPerson.Reveal()}, {"desk.decided.for_file", r.Text.ForFile.Reveal()},
		{"desk.decided.silent", r.Text.Silent.Reveal()},
	} {
		if t.value != "" {
			items = append(items, kern.Item{Key: e.say(t.key), Value: t.value})
		}
	}
	return items
}

// decideForm holds the composed outcome with the words of the decision.
func (e *exam) decideForm(o casefile.Outcome) desk.Form {
	b := e.form("entscheiden", "entscheiden")
	person := b.field("for_person", "exam.decide.for_person")
	if e.about.NeedsData() && !o.Refuses() {
		person = b.optional(person)
	}
	b.area(person, e.x.Right.Text.ForPerson.Reveal())
	file := b.field("for_file", "exam.for_file")
	if !o.Refuses() {
		file = b.optional(file)
	}
	b.area(file, e.x.Right.Text.ForFile.Reveal())
	if slices.ContainsFunc(e.x.Result.Limits, func(l assess.Limit) bool { return l.ReasonsWithheld }) {
		b.area(b.optional(b.field("silent", "desk.decide.silent")), e.x.Right.Text.Silent.Reveal())
	}
	f := b.done("", e.say("exam.decide", "outcome", strings.ToLower(e.composed(o))))
	f.Buttons[0].Rank = kern.Primary
	return f
}
