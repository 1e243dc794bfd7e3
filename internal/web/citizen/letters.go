package citizen

import (
	"bytes"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
	letterview "einsicht/views/letter"
)

// showLetter opens one of our letters to the person.
func (s *site) showLetter(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	w, err := s.letter(c, actor)
	if err != nil {
		return err
	}
	home := "/" + a.Slug + "/vorgang"
	path := home + "/schreiben/" + w.ID.String()
	title := say(c, "letter.title", "date", dated(c, calendar.DateOf(w.CreatedAt)))
	p := citizen.Letter{
		Frame: framed(c, a, title), Title: title, What: say(c, "letter."+w.Text.Kind), Back: home + "#schreiben",
		Body: letterview.Preview(w.Document), Files: []kern.Button{{Label: say(c, "letter.file"), Href: path + "/datei", Icon: "download"}},
	}
	if w.Printed() {
		p.Files = append(p.Files, kern.Button{Label: say(c, "letter.pdf"), Href: path + "/pdf", Icon: "download", Rank: kern.Secondary})
	}
	p.Frame.Path, p.Frame.Nav[2].Current = path, true
	return reply.Page(c, fiber.StatusOK, citizen.LetterPage(p))
}

// letterFile hands a letter out as one file that needs no other.
func (s *site) letterFile(c *fiber.Ctx, _ casefile.Authority, actor casefile.Actor) error {
	w, err := s.letter(c, actor)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := letterview.Document(w.Document).Render(c.UserContext(), &page); err != nil {
		return err
	}
	return reply.Attach(c, say(c, "letter.name")+".html", "text/html; charset=utf-8", page.Bytes())
}

func (s *site) letterPDF(c *fiber.Ctx, _ casefile.Authority, actor casefile.Actor) error {
	id, err := letterID(c)
	if err != nil {
		return err
	}
	pdf, err := s.Correspondence.PDF(c.UserContext(), actor, actor.ID, id, reply.Now(c))
	if err != nil {
		return err
	}
	return reply.Attach(c, say(c, "letter.name")+".pdf", "application/pdf", pdf)
}

// letter reads a letter of the person's own case. One to somebody else is not
// there, as one of another case is not.
func (s *site) letter(c *fiber.Ctx, actor casefile.Actor) (correspondence.Written, error) {
	id, err := letterID(c)
	if err != nil {
		return correspondence.Written{}, err
	}
	w, err := s.Correspondence.Letter(c.UserContext(), actor, actor.ID, id, reply.Now(c))
	if err == nil && w.Text.ToOthers {
		err = problem.New(problem.NotFound, "problem.notfound")
	}
	return w, err
}

func letterID(c *fiber.Ctx) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params("letter"))
	if err != nil {
		return id, problem.New(problem.NotFound, "problem.notfound")
	}
	return id, nil
}

// lettersOf lists what we wrote to the person: first what still waits for their
// answer, then the latest.
func lettersOf(c *fiber.Ctx, own correspondence.OwnCase, all []correspondence.Written, open bool, home string) []citizen.LetterLine {
	foreign := ""
	if l := wording.Parse(own.Request.Lang); l != reply.Lang(c) {
		foreign = string(l)
	}
	var asks, rest []citizen.LetterLine
	for _, w := range slices.Backward(all) {
		if w.Text.ToOthers {
			continue
		}
		path := home + "/schreiben/" + w.ID.String()
		day := calendar.DateOf(w.CreatedAt)
		l := citizen.LetterLine{Subject: w.Text.Subject, Lang: foreign, What: say(c, "letter."+w.Text.Kind), When: dated(c, day), Machine: day.String(), Href: path, ID: "brief-" + w.ID.String()}
		if w.Printed() {
			l.PDF = path + "/pdf"
		}
		kind := letter.Kind(w.Text.Kind)
		if w.Text.Way == casefile.ByPortal && w.Effective.IsZero() && slices.Contains(kind.Mandatory(), letter.Remedy) {
			l.Effect = say(c, "letter.effect")
		}
		if open && (kind == letter.KindIdentity || kind == letter.KindClarification) {
			open, l.Open = false, true
			asks = append(asks, l)
			continue
		}
		rest = append(rest, l)
	}
	return append(asks, rest...)
}
