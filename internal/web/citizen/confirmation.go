package citizen

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/deadline"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// showConfirmation shows file number, access code and due date. The same browser
// can open it again for half an hour, and the code until it is noted.
func (s *site) showConfirmation(c *fiber.Ctx, a casefile.Authority) error {
	home := "/" + a.Slug
	r, ok := receiptOf(c, a)
	if !ok {
		title := say(c, "confirmed.over.title")
		over := citizen.Over{Frame: framed(c, a, title), Title: title, Text: say(c, "confirmed.over.text"), Status: home + "/stand", Again: home + "/antrag"}
		return reply.Page(c, fiber.StatusOK, citizen.OverPage(over))
	}
	reckoning, err := deadline.Of(r.Received, a.Land, nil)
	if err != nil {
		return err
	}
	p := citizen.Confirmation{
		Frame: framed(c, a, say(c, "confirmed.title")), Title: say(c, "confirmed.title"),
		FileNumber: kern.Code{Label: say(c, "filenumber"), Groups: []string{r.FileNumber}},
		Due:        say(c, "confirmed.due", "date", dated(c, *reckoning.Due)), Reckoning: reckoned(c, reckoning),
		Receipt: home + "/antrag/bestaetigung/quittung", Status: home + "/stand", Privacy: home + "/datenschutz",
		Noted: home + "/antrag/bestaetigung", CSRF: reply.CSRF(c),
	}
	for _, step := range []string{"mail", "identity", "answer"} {
		p.Next = append(p.Next, say(c, "confirmed.next."+step))
	}
	if code := reply.SessionOf(c).Get(reply.FreshCode); code != "" {
		p.Code = &kern.Code{Label: say(c, "code"), Groups: strings.Split(code, "-")}
	}
	return reply.Page(c, fiber.StatusOK, citizen.ConfirmationPage(p))
}

// noted forgets the code here: the person has it.
func (s *site) noted(c *fiber.Ctx, a casefile.Authority) error {
	session := reply.SessionOf(c)
	if r, ok := receiptOf(c, a); ok {
		session.Set(notedKey, r.FileNumber)
	}
	session.Delete(reply.FreshCode)
	return reply.Redirect(c, "/"+a.Slug+"/antrag/bestaetigung")
}

// receiptFile is the receipt to keep. The code is not in it: a file lies around
// longer than a sheet of paper, and with it the code alone would be the key.
func (s *site) receiptFile(c *fiber.Ctx, a casefile.Authority) error {
	r, ok := receiptOf(c, a)
	if !ok {
		return problem.New(problem.NotFound, "citizen.confirmed.over.text")
	}
	reckoning, err := deadline.Of(r.Received, a.Land, nil)
	if err != nil {
		return err
	}
	address := s.URL + "/" + a.Slug
	text := strings.Join([]string{
		say(c, "receipt.title", "authority", a.Name), "",
		say(c, "filenumber") + ": " + r.FileNumber,
		say(c, "receipt.received", "date", dated(c, r.Received)),
		say(c, "confirmed.due", "date", dated(c, *reckoning.Due)), "",
		say(c, "reckoned") + ":", strings.Join(reckoned(c, reckoning), "\n"), "",
		say(c, "receipt.nocode"),
		say(c, "receipt.status", "address", address+"/stand"),
		say(c, "receipt.privacy", "address", address+"/datenschutz"), "",
	}, "\n")
	text = strings.ReplaceAll(text, "\n", "\r\n") // opens well everywhere
	file := reply.File{Name: r.FileNumber + ".txt", Type: "text/plain; charset=utf-8", Size: int64(len(text))}
	return reply.Download(c, file, func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func receiptOf(c *fiber.Ctx, a casefile.Authority) (receipt, bool) {
	var r receipt
	err := json.Unmarshal([]byte(reply.SessionOf(c).Get(receiptKey)), &r)
	return r, err == nil && r.Place == a.Slug
}

func reckoned(c *fiber.Ctx, r deadline.Reckoning) []string {
	var lines []string
	for _, step := range r.Steps {
		lines = append(lines, step.Text(reply.Lang(c)))
	}
	return lines
}
