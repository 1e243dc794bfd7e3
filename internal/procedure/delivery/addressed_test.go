package delivery

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"einsicht/internal/wording"
)

// reasons are the sentences that connectors give with an answer.
var reasons = regexp.MustCompile(`"(connector\.[a-z_]+(?:\.[a-z_]+)?)"`)

func TestAnAnswerSpeaksToThePersonAndNotOfThem(t *testing.T) {
	seen, said := 0, map[wording.Lang]*regexp.Regexp{
		wording.German:  regexp.MustCompile(`\b(die|der|dieser|betroffenen?) Person\b`),
		wording.English: regexp.MustCompile(`\bthe person\b`),
	}
	err := filepath.WalkDir("../../connector", func(file string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, m := range reasons.FindAllStringSubmatch(string(text), -1) {
			if reason := m[1]; wording.Has(reason) && !strings.HasPrefix(reason, "connector.field") && !strings.HasPrefix(reason, "connector.gap") {
				seen++
				for l, of := range said {
					if s := wording.Text(l, addressed(reason)); of.MatchString(s) && !strings.HasPrefix(reason, "connector.sql.") {
						t.Errorf("%s, %s: speaks of the person: %s", l, reason, s)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 8 {
		t.Errorf("got %d reasons: this test checks little", seen)
	}
	if got := addressed("connector.matomo.anonymous"); got != "connector.matomo.anonymous" {
		t.Errorf("a sentence about nobody: got %s, want it as it is", got)
	}
	if addressed("") != "" {
		t.Error("got a sentence out of nothing")
	}
}
