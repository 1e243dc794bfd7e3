package citizen

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/problem"
	"einsicht/internal/web/webtest"
)

// fill types into a form.
func fill(f webtest.Form, typed url.Values) webtest.Form {
	for name, values := range typed {
		f.Values[name] = values
	}
	return f
}

var (
	wishes  = url.Values{"rights": {"access", "rectification"}}
	detail  = url.Values{"concern-rectification": {"Ich heiße Groß, nicht Gross."}}
	whom    = url.Values{"about": {"self"}}
	details = url.Values{
		"name": {"Erika Mustermann"}, "email": {"erika@example.org"}, "born-day": {"12"}, "born-month": {"08"}, "born-year": {"1964"},
		"street": {"Heidestraße 17"}, "zip": {"51147"}, "city": {"Köln"}, "phone": {"0221 123456"},
		"more-email": {"alt@example.org\r\nneu@example.org\r\n"}, "account": {"erika64"},
		"ip": {"192.0.2.7"}, "ip-date-day": {"20"}, "ip-date-month": {"11"}, "ip-date-year": {"2026"}, "ip-time": {"10:15"},
	}
	portal = url.Values{"answer": {"portal"}, "consent": {"yes"}}
)

// walk goes through the form up to the last step.
func walk(t *testing.T, b *webtest.Browser) *webtest.Page {
	t.Helper()
	page := b.Get("/stk-nrw/antrag")
	for _, typed := range []url.Values{wishes, detail, whom, details, portal} {
		page = b.Submit(fill(page.Form(""), typed))
		if page.Status != http.StatusOK {
			t.Fatalf("%s: got status %d: %s", page.Path, page.Status, page.Text())
		}
	}
	if got := page.TextOf("h1"); got != "Stimmt alles?" {
		t.Fatalf("after all steps: got %q, want the last one", got)
	}
	return page
}

func TestAWholeFormIsOneCase(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := p.Browser(t)
	last := walk(t, b)
	for _, shown := range []string{"Erika Mustermann", "12.08.1964", "Heidestraße 17, 51147 Köln", "Ich heiße Groß, nicht Gross.", "192.0.2.7, 20.11.2026, 10:15", "§ 41 Abs. 2a VwVfG"} {
		if !strings.Contains(last.Text(), shown) {
			t.Errorf("the last step does not show %q", shown)
		}
	}
	sent := b.Submit(last.Form(""))
	confirmed := b.Follow(sent)
	if len(behind.order) != 1 {
		t.Fatalf("got %d cases, want 1", len(behind.order))
	}
	app := behind.sent[behind.order[0]]
	if len(app.Token) < 22 {
		t.Errorf("token has %d characters, want at least 22", len(app.Token))
	}
	if want := []law.Right{law.Access, law.Rectification}; !slices.Equal(app.Rights, want) {
		t.Errorf("rights: got %v, want %v", app.Rights, want)
	}
	r := app.Request
	if got := r.Concerns[law.Rectification].Reveal(); got != "Ich heiße Groß, nicht Gross." {
		t.Errorf("concern: got %q", got)
	}
	if r.Email.Reveal() != "erika@example.org" || r.Address.Reveal() != "Heidestraße 17\n51147 Köln" || r.About != casefile.Self || r.Lang != "de" {
		t.Errorf("request: got mail %q, address %q, about %q, language %q", r.Email.Reveal(), r.Address.Reveal(), r.About, r.Lang)
	}
	if !r.Consent.Given || !r.Consent.At.Equal(p.Clock.Now()) || !strings.Contains(r.Consent.Text, "§ 41 Abs. 2a VwVfG") {
		t.Errorf("consent: got %+v, want it with time and text", r.Consent)
	}
	var got []string
	for _, i := range app.Identifiers {
		got = append(got, string(i.Kind)+"="+i.Value.Reveal())
		if i.Verified {
			t.Errorf("%s is verified, want claimed only", i.Kind)
		}
	}
	want := []string{
		"name=Erika Mustermann", "email=erika@example.org", "birthdate=1964-08-12", "address=Heidestraße 17, 51147 Köln", "phone=0221 123456",
		"email=alt@example.org", "email=neu@example.org", "account=erika64", "ip+time=192.0.2.7 2026-11-20T09:15:00Z",
	}
	if !slices.Equal(got, want) {
		t.Errorf("identifiers:\n got %q\nwant %q", got, want)
	}
	receipt := behind.receipts[app.Token]
	for _, shown := range append(strings.Split(receipt.AccessCode, "-"), receipt.FileNumber, "Mittwoch, 23. Dezember 2026", "Dieser Tag zählt nicht mit") {
		if !strings.Contains(confirmed.Text(), shown) {
			t.Errorf("the confirmation does not show %q", shown)
		}
	}
}

