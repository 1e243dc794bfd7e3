package sql

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// folding writes the expressions with which the database brings stored values
// to the normal forms of package person. A test compares the two.
type folding struct {
	capitals, smalls string // for translate: one character for another
	from, to         string // the same, and characters that vanish at the end of from
	few, fewTo       string // those of from and to that are ASCII
	long             []string
	encoding         string
}

// newFolding fits the tables to what the database's encoding can hold.
func newFolding(encoding string) (folding, error) {
	f := folding{encoding: encoding}
	last := rune(0x10ffff)
	switch encoding {
	case "UTF8":
	case "LATIN1", "LATIN9", "SQL_ASCII":
		last = 0xff
	default:
		return f, connector.Fail(connector.ErrConfig, "server_encoding", encoding, nil)
	}
	var from, to, capitals, smalls strings.Builder
	for _, r := range slices.Sorted(maps.Keys(person.Foldings)) {
		letters := []rune(person.Foldings[r])
		switch small := strings.ToLower(string(r)); {
		case r > last:
		case f.guesses(): // translate would take letters of two bytes apart
			f.long = append(f.long, string(r), person.Foldings[r])
		case len(letters) == 1:
			from.WriteRune(r)
			to.WriteRune(letters[0])
		case small != string(r) && person.Foldings[[]rune(small)[0]] == person.Foldings[r]:
			capitals.WriteRune(r)
			smalls.WriteString(small)
		default:
			f.long = append(f.long, string(r), person.Foldings[r])
		}
	}
	if f.guesses() {
		last = 0x7f
	}
	for _, r := range person.Separators {
		if r <= last {
			from.WriteRune(r)
			to.WriteByte(' ')
		}
	}
	for _, r := range person.Dropped {
		if r <= last {
			from.WriteRune(r)
		}
	}
	f.from, f.to, f.capitals, f.smalls = from.String(), to.String(), capitals.String(), smalls.String()
	f.few, f.fewTo = onlyASCII(person.Separators), strings.Repeat(" ", len(onlyASCII(person.Separators)))
	f.few += onlyASCII(person.Dropped)
	return f, nil
}

// guesses: the database does not know the encoding of its text.
func (f folding) guesses() bool { return f.encoding == "SQL_ASCII" }

// stored is the expression that brings text x to the form of person.Stored.
func (f folding) stored(kind person.IdentifierKind, x string) string {
	switch kind {
	case person.Email:
		// As person.Normal: no case, no tag after +, %40 for @.
		return call("regexp_replace", call("replace", "lower(btrim("+x+"))", quote("%40"), quote("@")),
			quote(`^([^+@]+)\+[^@]*@`), quote(`\1@`))
	case person.Name:
		s := call("regexp_replace", f.fold(x), quote(person.SalutationPattern), quote(`\2`))
		return sorted(call("regexp_replace", s, pattern(person.TitlePattern), quote(""), quote("g")))
	case person.Address:
		s := call("regexp_replace", f.fold(x), pattern(person.CountryPattern), quote(""), quote("g"))
		s = call("regexp_replace", s, pattern(person.ZIPPattern), quote(`\1`), quote("g"))
		s = call("regexp_replace", s, pattern(person.HousePattern), quote(`\1\2`), quote("g"))
		return sorted(call("regexp_replace", s, pattern(person.StreetPattern), quote("str"), quote("g")))
	case person.Company, person.DisplayName:
		return f.fold(x)
	case person.Phone:
		return call("regexp_replace", x, quote(`[^0-9+]`), quote(""), quote("g"))
	case person.IBAN:
		return "upper(" + call("regexp_replace", x, quote(`[^0-9A-Za-z]`), quote(""), quote("g")) + ")"
	case person.SessionID, person.VisitorID, person.Birthdate:
		return "btrim(" + x + ")"
	case person.SSHFingerprint:
		return "rtrim(btrim(" + x + "), '=')"
	}
	return "lower(btrim(" + x + "))"
}

// fold is person.Fold. Most texts are ASCII, and most others once umlauts are written
// out: those need only the few characters of the tables that are ASCII too. translate
// compares each character with all that it is given.
func (f folding) fold(x string) string {
	y := x
	if f.encoding == "UTF8" {
		y = "normalize(" + x + ", NFC)"
	}
	y = call("translate", small(y), quote(f.capitals), quote(f.smalls))
	for i := 0; i < len(f.long); i += 2 {
		y = call("replace", y, quote(f.long[i]), quote(f.long[i+1]))
	}
	all := call("translate", y, quote(f.from), quote(f.to))
	if f.encoding == "UTF8" {
		few := func(x string) string { return call("translate", x, quote(f.few), quote(f.fewTo)) }
		all = "CASE WHEN " + isASCII(x) + " THEN " + few(small(x)) + " WHEN " + isASCII(y) + " THEN " + few(y) + " ELSE " + all + " END"
	}
	return "btrim(" + call("regexp_replace", all, quote(" +"), quote(" "), quote("g")) + ")"
}

// isASCII holds for such a text in UTF-8.
func isASCII(x string) string { return "octet_length(" + x + ") = char_length(" + x + ")" }

func onlyASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, s)
}

// small makes small letters of A to Z only, as person.Fold does, whatever the locale of
// the database.
func small(x string) string { return `lower((` + x + `) COLLATE "C")` }

func sorted(x string) string {
	return `(SELECT coalesce(string_agg(w, ' ' ORDER BY w COLLATE "C"), '') FROM regexp_split_to_table(` + x + `, ' +') AS w WHERE w <> '')`
}

func call(function string, args ...string) string {
	return function + "(" + strings.Join(args, ", ") + ")"
}

// pattern turns the word boundary of Go into that of PostgreSQL.
func pattern(p string) string { return quote(strings.ReplaceAll(p, `\b`, `\y`)) }

// quote writes one of our own constants, whatever standard_conforming_strings
// says. Nothing from a mapping or a person comes through here.
func quote(s string) string { return "$_$" + s + "$_$" }
