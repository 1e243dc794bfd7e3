package citizen

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/web/webtest"
)

// button is what pressing the form's first button sends: what was shown and
// typed. Another button adds its own value.
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

// formOf is the form of the current step: its action differs from page to page.
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

func TestSentTwiceIsTheSameCase(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	last := walk(t, b)
	first, second := b.Follow(b.Submit(last.Form(""))), b.Follow(b.Submit(last.Form("")))
	if len(behind.order) != 1 {
		t.Errorf("got %d cases, want 1", len(behind.order))
	}
	number := behind.receipts[behind.order[0]].FileNumber
	if !strings.Contains(first.Text(), number) || !strings.Contains(second.Text(), number) {
		t.Error("the file number differs")
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

func TestTheCodeIsShownForHalfAnHourOrUntilItIsNoted(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := p.Browser(t)
	last := walk(t, b)
	b.Submit(last.Form(""))
	group := strings.Split(behind.receipts[behind.order[0]].AccessCode, "-")[2]
	const at = "/stk-nrw/antrag/bestaetigung"
	if page := b.Get(at); !strings.Contains(page.Text(), group) {
		t.Error("a reload does not show the code")
	}
	if page := p.Browser(t).Get(at); strings.Contains(page.Text(), group) || !strings.Contains(page.Text(), "nicht mehr zu sehen") {
		t.Error("another browser sees the confirmation")
	}
	if page := b.Get("/nlq/antrag/bestaetigung"); strings.Contains(page.Text(), group) {
		t.Error("another authority shows the confirmation")
	}
	p.Clock.Forward(29 * time.Minute)
	if page := b.Get(at); !strings.Contains(page.Text(), group) {
		t.Error("after 29 minutes the code is gone")
	}
	p.Clock.Forward(time.Minute)
	if page := b.Get(at); strings.Contains(page.Text(), group) || !strings.Contains(page.Text(), "nicht mehr zu sehen") {
		t.Errorf("after 30 minutes: got %q, want an explanation", page.TextOf("h1"))
	}

	b = p.Browser(t)
	last = walk(t, b)
	shown := b.Follow(b.Submit(last.Form("")))
	receipt := behind.receipts[behind.order[1]]
	group = strings.Split(receipt.AccessCode, "-")[2]
	after := b.Follow(b.Submit(shown.Form(at)))
	if strings.Contains(after.Text(), group) || !strings.Contains(after.Text(), receipt.FileNumber) {
		t.Error("once noted, the file number stays and the code goes")
	}
	if again := b.Follow(b.Submit(last.Form(""))); strings.Contains(again.Text(), group) {
		t.Error("going back to the form brings a noted code back")
	}
}

func TestTheReceiptHoldsNoCode(t *testing.T) {
	behind := newTown()
	b := open(t, behind).Browser(t)
	if page := b.Get("/stk-nrw/antrag/bestaetigung/quittung"); page.Status != http.StatusNotFound {
		t.Errorf("without a request: got %d, want 404", page.Status)
	}
	b.Submit(walk(t, b).Form(""))
	page := b.Get("/stk-nrw/antrag/bestaetigung/quittung")
	r := behind.receipts[behind.order[0]]
	text := string(page.Body)
	for _, want := range []string{r.FileNumber, "Mittwoch, 23. Dezember 2026", "https://portal.example/stk-nrw/stand", "https://portal.example/stk-nrw/datenschutz", "steht nicht in dieser Datei"} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt lacks %q", want)
		}
	}
	for group := range strings.SplitSeq(r.AccessCode, "-") {
		if strings.Contains(text, group) {
			t.Error("the receipt holds the access code")
		}
	}
	if got := page.Header.Get("Content-Disposition"); !strings.Contains(got, r.FileNumber+".txt") {
		t.Errorf("file name: got %q", got)
	}
}

