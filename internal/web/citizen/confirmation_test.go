package citizen

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"einsicht/internal/web/webtest"
)

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
	if strings.Contains(kept(p), group) {
		t.Error("after 30 minutes the session still holds the code")
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

// kept is what all sessions hold, opened.
func kept(p *webtest.Portal) string {
	var all strings.Builder
	for _, row := range p.Sessions.Rows() {
		for _, b := range row.Sealed {
			all.WriteByte(b ^ 0x55) // as webtest.Sealer does
		}
	}
	return all.String()
}
