package desk

import (
	"bytes"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/desk"
	"einsicht/views/kern"
	letterview "einsicht/views/letter"
)

// showLetter shows a letter as it was written.
func (d Deps) showLetter(c *fiber.Ctx, v visitor) error {
	w, s, err := d.letter(c, v)
	if err != nil {
		return err
	}
	p := desk.OneLetter{
		Frame: d.frame(c, v, w.Text.Subject, ""), Back: s.toLetters(),
		Heading: kern.Heading{Preline: s.o.Case.FileNumber + " · " + s.say("letters.kind."+w.Text.Kind), Title: w.Text.Subject},
		Facts: []kern.Item{
			{Key: s.say("desk.letters.to"), Value: s.recipient(w)}, {Key: s.say("desk.letters.written"), Value: s.written(w)},
			{Key: s.say("desk.letters.way"), Value: s.way(w)[0], Lines: s.way(w)[1:]},
		},
		Files:   []kern.Button{{Label: s.say("desk.letters.html"), Href: c.Path() + "/datei", Icon: "download"}},
		Preview: desk.Preview{Title: s.say("desk.letters.text"), Letter: letterview.Preview(w.Document)},
	}
	if w.Printed() {
		p.Files = append(p.Files, kern.Button{Label: s.say("desk.letters.pdf"), Href: c.Path() + "/pdf", Icon: "download", Rank: kern.Secondary})
	} else {
		p.NoPDF = s.noPDF()
	}
	return reply.Page(c, fiber.StatusOK, desk.OneLetterPage(p))
}

// letterFile hands out a letter as one file that needs no other.
func (d Deps) letterFile(c *fiber.Ctx, v visitor) error {
	id, one, err := letterIDs(c)
	if err != nil {
		return err
	}
	w, err := d.Correspondence.Letter(c.UserContext(), v.actor, id, one, v.now)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := letterview.Document(w.Document).Render(c.UserContext(), &page); err != nil {
		return err
	}
	return reply.Attach(c, w.Text.Kind+".html", "text/html; charset=utf-8", page.Bytes())
}

func (d Deps) letterPDF(c *fiber.Ctx, v visitor) error {
	id, one, err := letterIDs(c)
	if err != nil {
		return err
	}
	pdf, err := d.Correspondence.PDF(c.UserContext(), v.actor, id, one, v.now)
	if err != nil {
		return err
	}
	return reply.Attach(c, one.String()+".pdf", "application/pdf", pdf)
}

// postLetters records on which day letters were posted.
func (d Deps) postLetters(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	on, letters := f.date("posted"), f.uuids("letter")
	switch {
	case len(letters) == 0:
		return procedure.Incomplete("letter", "desk.error.letter")
	case on.IsZero():
		return procedure.Incomplete("posted", "desk.error.date")
	}
	for _, one := range letters {
		if err := d.Correspondence.PostLetter(c.UserContext(), v.actor, id, one, on, v.now); err != nil {
			return err
		}
	}
	return nil
}

func (d Deps) letter(c *fiber.Ctx, v visitor) (correspondence.Written, *sheet, error) {
	id, one, err := letterIDs(c)
	if err != nil {
		return correspondence.Written{}, nil, err
	}
	w, err := d.Correspondence.Letter(c.UserContext(), v.actor, id, one, v.now)
	if err != nil {
		return w, nil, err
	}
	s, err := d.open(c, v, id, came{}, shown{})
	return w, s, err
}

func letterIDs(c *fiber.Ctx) (id, one uuid.UUID, err error) {
	if id, err = caseID(c); err != nil {
		return id, one, err
	}
	if one, err = uuid.Parse(c.Params("letter")); err != nil {
		return id, one, problem.New(problem.NotFound, "problem.notfound")
	}
	return id, one, nil
}

// letters is the table of what was written, the latest first.
func (s *sheet) letters() desk.Letters {
	p := desk.Letters{
		Title: s.say("desk.part.letters"), Text: s.say("desk.letters.lead"), EmptyTitle: s.say("desk.letters.empty"), EmptyText: s.say("desk.letters.empty.text"),
		Table: kern.Table{ID: "schreiben-liste", Caption: s.say("desk.letters.caption"), Hidden: true, Small: true, Stacked: true, Columns: []kern.Column{
			{Title: s.say("desk.letters.what")}, {Title: s.say("desk.letters.to")}, {Title: s.say("desk.letters.written")}, {Title: s.say("desk.letters.way")}, {Title: s.say("desk.letters.files")},
		}},
	}
	for i := len(s.mail) - 1; i >= 0; i-- {
		w := s.mail[i]
		p.Table.Rows = append(p.Table.Rows, s.letterRow(w))
	}
	if s.kept(slices.ContainsFunc(s.mail, s.toPost) && s.d.may(s.visitor, casefile.ActionAnswerTask), "aufgegeben") {
		p.Post = s.postForm()
	}
	if s.d.may(s.visitor, casefile.ActionWriteLetter) && !s.ended() {
		p.New = kern.Button{Label: s.say("desk.letters.new"), Href: s.path + "/schreiben/neu", Rank: kern.Secondary, Icon: "edit"}
	}
	return p
}

