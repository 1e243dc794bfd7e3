package citizen

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/letter"
	"einsicht/internal/login"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// ownHandler answers somebody who gave the access code of a case here.
type ownHandler func(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error

// owner finds whose case it is. A code given at one authority opens nothing at
// another.
func (s *site) owner(h ownHandler) handler {
	return func(c *fiber.Ctx, a casefile.Authority) error {
		id, err := uuid.Parse(reply.SessionOf(c).Get(reply.CaseID))
		if err != nil || !ownPlace(c, a) {
			return reply.Redirect(c, "/"+a.Slug+"/stand")
		}
		return h(c, a, casefile.Actor{ID: id, Role: casefile.Applicant, Authority: a.ID})
	}
}

// showCase shows the applicant their own case.
func (s *site) showCase(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	return s.caseWith(c, a, actor, fiber.StatusOK, "")
}

func (s *site) caseWith(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor, status int, codeError string) error {
	own, err := s.Correspondence.Own(c.UserContext(), actor, a.Land, reply.Now(c))
	if err != nil {
		return err
	}
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	mail, err := s.Correspondence.Letters(c.UserContext(), actor, actor.ID)
	if err != nil {
		return err
	}
	p := caseOf(c, a, own, inv)
	p.Letters = lettersOf(c, own, mail, p.Question != "", "/"+a.Slug+"/vorgang")
	if len(p.Letters) > 0 && p.Letters[0].Open {
		p.Asked = p.Letters[0].Href
	}
	if codeError != "" && p.Code != nil {
		p.Code.Error = codeError
		p.Errors = []kern.FieldError{{ID: p.Code.Name, Text: codeError}}
		p.Frame.Failed = true
	}
	return reply.Page(c, status, citizen.CasePage(p))
}

// enterContactCode takes the code that was sent to a contact of the person.
func (s *site) enterContactCode(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	err := s.Identification.EnterContactCode(c.UserContext(), actor, c.FormValue("contact-code"), login.Network(reply.Address(c).String()), reply.Now(c))
	var refused *problem.Error
	switch {
	case err == nil:
		return reply.Redirect(c, "/"+a.Slug+"/vorgang")
	case errors.As(err, &refused) && errors.Is(err, problem.Throttled):
		return s.caseWith(c, a, actor, fiber.StatusTooManyRequests, wording.Text(reply.Lang(c), refused.Key, refused.Args...))
	case errors.As(err, &refused) && errors.Is(err, problem.Invalid):
		return s.caseWith(c, a, actor, fiber.StatusUnprocessableEntity, wording.Text(reply.Lang(c), refused.Key, refused.Args...))
	}
	return err
}

// signOut ends the session, so that nobody after them sees the case.
func (s *site) signOut(c *fiber.Ctx, a casefile.Authority) error {
	reply.SessionOf(c).End()
	return reply.Redirect(c, "/"+a.Slug)
}

func caseOf(c *fiber.Ctx, a casefile.Authority, own correspondence.OwnCase, inv inventory.Inventory) citizen.Case {
	home := "/" + a.Slug + "/vorgang"
	p := citizen.Case{
		Frame: framed(c, a, say(c, "case.title")), Title: say(c, "case.title"), FileNumber: own.Case.FileNumber,
		Standing: standing(c, own), CSRF: reply.CSRF(c), SignOut: home + "/abmelden", Home: "/" + a.Slug,
		Package: packageOf(c, own, home), Timeline: timeline(c, own), Question: own.Question.ForPerson.Reveal(),
	}
	p.Frame.Path, p.Frame.Nav[2].Current = home, true
	for _, r := range own.Rights {
		asked := say(c, "right."+string(r.Right)+".wish") + " (" + article(c, r.Right) + ")"
		if to := directText(c, own.Request.Direct); to != "" && r.Right == law.Portability {
			asked += " " + to
		}
		p.Rights = append(p.Rights, asked)
	}
	if !own.Case.State.Answered() {
		p.Due = dueText(c, own.Reckoning)
		p.Reckoning = reckoned(c, own.Reckoning)
	}
	if own.Case.State.Answered() {
		p.Question = ""
	} else if own.WantsCode {
		p.Code = &kern.Input{Field: kern.Field{Name: "contact-code", Label: say(c, "case.code"), Hint: say(c, "case.code.hint")}, Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 20, Width: 10}
		p.CodeAction = home + "/code"
	}
	if slices.Contains(casefile.Possible(own.Case.State), casefile.Withdraw) {
		p.Withdraw = home + "/zuruecknehmen"
	}
	l := reply.Lang(c)
	p.Contact.Name, p.Contact.Lines = a.Name, inv.Authority.Contact.Lines(l)
	p.Officer.Name, p.Officer.Lines = inv.Authority.DPO.Name, inv.Authority.DPO.Lines(l)
	complaints := inv.Authority.Complaints()
	p.Complaint.Name, p.Complaint.Lines = complaints.Name, complaints.Lines(l)
	return p
}

// standing says where the case stands; of an answer that was handed over, by which way.
func standing(c *fiber.Ctx, own correspondence.OwnCase) string {
	var ways, said []string
	for _, h := range own.History {
		handedOver := h.Kind == string(casefile.Fetch) || h.Kind == string(casefile.Post)
		if own.Case.State == casefile.Delivered && handedOver && !slices.Contains(ways, h.Kind) {
			ways, said = append(ways, h.Kind), append(said, say(c, "case.delivered."+h.Kind, "date", dated(c, calendar.DateOf(h.At))))
		}
	}
	if len(said) == 0 {
		return say(c, "case.state."+string(own.Case.State))
	}
	return strings.Join(said, " ")
}

// dueText says until when the answer comes, or that the period rests.
func dueText(c *fiber.Ctx, r deadline.Reckoning) string {
	if r.Due != nil {
		return say(c, "case.due", "date", dated(c, *r.Due))
	}
	left := *r.DaysLeft
	if left == 1 {
		return say(c, "case.rests.one", "date", dated(c, *r.RestsSince))
	}
	return say(c, "case.rests", "date", dated(c, *r.RestsSince), "days", strconv.Itoa(left))
}

func timeline(c *fiber.Ctx, own correspondence.OwnCase) []kern.Event {
	var events []kern.Event
	for _, h := range own.History {
		day := calendar.DateOf(h.At)
		events = append(events, kern.Event{
			When: dated(c, day), Machine: day.String(), Title: say(c, "event."+h.Kind), Text: h.Text.ForPerson.Reveal(),
		})
	}
	if due := own.Reckoning.Due; due != nil && !own.Case.State.Answered() {
		events = append(events, kern.Event{When: say(c, "case.until", "date", dated(c, *due)), Machine: due.String(), Title: say(c, "event.due"), Future: true})
	}
	return events
}

func packageOf(c *fiber.Ctx, own correspondence.OwnCase, home string) *citizen.Package {
	if own.Package == nil {
		return nil
	}
	until := calendar.DateOf(own.Case.AvailableUntil)
	p := &citizen.Package{
		Href: home + "/paket", Button: say(c, "package.fetch", "size", sizeText(c, own.Package.Size)),
		Until: say(c, "package.until", "date", dated(c, until)), SHA256: own.Package.SHA256,
		Files: kern.Table{ID: "files", Caption: say(c, "package.files"), Hidden: true, Stacked: true, Small: true, Columns: []kern.Column{
			{Title: say(c, "package.file")}, {Title: say(c, "package.what")}, {Title: say(c, "package.size"), Numeric: true},
		}},
	}
	if own.Case.State == casefile.Ready && own.Request.Answer == casefile.ByPortal {
		p.Effect = say(c, "package.effect")
	}
	for _, t := range own.Package.Done {
		p.Done = append(p.Done, letter.TallyText(reply.Lang(c), t))
	}
	for _, e := range own.Package.Entries {
		p.Files.Rows = append(p.Files.Rows, kern.Row{Cells: []kern.Cell{{Text: e.Name}, {Text: entryText(c, e.Name)}, {Text: sizeText(c, e.Size)}}})
		p.Sums = append(p.Sums, kern.Item{Key: e.Name, Value: e.SHA256})
	}
	return p
}

// entryText says in words what a file of the package is.
func entryText(c *fiber.Ctx, name string) string {
	kind := "attachment"
	switch {
	case name == "Auskunft.html":
		kind = "answer"
	case name == "daten.json":
		kind = "data"
	case strings.HasPrefix(name, "umsetzung."):
		kind = strings.ReplaceAll(name, ".", "-")
	case name == "LIESMICH.txt":
		kind = "readme"
	case name == "manifest.json":
		kind = "manifest"
	case name == "Datenmitnahme.zip":
		kind = "takeout"
	case name == "Datenmitnahme.html":
		kind = "takeout-page"
	case name == "Auskunft.pdf":
		kind = "printed"
	case strings.HasPrefix(name, "tabellen/"):
		kind = "table"
	}
	return say(c, "package.is."+kind)
}

// sizeText writes a size as people say it.
func sizeText(c *fiber.Ctx, bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d Bytes", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%d kB", (bytes+500)/1000)
	}
	text := strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64)
	if reply.Lang(c) == wording.German {
		text = text[:len(text)-2] + "," + text[len(text)-1:]
	}
	return text + " MB"
}
