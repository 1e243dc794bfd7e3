package citizen

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/webtest"
)

var (
	noticeID      = uuid.MustParse("44444444-4444-4444-8444-444444444444")
	noticeNumber  = casefile.NoticeNumber("stk-nrw", 2026, []byte("abcdefgh"))
	unknownNotice = casefile.NoticeNumber("stk-nrw", 2026, []byte("hgfedcba"))
)

// told is one notice behind the pages.
type told struct {
	correspondence.OwnNotice
	dead  bool // stopped, expired or tried too often
	reads int
}

func (t *town) EnterNotice(_ context.Context, a casefile.Authority, n, c, address string, _ time.Time) (casefile.Actor, string, error) {
	t.tried = append(t.tried, address)
	if t.wait != nil {
		return casefile.Actor{}, "", t.wait
	}
	typedNumber, _ := casefile.ParseFileNumber(n)
	typedCode, _ := casefile.ParseAccessCode(c)
	if a.ID != stk.ID || typedNumber != noticeNumber || typedCode != code || t.told.dead {
		return casefile.Actor{}, "", problem.New(problem.Forbidden, "citizen.notice.wrong")
	}
	return casefile.Actor{ID: noticeID, Role: casefile.Recipient, Authority: a.ID}, typedNumber, nil
}

func (t *town) ReadNotice(_ context.Context, actor casefile.Actor, number string, _ time.Time) (correspondence.OwnNotice, error) {
	if actor != (casefile.Actor{ID: noticeID, Role: casefile.Recipient, Authority: stk.ID}) || number != noticeNumber || t.told.dead {
		return correspondence.OwnNotice{}, problem.New(problem.NotFound, "citizen.notice.gone")
	}
	t.told.reads++
	return t.told.OwnNotice, nil
}

func (t *town) ConfirmNotice(ctx context.Context, actor casefile.Actor, number string, said person.Text, now time.Time) error {
	if _, err := t.ReadNotice(ctx, actor, number, now); err != nil {
		return err
	}
	t.told.Confirmed, t.told.Said = true, said
	return nil
}

// tells lets the authority have mailed a notice.
func (t *town) tells(tb testing.TB) {
	tb.Helper()
	t.told.Document = t.writes(tb, letter.KindRecipientsNotice, 20).Document
	t.letters = nil
	t.told.Until = calendar.Day(2026, time.December, 18)
}

// reading is a recipient that has entered number and code.
func reading(t *testing.T, p *webtest.Portal) *webtest.Browser {
	t.Helper()
	b := p.Browser(t)
	in := b.Submit(b.Get("/stk-nrw/mitteilung").Form("").With("number", strings.ToLower(noticeNumber)).With("code", " "+strings.ReplaceAll(code, "-", " ")))
	if got := in.Header.Get("Location"); in.Status != http.StatusSeeOther || got != "/stk-nrw/mitteilung/lesen" {
		t.Fatalf("got %d to %q, want the notice: %s", in.Status, got, in.Text())
	}
	return b
}

func TestARecipientReadsItsNoticeAndConfirms(t *testing.T) {
	for lang, want := range map[string]string{"de": "Haben Sie gehandelt?", "en": "Have you acted?"} {
		behind := newTown()
		behind.tells(t)
		p := open(t, behind)
		b := reading(t, p)
		page := b.Get("/stk-nrw/mitteilung/lesen?lang=" + lang)
		for _, want := range []string{want, noticeNumber, behind.told.Document.Subject, "2026"} {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s: the notice lacks %q", lang, want)
			}
		}
		if got, want := strings.Contains(string(page.Body), `lang="de"><`) || strings.Contains(string(page.Body), "ein-words\" lang=\"de\""), lang == "en"; got != want {
			t.Errorf("%s: the language of the letter is said: got %t, want %t", lang, got, want)
		}
		checkIDs(t, page)
		if again := b.Get("/stk-nrw/mitteilung"); again.Header.Get("Location") != "/stk-nrw/mitteilung/lesen" {
			t.Errorf("%s: asked for the code again: got %d", lang, again.Status)
		}
		file := b.Get("/stk-nrw/mitteilung/datei")
		if file.Status != http.StatusOK || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(string(file.Body), behind.told.Document.Subject) {
			t.Errorf("%s: the file: got %d, %q", lang, file.Status, file.Header.Get("Content-Disposition"))
		}
		done := b.Submit(page.Form("/stk-nrw/mitteilung/lesen").With("said", " auch <gelöscht> "))
		if done.Status != http.StatusSeeOther || behind.told.Said.Reveal() != "auch <gelöscht>" {
			t.Errorf("%s: confirmed: got %d, said %q", lang, done.Status, behind.told.Said.Reveal())
		}
		page = b.Follow(done)
		if !behind.told.Confirmed || !strings.Contains(page.Text(), "auch <gelöscht>") || strings.Contains(string(page.Body), `name="said"`) {
			t.Errorf("%s: confirmed: the page asks again, or lacks what was said", lang)
		}
		leave := b.Submit(page.Form("/stk-nrw/mitteilung/abmelden"))
		if leave.Status != http.StatusSeeOther || b.Get("/stk-nrw/mitteilung/lesen").Header.Get("Location") != "/stk-nrw/mitteilung" {
			t.Errorf("%s: closed, the notice is still open", lang)
		}
		for _, page := range []*webtest.Page{page, p.Browser(t).Get("/stk-nrw/mitteilung?lang=" + lang)} {
			if strings.Contains(page.Text(), "[citizen.") {
				t.Errorf("%s %s: a sentence is missing", lang, page.Path)
			}
		}
	}
}

