package citizen

import (
	"encoding/json"
	"errors"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/web/reply"
)

// What a session holds beside the portal's own keys. No name, no text.
const (
	receiptKey reply.Key = "receipt" // of the request sent last
	notedKey   reply.Key = "noted"   // the file number whose code was noted
	placeKey   reply.Key = "place"   // at which authority the case of the session is
)

// receipt is what the confirmation shows, but for the code.
type receipt struct {
	Place      string // slug of the authority
	FileNumber string
	Received   calendar.Date
}

// send opens the case. Sent twice, by a second press or by going back, the
// same form is the same case.
func (s *site) send(c *fiber.Ctx, a casefile.Authority, d *draft) error {
	for _, step := range steps {
		wrong := faults{}
		step.check(d, wrong)
		if len(wrong) > 0 {
			return s.showStep(c, a, d, step, wrong)
		}
	}
	got, err := s.Intake.Submit(c.UserContext(), a, d.application(), reply.Now(c))
	if err != nil {
		return s.sentBack(c, a, d, err)
	}
	kept, err := json.Marshal(receipt{a.Slug, got.FileNumber, got.Received})
	if err != nil {
		return err
	}
	session, until := reply.SessionOf(c), reply.Now(c).Add(intake.CodeShown)
	session.SetUntil(receiptKey, string(kept), until)
	// Who noted the code and goes back to the form does not bring it back.
	if session.Get(notedKey) != got.FileNumber && got.AccessCode != "" {
		session.SetUntil(reply.FreshCode, got.AccessCode, until)
	} else {
		session.Delete(reply.FreshCode)
	}
	session.Renew()
	return reply.Redirect(c, "/"+a.Slug+"/antrag/bestaetigung")
}

// stepOf says on which step a field that the intake refuses stands.
var stepOf = map[string]struct {
	step  step
	field string
	key   string
}{
	"rights":  {stepWhat, "rights", "rights"},
	"name":    {stepKnown, "name", "name"},
	"consent": {stepAnswer, "consent", "consent"},
	"address": {stepAnswer, "to-street", "address"},
}

func (s *site) sentBack(c *fiber.Ctx, a casefile.Authority, d *draft, err error) error {
	var refused *problem.Error
	if !errors.As(err, &refused) || !errors.Is(err, problem.Invalid) {
		return err
	}
	for _, field := range []string{"rights", "name", "consent", "address"} {
		if _, bad := refused.Fields[field]; bad {
			to := stepOf[field]
			return s.showStep(c, a, d, to.step, faults{to.field: to.key})
		}
	}
	return s.showOver(c, a)
}
