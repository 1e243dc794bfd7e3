package person

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// transliterations write Cyrillic and Greek names in Latin letters: as passports
// do (ICAO Doc 9303, part 3, section 6) and as German registers and newspapers
// do (Duden). A person may stand under either.
var transliterations = []map[rune]string{
	letters(map[string]string{
		"а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ie", "ж": "zh", "з": "z", "и": "i", "і": "i",
		"ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u",
		"ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia",
		"ђ": "d", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ѓ": "g", "ќ": "k", "ѕ": "dz",
	}, greek),
	letters(map[string]string{
		"а": "a", "б": "b", "в": "w", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "jo", "є": "je", "ж": "sch", "з": "s", "и": "i", "і": "i",
		"ї": "ji", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u",
		"ф": "f", "х": "ch", "ц": "z", "ч": "tsch", "ш": "sch", "щ": "schtsch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "ju", "я": "ja",
		"ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dsch", "ѓ": "g", "ќ": "k", "ѕ": "ds",
	}, greek),
}

// greek is ELOT 743, which passports use.
var greek = map[string]string{
	"α": "a", "ά": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "έ": "e", "ζ": "z", "η": "i", "ή": "i", "θ": "th", "ι": "i", "ί": "i", "ϊ": "i", "ΐ": "i",
	"κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "ό": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "ύ": "y",
	"ϋ": "y", "ΰ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o", "ώ": "o",
}

// diphthongs of Greek that are not written letter by letter.
var diphthongs = strings.NewReplacer("ου", "ou", "ού", "ou", "Ου", "Ou", "Ού", "Ou", "ΟΥ", "OU", "ΟΎ", "OU")

// transliterated gives a name in Latin letters, once for each way to write it.
func transliterated(name string) []string {
	name = diphthongs.Replace(norm.NFC.String(name))
	var all []string
	for _, table := range transliterations {
		all = append(all, fold(name, table))
	}
	return all
}

// letters adds the capital letters.
func letters(tables ...map[string]string) map[rune]string {
	all := map[rune]string{}
	for _, table := range tables {
		for from, to := range table {
			r := []rune(from)[0]
			all[r], all[unicode.ToUpper(r)] = to, to
		}
	}
	return all
}
