package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/wording"
)

func TestThePrivacyNoticeAnswersEveryPointOfArticle13InBothLanguages(t *testing.T) {
	want := []string{"controller", "dpo", "purpose", "data", "source", "recipients", "storage", "rights", "complaint", "obligation", "automated"}
	for _, inv := range Shipped() {
		p, _ := inv.Portal()
		for _, l := range wording.Languages {
			n := PrivacyNotice(l, inv, p)
			var ids []string
			for _, s := range n.Sections {
				ids = append(ids, s.ID)
				if s.Heading == "" || len(s.Blocks) == 0 || s.Blocks[0].Text == "" {
					t.Errorf("%s %s: section %s is empty", inv.Authority.ID, l, s.ID)
				}
			}
			if !slices.Equal(ids, want) {
				t.Errorf("%s %s: got sections %v, want %v", inv.Authority.ID, l, ids, want)
			}
			text := fmt.Sprint(n)
			if strings.Contains(text, "[inventory.") || strings.Contains(text, "{authority}") || strings.Contains(text, "{value}") {
				t.Errorf("%s %s: a sentence is missing or not filled: %s", inv.Authority.ID, l, text)
			}
			for _, w := range []string{inv.Authority.Name, inv.Authority.Complaints().Name, p.In(l).Retention.Text, p.In(l).LegalBasis[0], p.In(l).Recipients[0]} {
				if !strings.Contains(text, w) {
					t.Errorf("%s %s: %q is missing", inv.Authority.ID, l, w)
				}
			}
		}
	}
}

func TestThePrivacyNoticeFollowsTheInventory(t *testing.T) {
	inv := Shipped()[0]
	p, _ := inv.Portal()
	p.Retention.Text = "fünf Jahre, so die Behörde"
	if text := fmt.Sprint(PrivacyNotice(wording.German, inv, p)); !strings.Contains(text, "fünf Jahre, so die Behörde.") {
		t.Errorf("got a notice without the authority's period: %s", text)
	}
}

func TestThePrivacyNoticeShowsWhatTheAuthorityStillHasToAdd(t *testing.T) {
	for id, want := range map[string][]string{
		"stk-nrw":              nil,
		"mhkbd-it-fortbildung": {"contact", "dpo", "supervisory"},
		"nlq":                  {"dpo", "supervisory", "supervisory_unverified"},
	} {
		for _, inv := range Shipped() {
			if inv.Authority.ID != id {
				continue
			}
			p, _ := inv.Portal()
			var got, sentences []string
			for _, s := range PrivacyNotice(wording.German, inv, p).Sections {
				for _, b := range s.Blocks {
					if b.Gap {
						got = append(got, b.Text)
					}
				}
			}
			for _, k := range want {
				sentences = append(sentences, wording.Text(wording.German, "inventory.gap."+k))
			}
			if !slices.Equal(got, sentences) {
				t.Errorf("%s: got %q, want %q", id, got, sentences)
			}
		}
	}
}

func TestThePrivacyNoticeNamesTheProcessorsThatTheAuthorityNames(t *testing.T) {
	for _, inv := range Shipped() {
		p, _ := inv.Portal()
		text := fmt.Sprint(PrivacyNotice(wording.German, inv, p))
		for _, name := range inv.Authority.Processors {
			if !strings.Contains(text, name) {
				t.Errorf("%s: %s is missing", inv.Authority.ID, name)
			}
		}
		if strings.Contains(text, "Jaimo") {
			t.Errorf("%s: names a processor that the notice calls a provider only", inv.Authority.ID)
		}
	}
}

func TestImprintAndAccessibilityLeaveGapsOpen(t *testing.T) {
	want := map[string][]string{
		"it-nrw": {"representation"}, "krz": {"representation"}, "stk-nrw": nil,
		"mhkbd-it-fortbildung": {"representation", "contact"}, "nlq": {"representation", "email"},
	}
	for _, inv := range Shipped() {
		a := inv.Authority
		if got, want := a.Imprint().Gaps, keys("gap", want[a.ID]); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", a.ID, got, want)
		}
		if s := a.Accessibility(); s.Feedback != a.Contact || s.Law == "" || s.Enforcement.Name == "" {
			t.Errorf("%s: got %+v, want the feedback address, the law and the enforcement body", a.ID, s)
		}
	}
}
