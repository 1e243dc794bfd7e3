package law_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/workedcase"
	"einsicht/internal/wording"
)

func TestWorkedCasesComeOutAsALawyerExpects(t *testing.T) {
	for file, cases := range workedCases(t) {
		for _, c := range cases {
			t.Run(strings.TrimSuffix(file, ".txtar")+"/"+c.Name, func(t *testing.T) {
				for _, wrong := range c.Check(book(t)) {
					t.Errorf("%s:%d: %s", file, c.Line, wrong)
				}
			})
		}
	}
}

// TestEveryGroundIsWorkedThrough derives from the catalogue which cases must
// exist and names what is missing.
func TestEveryGroundIsWorkedThrough(t *testing.T) {
	all := workedCases(t)
	on := book(t).On(calendar.Day(2026, 3, 1))
	needed := 0
	for _, g := range on.Grounds() {
		file := strings.ToLower(g.ID) + ".txtar"
		for _, name := range casesOf(g) {
			needed++
			i := slices.IndexFunc(all[file], func(c workedcase.Case) bool { return c.Name == name })
			if i < 0 {
				t.Errorf("%s lacks the case %q", file, name)
				continue
			}
			want := all[file][i].Want
			condition, fails := strings.CutPrefix(name, "es fehlt: ")
			switch {
			case fails && !slices.Equal(want.Fails[g.ID], []string{condition}):
				t.Errorf("%s: %q must say that exactly this condition fails", file, name)
			case name == "ohne Begründung" && !slices.Contains(want.Silent, g.ID):
				t.Errorf("%s: %q must say that the reasons are withheld", file, name)
			case name == "trifft zu" && g.Effect.IsLimit() && !slices.Contains(want.Holds, g.ID):
				t.Errorf("%s: %q must say that the ground holds", file, name)
			case name == "gesperrt" && !slices.Contains(want.Unusable, g.ID):
				t.Errorf("%s: %q must say that the ground can't be used", file, name)
			}
		}
	}
	for _, r := range on.Rights() {
		for _, outcome := range []string{"stattgegeben", "teilweise", "abgelehnt", "nichts gespeichert"} {
			needed++
			file := "recht-" + string(r.Right) + ".txtar"
			if !slices.ContainsFunc(all[file], func(c workedcase.Case) bool { return c.Name == outcome }) {
				t.Errorf("%s lacks the case %q", file, outcome)
			}
		}
	}
	if needed < 200 {
		t.Errorf("got %d needed cases; the catalogue has more grounds than that", needed)
	}
}

// TestWhatTheResultsCiteAndSay covers what the code itself cites and says, beside
// the catalogue, which is checked when it is read.
func TestWhatTheResultsCiteAndSay(t *testing.T) {
	said := 0
	for file, cases := range workedCases(t) {
		for _, c := range cases {
			r := assess.Assess(book(t).On(c.Facts.Day), c.Facts)
			for _, l := range slices.Concat(r.Due, r.Instead, r.AskPerson, r.OnFile, r.Notes) {
				said++
				if _, err := book(t).Resolve(l.Citation); err != nil {
					t.Errorf("%s, %s: %q: %v", file, c.Name, l.Citation, err)
				}
				for _, lang := range wording.Languages {
					if text := l.Text(lang); text == "" || strings.ContainsAny(text, "[]{}") {
						t.Errorf("%s, %s: got %q in %s, want a sentence", file, c.Name, text, lang)
					}
				}
			}
			if again := assess.Assess(book(t).On(c.Facts.Day), c.Facts); !reflect.DeepEqual(r, again) {
				t.Errorf("%s, %s: the same facts have two results", file, c.Name)
			}
		}
	}
	if said < 500 {
		t.Errorf("got %d lines, want those of all cases", said)
	}
}

// TestTheTrapsAreWorkedThrough names the mistakes that are often made.
func TestTheTrapsAreWorkedThrough(t *testing.T) {
	have := workedCases(t)["fallen.txtar"]
	for _, name := range []string{
		"Landesbetrieb mit wirtschaftlichem Ziel", "Landesbetrieb mit gesetzlicher Aufgabe", "Gemeindearchiv", "Landesarchiv schweigt",
		"unrechtmäßig gespeichert", "nur noch aufbewahrt", "Statistik begrenzt die Löschung nicht", "Statistik begrenzt die Übertragung nicht",
		"Orden", "Ablehnung nach dem ersten Monat", "geheime Tatsache der Verarbeitung", "Buchstabe f bei einer Behörde",
		"Niedersachsen kennt § 10 Abs. 2 nicht", "interner Aktenplan", "nach dem 31. März 2026",
	} {
		if !slices.ContainsFunc(have, func(c workedcase.Case) bool { return c.Name == name }) {
			t.Errorf("fallen.txtar lacks the case %q", name)
		}
	}
}

func casesOf(g catalogue.Ground) []string {
	if !g.Usable() {
		return []string{"gesperrt"}
	}
	names := []string{"trifft zu"}
	for _, c := range g.Questions() {
		names = append(names, "es fehlt: "+c.ID)
	}
	if g.Reasons.Allowed() {
		names = append(names, "ohne Begründung")
	}
	return names
}

var load = sync.OnceValues(catalogue.Load)

func book(t *testing.T) catalogue.Book {
	t.Helper()
	b, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func workedCases(t *testing.T) map[string][]workedcase.Case {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no worked case found: %v", err)
	}
	all := map[string][]workedcase.Case{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if all[filepath.Base(file)], err = workedcase.Parse(book(t), data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	return all
}
