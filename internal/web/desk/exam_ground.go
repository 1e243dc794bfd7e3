package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// examineGround keeps what was answered and written about a ground at one place.
// Texts and answers come in one form, and the ground is taken up with the first.
func (d Deps) examineGround(c *fiber.Ctx, v visitor, at examined, f sent) error {
	claim := casefile.Claim{
		Ground: f.get("ground"), System: f.get("system"), Entire: f.get("entire") != "",
		ForPerson: f.text("for_person"), ForFile: f.text("for_file"), LookAgain: f.date("look_again"),
	}
	if f.get("look_again-day")+f.get("look_again-month")+f.get("look_again-year") != "" && claim.LookAgain.IsZero() {
		return procedure.Incomplete("look_again", "desk.error.date")
	}
	if err := d.Exam.TakeUp(c.UserContext(), v.actor, at.id, at.right, claim, v.now); err != nil {
		return err
	}
	answers := f.answers(claim.Ground, claim.System)
	if len(answers) == 0 {
		return nil
	}
	return d.Exam.Answer(c.UserContext(), v.actor, at.id, at.right, answers, v.now)
}

func (d Deps) dropGround(c *fiber.Ctx, v visitor, at examined, f sent) error {
	return d.Exam.Drop(c.UserContext(), v.actor, at.id, at.right, f.get("ground"), f.get("system"), v.now)
}

// claims are the grounds that somebody took up or that the register brought up,
// each with the places where it stands.
func (e *exam) claims() desk.Claims {
	p := desk.Claims{Title: e.say("exam.claims"), Text: e.say("exam.claims.text"), EmptyTitle: e.say("exam.claims.empty"), EmptyText: e.say("exam.claims.empty.text")}
	byGround := map[string]int{}
	for _, check := range e.checks() {
		i, seen := byGround[check.Ground]
		if !seen {
			i = len(p.All)
			byGround[check.Ground] = i
			p.All = append(p.All, e.claim(check.Ground))
		}
		p.All[i].Places = append(p.All[i].Places, e.place(check))
	}
	return p
}

// checks are the grounds looked at that concern somebody: claimed, true by what
// the register says, begun by it where an answer still matters, or in the way of the
// decision.
func (e *exam) checks() []assess.Check {
	var all []assess.Check
	for _, c := range e.x.Result.Checks {
		_, claimed := e.claimed(c.Place)
		asked := slices.ContainsFunc(e.x.Result.AskStaff, func(q assess.Asked) bool { return q.Place == c.Place })
		if claimed || c.Standing == assess.Holds || asked || e.inTheWay(c) {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b assess.Check) int { return cmp.Compare(e.rank(a), e.rank(b)) })
	return all
}

// inTheWay says whether a ground that nobody took up fails and keeps the right from being
// decided, since what the source marks rests on it. Grounds can share their citation.
func (e *exam) inTheWay(c assess.Check) bool {
	taken := func(r casefile.Reason) bool {
		return slices.ContainsFunc(e.x.Result.Checks, func(o assess.Check) bool {
			_, claimed := e.claimed(o.Place)
			return claimed && e.isAbout(r, o)
		})
	}
	return c.Standing == assess.Fails && slices.ContainsFunc(e.x.Why, func(r casefile.Reason) bool { return e.isAbout(r, c) && !taken(r) })
}

// rank puts what somebody took up before what the register brought up.
func (e *exam) rank(c assess.Check) int {
	if slices.ContainsFunc(e.x.Right.Text.Exam.Claims, func(claim casefile.Claim) bool { return claim.Ground == c.Ground }) {
		return 0
	}
	return 1
}

func (e *exam) claimed(at assess.Place) (casefile.Claim, bool) {
	for _, c := range e.x.Right.Text.Exam.Claims {
		if c.Ground == at.Ground && c.System == at.System {
			return c, true
		}
	}
	return casefile.Claim{}, false
}

func (e *exam) claim(id string) desk.Claim {
	g, _ := e.x.Edition.Ground(id)
	return desk.Claim{ID: groundID(id), Title: cmp.Or(e.sentence(g.Title), id), Law: e.statute(g, groundID(id)+"-norm"), Note: e.sentence(g.Note)}
}

var standingKinds = map[assess.Standing]kern.Kind{
	assess.Holds: kern.Success, assess.Fails: kern.Danger, assess.Awaits: kern.Warning, assess.Possible: kern.Info,
	assess.Foreign: kern.Danger, assess.Unusable: kern.Danger,
}