func TestWhatDoesNotOpenANoticeGetsTheSamePage(t *testing.T) {
	behind := newTown()
	behind.tells(t)
	p := open(t, behind)
	other := casefile.AccessCode([]byte("aaaaaaaaaaaaaaaaaaaa"))
	try := func(slug, number, code string) *webtest.Page {
		b := p.Browser(t)
		return b.Submit(b.Get("/"+slug+"/mitteilung").Form("").With("number", number).With("code", code))
	}
	strip := func(page *webtest.Page) string {
		s := string(page.Body)
		for _, typed := range []string{noticeNumber, unknownNotice, code, other} {
			s = strings.ReplaceAll(s, typed, "TYPED")
		}
		i := strings.Index(s, `name="_csrf"`)
		return s[:i] + s[i+80:]
	}
	wrong := try("stk-nrw", noticeNumber, other)
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Text(), "passen nicht zusammen") || wrong.Form("").Values.Get("number") != noticeNumber {
		t.Errorf("a wrong code: got %d: %s", wrong.Status, wrong.Text())
	}
	if unknown := try("stk-nrw", unknownNotice, code); unknown.Status != wrong.Status || strip(unknown) != strip(wrong) {
		t.Error("an unknown number can be told from a wrong code")
	}
	if elsewhere := try("nlq", noticeNumber, code); elsewhere.Status != http.StatusUnprocessableEntity || !strings.Contains(elsewhere.Text(), "passen nicht zusammen") {
		t.Errorf("at another authority: got %d", elsewhere.Status)
	}
	behind.told.dead = true
	if dead := try("stk-nrw", noticeNumber, code); dead.Status != wrong.Status || strip(dead) != strip(wrong) {
		t.Error("one that is dead can be told from a wrong code")
	}
	tried := len(behind.tried)
	for _, tt := range []struct{ number, code, field string }{{noticeNumber[:len(noticeNumber)-1] + "?", code, "number"}, {noticeNumber, "kurz", "code"}} {
		if page := try("stk-nrw", tt.number, tt.code); page.Status != 422 || textByID(page, tt.field+"-error") == "" || len(behind.tried) != tried {
			t.Errorf("a %s that can't be one is tried: got %d", tt.field, page.Status)
		}
	}
	behind.wait = problem.New(problem.Throttled, "citizen.notice.wait", "seconds", "17")
	if slow := try("stk-nrw", noticeNumber, code); slow.Status != http.StatusTooManyRequests || !strings.Contains(slow.Text(), "17 Sekunden") {
		t.Errorf("throttled: got %d, want to be told to wait 17 seconds", slow.Status)
	}
	if behind.told.reads != 0 {
		t.Error("somebody read it")
	}
}

func TestANoticeOpensWithItsCodeOnlyAtItsAuthorityAndWhileItHolds(t *testing.T) {
	behind := newTown()
	behind.tells(t)
	p := open(t, behind)
	stranger, applicant := p.Browser(t), inside(t, p)
	for _, path := range []string{"/mitteilung/lesen", "/mitteilung/datei"} {
		for _, b := range []*webtest.Browser{stranger, applicant} {
			if page := b.Get("/stk-nrw" + path); page.Header.Get("Location") != "/stk-nrw/mitteilung" {
				t.Errorf("%s: got %d, want to be sent to the door", path, page.Status)
			}
		}
	}
	b := reading(t, p)
	if page := b.Get("/nlq/mitteilung/lesen"); page.Header.Get("Location") != "/nlq/mitteilung" {
		t.Errorf("another authority: got %d, want the door", page.Status)
	}
	if page := b.Get("/stk-nrw/vorgang"); page.Header.Get("Location") != "/stk-nrw/stand" {
		t.Errorf("a case: got %d, want its door", page.Status)
	}
	behind.told.dead = true
	gone := b.Get("/stk-nrw/mitteilung/lesen")
	if gone.Status != http.StatusNotFound || !strings.Contains(gone.Text(), "kann nicht mehr gelesen werden") {
		t.Errorf("stopped meanwhile: got %d: %s", gone.Status, gone.Text())
	}
	checkIDs(t, gone)
	if door := b.Get("/stk-nrw/mitteilung"); door.Status != http.StatusOK {
		t.Errorf("after that: got %d, want to be asked for another number", door.Status)
	}
}
