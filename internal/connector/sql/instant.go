package sql

import (
	"strconv"
	"strings"
	"time"
)

// instant reads a time as the database writes it; one without a zone means
// that of the mapping. Zero: none, or none that people live in.
func instant(value string, w when, zone *time.Location) time.Time {
	if w == seconds {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return time.Time{}
		}
		return time.Unix(n, 0).UTC()
	}
	east := 0
	if w == moment {
		i := len(value) - len("+01")
		if i > 0 && value[i] == ':' {
			i -= len("+01")
		}
		if i <= len(time.DateOnly) || value[i] != '+' && value[i] != '-' {
			return time.Time{}
		}
		east, value, zone = eastOfGreenwich(value[i:]), value[:i], time.UTC
	}
	if i := len(time.DateTime); len(value) > i && value[i] == '.' {
		value = value[:i] // fractions of seconds
	}
	at, ok := civil(value, zone)
	if !ok {
		return time.Time{}
	}
	return at.Add(-time.Duration(east) * time.Second).UTC()
}

// asTime writes seconds since 1970 as a time; 0 is how systems say never.
func asTime(value string) string {
	at := instant(value, seconds, nil)
	if at.IsZero() {
		return value
	}
	if at.Unix() == 0 {
		return ""
	}
	return at.Format(time.RFC3339)
}

// civil reads "2026-11-02 09:00:00" or the day alone. package time would read
// any layout, but takes longer than the database for the whole record.
func civil(s string, zone *time.Location) (time.Time, bool) {
	day := len(s) == len(time.DateOnly)
	if !day && (len(s) != len(time.DateTime) || s[10] != ' ' || s[13] != ':' || s[16] != ':') || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	wrong := false
	number := func(from, to int) (n int) {
		for _, c := range []byte(s[from:to]) {
			wrong = wrong || c < '0' || c > '9'
			n = 10*n + int(c-'0')
		}
		return n
	}
	y, m, d := number(0, 4), number(5, 7), number(8, 10)
	var hour, minute, second int
	if !day {
		hour, minute, second = number(11, 13), number(14, 16), number(17, 19)
	}
	if wrong || y == 0 || m == 0 || m > 12 || d == 0 || d > 31 {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), d, hour, minute, second, 0, zone), true
}

// eastOfGreenwich reads "+01" or "+05:30" as seconds.
func eastOfGreenwich(s string) int {
	hours, minutes, _ := strings.Cut(s[1:], ":")
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	if s[0] == '-' {
		return -h*3600 - m*60
	}
	return h*3600 + m*60
}