func (s *sheet) letterRow(w correspondence.Written) kern.Row {
	path := s.path + "/schreiben/" + w.ID.String()
	id := "brief-" + w.ID.String()
	files := []kern.Link{{Href: path + "/datei", Label: s.say("desk.letters.html.short"), Icon: "download", About: id}}
	none := ""
	if w.Printed() {
		files = append(files, kern.Link{Href: path + "/pdf", Label: s.say("desk.letters.pdf.short"), Icon: "download", About: id})
	} else {
		none = s.noPDF()
	}
	way := s.way(w)
	return kern.Row{Cells: []kern.Cell{
		{Content: desk.LetterName(id, kern.Link{Href: path, Label: w.Text.Subject, Lang: s.foreign(w)}, s.say("letters.kind."+w.Text.Kind))},
		{Text: s.recipient(w)}, {Text: s.written(w)}, {Content: desk.Lines(kern.Link{Label: way[0]}, way[1:]...)},
		{Content: desk.Files(files, none)},
	}}
}

// recipient says for whom a letter is; the name of another body stands in it.
func (s *sheet) recipient(w correspondence.Written) string {
	switch {
	case !w.Text.ToOthers:
		return s.o.Request.Name.Reveal()
	case len(w.Document.To) > 0:
		return w.Document.To[0].Reveal()
	}
	return s.say("desk.letters.to." + w.Text.Kind)
}

func (s *sheet) written(w correspondence.Written) string {
	return s.say("desk.decided.who", "name", s.who(w.CreatedBy), "at", s.moment(w.CreatedAt))
}

// way says how a letter goes, when it was posted, and from when it counts as
// notified.
func (s *sheet) way(w correspondence.Written) []string {
	lines := []string{s.say("desk.letters.way." + string(w.Text.Way))}
	switch {
	case !w.PostedOn.IsZero():
		lines = append(lines, s.say("desk.letters.posted", "date", s.short(w.PostedOn)))
	case w.Waits():
		lines = append(lines, s.say("desk.letters.not_posted"))
	case w.Effective.IsZero():
		lines = append(lines, s.say("desk.letters.not_fetched"))
	}
	if !w.Effective.IsZero() {
		lines = append(lines, s.say("desk.letters.effective", "date", s.short(w.Effective)))
	}
	return lines
}

func (s *sheet) noPDF() string {
	if !s.d.Correspondence.PrintsPDF() {
		return s.say("desk.letters.no_pdf")
	}
	return s.say("desk.letters.pdf_soon")
}

// foreign names the language of a letter where it is not the page's.
func (s *sheet) foreign(w correspondence.Written) string {
	l := wording.German // as all letters to others are
	if !w.Text.ToOthers {
		l = wording.Parse(s.o.Request.Lang)
	}
	if l == s.lang {
		return ""
	}
	return string(l)
}

func (s *sheet) toPost(w correspondence.Written) bool { return w.ToPost(s.today()) }

// postForm is for what was posted on one day; one letter needs no choice.
func (s *sheet) postForm() desk.Form {
	b := s.form("aufgegeben", "aufgegeben")
	var waiting []kern.Option
	for _, w := range s.mail {
		if s.toPost(w) {
			waiting = append(waiting, kern.Option{Value: w.ID.String(), Label: w.Text.Subject})
		}
	}
	if len(waiting) == 1 {
		waiting[0].Selected = true
	}
	b.boxes(b.field("letter", "desk.letters.post.which"), waiting).date(b.field("posted", "desk.letters.post.on"), s.today())
	return b.done(s.say("desk.letters.post"), s.say("desk.do.versandt"))
}

// subject finds what a letter of the case is about.
func (s *sheet) subject(id uuid.UUID) string {
	for _, w := range s.mail {
		if w.ID == id {
			return w.Text.Subject
		}
	}
	return ""
}

// ended: a request withdrawn or given up is written about no more.
func (s *sheet) ended() bool {
	return s.o.Case.State == casefile.Withdrawn || s.o.Case.State == casefile.Unidentified
}

func (s *sheet) toLetters() kern.Link {
	return kern.Link{Href: s.path + "#schreiben", Label: s.say("desk.letters.back", "number", s.o.Case.FileNumber)}
}
