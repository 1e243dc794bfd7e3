package portal_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/landscape"
	"einsicht/internal/procedure/gathering"
)

// proofs say for each kind what it was proven against and by which test.
var proofs = map[string]struct{ against, folder, test string }{
	"sql":     {"PostgreSQL and MariaDB", "internal/connector/sql", "TestConformance"},
	"drupal":  {"PostgreSQL and MariaDB with the schema of Drupal 10", "internal/connector/drupal", "TestConformance"},
	"weblog":  {"files, rotated while read; plain, gzip, zstd", "internal/connector/weblog", "TestConformance"},
	"maillog": {"Postfix", "internal/connector/maillog", "TestPostfix"},
	"authlog": {"OpenSSH", "internal/connector/authlog", "TestRealSSHVisitsAreToldApart"},
	"applog":  {"Prosody; lines of Jitsi, some recorded, some after its source", "internal/connector/applog", "TestProsody"},
	"imap":    {"Dovecot", "internal/connector/imap", "TestConformance"},
	"ldap":    {"slapd (OpenLDAP)", "internal/connector/ldap", "TestConformance"},
	"mailman": {"Mailman 3 core", "internal/connector/mailman", "TestConformance"},
	"matomo":  {"a server that follows Matomo's documented interface; the real one is in no distribution", "internal/connector/matomo", "TestConformance"},
	"webdav":  {"Apache httpd with mod_dav", "internal/connector/webdav", "TestConformance"},
	"cdr":     {"files as telephone systems export them; CSV and XLSX", "internal/connector/cdr", "TestConformance"},
	"rest":    {"a server of this project that pages in every declared way", "internal/connector/rest", "TestConformance"},
	"portal":  {"this program", "cmd/internal/portal", "TestErikaGetsExactlyHerRecords"},
	"manual":  {"people: a task for the unit, answered at the desk", "internal/procedure/gathering", ""},
}

// nothing says why a system holds nothing that could be tied to Erika.
var nothing = map[string]string{
	"mhkbd-weblog":           "the log names no accounts, and no record of the authority names an address and a time",
	"krz-databoxinfo-weblog": "the log names no accounts, and no record of the authority names an address and a time",
	"krz-databox-weblog":     "the log names no accounts, and no record of the authority names an address and a time",
}

// TestEverySystemAnswers asks all systems of all authorities that are shipped for
// Erika, as a case does, and writes docs/connectors.md.
func TestEverySystemAnswers(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{Every: true})
	erika := h.Landscape.Person(landscape.Erika)
	rows := map[string]string{}
	for _, inv := range inventory.Shipped() {
		t.Run(inv.Authority.ID, func(t *testing.T) {
			w := portaltest.NewWork(t, h, inv.Authority.ID)
			id := w.Submit(t, w.Application(erika)).Case
			w.Start(t, id)
			portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
			first, _ := w.Inquiries(t, id)
			byHand, led := map[string]bool{}, []uuid.UUID{w.Open(t, id).Identifiers[0].ID}
			for _, s := range inv.Systems {
				if first[s.ID].State == casefile.WithUnit {
					byHand[s.ID] = true
					w.AnswerTask(t, id, s.ID, gathering.ManualAnswer{Led: led, Text: text("Eine Akte von 2024")})
				}
			}
			w.WaitFor(t, id, casefile.Review)
			w.ProveEmail(t, id, erika.Email)
			w.VerifyByFacts(t, id)
			w.TakeUpAddresses(t, id)
			w.Start(t, id)
			portaltest.Wait(t, "machines answer again", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
			asked, _ := w.Inquiries(t, id)
			got, doubtful := found(t, w, id)
			for _, s := range inv.Systems {
				if strangers := doubtful[s.ID]; strangers > 0 {
					t.Errorf("%s: got %d records to be checked, want none of anybody else", s.ID, strangers)
				}
				if fault := faultOf(h.Landscape, s, asked[s.ID].State, byHand[s.ID], got[s.ID]); fault != "" {
					t.Errorf("%s (%s): %s", s.ID, s.Connector, fault)
				}
			}
		})
		for _, s := range inv.Systems {
			rows[s.ID] = row(inv, s)
		}
	}
	if t.Failed() || len(rows) == 0 {
		return
	}
	write(t, "<!-- written by TestEverySystemAnswers -->", "| authority | system | name | kind | proven against | answer | tests |\n|---|---|---|---|---|---|---|\n", rows)
}

