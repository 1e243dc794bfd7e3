package citizen

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
)

// draftLife is how long a form may take from its first step to the last.
const draftLife = 24 * time.Hour

// draft is a form under way. It travels sealed in the page, so that two tabs are
// two forms and nothing typed is kept here before it is sent.
type draft struct {
	Token   string // of the case to be: sent twice it is the same one
	Lang    wording.Lang
	Begun   time.Time
	Checked bool // the last step was reached: a change leads back to it
	Rights  []law.Right
	Typed   map[string]person.Text // by field, as typed
	Consent casefile.Consent
	Direct  casefile.Controller // listed; none where something else was chosen
}

func newDraft(l wording.Lang, now time.Time) *draft {
	token := make([]byte, 16)
	rand.Read(token) // never fails, crypto/rand
	return &draft{Token: base64.RawURLEncoding.EncodeToString(token), Lang: l, Begun: now, Typed: map[string]person.Text{}}
}

var errDraftOver = errors.New("the form was open for too long")

// seal writes the draft for the hidden field of a page.
func (s *site) seal(ctx context.Context, a casefile.Authority, d *draft) (string, error) {
	plain, err := person.Encode(d)
	if err != nil {
		return "", err
	}
	return s.Pages.SealPage(ctx, purpose(a), plain)
}

// open reads the draft that a page carried. It fails for what we did not seal,
// for this authority, within the last day.
func (s *site) open(ctx context.Context, a casefile.Authority, sealed string, now time.Time) (*draft, error) {
	plain, err := s.Pages.OpenPage(ctx, purpose(a), sealed)
	if err != nil {
		return nil, err
	}
	d := &draft{}
	if err := person.Decode(plain, d); err != nil {
		return nil, err
	}
	if now.Sub(d.Begun) >= draftLife {
		return nil, errDraftOver
	}
	if d.Typed == nil {
		d.Typed = map[string]person.Text{}
	}
	return d, nil
}

func purpose(a casefile.Authority) string { return "antrag " + a.Slug }

// take reads the fields of a step from the form, as typed.
func (d *draft) take(c *fiber.Ctx, fields []string) {
	for _, name := range fields {
		// A browser counts the end of a line as one character and sends two.
		text := strings.ReplaceAll(strings.ToValidUTF8(c.FormValue(name), ""), "\r\n", "\n")
		d.Typed[name] = person.NewText(text)
	}
	d.Lang = reply.Lang(c)
}

// typed is what stands in a field, without blanks around it.
func (d *draft) typed(name string) string { return strings.TrimSpace(d.Typed[name].Reveal()) }

// lines are the lines of a field that are not empty.
func (d *draft) lines(name string) []string {
	var all []string
	for line := range strings.Lines(d.typed(name)) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func (d *draft) wants(r law.Right) bool { return slices.Contains(d.Rights, r) }