func (e *exam) place(c assess.Check) desk.Place {
	g, _ := e.x.Edition.Ground(c.Ground)
	claim, taken := e.claimed(c.Place)
	id := placeID(c.Place)
	p := desk.Place{ID: id, Title: e.systemName(c.System), Tag: kern.Badge{Kind: standingKinds[c.Standing], Label: e.say("exam.standing." + string(c.Standing))}}
	for _, q := range g.Questions() {
		if slices.Contains(c.Failed, q.ID) {
			p.Why = append(p.Why, e.say("exam.standing.because", "text", e.sentence(q.Sentence)))
		}
	}
	if !g.Usable() {
		p.Why = append(p.Why, e.sentence(g.Unusable))
	}
	if n := len(c.Missing); n > 0 {
		p.Why = append(p.Why, e.count("exam.standing.missing", n))
	}
	if !taken {
		p.Why = append(p.Why, e.say("exam.by_register"))
	}
	p.Known = e.registered(g, c)
	p.Links = e.leads(g, c)
	if !e.decides() {
		p.Said = e.saidAt(g, c, claim)
		return p
	}
	if g.Usable() && c.Standing != assess.Foreign {
		p.Form = e.groundForm(g, c, claim, id)
	}
	if taken {
		b := e.form("streichen-"+id, "streichen")
		p.Drop = b.hidden("ground", c.Ground).hidden("system", c.System).done("", e.say("exam.drop", "title", e.sentence(g.Title)))
		p.Drop.Buttons[0].Rank = kern.Tertiary
	}
	return p
}

// leads are where else something about a ground can be settled: what the case knows of
// the system, and the findings that rest on a ground which fails.
func (e *exam) leads(g catalogue.Ground, c assess.Check) (links []kern.Link) {
	if !e.decides() {
		return nil
	}
	forCase := func(q catalogue.Condition) bool { return askedFacts[q.Fact] != "" && e.byRegister(q, c) }
	if c.System != "" && slices.ContainsFunc(g.Questions(), forCase) {
		links = append(links, kern.Link{Href: "#t-" + c.System, Label: e.say("exam.lead.facts", "system", e.systemName(c.System))})
	}
	found := slices.ContainsFunc(e.o.Systems, func(s review.System) bool { return s.ID == c.System && len(s.Findings) > 0 })
	if c.Standing == assess.Fails && e.about.NeedsData() && found {
		links = append(links, kern.Link{Href: e.path + "?system=" + c.System + "#system-" + c.System, Label: e.say("exam.lead.findings", "system", e.systemName(c.System))})
	}
	return links
}

// registered are the conditions that the file answered by itself, with where it
// says so. Nobody can answer them otherwise.
func (e *exam) registered(g catalogue.Ground, c assess.Check) []kern.Item {
	var items []kern.Item
	for _, q := range g.Questions() {
		if e.byRegister(q, c) {
			items = append(items, kern.Item{Key: e.sentence(q.Sentence), Value: e.yesNo(!slices.Contains(c.Failed, q.ID), true), Lines: []string{e.say("exam.source." + factSources[q.Fact])}})
		}
	}
	return items
}

// byRegister says whether the file, and not somebody, answered a condition. What
// the file says goes before what anybody says.
func (e *exam) byRegister(q catalogue.Condition, c assess.Check) bool {
	if q.Fact == "" || slices.Contains(c.Missing, q.ID) {
		return false
	}
	said, given := e.answer(c.Ground, c.System, q.ID)
	return !given || said == slices.Contains(c.Failed, q.ID)
}

var factSources = map[catalogue.Fact]string{
	catalogue.Paper: "register", catalogue.NotAutomated: "register", catalogue.BackupOnly: "register",
	catalogue.NoConsentOrContract: "basis", catalogue.PublicTask: "basis", catalogue.NoPublicTask: "basis", catalogue.NoConsent: "basis",
	catalogue.RetentionOnly: "case", catalogue.StatutoryRetention: "case", catalogue.RetentionRuns: "case", catalogue.ArchiveSixMonths: "case", catalogue.NotProvided: "case",
	catalogue.ArchiveDutyLasts: "body", catalogue.ArchiveDutyCanEnd: "body",
}

