package casefile_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/casefile"
)

var update = flag.Bool("update", false, "write the table into docs/architecture.md")

var architecture = filepath.Join("..", "..", "docs", "architecture.md")

const (
	tableBegins = "<!-- casefile table -->\n"
	tableEnds   = "<!-- end -->"
)

func TestTheTableStandsInTheArchitecture(t *testing.T) {
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(page), tableBegins)
	got, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table: %s … %s", architecture, strings.TrimSpace(tableBegins), tableEnds)
	}
	want := table()
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("docs/architecture.md shows another table; run: go test ./internal/casefile -update\ngot\n%s\nwant\n%s", got, want)
	}
	if err := os.WriteFile(architecture, []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// table is the way of a case as Markdown.
func table() string {
	var text strings.Builder
	text.WriteString("| from | event | guards | to | jobs |\n|---|---|---|---|---|\n")
	for _, s := range casefile.Table {
		from := "–"
		if s.From != "" {
			from = string(s.From)
		}
		jobs := make([]string, len(s.Jobs))
		for i, j := range s.Jobs {
			jobs[i] = "`" + string(j) + "`"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", from, s.Event, strings.Join(names(s.Guards), "; "), s.To, strings.Join(jobs, ", "))
	}
	return text.String()
}

// TestEveryJobIsExplained: a job that no step of the table starts is explained
// below it.
func TestEveryJobIsExplained(t *testing.T) {
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	_, below, _ := strings.Cut(string(page), tableEnds)
	for _, job := range casefile.Jobs {
		started := slices.ContainsFunc(casefile.Table, func(s casefile.Step) bool { return slices.Contains(s.Jobs, job) })
		if !started && !strings.Contains(below, "`"+string(job)+"`") {
			t.Errorf("no step starts %s, and docs/architecture.md does not say what does", job)
		}
	}
	for _, s := range casefile.Table {
		for _, job := range s.Jobs {
			if !slices.Contains(casefile.Jobs, job) {
				t.Errorf("%s starts %s, which is not listed", s.Event, job)
			}
		}
	}
}
