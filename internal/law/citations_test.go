package law_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/court"
	"einsicht/internal/law/notification"
	"einsicht/internal/law/silence"
)

// TestWhatTheCodeCitesResolves covers the rooms whose data are Go or have a file
// of their own. The catalogue is checked when it is read.
func TestWhatTheCodeCitesResolves(t *testing.T) {
	var all []string
	for _, r := range law.Rights {
		all = append(all, r.Article())
	}
	for _, rule := range []court.Rule{court.BySeat, court.ByResidence, court.ByDefendant, court.Unsettled} {
		all = append(all, rule.Citation())
	}
	for _, land := range []calendar.Land{calendar.NW, calendar.NI} {
		b, _ := court.BasisOf(land)
		all = append(all, b.Citation)
		for _, day := range []calendar.Date{calendar.Day(2024, 6, 1), calendar.Day(2026, 6, 1)} {
			for _, r := range notification.Rules(day) {
				all = append(all, r.Bases[land].Citation)
			}
		}
	}
	for _, q := range []silence.Asked{silence.Identity, silence.Clarification} {
		all = append(all, silence.Of(q, calendar.Day(2026, 6, 1), calendar.Date{}, calendar.NW).Citations...)
	}
	for _, c := range all {
		if _, err := book(t).Resolve(c); err != nil {
			t.Errorf("%q: %v", c, err)
		}
	}
}

