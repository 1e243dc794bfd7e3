// Package architecture holds the floor plan: which package may import which.
package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "einsicht/"

// floors puts every package on a floor; strike out what is not built yet. A package imports only lower floors;
// the longest matching prefix counts.
var floors = map[string]int{
	"internal/problem": 0, "internal/wording": 0,
	"assets": 0, "migrations": 0,

	"internal/law": 1, "internal/person": 1, "internal/letter": 1, "internal/casefile": 1, "internal/inventory": 1,
	"internal/disclosure": 1, "internal/export": 1, "internal/connector": 1, "internal/ledger": 1, "views/": 1,

	"internal/procedure": 2,

	"internal/postgres": 3, "internal/jobs": 3, "internal/keyring": 3, "internal/blobstore": 3,
	"internal/mailer": 3, "internal/transfer": 3, "internal/login": 3, "internal/permission": 3,
	"internal/connector/": 3, "internal/pgserver": 3, "internal/landscape": 3, "internal/pdf": 3,

	"internal/web": 4,
	"cmd/":         5,
}

// sideways lists the only imports allowed within one floor.
var sideways = []string{
	"internal/law* -> internal/law*",
	"internal/casefile -> internal/law*",
	"internal/casefile -> internal/person",
	"internal/casefile -> internal/connector",
	"internal/inventory -> internal/law*",
	"internal/inventory -> internal/person",
	"internal/connector -> internal/person",
	"internal/connector -> internal/inventory",
	"internal/disclosure -> internal/casefile",
	"internal/disclosure -> internal/connector",
	"internal/disclosure -> internal/inventory",
	"internal/disclosure -> internal/law*",
	"internal/disclosure -> internal/person",
	"internal/letter* -> internal/casefile",
	"internal/letter* -> internal/connector",
	"internal/letter* -> internal/disclosure",
	"internal/letter* -> internal/inventory",
	"internal/letter* -> internal/law*",
	"internal/letter* -> internal/letter*",
	"internal/letter* -> internal/person",
	"internal/export -> internal/disclosure",
	"internal/export -> internal/person",
	"views/letter -> internal/letter",
	"views/* -> views/kern",
	"views/* -> views/frame",
	// The steps share how a case moves; no step imports another.
	"internal/procedure/* -> internal/procedure",
	"internal/connector/* -> internal/connector/connectortest",
	"internal/connector/all -> internal/connector/*",
	// Rooms that several kinds share.
	"internal/connector/* -> internal/connector/logs",
	"internal/connector/* -> internal/connector/rewrite",
	"internal/connector/* -> internal/connector/httpapi*",
	"internal/connector/drupal -> internal/connector/sql",
	// Servers that speak a kind's protocol, for the demonstration and for tests.
	"internal/landscape -> internal/connector/*",
	"internal/jobs -> internal/postgres",
	"internal/keyring/* -> internal/keyring",
	"internal/transfer/* -> internal/transfer",
	"internal/login/* -> internal/login",
	"internal/landscape -> internal/pgserver",
	// Machinery whose interfaces postgres satisfies.
	"internal/postgres -> internal/keyring",
	"internal/postgres -> internal/login",
	"internal/postgres/* -> internal/postgres",
	"internal/postgres/postgrestest -> internal/pgserver",
	"internal/web* -> internal/web/reply",
	"internal/web/webtest -> internal/web",
	// Who of the staff asks, for both of their sides.
	"internal/web/desk -> internal/web/staff",
	"internal/web/control -> internal/web/staff",
	"cmd/* -> cmd/internal/*",
}

// only narrows what a package may reach below a prefix.
var only = map[string]struct {
	below   string
	allowed []string
}{
	// The public side cannot even compile against the case-handling steps.
	"internal/web/citizen": {"internal/procedure/", []string{"intake", "identification", "delivery", "correspondence"}},
}

