package login

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
)

const (
	shortestPassword = 12   // characters
	longestPassword  = 1024 // bytes
	fewestDifferent  = 5    // different characters
)

//go:embed common.txt
var commonFile string

var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonFile) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			words[word] = true
		}
	}
	return words
})

// judge returns the wording key of what is wrong with a password, or nothing.
// It asks for length and against the guesses that come first, never for kinds
// of characters (NIST SP 800-63B, 5.1.1.2).
func judge(password, name string) string {
	opaque, err := precis.OpaqueString.String(password)
	switch {
	case utf8.RuneCountInString(password) < shortestPassword:
		return "login.password.short"
	case len(password) > longestPassword:
		return "login.password.long"
	case err != nil:
		return "login.password.characters"
	case isName(opaque, name):
		return "login.password.name"
	case isCommon(opaque):
		return "login.password.common"
	}
	return ""
}

// isCommon sees through what people put around a word: "Passwort2026!".
func isCommon(password string) bool {
	whole := fold(password)
	different := map[rune]bool{}
	for _, r := range whole {
		different[r] = true
	}
	return len(different) < fewestDifferent || common()[whole] || common()[core(whole)]
}

func isName(password, name string) bool {
	whole, full := fold(password), fold(name)
	if utf8.RuneCountInString(full) >= 4 && strings.Contains(whole, full) {
		return true
	}
	for part := range strings.FieldsSeq(name) {
		if core(whole) == fold(part) {
			return true
		}
	}
	return false
}

// fold leaves small letters, digits and signs without blanks.
func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

// core drops digits and signs before the first and after the last letter.
func core(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}
