package person

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// ErrMalformed says that a value can't be of its kind.
var ErrMalformed = errors.New("not a value of this kind")

// Normal gives the form in which two spellings of the same thing are equal. A
// value that can't be of the kind is ErrMalformed; the error never quotes it.
func Normal(kind IdentifierKind, value string) (string, error) {
	value = strings.TrimSpace(norm.NFC.String(value))
	if value == "" || len(value) > 1000 {
		return "", ErrMalformed
	}
	switch kind {
	case Email:
		n, err := normalEmail(value)
		if again, errAgain := normalEmail(n); err != nil || errAgain != nil || again != n {
			return "", ErrMalformed // encoded twice, two addresses in one
		}
		return n, nil
	case Name:
		return NormalName(Fold(value)), notEmpty(NormalName(Fold(value)))
	case Address:
		return NormalAddress(Fold(value)), notEmpty(NormalAddress(Fold(value)))
	case Company, DisplayName:
		return Fold(value), notEmpty(Fold(value))
	case Birthdate:
		return normalDate(value)
	case Phone:
		return normalPhone(value)
	case IBAN:
		return normalIBAN(value)
	case IPTime:
		ip, at, err := ParseIPTime(value)
		if err != nil {
			return "", err
		}
		return FormatIPTime(ip, at), nil
	case SSHFingerprint:
		return normalFingerprint(value), nil
	case SessionID, VisitorID:
		return value, nil // random letters, whose case counts
	}
	return strings.ToLower(value), nil
}

// Same says whether two values of a kind mean the same. What is malformed is
// never the same as anything.
func Same(kind IdentifierKind, a, b string) bool {
	na, errA := Normal(kind, a)
	nb, errB := Normal(kind, b)
	return errA == nil && errB == nil && na == nb
}

func notEmpty(s string) error {
	if s == "" {
		return ErrMalformed
	}
	return nil
}

// normalEmail drops what mail systems ignore: case, and a tag after + .
// Addresses from logs and links come percent-encoded.
func normalEmail(s string) (string, error) {
	if i, j := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>'); i >= 0 && j > i {
		s = s[i+1 : j] // "Erika Mustermann <erika@example.org>"
	}
	s = strings.TrimPrefix(strings.ToLower(s), "mailto:")
	if strings.Contains(s, "%40") {
		if d, err := url.PathUnescape(s); err == nil {
			s = d
		}
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || strings.ContainsAny(s, " \t\r\n,;<>()") {
		return "", ErrMalformed
	}
	local, domain := s[:at], strings.TrimSuffix(s[at+1:], ".")
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	return local + "@" + domain, nil
}

// The patterns work on folded text. They are written for Go and PostgreSQL
// alike, but for the word boundary, which is \b in one and \y in the other.
const (
	// Salutations and titles, and the field after a doctor's.
	SalutationPattern = `^(herr|frau) ([^ ]+ [^ ].*)$`
	TitlePattern      = `\b(professor|prof|dipl (ing|kfm|kffr|math|phys|psych|inf|verww)|dr( (med|dent|vet|phil|jur|iur|rer|nat|pol|oec|ing|theol|habil|h c))*)\b`
	// "Lange Straße", "Langestr." and "LANGESTRASSE" are one street.
	StreetPattern  = ` ?(strasse|str)\b`
	HousePattern   = `\b([0-9]+) ([a-z])\b` // "12 a" is "12a"
	ZIPPattern     = `\bd ([0-9]{5})\b`     // "D-40213"
	CountryPattern = `\b(deutschland|germany)\b`
)

var (
	salutation = regexp.MustCompile(SalutationPattern)
	title      = regexp.MustCompile(TitlePattern)
	street     = regexp.MustCompile(StreetPattern)
	house      = regexp.MustCompile(HousePattern)
	zip        = regexp.MustCompile(ZIPPattern)
	country    = regexp.MustCompile(CountryPattern)
)

// NormalName gives the normal form of a folded name: without salutation and
// titles, the words sorted, because some write the family name first.
func NormalName(folded string) string {
	return sorted(title.ReplaceAllString(salutation.ReplaceAllString(folded, "$2"), ""))
}

// NormalAddress gives the normal form of a folded postal address, the words
// sorted.
func NormalAddress(folded string) string {
	s := country.ReplaceAllString(folded, "")
	s = zip.ReplaceAllString(s, "$1")
	s = house.ReplaceAllString(s, "$1$2")
	return sorted(street.ReplaceAllString(s, "str"))
}

func sorted(s string) string {
	words := strings.Fields(s)
	slices.Sort(words)
	return strings.Join(words, " ")
}

var (
	numericDate = []string{"2006-01-02", "2.1.2006", "2/1/2006", "20060102", "2006/01/02"}
	germanMonth = strings.NewReplacer("januar", "1.", "jänner", "1.", "februar", "2.", "märz", "3.", "maerz", "3.", "april", "4.", "mai", "5.",
		"juni", "6.", "juli", "7.", "august", "8.", "september", "9.", "oktober", "10.", "november", "11.", "dezember", "12.")
)

// normalDate reads a day as people here write it: 12.08.1964 and 12. August
// 1964, the day before the month. A year of two figures could be two
// centuries and is refused.
func normalDate(s string) (string, error) {
	s = strings.ReplaceAll(germanMonth.Replace(strings.ToLower(s)), " ", "")
	for _, layout := range numericDate {
		if day, err := time.Parse(layout, s); err == nil && day.Year() >= 1850 {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", ErrMalformed
}

// normalPhone is E.164; a number without country is German.
func normalPhone(s string) (string, error) {
	n, err := phonenumbers.Parse(s, "DE")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", ErrMalformed
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	// 00000000 and its like are possible, but read back as another number.
	again, err := phonenumbers.Parse(e164, "DE")
	if err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "", ErrMalformed
	}
	return e164, nil
}

// normalIBAN checks the two check figures as ISO 13616 says: the number moved
// round by four places is 1 modulo 97.
func normalIBAN(s string) (string, error) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s))
	if len(s) < 15 || len(s) > 34 {
		return "", ErrMalformed
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		switch {
		case '0' <= r && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		case 'A' <= r && r <= 'Z':
			rest = (rest*100 + int(r-'A') + 10) % 97
		default:
			return "", ErrMalformed
		}
	}
	if rest != 1 {
		return "", ErrMalformed
	}
	return s, nil
}

// normalFingerprint keeps the case of SHA256 fingerprints, which are base64;
// those of MD5 are hexadecimal.
func normalFingerprint(s string) string {
	if rest, ok := strings.CutPrefix(s, "SHA256:"); ok {
		return "SHA256:" + strings.TrimRight(rest, "=")
	}
	return strings.TrimPrefix(strings.ToLower(s), "md5:")
}

// ParseIPTime reads a network address and the time at which somebody had it:
// "192.0.2.7 2026-11-20T10:15:00+01:00".
func ParseIPTime(s string) (netip.Addr, time.Time, error) {
	addr, when, _ := strings.Cut(strings.TrimSpace(s), " ")
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return ip, time.Time{}, ErrMalformed
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(when))
	if err != nil {
		return ip, at, ErrMalformed
	}
	return ip.Unmap().WithZone(""), at, nil
}

// FormatIPTime writes what ParseIPTime reads, in UTC.
func FormatIPTime(ip netip.Addr, at time.Time) string {
	return ip.Unmap().WithZone("").String() + " " + at.UTC().Truncate(time.Second).Format(time.RFC3339)
}