// groundForm asks everything about a ground at one place, saved together.
func (e *exam) groundForm(g catalogue.Ground, c assess.Check, claim casefile.Claim, id string) desk.Form {
	b := e.form(id, "pruefen")
	b.hidden("ground", c.Ground).hidden("system", c.System)
	ask := func(condition string, text catalogue.Sentence, hint string) {
		f := b.field("a-"+condition, "exam.answer")
		f.Label, f.Hint = e.sentence(text), hint
		said, given := e.answer(c.Ground, c.System, condition)
		b.radios(f, e.yesOrNo(said, given))
	}
	for _, q := range g.Questions() {
		if e.byRegister(q, c) {
			continue
		}
		hint := ""
		if q.ID == catalogue.DiscretionExercised && g.Decision == catalogue.Discretion {
			hint = e.say("exam.discretion.hint")
		}
		ask(q.ID, q.Sentence, hint)
	}
	if g.Reasons.Allowed() && !g.Reasons.If.IsZero() {
		ask(assess.ReasonsEndanger, g.Reasons.If, e.say("exam.reasons.hint", "cite", e.cite(g.Reasons.Under)))
	}
	if !g.SecretFact.IsZero() {
		ask(assess.FactSecret, g.SecretFact, e.say("exam.secret.hint"))
	}
	if g.Effect.Whole() && (g.Reach == catalogue.Finding || g.Reach == catalogue.Field) {
		b.check(b.field("entire", "exam.entire"), claim.Entire)
	}
	b.area(b.field("for_person", "exam.for_person"), claim.ForPerson.Reveal())
	b.area(b.field("for_file", "exam.for_file"), claim.ForFile.Reveal())
	if g.Review {
		b.date(b.field("look_again", "exam.look_again"), claim.LookAgain)
	}
	_, taken := e.claimed(c.Place)
	b.form.Open = b.form.Open || taken && c.Standing == assess.Awaits
	return b.done(e.say("exam.answers"), e.say("exam.save"))
}

// saidAt is what was written, for those who can change nothing.
func (e *exam) saidAt(g catalogue.Ground, c assess.Check, claim casefile.Claim) []kern.Item {
	var items []kern.Item
	for _, q := range g.Questions() {
		if said, given := e.answer(c.Ground, c.System, q.ID); given && !e.byRegister(q, c) {
			items = append(items, kern.Item{Key: e.sentence(q.Sentence), Value: e.yesNo(said, given)})
		}
	}
	for _, t := range []struct{ key, value string }{
		{"exam.for_person", claim.ForPerson.Reveal()}, {"exam.for_file", claim.ForFile.Reveal()}, {"exam.look_again", e.day(claim.LookAgain)},
	} {
		if t.value != "" {
			items = append(items, kern.Item{Key: e.say(t.key), Value: t.value})
		}
	}
	return items
}

// statute is everything the catalogue says about a ground.
func (e *exam) statute(g catalogue.Ground, id string) desk.Statute {
	p := desk.Statute{ID: id, Title: e.cite(g.Citation), ConditionsAre: e.say("exam.statute.conditions"), OnFileIs: e.say("exam.statute.on_file")}
	add := func(key, value string) {
		if value != "" {
			p.Items = append(p.Items, kern.Item{Key: e.say(key), Value: value})
		}
	}
	add("exam.statute.effect", e.known("law.effect."+string(g.Effect)))
	add("exam.statute.decision", e.known("exam.decision."+string(g.Decision)))
	add("exam.statute.instead", e.sentence(g.Replacement))
	force := e.say("exam.statute.since", "date", e.day(g.ValidFrom))
	switch {
	case g.ValidFrom.IsZero():
		force = ""
	case !g.ValidTo.IsZero():
		force = e.say("exam.statute.between", "from", e.day(g.ValidFrom), "to", e.day(g.ValidTo))
	}
	add("exam.statute.force", force)
	checked := "exam.statute.verified"
	switch {
	case g.Confirm && e.x.Confirmed.At.IsZero():
		checked = "exam.statute.confirm"
	case g.Confirm:
		checked = "exam.statute.confirmed"
	}
	add("exam.statute.checked", e.say(checked))
	for _, q := range g.Questions() {
		p.Conditions = append(p.Conditions, e.sentence(q.Sentence))
	}
	for _, s := range g.OnFile {
		p.OnFile = append(p.OnFile, e.sentence(s))
	}
	if strings.HasPrefix(g.Source, "https://") {
		p.Source = kern.Link{Href: g.Source, Label: e.say("exam.statute.source"), Icon: "open-in-new"}
	}
	return p
}