func TestAWrongPairAndAnUnknownNumberGetTheSamePage(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	try := func(number, code string) *webtest.Page {
		b := p.Browser(t)
		return b.Submit(b.Get("/stk-nrw/stand").Form("").With("number", number).With("code", code))
	}
	other := casefile.AccessCode([]byte("aaaaaaaaaaaaaaaaaaaa"))
	strip := func(page *webtest.Page) string {
		s := string(page.Body)
		for _, typed := range []string{number, unknown, code, other} {
			s = strings.ReplaceAll(s, typed, "TYPED")
		}
		i := strings.Index(s, `name="_csrf"`)
		return s[:i] + s[i+80:]
	}
	wrong, none := try(number, other), try(unknown, other)
	if wrong.Status != http.StatusUnprocessableEntity || none.Status != wrong.Status || strip(wrong) != strip(none) {
		t.Errorf("a wrong code (%d) and an unknown number (%d) can be told apart", wrong.Status, none.Status)
	}
	if !strings.Contains(wrong.Text(), "passen nicht zusammen") || wrong.Form("").Values.Get("number") != number {
		t.Error("the page does not say so, or lost what was typed")
	}
	if got := behind.tried; len(got) != 2 || got[0] != "127.0.0.1" {
		t.Errorf("tried from %q, want the visitor's address", got)
	}
	mistyped := try(number[:len(number)-1]+"?", code)
	if mistyped.Status != 422 || !strings.Contains(textByID(mistyped, "number-error"), "vertippt") || len(behind.tried) != 2 {
		t.Error("a number that can't be one is tried")
	}
	behind.wait = problem.New(problem.Throttled, "citizen.status.wait", "seconds", "17")
	if slow := try(number, code); slow.Status != http.StatusTooManyRequests || !strings.Contains(slow.Text(), "17 Sekunden") {
		t.Errorf("throttled: got %d, want to be told to wait 17 seconds", slow.Status)
	}
}

// inside signs in with file number and access code.
func inside(t *testing.T, p *webtest.Portal) *webtest.Browser {
	t.Helper()
	b := p.Browser(t)
	in := b.Submit(b.Get("/stk-nrw/stand").Form("").With("number", strings.ToLower(number)).With("code", " "+strings.ReplaceAll(code, "-", " ")))
	if got := in.Header.Get("Location"); in.Status != http.StatusSeeOther || got != "/stk-nrw/vorgang" {
		t.Fatalf("got %d to %q, want the case", in.Status, got)
	}
	return b
}

func TestACaseOpensWithItsCodeOnlyAndAtItsAuthority(t *testing.T) {
	p := open(t, newTown())
	stranger := p.Browser(t)
	for _, path := range []string{"/vorgang", "/vorgang/paket", "/vorgang/zuruecknehmen"} {
		if page := stranger.Get("/stk-nrw" + path); page.Header.Get("Location") != "/stk-nrw/stand" {
			t.Errorf("%s: got %d, want to be sent to the door", path, page.Status)
		}
	}
	b := inside(t, p)
	if page := b.Get("/stk-nrw/vorgang"); page.Status != http.StatusOK || !strings.Contains(page.Text(), number) {
		t.Errorf("got %d, want the case", page.Status)
	}
	if page := b.Get("/nlq/vorgang"); page.Header.Get("Location") != "/nlq/stand" {
		t.Errorf("another authority: got %d, want the door", page.Status)
	}
	leave := b.Submit(b.Get("/stk-nrw/vorgang").Form("/stk-nrw/vorgang/abmelden"))
	if leave.Status != http.StatusSeeOther || b.Get("/stk-nrw/vorgang").Status != http.StatusSeeOther {
		t.Error("signed out, the case is still open")
	}
}

