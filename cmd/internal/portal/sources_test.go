package portal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/procedure/connecting"
)

func TestLinksDoNotLeadOutOfWhatIsAllowed(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string) string { return filepath.Join(dir, path) }
	for _, folder := range []string{"logs/mine", "others"} {
		if err := os.MkdirAll(at(folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"logs/mine/a.log", "others/a.log"} {
		if err := os.WriteFile(at(file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"logs/out": "others", "logs/mine/out.log": "others/a.log", "alias": "logs"} {
		if err := os.Symlink(at(to), at(link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, allowed, pattern string
		want                   bool
	}{
		{"a file", "logs", "logs/mine/a.log", true},
		{"a pattern", "logs", "logs/mine/a*", true},
		{"a file that is not there yet", "logs", "logs/later/a.log", true},
		{"below a folder that is a link", "alias", "alias/mine/a*", true},
		{"a folder that leads out", "logs", "logs/out/*.log", false},
		{"a file that is not there yet, in it", "logs", "logs/out/later.log", false},
		{"a file that leads out", "logs", "logs/mine/out.log", false},
		{"a pattern that finds one", "logs", "logs/mine/*.log", false},
		{"a wildcard for the folder", "logs", "logs/*/a.log", false},
		{"another folder", "logs", "others/a.log", false},
	} {
		allowed, err := connecting.NewAllowed(nil, []string{at(c.allowed)}, "einsicht")
		if err != nil {
			t.Fatal(err)
		}
		conn, err := connector.ParseConnection("f.yaml", []byte("system: x\nkind: weblog\nweblog: {files: ['"+at(c.pattern)+"']}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := allowed.Resolved(conn, really); (err == nil) != c.want || err != nil && !errors.Is(err, connector.ErrConfig) {
			t.Errorf("%s: got %v, want allowed: %t", c.name, err, c.want)
		}
	}
}
