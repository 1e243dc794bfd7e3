package architecture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryDependencyHasADecision asks for a page in docs/decisions that names
// the module of each library the code imports: why it, and what instead.
func TestEveryDependencyHasADecision(t *testing.T) {
	pages := decisions(t)
	modules := required(t)
	seen := map[string]bool{}
	for from, imports := range readImports(t) {
		for _, imp := range imports {
			if strings.HasPrefix(imp, module) || !isLibrary(imp) {
				continue
			}
			mod := moduleOf(imp, modules)
			if mod == "" {
				t.Errorf("%s imports %s, which is in no module of go.mod", from, imp)
				continue
			}
			if !seen[mod] && !names(pages, mod) {
				t.Errorf("%s imports %s; no page in docs/decisions names %s", from, imp, mod)
			}
			seen[mod] = true
		}
	}
	if len(seen) == 0 {
		t.Fatal("no library found: this test checks nothing")
	}
}

func decisions(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "decisions", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(page)
	}
	return all.String()
}

// required lists the modules of go.mod, also of the module that holds the tests
// in a browser.
func required(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var modules []string
	for _, file := range append(files, filepath.Join(root, "go.mod")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
			if len(f) >= 2 && strings.HasPrefix(f[1], "v") && strings.Contains(f[0], ".") {
				modules = append(modules, f[0])
			}
		}
	}
	return modules
}

// moduleOf is the module that holds a package: the longest path that fits.
func moduleOf(imp string, modules []string) string {
	best := ""
	for _, mod := range modules {
		if (imp == mod || strings.HasPrefix(imp, mod+"/")) && len(mod) > len(best) {
			best = mod
		}
	}
	return best
}

// names says whether a page names the module, as a whole path.
func names(pages, mod string) bool {
	for rest := pages; ; {
		_, after, found := strings.Cut(rest, mod)
		if !found {
			return false
		}
		if after == "" || !strings.ContainsAny(after[:1], "abcdefghijklmnopqrstuvwxyz0123456789-_") {
			return true
		}
		rest = after
	}
}
