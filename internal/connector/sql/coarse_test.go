package sql

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"einsicht/internal/person"
)

// What MariaDB leaves out is lost without a word, so its patterns must match
// everything that package person takes for the same.
func TestCoarseNeverLosesASpelling(t *testing.T) {
	values := map[person.IdentifierKind][]string{
		person.Name: {"Jürgen Groß", "Erika Mustermann", "Dr. h.c. Anna-Lena O’Brien", "Ærøskøbing Åse", "Sssüss Ssaathh", "Михаил Kim", "Łukasz Wałęsa", "Ü Ö",
			"İbrahim Yıldız", "Kelvin Ångström", "ẞ ß", "Nguyễn Thị", "Dž ǅ", "Ioannis Παπαδόπουλος"},
		person.Address:     {"Lange Straße 5a, 33098 Paderborn", "Straße des 17. Juni 135", "Heidestr. 17, 51147 Köln"},
		person.Company:     {"Müller & Söhne GmbH", "A.B.C.-Dienste"},
		person.DisplayName: {"süße Maus", "x_X_x"},
		person.Email:       {"Erika.M+amt@Example.ORG", "jürgen@köln.example", "k@i.example", "a-b_c@d.e"},
		person.Account:     {"EMustermann", "jürgen.groß", "kiki", "ı"}, person.Handle: {"@Kiwi"}, person.PersonnelNumber: {"NRW-0815"},
		person.Phone: {"+49 211 8370199", "0800 3569377", "+1 212 555 0100", "+49110", "+43 1 5856"},
		person.IBAN:  {"DE89 3704 0044 0532 0130 00"}, person.Birthdate: {"1964-08-12"},
		person.SessionID: {"aBc-9"}, person.SSHFingerprint: {"SHA256:AbC+/9=", "MD5:aa:bb"},
	}
	random := rand.New(rand.NewPCG(1, 2))
	type tried struct{ pattern, stored string }
	var pairs []tried
	same := 0
	for _, kind := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[kind] {
			p, err := person.NewPattern(kind, value)
			if err != nil {
				t.Fatalf("%s %q: %v", kind, value, err)
			}
			forms, _ := person.Stored(kind, value)
			for range 3000 {
				stored := respell(random, kind, value)
				if p.Compare(stored) != person.Equal {
					continue
				}
				same++
				matched := false
				for _, f := range forms {
					all := true
					for _, pattern := range coarse(kind, f) {
						all = all && goPattern(t, pattern).MatchString(stored)
					}
					matched = matched || all
				}
				if kind == person.Email {
					matched = matched || strings.Contains(stored, "%40")
				}
				if !matched {
					t.Fatalf("%s %q stored as %q: lost", kind, value, stored)
				}
				if len(forms) == 1 && random.IntN(40) == 0 && !strings.Contains(stored, "%") {
					for _, pattern := range coarse(kind, forms[0]) {
						pairs = append(pairs, tried{pattern, stored})
					}
				}
			}
		}
	}
	if same < 30_000 {
		t.Errorf("only %d spellings meant the same: this test checks too little", same)
	}
	conn, err := maria.Server.Root().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "SET NAMES utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		var yes bool
		if err := conn.QueryRowContext(t.Context(), "SELECT ? REGEXP ?", p.stored, p.pattern).Scan(&yes); err != nil || !yes {
			t.Fatalf("%q: MariaDB says %v, %v, want that it matches %q", p.stored, yes, err, p.pattern)
		}
	}
	t.Logf("%d spellings, %d of them asked of MariaDB", same, len(pairs))
}

// No letter of any script folds to a letter of a pattern unnoticed.
func TestCoarseKnowsEveryLetter(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		s := string(r)
		for kind, to := range map[person.IdentifierKind]string{
			person.Name: person.Fold(s), person.Account: strings.ToLower(norm.NFC.String(s)), person.IBAN: strings.ToUpper(norm.NFC.String(s)),
		} {
			for i, piece := range plain.FindAllString(strings.ToLower(to), -1) {
				if !goPattern(t, "^"+spellings(piece)+"$").MatchString(s) && i == 0 {
					t.Errorf("%s: %U becomes %q, which no pattern knows", kind, r, to)
				}
			}
		}
	}
}