// owners names the one room that may use a library.
var owners = map[string]string{
	"gorm.io/":                    "internal/postgres",
	"github.com/pressly/goose":    "internal/postgres",
	"github.com/riverqueue/":      "internal/jobs",
	"github.com/gofiber/":         "internal/web",
	"github.com/casbin/":          "internal/permission",
	"github.com/tink-crypto/":     "internal/keyring",
	"github.com/wneessen/go-mail": "internal/mailer",
	"github.com/ledongthuc/pdf":   "internal/pdf/pdftest",

	"github.com/go-sql-driver/mysql": "internal/connector/sql",
	"github.com/emersion/go-imap":    "internal/connector/imap",
	"github.com/emersion/go-message": "internal/connector/imap",
	"github.com/go-ldap/":            "internal/connector/ldap",
	"github.com/go-asn1-ber/":        "internal/connector/ldap",
	"github.com/xuri/excelize":       "internal/connector/cdr",
	"github.com/bep/imagemeta":       "internal/connector/webdav",
	"github.com/tidwall/gjson":       "internal/connector/rest",
	"github.com/leodido/go-syslog":   "internal/connector/authlog",
	"github.com/sony/gobreaker":      "internal/connector/source",
	"golang.org/x/time":              "internal/connector/source",
	"github.com/cenkalti/backoff":    "internal/connector/source",
}

// libraries lists the third-party code allowed on floors 0 to 2. All else there
// is the standard library and us.
var libraries = map[string][]string{
	"internal/law/catalogue":    {"go.yaml.in/yaml/v3"},
	"internal/law/court":        {"go.yaml.in/yaml/v3"},
	"internal/letter/textblock": {"go.yaml.in/yaml/v3"},
	"internal/wording":          {"go.yaml.in/yaml/v3"},
	"internal/inventory":        {"go.yaml.in/yaml/v3"},
	"internal/connector":        {"go.yaml.in/yaml/v3"},
	"internal/export":           {"github.com/klauspost/compress"},
	"internal/person":           {"github.com/nyaruka/phonenumbers"},
	"internal/ledger":           {"golang.org/x/mod/sumdb"},
	"views/":                    {"github.com/a-h/templ"},
}

// everywhere lists the libraries that are as good as the standard library: ids
// and Unicode. docs/decisions says why.
var everywhere = []string{"github.com/google/uuid", "golang.org/x/text"}

// outside lists what floors 0 and 1 may not touch: the core reads nothing and
// calls nobody.
var outside = []string{"database/sql", "net", "net/http", "net/smtp", "os", "os/exec"}

var mayTouchOutside = []string{}

func TestImports(t *testing.T) {
	for from, imports := range readImports(t) {
		floor, known := floorOf(from)
		if !known {
			t.Errorf("%s is on no floor; add it to floors", from)
			continue
		}
		for _, imp := range imports {
			for lib, owner := range owners {
				if strings.HasPrefix(imp, lib) && !strings.HasPrefix(from, owner) {
					t.Errorf("%s imports %s; only %s may", from, imp, owner)
				}
			}
			if floor <= 1 && slices.Contains(outside, imp) && !slices.Contains(mayTouchOutside, from) {
				t.Errorf("%s imports %s; the core has no input or output", from, imp)
			}
			to, ours := strings.CutPrefix(imp, module)
			if !ours {
				if floor <= 2 && isLibrary(imp) && !mayUse(from, imp) {
					t.Errorf("%s imports %s; floors 0 to 2 use the standard library", from, imp)
				}
				continue
			}
			if strings.HasSuffix(to, "test") && !strings.HasSuffix(from, "test") {
				t.Errorf("%s imports %s; test helpers are for tests", from, to)
			}
			toFloor, _ := floorOf(to)
			if toFloor > floor || toFloor == floor && !mayGoSideways(from, to) {
				t.Errorf("%s (floor %d) must not import %s (floor %d)", from, floor, to, toFloor)
			}
			if rule, ok := only[from]; ok && strings.HasPrefix(to, rule.below) &&
				!slices.Contains(rule.allowed, strings.TrimPrefix(to, rule.below)) {
				t.Errorf("%s must not import %s", from, to)
			}
		}
	}
}

