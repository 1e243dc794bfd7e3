package desk

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/desk"
	"einsicht/views/kern"
	letterview "einsicht/views/letter"
)

// newLetter is the form with exactly what a letter needs, or the choice of one.
func (d Deps) newLetter(c *fiber.Ctx, v visitor) error {
	s, err := d.writing(c, v, came{})
	if err != nil {
		return err
	}
	kind := letter.Kind(c.Query("art"))
	if !writable(kind) || s.whyNot(kind) != "" {
		return s.chooseLetter(c)
	}
	return s.letterPage(c, kind, desk.Preview{})
}

// writeLetter shows the letter as it will leave, or writes it. What is missing
// comes back with the form and all that was typed.
func (d Deps) writeLetter(c *fiber.Ctx, v visitor) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	s, err := d.writing(c, v, came{sent: f})
	if err != nil {
		return err
	}
	kind := letter.Kind(f.get("kind"))
	if !writable(kind) {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	if why := s.whyNot(kind); why != "" {
		return s.letterRefused(c, kind, desk.Preview{}, came{sent: f, status: fiber.StatusConflict, lines: []string{why}})
	}
	if back := s.checked(kind, f); back.status != 0 {
		return s.letterRefused(c, kind, desk.Preview{}, back)
	}
	words, values, to := typed(kind, f)
	l, missing, err := d.Correspondence.Draft(c.UserContext(), v.actor, v.authority.Land, s.o.Case.ID, kind, words, values, to, v.now)
	if err != nil {
		return s.letterFailed(c, kind, desk.Preview{}, f, err)
	}
	p := s.previewed(kind, f, l, missing)
	if f.get("do") == "preview" {
		s.back.status = fiber.StatusOK
		return s.letterPage(c, kind, p)
	}
	if len(missing) > 0 {
		return s.letterRefused(c, kind, p, came{sent: f, status: fiber.StatusUnprocessableEntity, fields: s.lacking(kind, f), lines: s.elsewhere(kind, missing)})
	}
	if _, err := d.Correspondence.Write(c.UserContext(), v.actor, v.authority.Land, s.o.Case.ID, kind, words, values, to, v.now); err != nil {
		return s.letterFailed(c, kind, p, f, err)
	}
	return reply.Redirect(c, s.path+"#schreiben")
}

// writing opens the case for somebody who may write in it.
func (d Deps) writing(c *fiber.Ctx, v visitor, back came) (*sheet, error) {
	id, err := caseID(c)
	if err != nil {
		return nil, err
	}
	if err := d.Permission.May(v.actor, casefile.ActionWriteLetter, v.Authority); err != nil {
		return nil, err
	}
	s, err := d.open(c, v, id, back, shown{})
	if err != nil {
		return nil, err
	}
	s.mail, err = d.Correspondence.Letters(c.UserContext(), v.actor, id)
	return s, err
}

const letterForm = "schreiben"

func (s *sheet) letterPage(c *fiber.Ctx, kind letter.Kind, p desk.Preview) error {
	title := s.say("letters.kind." + string(kind))
	page := desk.NewLetter{
		Frame: s.d.frame(c, s.visitor, title, ""), Back: kern.Link{Href: s.path + "/schreiben/neu", Label: s.say("desk.letters.others")},
		Heading: kern.Heading{Preline: s.o.Case.FileNumber + " · " + s.say("desk.letters.new"), Title: title, Subline: s.say("desk.letter." + string(kind) + ".article")},
		Lead:    s.say("desk.letter." + string(kind)), Form: s.letterForm(kind), Preview: p,
	}
	status := fiber.StatusOK
	if s.back.status >= fiber.StatusBadRequest {
		status, page.Failed, page.Errors = s.back.status, true, s.errors(s.back)
	}
	return reply.Page(c, status, desk.NewLetterPage(page))
}

func (s *sheet) letterRefused(c *fiber.Ctx, kind letter.Kind, p desk.Preview, back came) error {
	s.back = back
	return s.letterPage(c, kind, p)
}

// letterFailed shows the form again where a step said what is wrong.
func (s *sheet) letterFailed(c *fiber.Ctx, kind letter.Kind, p desk.Preview, f sent, err error) error {
	if errors.Is(err, problem.Forbidden) {
		return err
	}
	back, ok := s.refusal(f, err)
	if !ok {
		return err
	}
	return s.letterRefused(c, kind, p, back)
}

// letterForm has what staff enter for the letter, and nothing that the case
// knows itself.
func (s *sheet) letterForm(kind letter.Kind) desk.Form {
	b := s.build(s.back, letterForm, s.path+"/schreiben/neu#vorschau", s.csrf)
	b.hidden("kind", string(kind))
	field := func(name string) kern.Field {
		f := b.field(name, "letters.label."+name)
		f.Hint = s.known("desk.letter." + string(kind) + "." + name)
		if !kind.Needs(name) {
			f.Optional = b.say("desk.optional")
		}
		return f
	}
	if kind.ToOthers() {
		b.area(b.field("to", "desk.letters.address"), "")
	}
	for _, name := range kind.Words() {
		b.area(field(name), s.startWith(kind, name))
	}
	for _, name := range correspondence.ToEnter(kind) {
		if kind.IsDate(name) {
			b.date(field(name), s.startOn(kind, name))
		} else {
			b.line(field(name), "")
		}
	}
	if kind == letter.KindArchiveOffer {
		b.check(b.field("lawful", "desk.letters.lawful"), false)
	}
	// The first button is the one that Enter presses. A letter can't be taken
	// back, so that is the preview.
	b.form.Buttons = []kern.Button{
		{Label: s.say("desk.letters.preview"), Rank: kern.Secondary, Name: "do", Value: "preview"},
		{Label: s.say("desk.letters.write"), Name: "do", Value: "write"},
	}
	return b.form
}

