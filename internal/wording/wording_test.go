package wording

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestEverySentenceExistsInBothLanguagesWithTheSamePlaceholders(t *testing.T) {
	placeholder := regexp.MustCompile(`\{[a-z_]+\}`)
	if len(sentences[German]) == 0 {
		t.Fatal("no sentence found: this test checks nothing")
	}
	for key, de := range sentences[German] {
		en, ok := sentences[English][key]
		if !ok {
			t.Errorf("%s is missing in English", key)
			continue
		}
		got, want := unique(placeholder.FindAllString(en, -1)), unique(placeholder.FindAllString(de, -1))
		if !slices.Equal(got, want) {
			t.Errorf("%s: placeholders got %v in English, want %v", key, got, want)
		}
	}
	for key := range sentences[English] {
		if _, ok := sentences[German][key]; !ok {
			t.Errorf("%s is missing in German", key)
		}
	}
}

func TestDatesAreWrittenInWords(t *testing.T) {
	day := time.Date(2026, 12, 18, 0, 0, 0, 0, time.UTC)
	if got, want := Date(German, day), "Freitag, 18. Dezember 2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Date(English, day), "Friday, 18 December 2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func unique(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}