func TestTheCaseSaysWhereItStands(t *testing.T) {
	resting := ownCase(casefile.Received, deadline.Event{Kind: deadline.Suspend, On: calendar.Day(2026, 11, 20)})
	resting.Question = asked("Seit wann haben Sie den Newsletter?")
	ready := ownCase(casefile.Ready)
	for name, c := range map[string]struct {
		own  func() *town
		want []string
		not  []string
	}{
		"under way": {func() *town { return newTown() }, []string{"Wir prüfen, was wir Ihnen antworten.", "Spätestens am Freitag, 18. Dezember 2026.", "Ihr Antrag ist eingegangen", "Ich möchte wissen, welche Daten", "Postfach 20 04 44", "Antrag zurücknehmen"}, []string{"Antwort herunterladen", "Was wir von Ihnen brauchen"}},
		"resting":   {func() *town { t := newTown(); t.own = resting; return t }, []string{"Die Frist ruht seit Freitag, 20. November 2026. Wenn sie weiterläuft, bleiben noch 28 Tage.", "Seit wann haben Sie den Newsletter?"}, []string{"Spätestens am"}},
		"ready":     {func() *town { t := newTown(); t.own = ready; return t }, []string{"Antwort herunterladen (ZIP, 1,2 MB)", "Auskunft.html", "beginnen Sie hier", "stk-newsletter.csv", "812 Bytes", strings.Repeat("ab", 32), "bis Sonntag, 17. Januar 2027"}, []string{"Antrag zurücknehmen", "Spätestens am"}},
	} {
		b := inside(t, open(t, c.own()))
		text := b.Get("/stk-nrw/vorgang").Text()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: the page says %q", name, not)
			}
		}
	}
}

func TestAContactCodeIsEntered(t *testing.T) {
	behind := newTown()
	behind.own.WantsCode, behind.contact = true, "12345678"
	b := inside(t, open(t, behind))
	form := b.Get("/stk-nrw/vorgang").Form("/stk-nrw/vorgang/code")
	wrong := b.Submit(form.With("contact-code", "87654321"))
	if wrong.Status != 422 || !strings.Contains(textByID(wrong, "contact-code-error"), "passt nicht") {
		t.Errorf("a wrong code: got %d, want it said at the field", wrong.Status)
	}
	right := b.Submit(wrong.Form("/stk-nrw/vorgang/code").With("contact-code", "12345678"))
	if right.Status != http.StatusSeeOther || strings.Contains(b.Get("/stk-nrw/vorgang").Text(), "8 Ziffern") {
		t.Errorf("the right code: got %d, want it taken", right.Status)
	}
}

func TestWithdrawingAsksFirst(t *testing.T) {
	behind := newTown()
	b := inside(t, open(t, behind))
	ask := b.Get("/stk-nrw/vorgang/zuruecknehmen")
	if behind.withdrawn || !strings.Contains(ask.Text(), "nicht rückgängig") {
		t.Fatal("withdrawn without being asked")
	}
	after := b.Follow(b.Submit(ask.Form("")))
	if !behind.withdrawn || !strings.Contains(after.Text(), "Sie haben Ihren Antrag zurückgenommen") {
		t.Error("not withdrawn")
	}
	if again := b.Get("/stk-nrw/vorgang/zuruecknehmen"); again.Header.Get("Location") != "/stk-nrw/vorgang" {
		t.Errorf("once withdrawn it can be withdrawn again: %d", again.Status)
	}
}

func TestThePackageIsHandedOverAndThatIsRecorded(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := inside(t, p)
	if page := b.Get("/stk-nrw/vorgang/paket"); page.Status != http.StatusNotFound || !strings.Contains(page.Text(), "30 Tage") {
		t.Errorf("without a package: got %d, want an explanation", page.Status)
	}
	behind.pack = []byte(strings.Repeat("PK", 100_000))
	got := b.Get("/stk-nrw/vorgang/paket")
	if string(got.Body) != string(behind.pack) || got.Header.Get("Content-Type") != "application/zip" || !strings.Contains(got.Header.Get("Content-Disposition"), number+".zip") {
		t.Errorf("got %d bytes of %s, want the package", len(got.Body), got.Header.Get("Content-Type"))
	}
	if len(behind.fetched) != 1 || !behind.fetched[0].Equal(p.Clock.Now()) {
		t.Errorf("recorded %v, want once", behind.fetched)
	}
}