func TestTheShortestWayIsFiveSteps(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	page := b.Get("/stk-nrw/antrag?recht=access")
	for _, typed := range []url.Values{nil, nil, {"name": {"Erika"}}, {"consent": {"yes"}}, nil} {
		page = b.Submit(fill(page.Form(""), typed))
	}
	if page.Status != http.StatusSeeOther || len(behind.order) != 1 {
		t.Fatalf("got status %d and %d cases, want a confirmation of one", page.Status, len(behind.order))
	}
}

// TestAllThatTheFormLetsOneTypeIsTaken: € is three bytes and nine on the way.
func TestAllThatTheFormLetsOneTypeIsTaken(t *testing.T) {
	b := open(t, newTown()).Browser(t)
	page := b.Get("/stk-nrw/antrag")
	typed := url.Values{"name": {"Erika"}, "email": {"erika@example.org"}, "phone": {"0221 1"}, "more-email": {"erika@example.org"}, "iban": {""}, "concern-access": {strings.Repeat("a\r\n", 500)}, "consent": {"yes"}, "notify": {""}}
	for _, r := range law.Rights {
		typed.Add("rights", string(r))
	}
	for _, date := range []string{"born", "ip-date"} {
		typed.Set(date+"-day", "1")
		typed.Set(date+"-month", "1")
		typed.Set(date+"-year", "1964")
	}
	typed.Set("ip", "192.0.2.7")
	typed.Set("ip-time", "10:15")
	longest := 0
	for range 5 {
		form := page.Form("")
		for n := range page.Doc.Descendants() {
			var name, length string
			for _, a := range n.Attr {
				switch a.Key {
				case "name":
					name = a.Val
				case "maxlength":
					length = a.Val
				}
			}
			if most, err := strconv.Atoi(length); err == nil {
				form.Values.Set(name, strings.Repeat("€", most))
			}
			if values, given := typed[name]; given {
				form.Values[name] = values
			}
		}
		longest = max(longest, len(form.Values.Encode()))
		if page = b.Submit(form); page.Status != http.StatusOK {
			t.Fatalf("%s: %d bytes: got status %d: %s", page.Path, len(form.Values.Encode()), page.Status, page.Text())
		}
	}
	if got := page.TextOf("h1"); got != "Stimmt alles?" {
		t.Errorf("got %q, want the last step", got)
	}
	if sent := b.Submit(page.Form("")); sent.Status != http.StatusSeeOther {
		t.Errorf("sent: got status %d", sent.Status)
	}
	t.Logf("the longest page is %d bytes", longest)
}