// TestEveryCitationInASentenceResolves reads the German sentences of the portal
// and of the catalogue: whatever looks like a provision must be one, of an act the
// catalogue lists.
func TestEveryCitationInASentenceResolves(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../wording/de/*.yaml", "catalogue/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no file, %v", pattern, err)
		}
		files = append(files, found...)
	}
	cited := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		german(&doc, func(line int, s string) {
			found, bad := citations(s)
			for _, text := range bad {
				t.Errorf("%s:%d: no citation of a listed act: %q", file, line, text)
			}
			for _, c := range found {
				cited++
				if _, err := book(t).Resolve(c); err != nil && !unlisted(c) {
					t.Errorf("%s:%d: %q: %v", file, line, c, err)
				}
			}
		})
	}
	if cited < 300 {
		t.Errorf("got %d citations, want those of all sentences", cited)
	}
}

func TestCitationsAreFoundInSentences(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
		bad      bool
	}{
		{"one at the end", "Das steht in Art. 15 Abs. 4 DSGVO.", []string{"Art. 15 Abs. 4 DSGVO"}, false},
		{"two that share an act", "(Art. 12 Abs. 6, Art. 32 DSGVO)", []string{"Art. 12 Abs. 6 DSGVO", "Art. 32 DSGVO"}, false},
		{"two paragraphs at once", "§ 12 Abs. 2 und 3 DSG NRW", []string{"§ 12 Abs. 2 DSG NRW", "§ 12 Abs. 3 DSG NRW"}, false},
		{"two sections at once", "§§ 29 und 34 BDSG", []string{"§ 29 BDSG", "§ 34 BDSG"}, false},
		{"three articles at once", "Art. 16, 17 und 18 DSGVO", []string{"Art. 16 DSGVO", "Art. 17 DSGVO", "Art. 18 DSGVO"}, false},
		{"letters, then another paragraph", "Art. 9 Abs. 2 Buchst. h oder i und Abs. 3 DSGVO", []string{"Art. 9 Abs. 2 Buchst. h DSGVO", "Art. 9 Abs. 2 Buchst. i DSGVO", "Art. 9 Abs. 3 DSGVO"}, false},
		{"the ends of a range", "§§ 26 bis 28 BDSG", []string{"§ 26 BDSG", "§ 28 BDSG"}, false},
		{"an act spelled out", "nach § 52 Nr. 3 der Verwaltungsgerichtsordnung: Dort", []string{"§ 52 Nr. 3 VwGO"}, false},
		{"the longer name of two", "§ 41 Abs. 2a VwVfG NRW gilt", []string{"§ 41 Abs. 2a VwVfG NRW"}, false},
		{"an act nobody lists", "nach § 7 XYZ", nil, true},
		{"no act", "nach § 12 Abs. 2.", nil, true},
		{"the short form", "Art. 6(1)(e) DSGVO", nil, true},
		{"the word Art", "auf eine andere Art. Es gibt", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, bad := citations(tt.in)
			if !slices.Equal(got, tt.want) || (len(bad) > 0) != tt.bad {
				t.Errorf("got %q, bad %q, want %q", got, bad, tt.want)
			}
		})
	}
}

// spelledOut are acts that sentences for everybody write in full.
var spelledOut = map[string]string{"der Verwaltungsgerichtsordnung": "VwGO", "der Datenschutz-Grundverordnung": "DSGVO"}

// notListed are acts that are cited and stand in no catalogue, and why.
var notListed = map[string]string{
	"VO 1182/71": "regulation on periods and dates; it has no name but a number, which package citation does not read",
}

func unlisted(c string) bool {
	for act := range notListed {
		if strings.HasSuffix(c, " "+act) {
			return true
		}
	}
	return false
}

var (
	provision = regexp.MustCompile(`(§§?|Art\.|Erwägungsgrund) ([1-9]\d*[a-z]?)((?: (?:Abs\.|UAbs\.|Satz|Halbsatz|Nr\.|Buchst\.|Alt\.) [0-9a-z]+)*)`)
	more      = regexp.MustCompile(`^(?:, | und | oder | bis )((?:Abs\.|Satz|Nr\.|Buchst\.) )?(\d+[a-z]?|[a-z])\b`)
	shared    = regexp.MustCompile(`^(?:,| und| oder| i\. V\. m\.) (?:§§?|Art\.|Erwägungsgrund) \d`)
)

// citations finds the provisions a sentence cites and writes each in the long
// form; bad are those it can't complete.
func citations(s string) (found, bad []string) {
	at := provision.FindAllStringSubmatchIndex(s, -1)
	act := ""
	for i := len(at) - 1; i >= 0; i-- { // from the end: an act also serves those before it
		m := at[i]
		head := strings.TrimSuffix(s[m[2]:m[3]], "§")
		if head == "" {
			head = "§"
		}
		all := []string{head + " " + s[m[4]:m[5]] + s[m[6]:m[7]]}
		rest := s[m[1]:]
		for next := more.FindStringSubmatch(rest); next != nil; next = more.FindStringSubmatch(rest) {
			keep := all[0][:strings.LastIndexByte(all[0], ' ')+1] // up to the value that changes
			if next[1] != "" {
				keep, _, _ = strings.Cut(all[0], next[1])
			}
			all = append(all, keep+next[1]+next[2])
			rest = rest[len(next[0]):]
		}
		if !shared.MatchString(rest) {
			act = actBefore(rest)
		}
		if act == "" {
			bad = append(bad, s[m[0]:])
			continue
		}
		for j := range all {
			all[j] += " " + act
		}
		found = append(all, found...)
	}
	return found, bad
}

// actBefore returns the act whose name the text begins with, the longest one.
func actBefore(s string) string {
	names := map[string]string{}
	for _, a := range acts() {
		names[a] = a
	}
	for long, a := range spelledOut {
		names[long] = a
	}
	for a := range notListed {
		names[a] = a
	}
	longest := ""
	for name := range names {
		rest, ok := strings.CutPrefix(s, " "+name)
		if ok && !startsWithLetter.MatchString(rest) && len(name) > len(longest) {
			longest = name
		}
	}
	return names[longest]
}

var startsWithLetter = regexp.MustCompile(`^\p{L}`)

func acts() []string {
	b, err := load()
	if err != nil {
		panic(err)
	}
	var names []string
	for _, a := range b.Acts() {
		names = append(names, a.Name)
	}
	return names
}

// german visits the German sentences of a document. It passes over English, and
// over what says how a text was read or what people type to find it.
func german(n *yaml.Node, visit func(line int, s string)) {
	if n.Kind == yaml.ScalarNode {
		visit(n.Line, n.Value)
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode {
			// What was read of an act names its provisions without the act.
			if i%2 == 0 || slices.Contains([]string{"en", "read", "unverified", "words"}, n.Content[i-1].Value) || strings.HasPrefix(n.Content[i-1].Value, "exam.read.") {
				continue
			}
		}
		german(child, visit)
	}
}
