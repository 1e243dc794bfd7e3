package casefile

import (
	"fmt"
	"strings"
)

// alphabet is Crockford's base32: no I, L, O, U, so that what is read aloud or
// copied by hand is not mistaken. File numbers do without the Z: 31 is a prime,
// see check.
const (
	checked  = "0123456789ABCDEFGHJKMNPQRSTVWXY"
	alphabet = checked + "Z"
)

// FileNumber builds the file number (Aktenzeichen) of a case: authority, year,
// eight random characters and a check character. It has no sequence, so it does
// not tell how many cases there are. random holds at least 8 bytes.
func FileNumber(authority string, year int, random []byte) string {
	body := encode(random, 8, checked)
	prefix := fmt.Sprintf("%s-%d", strings.ToUpper(authority), year)
	return fmt.Sprintf("%s-%s-%s%c", prefix, body[:4], body[4:], check(prefix+body))
}

// NoticeNumber builds the number by which a recipient of data finds its notice. It
// looks like a file number and says nothing about any case.
func NoticeNumber(authority string, year int, random []byte) string {
	return FileNumber(authority+"-M", year, random)
}

// ParseFileNumber brings a file number as typed into its normal form. It fails
// when the check character does not fit: then it was mistyped.
func ParseFileNumber(typed string) (string, bool) {
	s := strings.ToUpper(strings.TrimSpace(typed))
	s = strings.NewReplacer(" ", "", "–", "-", "—", "-").Replace(s)
	i := len(s) - len("-XXXX-XXXXX")
	if i < 1 || s[i] != '-' || s[i+5] != '-' {
		return "", false
	}
	prefix, body := s[:i], normal(s[i+1:i+5]+s[i+6:])
	if len(body) != 9 || strings.Trim(body, checked) != "" || check(prefix+body[:8]) != body[8] {
		return "", false
	}
	return prefix + "-" + body[:4] + "-" + body[4:], true
}

// AccessCode builds the access code of a case: 20 characters, 100 bits, in
// groups of five. random holds at least 20 bytes.
func AccessCode(random []byte) string {
	s := encode(random, 20, alphabet)
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:]
}

// ParseAccessCode brings an access code as typed into its normal form: what
// looks alike is taken for the character meant.
func ParseAccessCode(typed string) (string, bool) {
	s := normal(strings.NewReplacer(" ", "", "-", "", "–", "").Replace(strings.ToUpper(typed)))
	if len(s) != 20 || strings.Trim(s, alphabet) != "" {
		return "", false
	}
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:], true
}

// encode takes a character for each random byte.
func encode(random []byte, n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[int(random[i])%len(from)]
	}
	return string(b)
}

func normal(s string) string {
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)
}

// check is a weighted sum modulo 31, a prime, so that one wrong character and
// two neighbours exchanged are both noticed. Characters outside the alphabet
// (the hyphens of the prefix) count by their code.
func check(s string) byte {
	sum := 0
	for i := range len(s) {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			v = int(s[i])
		}
		sum += (v + 1) * (len(s) - i + 1)
	}
	return checked[sum%len(checked)]
}