func TestEveryPageSpeaksBothLanguagesAndFitsTogether(t *testing.T) {
	behind := newTown()
	behind.own = ownCase(casefile.Ready)
	behind.own.WantsCode = true
	p := open(t, behind)
	for lang, heading := range map[string]string{"de": "Ihre Daten, Ihre Rechte", "en": "Your data, your rights"} {
		b := inside(t, p)
		var pages []*webtest.Page
		page := b.Get("/stk-nrw?lang=" + lang)
		if got := page.TextOf("h1"); got != heading {
			t.Errorf("%s: got %q, want %q", lang, got, heading)
		}
		for _, path := range []string{"", "/impressum", "/datenschutz", "/barrierefreiheit", "/antrag", "/antrag/bestaetigung", "/vorgang"} {
			for _, a := range []string{"/stk-nrw", "/nlq"} {
				if got := b.Get(a + path); got.Status == http.StatusOK {
					pages = append(pages, got)
				} else if a == "/stk-nrw" {
					t.Errorf("%s: got %d", a+path, got.Status)
				}
			}
		}
		for _, state := range casefile.States {
			behind.own.Case.State = state
			pages = append(pages, b.Get("/stk-nrw/vorgang"))
		}
		step := b.Get("/stk-nrw/antrag")
		all := url.Values{}
		for _, r := range law.Rights {
			all.Add("rights", string(r))
		}
		for _, typed := range []url.Values{all, detail, whom, details, portal, nil} {
			pages = append(pages, step)
			step = b.Submit(fill(step.Form(""), typed))
		}
		pages = append(pages, b.Follow(step), p.Browser(t).Get("/stk-nrw/stand?lang="+lang))
		for _, page := range pages {
			if i := strings.Index(page.Text(), "[citizen."); i >= 0 {
				t.Errorf("%s %s: a sentence is missing: %.60s", lang, page.Path, page.Text()[i:])
			}
			if strings.Contains(string(page.Body), person.Placeholder) || strings.Contains(string(page.Body), "%!") {
				t.Errorf("%s %s: a value was lost", lang, page.Path)
			}
			checkIDs(t, page)
		}
	}
}

func TestAnAuthorityThatIsNotHereHasNoPages(t *testing.T) {
	p := open(t, newTown())
	for _, r := range p.App.Routes() {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/:authority") || r.Auth != "public" {
			continue
		}
		if page := p.Browser(t).Get(strings.Replace(r.Path, ":authority", "nirgendwo", 1)); page.Status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", r.Path, page.Status)
		}
	}
}

func TestNothingTypedLeavesTheSealedPage(t *testing.T) {
	behind := newTown()
	p := open(t, behind)
	b := p.Browser(t)
	b.Submit(walk(t, b).Form(""))
	kept, err := json.Marshal(p.Sessions.Rows())
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"Mustermann", "erika@example.org", "Heidestra", "erika64"} {
		if strings.Contains(p.Log.String(), typed) || strings.Contains(string(kept), typed) {
			t.Errorf("%s stands in the log or a session", typed)
		}
	}
	if strings.Contains(walk(t, b).Path, "Mustermann") || strings.Contains(p.Log.String(), "state=") {
		t.Error("an address holds what was typed")
	}
}

func textByID(page *webtest.Page, id string) string {
	for n := range page.Doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" && a.Val == id {
				var b strings.Builder
				for d := range n.Descendants() {
					if d.Type == html.TextNode {
						b.WriteString(d.Data)
					}
				}
				return b.String()
			}
		}
	}
	return ""
}

func idExists(page *webtest.Page, id string) bool {
	return strings.Contains(string(page.Body), ` id="`+id+`"`)
}

// checkIDs finds ids that stand twice and references that lead nowhere.
func checkIDs(t *testing.T, page *webtest.Page) {
	t.Helper()
	ids, h1 := map[string]int{}, 0
	var references []string
	for n := range page.Doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "h1" {
			h1++
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val]++
			case slices.Contains([]string{"for", "aria-describedby", "aria-labelledby"}, a.Key):
				references = append(references, strings.Fields(a.Val)...)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				references = append(references, a.Val[1:])
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q stands %d times", page.Path, id, n)
		}
	}
	for _, ref := range references {
		if ids[ref] == 0 {
			t.Errorf("%s: something refers to %q, which is not there", page.Path, ref)
		}
	}
	if h1 != 1 {
		t.Errorf("%s: %d h1, want 1", page.Path, h1)
	}
}
