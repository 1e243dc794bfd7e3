package person

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes text in small letters without German and other Latin accents:
// ä as ae, ß as ss, é as e. Apostrophes vanish, other punctuation becomes one
// blank. "Müller-Lüdenscheidt" and "MUELLER LUEDENSCHEIDT" fold to the same.
//
// Folding is plain data (see Foldings, Separators, Dropped), so that a database
// can be asked to fold in the same way.
func Fold(s string) string { return fold(s, Foldings) }

func fold(s string, table map[rune]string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch to, known := table[r]; {
		case 'A' <= r && r <= 'Z':
			b.WriteRune(r + 'a' - 'A')
		case known:
			b.WriteString(to)
		case strings.ContainsRune(Dropped, r):
		case strings.ContainsRune(Separators, r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' }), " ")
}

// Separators are the characters that fold to a blank.
const Separators = " \t\r\n\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000.,;:\"()[]/\\&_-\u2010\u2011\u2012\u2013\u2014„“”«»"

// Dropped are the characters that fold to nothing: apostrophes as in D'Angelo,
// and accents that stand by themselves.
var Dropped = "'’‘´`" + marks()

// Foldings says what a letter other than A to Z folds to.
var Foldings = foldings(map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'æ': "ae", 'ø': "oe", 'å': "aa", 'œ': "oe", 'þ': "th", 'ð': "d",
	'đ': "d", 'ħ': "h", 'ı': "i", 'ł': "l", 'ŋ': "n", 'ŧ': "t", 'ſ': "s", 'ƶ': "z",
})

// withoutUmlauts is how the same letters come out of systems and keyboards
// that know no umlauts: Mueller is written Muller there.
var withoutUmlauts = foldings(map[rune]string{
	'ä': "a", 'ö': "o", 'ü': "u", 'ß': "ss", 'æ': "ae", 'ø': "o", 'å': "a", 'œ': "oe", 'þ': "th", 'ð': "d",
	'đ': "d", 'ħ': "h", 'ı': "i", 'ł': "l", 'ŋ': "n", 'ŧ': "t", 'ſ': "s", 'ƶ': "z",
})

// foldings adds the capital letters, every Latin letter that is a letter of
// the alphabet with accents, and the small forms of Greek and Cyrillic.
func foldings(table map[rune]string) map[rune]string {
	for small, to := range table {
		if capital := unicode.ToUpper(small); capital != small && capital > unicode.MaxASCII {
			table[capital] = to
		}
	}
	table['ẞ'] = "ss"
	for _, span := range [][2]rune{{0x00c0, 0x024f}, {0x1e00, 0x1eff}} {
		for r := span[0]; r <= span[1]; r++ {
			base := []rune(norm.NFD.String(string(r)))[0]
			if _, known := table[r]; !known && unicode.IsLetter(base) && base <= unicode.MaxASCII {
				table[r] = string(unicode.ToLower(base))
			}
		}
	}
	for r := rune(0x0370); r <= 0x052f; r++ {
		if small := unicode.ToLower(r); small != r {
			table[r] = string(small)
		}
	}
	return table
}

// marks lists the combining accents.
func marks() string {
	var b strings.Builder
	for r := rune(0x0300); r <= 0x036f; r++ {
		b.WriteRune(r)
	}
	return b.String()
}
