package applog

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// clock reads when a line was written.
type clock struct {
	expression *regexp.Regexp
	group      int
	layouts    []string
	zone       *time.Location
}

// newClock prepares a timing, but for the zone. What it doesn't say, the common
// one does.
func newClock(own, common timing, e *regexp.Regexp, wrong func(key, what string) error) (c clock, err error) {
	c = clock{expression: e, layouts: own.Layout}
	if len(c.layouts) == 0 {
		c.layouts = common.Layout
	}
	if c.group = e.SubexpIndex(cmp.Or(own.Group, common.Group, "time")); c.group < 0 {
		return c, wrong("time.group", "names no group of the expression")
	}
	if len(c.layouts) == 0 {
		return c, wrong("time.layout", "is missing")
	}
	for _, layout := range c.layouts {
		some := time.Date(1999, 12, 31, 23, 58, 57, 0, time.UTC)
		if layout != "unix" && layout != "unixms" && some.Format(layout) == layout {
			return c, wrong("time.layout", "must show 2 January 2006, 15:04:05, or be unix or unixms")
		}
	}
	return c, nil
}

// read reads a time. Where it tells no year, it is the last one in which the
// line is no younger than its file; a day is for clocks that disagree.
func (c clock) read(s string, written time.Time) (time.Time, bool) {
	for _, layout := range c.layouts {
		if layout == "unix" || layout == "unixms" {
			n, err := strconv.ParseInt(s, 10, 64)
			switch {
			case err != nil:
			case layout == "unixms":
				return time.UnixMilli(n).In(c.zone), true
			default:
				return time.Unix(n, 0).In(c.zone), true
			}
			continue
		}
		if strings.Contains(layout, "2006") || strings.Contains(layout, "06") {
			if at, err := time.ParseInLocation(layout, s, c.zone); err == nil {
				return at, true
			}
			continue
		}
		// 2000 was a leap year: 29 February can be read.
		if at, err := time.ParseInLocation("2006 "+layout, "2000 "+s, c.zone); err == nil {
			return inYear(at, written), true
		}
	}
	return time.Time{}, false
}

func inYear(at, written time.Time) time.Time {
	latest := written.Add(24 * time.Hour).In(at.Location())
	for year := latest.Year(); ; year-- {
		t := time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), at.Location())
		if !t.After(latest) && t.Day() == at.Day() || year < latest.Year()-8 {
			return t
		}
	}
}

// timeOf reads the time of any line.
func (m mapping) timeOf(line []byte, written time.Time) (time.Time, bool) {
	if m.clock != nil {
		if groups := m.clock.expression.FindSubmatch(line); groups != nil {
			return m.clock.read(string(groups[m.clock.group]), written)
		}
		return time.Time{}, false
	}
	if p, at := m.match(line); p != nil {
		return p.clock.read(string(p.value(line, at, p.clock.group)), written)
	}
	return time.Time{}, false
}