// found lists by system the references of what may be given, and counts what has to
// be checked before it is anybody's: the mappings of the demonstration lead to none
// of that, but by address.
func found(t *testing.T, w *portaltest.Work, id uuid.UUID) (given map[string][]string, doubtful map[string]int) {
	t.Helper()
	given, doubtful = map[string][]string{}, map[string]int{}
	for _, s := range w.Open(t, id).Systems {
		for _, f := range s.Findings {
			if f.Record.Category == "manual" || f.Record.Confidence != connector.Check || portaltest.ByAddress(s.ID) {
				given[s.ID] = append(given[s.ID], f.Record.Reference)
			} else {
				doubtful[s.ID]++
			}
		}
		slices.Sort(given[s.ID])
	}
	return given, doubtful
}

// faultOf says what is wrong with the answer of a system.
func faultOf(l *landscape.Landscape, s inventory.System, state casefile.InquiryState, byHand bool, got []string) string {
	want := l.Planted(s.ID, landscape.Erika)
	switch {
	case s.Connector == inventory.Portal: // the case itself is part of the answer
	case !s.Attributable:
		if state != casefile.Unattributable || len(got) > 0 {
			return fmt.Sprintf("got %s and %d records, want that nothing can be attributed (Art. 11 GDPR)", state, len(got))
		}
	case s.Connector == "manual":
		if !byHand || state != casefile.FoundSome || len(got) != 1 {
			return fmt.Sprintf("got %s and %d records, want the one of the unit", state, len(got))
		}
	case nothing[s.ID] != "":
		if len(want) > 0 || len(got) > 0 || state != casefile.Unattributable {
			return fmt.Sprintf("got %s and %d records, want none: %s", state, len(got), nothing[s.ID])
		}
	case byHand:
		return "no connector asked it"
	case len(want) == 0:
		return "nothing was planted: this checks nothing"
	case state != casefile.FoundSome || !slices.Equal(got, want):
		return fmt.Sprintf("got %s and %d records, want %d; too much %v, missing %v", state, len(got), len(want), without(got, want), without(want, got))
	}
	return ""
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func row(inv inventory.Inventory, s inventory.System) string {
	p := proofs[s.Connector]
	answer := "the planted records, no more and no less"
	switch {
	case s.Connector == inventory.Portal:
		answer = "the case itself, which is part of the answer"
	case !s.Attributable:
		answer = "Art. 11 GDPR: nothing can be attributed"
	case nothing[s.ID] != "":
		answer = "Art. 11 GDPR: " + nothing[s.ID]
	case s.Connector == "manual":
		answer = "what the unit says"
	}
	by := "`TestEverySystemAnswers`"
	if p.test != "" {
		by += ", `" + p.folder + "` `" + p.test + "`"
	}
	return fmt.Sprintf("| %s | `%s` | %s | `%s` | %s | %s | %s |\n", inv.Authority.ID, s.ID, s.Name, s.Connector, p.against, answer, by)
}

const page = "../../../docs/connectors.md"

// tables are written by more than one test.
var tables sync.Mutex

// write writes a table of all systems into docs/connectors.md, between a mark and
// its end, and fails where that was not what is committed.
func write(t *testing.T, mark, header string, rows map[string]string) {
	t.Helper()
	tables.Lock()
	defer tables.Unlock()
	before, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const end = "<!-- end -->"
	head, rest, begins := strings.Cut(string(before), mark+"\n")
	_, rest, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s lacks the line %q, or %q behind it", page, mark, end)
	}
	var b strings.Builder
	b.WriteString(head + mark + "\n\n" + header)
	for _, inv := range inventory.Shipped() {
		for _, s := range inv.Systems {
			b.WriteString(rows[s.ID])
		}
	}
	b.WriteString("\n" + end + rest)
	if b.String() == string(before) {
		return
	}
	if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%s was not up to date; it is now: commit it", page)
}

// What the table names must be there.
func TestEveryProofIsATest(t *testing.T) {
	named := maps.Clone(proofs)
	for kind, test := range changed {
		p := proofs[kind]
		p.test = test
		named[kind+", changed"] = p
	}
	for kind, p := range named {
		if p.test == "" {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../../..", p.folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool { return declares(t, file, p.test) }) {
			t.Errorf("%s: %s has no test %s", kind, p.folder, p.test)
		}
	}
}

func declares(t *testing.T, file, name string) bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Name.Name == name
	})
}
