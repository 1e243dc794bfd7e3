package cdr

import (
	"strings"

	"einsicht/internal/connector"
)

// numbers say how numbers are written of which the export leaves something out.
type numbers struct {
	Country string `yaml:"country"`
	Area    string `yaml:"area"` // with its nought: "0211"
}

// countries have a code, and drop the nought of the area's code behind it.
var countries = map[string]string{"": "49", "DE": "49", "AT": "43", "CH": "41", "NL": "31", "BE": "32", "FR": "33"}

func (n numbers) check(c connector.Connection) error {
	if _, known := countries[n.Country]; !known {
		return c.Wrong("numbers.country", "must be one of DE, AT, CH, NL, BE, FR")
	}
	if n.Area != "" && (len(figures(n.Area)) != len(n.Area) || n.Area[0] != '0' || len(n.Area) < 3 || len(n.Area) > 6) {
		return c.Wrong("numbers.area", `must be the area's code with its nought, such as "0211"`)
	}
	return nil
}

const (
	// Within a town numbers have up to nine figures; a longer one that begins
	// with the country's code is written without its plus.
	local = 9
	// Extensions of a private exchange have up to five.
	extension = 5
)

// whole gives a number as it would be dialled from anywhere; ok is false for
// extensions, hidden numbers and whatever else is nobody's.
func (n numbers) whole(stored string) (number string, ok bool) {
	s := strings.TrimSpace(stored)
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
			s, _, _ = strings.Cut(s, "@")
			s, _, _ = strings.Cut(s, ";")
		}
	}
	if strings.Trim(s, "0123456789+-/.() \u00a0") != "" {
		return "", false // anonymous, unknown, *31#
	}
	f, code := figures(s), countries[n.Country]
	switch {
	case len(f) <= extension:
		return "", false
	case strings.HasPrefix(s, "+"), strings.HasPrefix(f, "00"):
		return s, true
	case strings.HasPrefix(f, "0"):
		return "+" + code + f[1:], true
	case len(f) > local && strings.HasPrefix(f, code):
		return "+" + f, true
	case len(f) > local || n.Area == "":
		return "", false // of which town, which country?
	}
	return "+" + code + n.Area[1:] + f, true
}

func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// ending is what two spellings of a number share.
func ending(number string) string {
	f := figures(number)
	return f[max(0, len(f)-4):]
}