func TestWhatIsWrongIsSaidAndNothingTypedIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		upTo  []url.Values
		typed url.Values
		want  map[string]string // field → part of the message
	}{
		"no wish":                 {nil, url.Values{"concern-access": {"Alles zum Newsletter"}}, map[string]string{"rights": "mindestens einen"}},
		"nothing to rectify":      {[]url.Values{wishes}, nil, map[string]string{"concern-rectification": "was berichtigt"}},
		"a text without end":      {[]url.Values{wishes}, url.Values{"concern-rectification": {strings.Repeat("ä", 1001)}}, map[string]string{"concern-rectification": "1000 Zeichen"}},
		"a child, nobody asks":    {[]url.Values{wishes, detail}, url.Values{"about": {"child"}}, map[string]string{"agent": "Ihren eigenen Namen"}},
		"no name":                 {[]url.Values{wishes, detail, whom}, url.Values{"city": {"Köln"}}, map[string]string{"name": "den Namen"}},
		"half a mail address":     {[]url.Values{wishes, detail, whom}, url.Values{"name": {"E"}, "email": {"erika@"}}, map[string]string{"email": "unvollständig"}},
		"a day that never was":    {[]url.Values{wishes, detail, whom}, url.Values{"name": {"E"}, "born-day": {"31"}, "born-month": {"2"}, "born-year": {"1964"}}, map[string]string{"born": "gibt es nicht"}},
		"an address, no time":     {[]url.Values{wishes, detail, whom}, url.Values{"name": {"E"}, "ip": {"192.0.2.7"}}, map[string]string{"ip-date": "führt zu niemandem"}},
		"no consent":              {[]url.Values{wishes, detail, whom, details}, url.Values{"answer": {"portal"}}, map[string]string{"consent": "Einwilligung"}},
		"post without address":    {[]url.Values{wishes, detail, whom, details}, url.Values{"answer": {"post"}, "to-street": {""}}, map[string]string{"to-street": "Straße und Ort"}},
		"a message to half of it": {[]url.Values{wishes, detail, whom, details}, url.Values{"consent": {"yes"}, "notify": {"erika"}}, map[string]string{"notify": "unvollständig"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, newTown()).Browser(t)
			page := b.Get("/stk-nrw/antrag")
			for _, typed := range c.upTo {
				page = b.Submit(fill(page.Form(""), typed))
			}
			page = b.Submit(fill(page.Form(""), c.typed))
			if page.Status != http.StatusUnprocessableEntity {
				t.Fatalf("got status %d, want 422", page.Status)
			}
			if !strings.HasPrefix(page.Title(), "Fehler: ") {
				t.Errorf("title: got %q, want it to begin with the error", page.Title())
			}
			shown := page.Form("").Values
			for field, values := range c.typed {
				if got := shown[field]; !slices.Equal(got, values) {
					t.Errorf("%s: got %q back, want %q", field, got, values)
				}
			}
			for field, message := range c.want {
				if !slices.Contains(page.Links(), "#"+field) {
					t.Errorf("the summary has no link to %s", field)
				}
				if at := textByID(page, field+"-error"); !strings.Contains(at, message) {
					t.Errorf("at %s: got %q, want %q in it", field, at, message)
				}
				if !idExists(page, field) {
					t.Errorf("the link to %s leads nowhere", field)
				}
			}
		})
	}
}

func TestGoingBackKeepsWhatWasTypedEvenUnfinished(t *testing.T) {
	b := open(t, newTown()).Browser(t)
	page := b.Get("/stk-nrw/antrag")
	for _, typed := range []url.Values{wishes, detail, whom} {
		page = b.Submit(fill(page.Form(""), typed))
	}
	page = b.Submit(fill(page.Form(""), url.Values{"city": {"Köln"}, "to": {"ueber-wen"}}))
	if got := page.TextOf("h1"); got != "Um wessen Daten geht es?" || page.Status != http.StatusOK {
		t.Fatalf("got %q (%d), want the step before", got, page.Status)
	}
	page = b.Submit(page.Form(""))
	if got := page.Form("").Values.Get("city"); got != "Köln" {
		t.Errorf("city: got %q, want it kept", got)
	}
}

func TestChangingSomethingAtTheEndLeadsBackToTheEnd(t *testing.T) {
	b := open(t, newTown()).Browser(t)
	page := walk(t, b)
	page = b.Submit(fill(page.Form(""), url.Values{"to": {"angaben"}}))
	if got := page.Form("").Values.Get("name"); got != "Erika Mustermann" {
		t.Fatalf("name: got %q, want it as typed", got)
	}
	page = b.Submit(fill(page.Form(""), url.Values{"name": {"Erika Gabler"}}))
	if page.TextOf("h1") != "Stimmt alles?" || !strings.Contains(page.Text(), "Erika Gabler") {
		t.Errorf("got %q, want the last step with the new name", page.TextOf("h1"))
	}
}

func TestWhoTakesAWishBackNeedNotExplainIt(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	page := walk(t, b)
	page = b.Submit(fill(page.Form(""), url.Values{"to": {"was"}}))
	page = b.Submit(fill(page.Form(""), url.Values{"rights": {"access"}}))
	b.Submit(page.Form(""))
	app := behind.sent[behind.order[0]]
	if len(app.Rights) != 1 || len(app.Request.Concerns) != 0 {
		t.Errorf("got %v with %d concerns, want access without any", app.Rights, len(app.Request.Concerns))
	}
}