// TestWebReachesNoMachinery keeps sources, keys and SQL out of reach of the side
// that faces the internet.
func TestWebReachesNoMachinery(t *testing.T) {
	checked := 0
	for from, imports := range readImports(t) {
		if !strings.HasPrefix(from, "internal/web") {
			continue
		}
		checked++
		for _, imp := range imports {
			for _, room := range []string{"connector/", "postgres", "jobs", "keyring", "blobstore", "mailer", "transfer", "pgserver", "landscape", "pdf"} {
				if strings.HasPrefix(imp, module+"internal/"+room) {
					t.Errorf("%s must not import %s", from, imp)
				}
			}
		}
	}
	if checked == 0 {
		t.Fatal("no web package found: this test checks nothing")
	}
}

// readImports maps each package of the module to what its files import, tests
// apart.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	eachFile(t, parser.ImportsOnly, func(pkg string, f *ast.File) {
		imports[pkg] = append(imports[pkg], []string{}...)
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports[pkg] = append(imports[pkg], imp)
		}
	})
	return imports
}

// eachFile parses every Go file of the module that is not a test. It reads the
// files itself, rather than asking "go list", so that the test cache notices
// when they change.
func eachFile(t *testing.T, mode parser.Mode, visit func(pkg string, f *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "e2e" {
			return filepath.SkipDir // a module of its own, of tests only
		}
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, mode)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		visit(path.Dir(filepath.ToSlash(rel)), f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOnlyProgramsReadTheClock keeps time an argument on floors 0 to 2.
func TestOnlyProgramsReadTheClock(t *testing.T) {
	eachFile(t, 0, func(pkg string, f *ast.File) {
		if floor, _ := floorOf(pkg); floor > 2 {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && sel.Sel.Name == "Now" {
				t.Errorf("%s calls time.Now; take the time as an argument", pkg)
			}
			return true
		})
	})
}

// TestOnlyTheDemonstrationHasALandscape keeps people who do not exist out of the
// product.
func TestOnlyTheDemonstrationHasALandscape(t *testing.T) {
	found := false
	for from, imports := range readImports(t) {
		if !slices.Contains(imports, module+"internal/landscape") {
			continue
		}
		found = true
		if from != "cmd/demo" && !strings.HasSuffix(from, "test") {
			t.Errorf("%s imports internal/landscape; only cmd/demo and tests may", from)
		}
	}
	if !found {
		t.Fatal("nobody imports internal/landscape: this test checks nothing")
	}
}

func isLibrary(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

func mayUse(from, imp string) bool {
	if slices.ContainsFunc(everywhere, func(lib string) bool { return imp == lib || strings.HasPrefix(imp, lib+"/") }) {
		return true
	}
	for prefix, libs := range libraries {
		if strings.HasPrefix(from, prefix) && slices.ContainsFunc(libs, func(lib string) bool { return imp == lib || strings.HasPrefix(imp, lib+"/") }) {
			return true
		}
	}
	return false
}

func floorOf(pkg string) (floor int, known bool) {
	var best string
	for prefix, f := range floors {
		if strings.HasPrefix(pkg, prefix) && len(prefix) > len(best) {
			best, floor, known = prefix, f, true
		}
	}
	return floor, known
}

func mayGoSideways(from, to string) bool {
	return slices.ContainsFunc(sideways, func(rule string) bool {
		a, b, _ := strings.Cut(rule, " -> ")
		return matches(a, from) && matches(b, to)
	})
}

func matches(pattern, pkg string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(pkg, prefix)
	}
	return pattern == pkg
}

// TestEveryEntryHasItsRoom fails for a floor entry that matches no package.
func TestEveryEntryHasItsRoom(t *testing.T) {
	imports := readImports(t)
	for entry := range floors {
		found := false
		for pkg := range imports {
			found = found || strings.HasPrefix(pkg, entry)
		}
		if !found {
			t.Errorf("floors lists %s, which holds no package", entry)
		}
	}
}
