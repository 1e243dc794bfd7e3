package casefile_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"einsicht/internal/casefile"
)

const characters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func randomNumbers(t *testing.T, n int) []string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	slugs := []string{"stk-nrw", "it-nrw", "krz", "nlq", "mhkbd-it-fortbildung"}
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = casefile.FileNumber(slugs[i%len(slugs)], 2024+r.IntN(10), randomBytes(r, 8))
	}
	return numbers
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestFileNumberNamesAuthorityAndYear(t *testing.T) {
	got := casefile.FileNumber("stk-nrw", 2026, []byte{0, 1, 2, 3, 27, 28, 29, 30})
	if want := "STK-NRW-2026-0123-VWXY"; !strings.HasPrefix(got, want) || len(got) != len(want)+1 {
		t.Errorf("got %s, want %s and a check character", got, want)
	}
}

func TestFileNumberIsReadBackAsTyped(t *testing.T) {
	for _, want := range randomNumbers(t, 500) {
		i := len(want) - 11
		for what, typed := range map[string]string{
			"as printed":                      want,
			"in small letters":                strings.ToLower(want),
			"with blanks around and within":   "  " + want[:i+1] + " " + want[i+1:i+6] + " " + want[i+6:] + "\t",
			"with dashes of a word processor": strings.ReplaceAll(want, "-", "–"),
			"O for zero":                      want[:i] + strings.ReplaceAll(want[i:], "0", "O"),
			"I for one":                       want[:i] + strings.ReplaceAll(want[i:], "1", "I"),
			"small l for one":                 want[:i] + strings.ReplaceAll(want[i:], "1", "l"),
		} {
			if got, ok := casefile.ParseFileNumber(typed); !ok || got != want {
				t.Errorf("%s: %q: got %q, %v, want %q", what, typed, got, ok, want)
			}
		}
	}
}

func TestCheckCharacterNoticesOneWrongCharacter(t *testing.T) {
	for _, number := range randomNumbers(t, 500) {
		for i := len(number) - 15; i < len(number); i++ { // year, random characters and check character
			if number[i] == '-' {
				continue
			}
			candidates := "0123456789"
			if i > len(number)-11 { // behind the year
				candidates = characters
			}
			for _, wrong := range []byte(candidates) {
				typed := number[:i] + string(wrong) + number[i+1:]
				if got, ok := casefile.ParseFileNumber(typed); ok && number[i] != wrong {
					t.Errorf("%s typed as %s: got %s, want it refused", number, typed, got)
				}
			}
		}
	}
}

func TestCheckCharacterNoticesNeighboursExchanged(t *testing.T) {
	for _, number := range randomNumbers(t, 500) {
		for i := len(number) - 15; i+1 < len(number); i++ {
			j := i + 1
			if number[j] == '-' {
				j++ // neighbours over the hyphen
			}
			if j == len(number) || number[i] == '-' || number[i] == number[j] {
				continue
			}
			typed := []byte(number)
			typed[i], typed[j] = typed[j], typed[i]
			if got, ok := casefile.ParseFileNumber(string(typed)); ok {
				t.Errorf("%s typed as %s: got %s, want it refused", number, typed, got)
			}
		}
	}
}

func TestFileNumberOfAnotherShapeIsRefused(t *testing.T) {
	number := randomNumbers(t, 1)[0]
	for what, typed := range map[string]string{
		"nothing":               "",
		"no authority":          number[len(number)-11:],
		"without a hyphen":      strings.Replace(number, "-", "", 3),
		"one character short":   number[:len(number)-1],
		"one character long":    number + "0",
		"U, which is not in it": number[:len(number)-1] + "U",
		"an umlaut":             number[:len(number)-1] + "Ä",
		"an access code":        casefile.AccessCode(make([]byte, 20)),
	} {
		if got, ok := casefile.ParseFileNumber(typed); ok {
			t.Errorf("%s: %q: got %q, want it refused", what, typed, got)
		}
	}
}

func TestAccessCodeIsReadBackAsTyped(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		want := casefile.AccessCode(randomBytes(r, 20))
		if groups := strings.Split(want, "-"); len(groups) != 4 || len(want) != 23 {
			t.Fatalf("got %q, want four groups of five", want)
		}
		for what, typed := range map[string]string{
			"as printed":                      want,
			"in small letters":                strings.ToLower(want),
			"without hyphens":                 strings.ReplaceAll(want, "-", ""),
			"with blanks for hyphens":         " " + strings.ReplaceAll(want, "-", " ") + " ",
			"with dashes of a word processor": strings.ReplaceAll(want, "-", "–"),
			"O for zero and I for one":        strings.NewReplacer("0", "O", "1", "I").Replace(want),
			"small o for zero and l for one":  strings.NewReplacer("0", "o", "1", "l").Replace(want),
		} {
			if got, ok := casefile.ParseAccessCode(typed); !ok || got != want {
				t.Errorf("%s: got ok %v and another code", what, ok)
			}
		}
	}
}

func TestAccessCodeOfAnotherShapeIsRefused(t *testing.T) {
	code := casefile.AccessCode(make([]byte, 20))
	for what, typed := range map[string]string{
		"nothing":               "",
		"one character short":   code[1:],
		"one character long":    code + "0",
		"U, which is not in it": "U" + code[1:],
		"an umlaut":             "Ä" + code[2:],
	} {
		if _, ok := casefile.ParseAccessCode(typed); ok {
			t.Errorf("%s: %q: want it refused", what, typed)
		}
	}
}
