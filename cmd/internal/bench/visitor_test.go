package bench

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/intake"
)

var browser = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 2 * clients},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// visitor is a person with a browser of their own.
type visitor struct {
	home        string
	cookies     map[string]string
	csrf, state string
}

// answers are what each step of the form is told. The last one is sent in form.
var answers = []struct {
	step   string
	fields url.Values
}{
	{"was", url.Values{"rights": {"access", "erasure"}}},
	{"genauer", url.Values{"concern-erasure": {"Bitte löschen Sie auch meine Bestellungen von Broschüren."}}},
	{"ueber-wen", url.Values{"about": {"self"}}},
	{"angaben", url.Values{
		"name": {"Erika Mustermann"}, "email": {"erika.mustermann@example.org"}, "born-day": {"12"}, "born-month": {"8"}, "born-year": {"1964"},
		"street": {"Heidestraße 17"}, "zip": {"51147"}, "city": {"Köln"}, "phone": {"0221 5550123"},
	}},
	{"antwort", url.Values{"answer": {"portal"}, "consent": {"yes"}, "notify": {"erika.mustermann@example.org"}}},
}

// form walks through the form as a new visitor and returns the last step: the
// one that opens the case.
func (h *house) form(b *testing.B) func() error {
	v := &visitor{home: h.Address() + "/" + h.authority.Slug, cookies: map[string]string{}}
	page, _, err := v.do(http.MethodGet, "/antrag", nil)
	for _, a := range answers {
		if err == nil {
			err = v.read(page)
		}
		if err != nil {
			break
		}
		page, _, err = v.do(http.MethodPost, "/antrag/"+a.step, v.filled(a.fields))
	}
	if err == nil {
		err = v.read(page)
	}
	if err != nil {
		b.Errorf("walk through the form: %v", err)
		return func() error { return err }
	}
	return func() error {
		_, to, err := v.do(http.MethodPost, "/antrag/pruefen", v.filled(nil))
		if err == nil && !strings.HasSuffix(to, "/antrag/bestaetigung") {
			err = errors.New("the form was not taken")
		}
		return err
	}
}

func (v *visitor) filled(fields url.Values) url.Values {
	all := url.Values{"_csrf": {v.csrf}, "state": {v.state}}
	for name, values := range fields {
		all[name] = values
	}
	return all
}

var hidden = map[string]*regexp.Regexp{
	"_csrf": regexp.MustCompile(`name="_csrf" value="([^"]+)"`),
	"state": regexp.MustCompile(`name="state" value="([^"]+)"`),
}

// read takes from a page what the next step has to send back.
func (v *visitor) read(page string) error {
	for name, into := range map[string]*string{"_csrf": &v.csrf, "state": &v.state} {
		found := hidden[name].FindStringSubmatch(page)
		if found == nil {
			return fmt.Errorf("no field %s in the page", name)
		}
		*into = found[1]
	}
	return nil
}

// do sends a request. Cookies are kept by hand: a browser trusts this machine
// with cookies for HTTPS, Go's cookie jar does not.
func (v *visitor) do(method, path string, form url.Values) (page, redirect string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, v.home+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range v.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := browser.Do(req)
	if err != nil {
		return "", "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", "", err
	}
	for _, c := range res.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther {
		return "", "", fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return string(body), res.Header.Get("Location"), nil
}

// submit hands the same request to the step behind the form.
func (h *house) submit(*testing.B) func() error {
	text := person.NewText
	now := h.Clock()
	a := intake.Application{
		Token: uuid.NewString(), Rights: []law.Right{law.Access, law.Erasure},
		Request: casefile.Request{
			Lang: "de", About: casefile.Self, Name: text("Erika Mustermann"), Email: text("erika.mustermann@example.org"), Answer: casefile.ByPortal,
			Concerns: map[law.Right]person.Text{law.Erasure: text("Bitte löschen Sie auch meine Bestellungen von Broschüren.")},
			Consent:  casefile.Consent{Given: true, At: now, Text: "§ 41 Abs. 2a VwVfG"},
		},
		Identifiers: []person.Identifier{
			{Kind: person.Name, Value: text("Erika Mustermann")}, {Kind: person.Email, Value: text("erika.mustermann@example.org")},
			{Kind: person.Birthdate, Value: text("1964-08-12")}, {Kind: person.Address, Value: text("Heidestraße 17, 51147 Köln")},
			{Kind: person.Phone, Value: text("0221 5550123")},
		},
	}
	return func() error {
		_, err := h.Steps.Intake.Submit(ctx, h.authority, a, h.Clock())
		return err
	}
}