// startWith is what the case already knows of a text.
func (s *sheet) startWith(kind letter.Kind, name string) string {
	if kind != letter.KindSuspended || name != "question" {
		return ""
	}
	q, open := s.question()
	for _, h := range s.o.History {
		if open && h.ID == q.Asked.ID {
			return h.Text.ForPerson.Reveal()
		}
	}
	return ""
}

// startOn is the day that a date begins with; staff can change it.
func (s *sheet) startOn(kind letter.Kind, name string) calendar.Date {
	soon := calendar.NextWorkingDay(s.authority.Land, s.today().AddDays(14))
	switch {
	case kind == letter.KindArchiveOffer:
		return s.today().AddMonths(6) // § 4(5) sentence 1 ArchivG NRW
	case name == "until" || name == "from":
		return soon
	case name == "done":
		return s.today()
	}
	return calendar.Date{}
}

// checked finds what no letter could be made of: a day that is none, and an offer
// to the archive of what was stored unlawfully.
func (s *sheet) checked(kind letter.Kind, f sent) came {
	back := came{sent: f, fields: map[string]string{}}
	for _, name := range correspondence.ToEnter(kind) {
		if kind.IsDate(name) && f.date(name).IsZero() && f.get(name+"-day")+f.get(name+"-month")+f.get(name+"-year") != "" {
			back.fields[name] = s.say("desk.error.date")
		}
	}
	if kind == letter.KindArchiveOffer && f.get("lawful") == "" && f.get("do") != "preview" {
		back.fields["lawful"] = s.say("desk.error.unlawful")
	}
	if len(back.fields) > 0 {
		back.status = fiber.StatusUnprocessableEntity
	}
	return back
}

// typed reads what was entered for a letter.
func typed(kind letter.Kind, f sent) (words map[string]person.Text, values map[string]string, to []person.Text) {
	words, values = map[string]person.Text{}, map[string]string{}
	for _, name := range kind.Words() {
		words[name] = f.text(name)
	}
	for _, name := range correspondence.ToEnter(kind) {
		values[name] = f.get(name)
		if kind.IsDate(name) {
			values[name] = f.date(name).String()
		}
	}
	if kind == letter.KindArchiveOffer && f.get(correspondence.Lawful) != "" {
		values[correspondence.Lawful] = "yes"
	}
	if kind.ToOthers() {
		for line := range strings.Lines(f.get("to")) {
			if line = strings.TrimSpace(line); line != "" {
				to = append(to, person.NewText(line))
			}
		}
	}
	return words, values, to
}

// previewed is the letter with what it still lacks; each line leads to its field.
func (s *sheet) previewed(kind letter.Kind, f sent, l letter.Letter, missing []string) desk.Preview {
	p := desk.Preview{Title: s.say("desk.letters.preview"), Lead: s.say("desk.letters.complete"), Letter: letterview.Preview(l)}
	if len(missing) == 0 {
		return p
	}
	p.Missing.Title = s.say("desk.letters.missing")
	fields := entries(kind)
	for _, sentence := range missing {
		line := kern.FieldError{Text: sentence}
		if name, ok := fields[sentence]; ok {
			line.ID = letterForm + "-" + name
		}
		p.Missing.Lines = append(p.Missing.Lines, line)
	}
	return p
}

// entries says which field a sentence about something missing is about. What the
// letter lacks is said in German, in which it is decided.
func entries(kind letter.Kind) map[string]string {
	of := map[string]string{}
	for _, name := range append(kind.Words(), correspondence.ToEnter(kind)...) {
		of[wording.Text(wording.German, "letter.missing.entry."+name)] = name
	}
	if kind.ToOthers() {
		of[wording.Text(wording.German, "letter.missing.to")] = "to"
	}
	return of
}

// lacking are the empty fields that the letter needs.
func (s *sheet) lacking(kind letter.Kind, f sent) map[string]string {
	fields := map[string]string{}
	for _, name := range append(kind.Words(), correspondence.ToEnter(kind)...) {
		empty := f.get(name) == "" && !kind.IsDate(name) || kind.IsDate(name) && f.date(name).IsZero()
		if kind.Needs(name) && empty {
			fields[name] = s.say("letter.missing.entry." + name)
		}
	}
	if kind.ToOthers() && f.get("to") == "" {
		fields["to"] = s.say("letter.missing.to")
	}
	return fields
}

// elsewhere are the sentences about what no field of the form can mend.
func (s *sheet) elsewhere(kind letter.Kind, missing []string) []string {
	fields := entries(kind)
	return slices.DeleteFunc(slices.Clone(missing), func(sentence string) bool {
		_, here := fields[sentence]
		return here
	})
}