func TestTwoTabsAreTwoForms(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	one, two := b.Get("/stk-nrw/antrag"), b.Get("/stk-nrw/antrag")
	one = b.Submit(fill(one.Form(""), url.Values{"rights": {"access"}}))
	two = b.Submit(fill(two.Form(""), url.Values{"rights": {"portability"}}))
	two = b.Submit(two.Form("")) // says more
	one, two = b.Submit(one.Form("")), b.Submit(two.Form(""))
	one, two = b.Submit(fill(one.Form(""), url.Values{"name": {"Erika"}})), b.Submit(fill(two.Form(""), url.Values{"name": {"Jürgen"}}))
	one, two = b.Submit(fill(one.Form(""), portal)), b.Submit(fill(two.Form(""), portal))
	b.Submit(two.Form(""))
	b.Submit(one.Form(""))
	var got []string
	for _, token := range behind.order {
		got = append(got, string(behind.sent[token].Rights[0])+" "+behind.sent[token].Request.Name.Reveal())
	}
	if want := []string{"portability Jürgen", "access Erika"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFormThatIsNotOursOrTooOldBeginsAnew(t *testing.T) {
	for name, spoil := range map[string]func(p *webtest.Portal, f webtest.Form) webtest.Form{
		"changed on the way": func(_ *webtest.Portal, f webtest.Form) webtest.Form {
			s := []byte(f.Values.Get("state"))
			s[10] ^= 1
			return f.With("state", string(s))
		},
		"missing":                 func(_ *webtest.Portal, f webtest.Form) webtest.Form { return f.With("state") },
		"open for a day":          func(p *webtest.Portal, f webtest.Form) webtest.Form { p.Clock.Forward(24 * time.Hour); return f },
		"begun at another office": func(_ *webtest.Portal, f webtest.Form) webtest.Form { f.Action = "/nlq/antrag/was"; return f },
	} {
		p := open(t, newTown())
		b := p.Browser(t)
		page := b.Submit(spoil(p, fill(b.Get("/stk-nrw/antrag").Form(""), wishes)))
		if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Text(), "beginnen Sie neu") {
			t.Errorf("%s: got %d %q, want to be told to begin anew", name, page.Status, page.TextOf("h1"))
		}
	}
	p := open(t, newTown())
	b := p.Browser(t)
	f := fill(b.Get("/stk-nrw/antrag").Form(""), wishes)
	p.Clock.Forward(24*time.Hour - time.Minute)
	if page := b.Submit(f); page.Status != http.StatusOK {
		t.Errorf("a minute before: got status %d, want 200", page.Status)
	}
}

func TestALaterStepWithoutAFormLeadsToTheFirst(t *testing.T) {
	b := open(t, newTown()).Browser(t)
	for _, s := range steps {
		page := b.Get("/stk-nrw/antrag/" + s.slug)
		if got := page.Header.Get("Location"); page.Status != http.StatusSeeOther || got != "/stk-nrw/antrag" {
			t.Errorf("%s: got %d to %q, want the first step", s.slug, page.Status, got)
		}
	}
}

func TestWhatTheIntakeRefusesComesBackAtItsField(t *testing.T) {
	behind := newTown()
	refused := problem.New(problem.Invalid, "citizen.error.form")
	refused.Fields = map[string]string{"address": "citizen.error.address"}
	behind.refuse = refused
	b := open(t, behind).Browser(t)
	page := b.Submit(walk(t, b).Form(""))
	if page.Status != 422 || page.TextOf("h1") != "Wie möchten Sie die Antwort?" || !slices.Contains(page.Links(), "#to-street") {
		t.Errorf("got %d %q, want the step with the address", page.Status, page.TextOf("h1"))
	}
	behind.refuse = errors.New("database is gone")
	if page := b.Submit(page.Form("")); page.Status == 500 {
		t.Errorf("the step itself failed: %d", page.Status)
	}
}

// inside signs in with file number and access code.
// checkIDs finds ids that stand twice and references that lead nowhere.

func TestTheBrowsersWayBackWorksButNoCaseStaysInItsCache(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := p.Browser(t)
	last := walk(t, b)
	if got := last.Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("a step: got %q, want it kept for the way back", got)
	}
	confirmed := b.Follow(b.Submit(last.Form("")))
	for _, page := range []*webtest.Page{confirmed, inside(t, p).Get("/stk-nrw/vorgang")} {
		if got := page.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got %q, want no-store", page.Path, got)
		}
	}
}
