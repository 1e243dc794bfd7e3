package desk

import (
	"cmp"
	"slices"

	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (s *sheet) findingForm(f review.Finding, system string, page int) desk.Form {
	b := s.form("fund-"+f.ID.String(), "fund")
	b.hidden("finding", f.ID.String()).hidden("system", system).hidden("seite", itoa(page))
	s.verdictFields(b, system, f.Decision, s.fieldBoxes(b, f)...)
	title := s.say("desk.decide.title")
	if f.Decision.Verdict != disclosure.Undecided {
		title = s.say("desk.decide.again")
	}
	return b.done(title, s.say("desk.do.fund"))
}

// fieldBoxes lets fields be blacked out. What speaks about somebody else is
// blacked out unless somebody says that it is shown, Art. 15(4) GDPR.
func (s *sheet) fieldBoxes(b *builder, f review.Finding) []func() {
	var black, show []kern.Option
	seen := map[string]bool{}
	for _, field := range f.Record.Fields {
		if field.Withheld || seen[field.Name] {
			continue
		}
		seen[field.Name] = true
		verdict, decided := f.Decision.Fields[field.Name]
		o := kern.Option{Value: field.Name, Label: field.Title(s.lang)}
		if field.ThirdParty {
			o.Selected = decided && !verdict.BlackOut
			show = append(show, o)
		} else {
			o.Selected = decided && verdict.BlackOut
			black = append(black, o)
		}
	}
	return []func(){
		func() { b.boxes(b.field("black", "desk.decide.black"), black) },
		func() { b.boxes(b.field("show", "desk.decide.show"), show) },
	}
}

// verdictFields are the questions of a decision on findings; the fields to black
// out stand after the verdict. What no ground at the system allows is not offered.
func (s *sheet) verdictFields(b *builder, system string, d disclosure.Decision, fields ...func()) {
	if !s.needsData() {
		s.belongsField(b, d)
		return
	}
	var options []kern.Option
	for _, verdict := range []disclosure.Verdict{disclosure.Give, disclosure.Withhold, disclosure.NotThisPerson} {
		options = append(options, kern.Option{Value: string(verdict), Label: s.say("desk.verdict." + string(verdict)), Hint: s.known("desk.verdict." + string(verdict) + ".hint"), Selected: d.Verdict == verdict})
	}
	b.radios(b.field("verdict", "desk.decide.verdict"), options)
	for _, add := range fields {
		add()
	}
	grounds := s.grounds(system)
	b.selects(b.refusing(b.field("ground", "exam.finding.ground")), s.groundOptions(grounds, d.Ground), s.say("exam.finding.ground.none"))
	b.area(b.refusing(b.field("for_person", "desk.decide.for_person")), d.ForPerson.Reveal())
	b.area(b.refusing(b.field("for_file", "desk.decide.for_file")), d.ForFile.Reveal())
	if d.SilentReason.Reveal() != "" || slices.ContainsFunc(grounds, func(g catalogue.Ground) bool { return g.Reasons.Allowed() }) {
		b.area(b.refusing(b.field("silent", "desk.decide.silent")), d.SilentReason.Reveal())
	}
	if d.SecretFact || slices.ContainsFunc(grounds, func(g catalogue.Ground) bool { return !g.SecretFact.IsZero() }) {
		b.check(b.field("secret", "desk.decide.secret"), d.SecretFact)
	}
}

// belongsField asks only whose a finding is: where nobody asked for data nothing is
// given or withheld, and no ground stands against one finding. What happens with those
// of the person is decided at the right.
func (s *sheet) belongsField(b *builder, d disclosure.Decision) {
	var options []kern.Option
	for _, verdict := range []disclosure.Verdict{disclosure.Give, disclosure.NotThisPerson} {
		key := "desk.belongs." + string(verdict)
		options = append(options, kern.Option{Value: string(verdict), Label: s.say(key), Hint: s.say(key + ".hint"), Selected: d.Verdict == verdict})
	}
	b.radios(b.field("verdict", "desk.belongs.whose"), options)
}

// grounds are those on which findings of a system can be withheld or blacked out.
func (s *sheet) grounds(system string) []catalogue.Ground {
	in, ok := s.o.Inventory.System(system)
	if !ok {
		return nil
	}
	regime := cmp.Or(in.Regime, s.o.Inventory.Authority.Regime)
	right := law.Access
	if !slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Right.Right == law.Access }) {
		right = law.Portability
	}
	var grounds []catalogue.Ground
	for g := range s.d.Law.On(s.today()).For(right, s.o.Inventory.Authority.Land, regime) {
		if g.Usable() && g.Effect.IsLimit() && g.Effect != catalogue.Fee && g.Reach != catalogue.Case {
			grounds = append(grounds, *g)
		}
	}
	return grounds
}

func (s *sheet) groundOptions(grounds []catalogue.Ground, chosen string) []kern.Option {
	var options []kern.Option
	for _, g := range grounds {
		options = append(options, kern.Option{Value: g.ID, Label: s.cite(g.Citation) + ": " + s.sentence(g.Title), Selected: chosen == g.ID || chosen == g.Citation})
	}
	return options
}

// groundName cites what a decision rests on.
func (s *sheet) groundName(ground string) string {
	if g, ok := s.d.Law.On(s.today()).Ground(ground); ok {
		return s.cite(g.Citation)
	}
	return ground
}
