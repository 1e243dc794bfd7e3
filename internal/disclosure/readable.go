package disclosure

import (
	"time"

	"einsicht/internal/wording"
)

// instants are the forms in which systems write an instant with its zone: RFC
// 3339, and the databases' own. days and clocks are those without one.
var (
	instants = []string{time.RFC3339, "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00"}
	clocks   = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05"}
)

// Readable writes a value as people read it, where there is no doubt what it is:
// an instant by the clocks of a zone, a day, a yes or a no. Everything else, such
// as a bare number, stays as it is. What a program reads again keeps the value.
func Readable(l wording.Lang, value string, zone *time.Location) string {
	switch value {
	case "true":
		return wording.Text(l, "letter.data.yes")
	case "false":
		return wording.Text(l, "letter.data.no")
	}
	if len(value) < len(time.DateOnly) || len(value) > len("2006-01-02T15:04:05.999999999+00:00") || value[4] != '-' {
		return value // what comes by the million is no time
	}
	for _, layout := range instants {
		if at, err := time.Parse(layout, value); err == nil && lived(at) {
			at = at.In(zone)
			name, _ := at.Zone()
			if key := "letter.data.zone." + name; wording.Has(key) {
				name = wording.Text(l, key)
			}
			return clock(l, at) + " " + name
		}
	}
	for _, layout := range clocks {
		if at, err := time.Parse(layout, value); err == nil && lived(at) {
			return clock(l, at)
		}
	}
	if day, err := time.Parse(time.DateOnly, value); err == nil && lived(day) {
		return wording.ShortDate(l, day)
	}
	return value
}

// lived says whether a time is one that people live in: systems write the first
// day of their calendar for never.
func lived(at time.Time) bool { return at.Year() > 1800 && at.Year() < 2200 }

// clock writes seconds only where there are any.
func clock(l wording.Lang, at time.Time) string {
	layout := "15:04"
	if at.Second() != 0 {
		layout = "15:04:05"
	}
	return wording.Text(l, "letter.data.moment", "date", wording.ShortDate(l, at), "time", at.Format(layout))
}
