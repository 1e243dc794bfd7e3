package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// nameSystems keeps which systems the request is about, where none is asked for
// data. Only what changed is written.
func (d Deps) nameSystems(c *fiber.Ctx, v visitor, at examined, f sent) error {
	x, err := d.Exam.Examine(c.UserContext(), v.actor, at.id, at.right, v.now)
	if err != nil {
		return err
	}
	for _, system := range f.values["offered"] {
		known := knownOf(x, system)
		if concerned := slices.Contains(f.values["concerned"], system); concerned != known.Concerned {
			known.Concerned = concerned
			if err := d.Exam.Know(c.UserContext(), v.actor, at.id, at.right, known, v.now); err != nil {
				return err
			}
		}
	}
	return nil
}

// knowSystem keeps what only this case knows about a system. What the form did
// not ask stays as it is.
func (d Deps) knowSystem(c *fiber.Ctx, v visitor, at examined, f sent) error {
	x, err := d.Exam.Examine(c.UserContext(), v.actor, at.id, at.right, v.now)
	if err != nil {
		return err
	}
	known := knownOf(x, f.get("system"))
	for name, day := range map[string]*calendar.Date{"until": &known.Until, "offered": &known.Offered} {
		if _, asked := f.values[name+"-year"]; !asked {
			continue
		}
		*day = f.date(name)
		if day.IsZero() && f.get(name+"-day")+f.get(name+"-month")+f.get(name+"-year") != "" {
			return procedure.Incomplete(name, "desk.error.date")
		}
	}
	if f.asks(asksRetention) {
		known.Norm, known.Only = f.get("norm"), f.get("only") != ""
	}
	if f.asks(asksProvided) {
		known.Provided = f.get("provided")
	}
	return d.Exam.Know(c.UserContext(), v.actor, at.id, at.right, known, v.now)
}

const (
	asksRetention = "retention"
	asksProvided  = "provided"
	asksArchive   = "archive"
)

func (s sent) asks(what string) bool { return slices.Contains(s.values["asks"], what) }

func knownOf(x review.Examined, system string) casefile.Known {
	for _, k := range x.Right.Text.Exam.Known {
		if k.System == system {
			return k
		}
	}
	return casefile.Known{System: system}
}

// caseFacts asks what only the case knows: about which systems it is, and of each
// what a ground of this right depends on.
func (e *exam) caseFacts() desk.Known {
	p := desk.Known{Text: e.say("exam.facts.text")}
	if !e.decides() {
		return p
	}
	if !e.about.NeedsData() {
		p.Title = e.say("exam.facts.which")
		p.Which = e.whichSystems()
	}
	asks := e.asks()
	if len(asks) == 0 {
		return p
	}
	if p.Title == "" {
		p.Title = e.say("exam.facts")
	}
	for _, s := range e.x.Facts.Systems {
		if s.State == assess.Nothing && !knownOf(e.x, s.ID).Concerned {
			continue
		}
		p.Systems = append(p.Systems, e.factForm(s, asks))
	}
	if len(p.Systems) == 0 {
		p.None = e.say("exam.facts.none")
	}
	return p
}

func (e *exam) whichSystems() desk.Form {
	b := e.form("betrifft", "betrifft")
	var options []kern.Option
	for _, s := range e.o.Inventory.Systems {
		b.hidden("offered", s.ID)
		said := s.In(e.lang)
		options = append(options, kern.Option{Value: s.ID, Label: said.Name, Hint: said.Purpose, Selected: knownOf(e.x, s.ID).Concerned})
	}
	b.boxes(b.field("concerned", "exam.facts.concerned"), options)
	return b.done("", e.say("exam.facts.which.save"))
}

// asks says which facts of a system the grounds of this right ask for.
func (e *exam) asks() []string {
	var asks []string
	for _, a := range e.x.Grounds {
		for _, q := range a.Ground.Questions() {
			if what := askedFacts[q.Fact]; what != "" && !slices.Contains(asks, what) {
				asks = append(asks, what)
			}
		}
	}
	slices.Sort(asks)
	return asks
}

var askedFacts = map[catalogue.Fact]string{
	catalogue.StatutoryRetention: asksRetention, catalogue.RetentionRuns: asksRetention, catalogue.RetentionOnly: asksRetention,
	catalogue.ArchiveSixMonths: asksArchive, catalogue.ArchiveDutyLasts: asksArchive, catalogue.NotProvided: asksProvided,
}

func (e *exam) factForm(s assess.System, asks []string) desk.Form {
	b := e.form("t-"+s.ID, "tatsachen")
	b.hidden("system", s.ID)
	k := knownOf(e.x, s.ID)
	for _, what := range asks {
		b.hidden("asks", what)
		switch what {
		case asksRetention:
			b.line(b.optional(b.field("norm", "exam.facts.norm")), k.Norm)
			b.date(b.optional(b.field("until", "exam.facts.until")), k.Until)
			b.check(b.field("only", "exam.facts.only"), k.Only)
		case asksArchive:
			b.date(b.optional(b.field("offered", "exam.facts.offered")), k.Offered)
		case asksProvided:
			b.radios(b.field("provided", "exam.facts.provided"), []kern.Option{
				{Value: "yes", Label: e.say("exam.yes"), Selected: k.Provided == "yes"},
				{Value: "no", Label: e.say("exam.no"), Selected: k.Provided == "no"},
				{Value: "", Label: e.say("exam.unknown"), Selected: k.Provided == ""},
			})
		}
	}
	return b.done(e.systemName(s.ID), e.say("exam.facts.save"))
}
