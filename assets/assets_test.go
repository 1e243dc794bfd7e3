package assets

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestEveryReferenceInAStyleSheetIsEmbedded(t *testing.T) {
	seen := 0
	for _, address := range Names() {
		if path.Ext(address) != ".css" {
			continue
		}
		f, _ := Open(address)
		for _, m := range reference.FindAllStringSubmatch(string(f.Content), -1) {
			seen++
			if _, ok := Open(m[1]); !ok {
				t.Errorf("%s refers to %s, which is not served", address, m[1])
			}
		}
	}
	if seen < 90 {
		t.Errorf("%d references found in the style sheets, want the icons and fonts: this test checks too little", seen)
	}
}

func TestNoAssetReachesOutside(t *testing.T) {
	outside := regexp.MustCompile(`(data:[a-z]+/|@import|url\(\s*["']?(https?:)?//)`)
	for _, address := range Names() {
		f, _ := Open(address)
		if path.Ext(address) != ".css" {
			continue
		}
		if m := outside.Find(f.Content); m != nil {
			t.Errorf("%s contains %q, which the Content-Security-Policy blocks", address, m)
		}
	}
}

func TestEveryAssetHasATypeAndAHashedName(t *testing.T) {
	hashed := regexp.MustCompile(`^/assets/.+\.[0-9a-f]{16}\.[a-z0-9]+$`)
	for _, address := range Names() {
		f, ok := Open(address)
		if !ok || f.Type == "" || len(f.Content) == 0 {
			t.Errorf("%s: type %q, %d bytes", address, f.Type, len(f.Content))
		}
		if !hashed.MatchString(address) {
			t.Errorf("%s carries no hash", address)
		}
	}
}

func TestEveryIconOfTheStyleSheetHasItsFile(t *testing.T) {
	icons, err := fs.Glob(files, "kern/icons/*.svg")
	if err != nil || len(icons) < 40 {
		t.Fatalf("%d icons, %v; want all that KERN ships", len(icons), err)
	}
	f, _ := Open(Path("kern/kern.min.css"))
	for _, icon := range icons {
		if !strings.Contains(string(f.Content), Path(icon)) {
			t.Errorf("%s is used by no rule", icon)
		}
	}
}

func TestNoStyleSheetOrScriptNeedsEval(t *testing.T) {
	f, _ := Open(Path("einsicht.js"))
	for _, word := range []string{"eval(", "new Function", ".style.", "innerHTML", "http://", "https://"} {
		if strings.Contains(string(f.Content), word) {
			t.Errorf("einsicht.js contains %s", word)
		}
	}
}
