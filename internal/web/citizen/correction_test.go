package citizen

import (
	"net/url"
	"strings"
	"testing"

	"einsicht/internal/law"
)

func TestWhatIsRightAndWhatWaitsGoesWithTheRequest(t *testing.T) {
	for name, c := range map[string]struct {
		wishes, detail url.Values
		right          string
		meanwhile      []law.Right
	}{
		"a correction with all that belongs to it": {
			url.Values{"rights": {"rectification", "objection"}},
			url.Values{"concern-rectification": {"Gross ist falsch."}, "correct-right": {"Groß"}, "correct-evidence": {"Ausweis"}, "correct-statement": {"Bitte beilegen"},
				"meanwhile-rectification": {"yes"}, "meanwhile-objection": {"yes"}},
			"Groß", []law.Right{law.Rectification, law.Objection},
		},
		"no more than what is wrong":   {url.Values{"rights": {"rectification"}}, url.Values{"concern-rectification": {"Gross ist falsch."}}, "", nil},
		"fields that nobody was shown": {url.Values{"rights": {"erasure"}}, url.Values{"concern-erasure": {"alles"}, "correct-right": {"Groß"}, "meanwhile-objection": {"yes"}}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			behind := newTown()
			b := open(t, behind).Browser(t)
			page := b.Get("/stk-nrw/antrag")
			for _, typed := range []url.Values{c.wishes, c.detail, whom, details, portal} {
				page = b.Submit(fill(page.Form(""), typed))
			}
			if c.right != "" && (!strings.Contains(page.Text(), "Richtig ist: Groß") || !strings.Contains(page.Text(), "bis über meinen Widerspruch entschieden ist")) {
				t.Errorf("the last step does not show it: %s", page.Text())
			}
			b.Submit(page.Form(""))
			r := behind.sent[behind.order[0]].Request
			if got := r.Correction.Right.Reveal(); got != c.right {
				t.Errorf("got %q as right, want %q", got, c.right)
			}
			if len(r.Meanwhile) != len(c.meanwhile) {
				t.Errorf("got %v, want %v", r.Meanwhile, c.meanwhile)
			}
			for _, right := range c.meanwhile {
				if !r.Meanwhile[right] {
					t.Errorf("%s: nothing is restricted meanwhile", right)
				}
			}
		})
	}
}
