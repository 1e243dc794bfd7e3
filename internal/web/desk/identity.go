package desk

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/silence"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) verify(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.uuid("identifier") == uuid.Nil {
		return procedure.Incomplete("identifier", "desk.error.which")
	}
	return d.Identification.Verify(c.UserContext(), v.actor, id, f.uuid("identifier"), casefile.VerifiedHow(f.get("how")), f.text("note"), v.now)
}

func (d Deps) addIdentifier(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	kind, err := person.ParseIdentifierKind(f.get("kind"))
	if err != nil {
		return procedure.Incomplete("kind", "desk.error.kind")
	}
	return d.Identification.AddIdentifier(c.UserContext(), v.actor, id, kind, f.text("value"), v.now)
}

// takeUp takes up a further search term, by the finding that names it: what it
// says is read from there, not from the form.
func (d Deps) takeUp(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	hint, err := strconv.Atoi(f.get("hint"))
	if err != nil {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	return d.Identification.TakeUp(c.UserContext(), v.actor, id, f.uuid("finding"), hint, f.text("note"), v.now)
}

func (d Deps) sendCode(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.uuid("identifier") == uuid.Nil {
		return problem.New(problem.Invalid, "desk.error.contact")
	}
	return d.Identification.SendContactCode(c.UserContext(), v.actor, id, f.uuid("identifier"), v.now)
}

func (d Deps) answered(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.get("silent") != "" {
		return d.Identification.GoOn(c.UserContext(), v.actor, v.authority.Land, id, v.now)
	}
	on := f.date("on")
	if on.IsZero() {
		return procedure.Incomplete("on", "desk.error.date")
	}
	return d.Identification.Answered(c.UserContext(), v.actor, v.authority.Land, id, on, v.now)
}

// identity is who is asking: each identifier claimed until somebody said how
// they made sure.
func (s *sheet) identity() desk.Identity {
	i := desk.Identity{Title: s.say("desk.part.identity"), Text: s.say("desk.identity.text"), Hints: s.hints()}
	i.Table = kern.Table{ID: "kennungen", Caption: s.say("desk.identity.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
		{Title: s.say("desk.col.kind")}, {Title: s.say("desk.col.value")}, {Title: s.say("desk.col.status")}, {Title: s.say("desk.col.how")},
	}}
	for _, d := range s.o.Identifiers {
		i.Table.Rows = append(i.Table.Rows, s.identifierRow(d))
	}
	if since := s.o.Case.RestsSince; !since.IsZero() {
		i.Rests = s.say("desk.identity.rests", "date", s.day(since))
	} else if s.inTray(letter.KindIdentity, letter.KindClarification) {
		i.Rests = s.say("desk.identity.in_tray")
	}
	open := !s.o.Case.State.Answered()
	if open && s.d.may(s.visitor, casefile.ActionAskIdentity) && !s.o.Case.RestsSince.IsZero() {
		i.Resume = s.resumeForm()
	}
	if s.kept(open && s.d.may(s.visitor, casefile.ActionVerifyIdentifier), "pruefen", "code", "kennung") {
		i.Forms = append(i.Forms, s.verifyForm(), s.codeForm(), s.addForm())
	}
	if s.kept(!s.o.Case.State.Over() && s.d.may(s.visitor, casefile.ActionReplaceCode), "zugangscode") {
		i.Forms = append(i.Forms, s.replaceForm())
	}
	if s.kept(s.askable(), "fragen") {
		i.Forms = append(i.Forms, s.askForm())
	}
	return i
}

// resumeForm asks on which day the answer came in. A code that the person entered
// is one; whether it is enough, staff say.
func (s *sheet) resumeForm() desk.Form {
	b := s.form("antwort", "antwort")
	on := s.today()
	if q, open := s.question(); open && q.About == silence.Identity {
		for _, d := range s.o.Identifiers {
			entered := calendar.DateOf(d.VerifiedAt)
			if d.How == casefile.ByContact && d.Verified() && !d.VerifiedAt.Before(q.Asked.At) && !entered.After(on) {
				on = entered
				b.form.Lead = s.say("desk.answered.code", "date", s.day(on))
			}
		}
	}
	b.date(b.field("on", "desk.answered.on"), on)
	return b.done("", s.say("desk.do.antwort"))
}

func (s *sheet) identifierRow(d casefile.Identifier) kern.Row {
	badge := kern.Badge{Kind: kern.Warning, Label: s.say("desk.identity.claimed")}
	how := s.say("desk.identity.typed")
	if !d.Typed {
		how = s.say("desk.identity.taken")
	}
	var more []string
	if d.Verified() {
		badge = kern.Badge{Kind: kern.Success, Label: s.say("desk.identity.verified")}
		how = s.say("case.how." + string(d.How))
		more = append(more, s.say("desk.identity.by", "name", s.who(d.VerifiedBy), "at", s.moment(d.VerifiedAt)))
		if !d.Note.IsZero() {
			more = append(more, d.Note.Reveal())
		}
	}
	return kern.Row{Cells: []kern.Cell{
		{Text: s.say("case.kind." + string(d.Kind))}, {Text: s.legible(d.Kind, d.Value)}, {Content: desk.Tags(badge)}, {Content: desk.Lines(kern.Link{Label: how}, more...)},
	}}
}

// legible is an identifier as people write it.
func (w words) legible(kind person.IdentifierKind, value person.Text) string {
	if day, err := calendar.Parse(value.Reveal()); err == nil && kind == person.Birthdate {
		return w.short(day)
	}
	if ip, at, err := person.ParseIPTime(value.Reveal()); err == nil && kind == person.IPTime {
		return ip.String() + ", " + disclosure.Readable(w.lang, at.Format(time.RFC3339), calendar.Berlin())
	}
	return value.Reveal()
}

func (s *sheet) identifiers(wanted func(casefile.Identifier) bool) []kern.Option {
	var options []kern.Option
	for _, d := range s.o.Identifiers {
		if wanted(d) {
			options = append(options, kern.Option{Value: d.ID.String(), Label: s.say("case.kind."+string(d.Kind)) + ": " + s.legible(d.Kind, d.Value)})
		}
	}
	return options
}

func (s *sheet) verifyForm() desk.Form {
	open := s.identifiers(func(d casefile.Identifier) bool { return !d.Verified() })
	if len(open) == 0 {
		return desk.Form{}
	}
	b := s.form("pruefen", "pruefen")
	b.selects(b.field("identifier", "desk.verify.identifier"), open, s.say("desk.choose"))
	ways := make([]kern.Option, len(casefile.VerifiedWays))
	for i, how := range casefile.VerifiedWays {
		ways[i] = kern.Option{Value: string(how), Label: s.say("case.how." + string(how)), Hint: s.known("case.how." + string(how) + ".hint")}
	}
	b.radios(b.field("how", "desk.verify.how"), ways).area(b.field("note", "desk.verify.note"), "")
	return b.done(s.say("desk.verify.title"), s.say("desk.do.pruefen"))
}

func (s *sheet) codeForm() desk.Form {
	contacts := s.identifiers(func(d casefile.Identifier) bool { return d.Kind == person.Email && !d.Verified() })
	if len(contacts) == 0 {
		return desk.Form{}
	}
	b := s.form("code", "code")
	b.form.Lead = s.say("desk.code.text")
	b.selects(b.field("identifier", "desk.code.identifier"), contacts, "")
	return b.done(s.say("desk.code.title"), s.say("desk.do.code"))
}

func (s *sheet) addForm() desk.Form {
	b := s.form("kennung", "kennung")
	kinds := make([]kern.Option, len(person.IdentifierKinds))
	for i, k := range person.IdentifierKinds {
		kinds[i] = kern.Option{Value: string(k), Label: s.say("case.kind." + string(k))}
	}
	b.selects(b.field("kind", "desk.add.kind"), kinds, "").line(b.field("value", "desk.add.value"), "")
	return b.done(s.say("desk.add.title"), s.say("desk.do.kennung"))
}

// hints are further search terms that findings named. What a finding names is
// verified with it, if verified identifiers alone lead there, by a note.
func (s *sheet) hints() desk.Hints {
	h := desk.Hints{Title: s.say("desk.hints.title"), Text: s.say("desk.hints.text")}
	if !s.kept(!s.o.Case.State.Answered() && s.d.may(s.visitor, casefile.ActionVerifyIdentifier), "hinweis-") {
		return h
	}
	var seen []person.Identifier
	for _, system := range s.o.Systems {
		for _, f := range system.Findings {
			for i, hint := range f.Record.Hints {
				if s.settled(hint, vouched(f, i)) || isAmong(seen, hint) {
					continue
				}
				seen = append(seen, hint)
				h.All = append(h.All, s.hint(f, i, system.In(s.lang).Name))
			}
		}
	}
	return h
}

func (s *sheet) hint(f review.Finding, i int, system string) desk.Form {
	hint := f.Record.Hints[i]
	b := s.form("hinweis-"+f.ID.String()+"-"+itoa(i), "hinweis")
	b.hidden("finding", f.ID.String()).hidden("hint", itoa(i))
	b.form.Lead = s.say("desk.hints.from", "system", system, "record", f.Record.Title(s.lang))
	b.form.Lead += " " + s.say("desk.hints."+map[bool]string{true: "verified", false: "claimed"}[vouched(f, i)])
	b.area(b.field("note", "desk.hints.note"), "")
	return b.done(s.say("case.kind."+string(hint.Kind))+": "+s.legible(hint.Kind, hint.Value), s.say("desk.do.hinweis"))
}

func vouched(f review.Finding, hint int) bool { return hint < len(f.Vouched) && f.Vouched[hint] }

// settled says whether taking up a hint would change nothing.
func (s *sheet) settled(hint person.Identifier, byVerified bool) bool {
	for _, d := range s.o.Identifiers {
		if d.Kind == hint.Kind && person.Same(d.Kind, d.Value.Reveal(), hint.Value.Reveal()) {
			return d.Verified() || !byVerified
		}
	}
	return false
}

func isAmong(seen []person.Identifier, hint person.Identifier) bool {
	for _, known := range seen {
		if known.Kind == hint.Kind && person.Same(hint.Kind, known.Value.Reveal(), hint.Value.Reveal()) {
			return true
		}
	}
	return false
}