// goPattern is a pattern without possessiveness, which only saves work.
var compiled = map[string]*regexp.Regexp{}

func goPattern(t *testing.T, pattern string) *regexp.Regexp {
	t.Helper()
	if compiled[pattern] == nil {
		re, err := regexp.Compile(strings.ReplaceAll(pattern, "*+", "*"))
		if err != nil {
			t.Fatal(err)
		}
		compiled[pattern] = re
	}
	return compiled[pattern]
}

// respell changes a value in ways that may or may not mean the same.
func respell(random *rand.Rand, kind person.IdentifierKind, value string) string {
	into := inverse()
	words := strings.Fields(value)
	if kind == person.Name && random.IntN(2) == 0 {
		random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		if random.IntN(4) == 0 {
			words = append([]string{[]string{"Dr.", "Frau", "Prof. Dr. med."}[random.IntN(3)]}, words...)
		}
	}
	seps := []rune(person.Separators)
	dropped := []rune(person.Dropped)
	var b strings.Builder
	if kind == person.Email && random.IntN(4) == 0 {
		words = []string{"Erika <mailto:" + value + ">"}
	}
	for i, w := range words {
		if i > 0 {
			b.WriteRune([]rune{' ', ' ', seps[random.IntN(len(seps))]}[random.IntN(3)])
		}
		letters := []rune(w)
		for j := 0; j < len(letters); j++ {
			r := letters[j]
			folded := person.Fold(string(r))
			if j+1 < len(letters) && random.IntN(2) == 0 {
				if some := into[person.Fold(string(letters[j:j+2]))]; len(some) > 0 { // two letters by one
					b.WriteRune(some[random.IntN(len(some))])
					j++
					continue
				}
			}
			switch some := into[folded]; random.IntN(6) {
			case 0:
				b.WriteString(strings.ToUpper(string(r)))
			case 1:
				if len(some) > 0 {
					r = some[random.IntN(len(some))]
				}
				b.WriteRune(r)
			case 2:
				b.WriteString(norm.NFD.String(string(r)))
			case 3:
				b.WriteString(string(r))
				if random.IntN(3) == 0 {
					b.WriteRune(dropped[random.IntN(len(dropped))])
				}
			case 4:
				if folded != "" {
					b.WriteString(folded)
				} else {
					b.WriteRune(r)
				}
			default:
				b.WriteRune(r)
			}
		}
	}
	s := b.String()
	switch random.IntN(8) {
	case 0:
		s = "  " + s + "\u00a0"
	case 1:
		if kind == person.Phone {
			s = strings.Join(strings.Split(strings.TrimPrefix(value, "+49"), ""), []string{"-", " ", "/", "."}[random.IntN(4)])
		}
	case 2:
		switch kind {
		case person.Birthdate:
			s = []string{"12.08.1964", "12. August 1964", "1 2.8.19 64", "19640812", "12/8/1964"}[random.IntN(5)]
		case person.Phone:
			s = []string{"tel:" + value, "0800-FLOWERS", "Tel.: " + value + " ext. 5"}[random.IntN(3)]
		case person.Email:
			s = strings.ReplaceAll(strings.ReplaceAll(value, "@", "%40"), "a", "%61")
		}
	}
	return s
}

// inverse lists what folds to a letter or to two.
func inverse() map[string][]rune {
	if folds == nil {
		folds = map[string][]rune{}
		for _, r := range slices.Sorted(maps.Keys(person.Foldings)) {
			folds[person.Foldings[r]] = append(folds[person.Foldings[r]], r)
		}
		folds["k"], folds["aa"] = append(folds["k"], '\u212a'), append(folds["aa"], '\u212b')
	}
	return folds
}

var folds map[string][]rune
