package connectortest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector/all"
)

// Each kind is put through the suite or excused from it; the excuses are printed.
func TestEveryKindPasses(t *testing.T) {
	var names []string
	for _, k := range all.Kinds() {
		names = append(names, k.Name())
		tested := callsRun(t, k.Name())
		if _, excused := excuses["everything"][k.Name()]; tested == excused {
			t.Errorf("%s: is put through the suite: %v, is excused from it: %v, want one of them", k.Name(), tested, excused)
		}
	}
	for part, kinds := range excuses {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			t.Logf("%s: not %s: %s", part, kind, kinds[kind])
			if !slices.Contains(names, kind) {
				t.Errorf("%s: %q is no kind", part, kind)
			}
		}
	}
}

func callsRun(t *testing.T, kind string) bool {
	t.Helper()
	tests, err := filepath.Glob(filepath.Join("..", kind, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(tests, func(name string) bool {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "connectortest.Run(")
	})
}
