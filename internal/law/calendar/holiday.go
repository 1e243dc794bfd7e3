package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Land is a federal state by its usual two letters.
type Land string

// The Länder whose holidays are known. Another one is an entry in lands.
const (
	NW Land = "NW" // Nordrhein-Westfalen
	NI Land = "NI" // Niedersachsen
)

// The years for which the holidays are calculated. Before them other law was in
// force (31 October 2017 was a holiday everywhere, once).
const (
	FirstYear = 2018
	LastYear  = 2100
)

// holiday is a public holiday: its name in the statute, the day it falls on in
// a year, and the day its rule came into force, if that is after FirstYear
// began.
type holiday struct {
	name  string
	day   func(year int) Date
	since Date
}

// nationwide are the holidays of every Land. Easter Sunday and Whit Sunday are
// Sundays anyway. A holiday on a weekend has no substitute day.
var nationwide = []holiday{
	{name: "Neujahr", day: fixed(time.January, 1)},
	{name: "Karfreitag", day: afterEaster(-2)},
	{name: "Ostermontag", day: afterEaster(1)},
	{name: "Tag der Arbeit", day: fixed(time.May, 1)},
	{name: "Christi Himmelfahrt", day: afterEaster(39)},
	{name: "Pfingstmontag", day: afterEaster(50)},
	{name: "Tag der Deutschen Einheit", day: fixed(time.October, 3)},
	{name: "Erster Weihnachtstag", day: fixed(time.December, 25)},
	{name: "Zweiter Weihnachtstag", day: fixed(time.December, 26)},
}

// lands are the holidays a Land has beyond those. 24 and 31 December,
// Rosenmontag, 6 January and Buß- und Bettag are public holidays in neither.
var lands = map[Land][]holiday{
	NW: { // § 2(1) nos 7, 9 Feiertagsgesetz NW
		{name: "Fronleichnam", day: afterEaster(60)},
		{name: "Allerheiligen", day: fixed(time.November, 1)},
	},
	NI: { // § 2(1) NFeiertagsG as amended in June 2018
		{name: "Reformationstag", day: fixed(time.October, 31), since: Day(2018, time.June, 29)},
	},
}

// ParseLand returns the Land of two letters, such as "NW".
func ParseLand(s string) (Land, error) {
	if _, known := lands[Land(s)]; !known {
		return "", fmt.Errorf("no Land whose holidays are known; one of %s", strings.Join(landNames(), ", "))
	}
	return Land(s), nil
}

// Holiday returns the name of the public holiday that a day is in a Land.
func Holiday(land Land, d Date) (name string, ok bool) {
	if name, ok = find(lands[land], d); ok {
		return name, ok
	}
	return NationalHoliday(d)
}

// NationalHoliday returns the name of the public holiday that a day is in
// every Land.
func NationalHoliday(d Date) (name string, ok bool) { return find(nationwide, d) }

// HolidayNames lists the names Holiday can return, for whoever translates them.
func HolidayNames() []string {
	var names []string
	for _, h := range nationwide {
		names = append(names, h.name)
	}
	for _, land := range landNames() {
		for _, h := range lands[Land(land)] {
			names = append(names, h.name)
		}
	}
	return names
}

// Weekend says whether a day is a Saturday or a Sunday.
func Weekend(d Date) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// Free says whether a day is a Saturday, a Sunday or a public holiday of a
// Land: no period ends on it, Art. 3(4) Reg. 1182/71, § 193 BGB.
func Free(land Land, d Date) bool {
	if Weekend(d) {
		return true
	}
	_, holiday := Holiday(land, d)
	return holiday
}

// NextWorkingDay returns the day itself if it is not free, otherwise the first
// one after it that is not.
func NextWorkingDay(land Land, d Date) Date {
	for Free(land, d) {
		d = d.AddDays(1)
	}
	return d
}

// Easter returns Easter Sunday of a year in the Gregorian calendar: the
// algorithm of Meeus, Jones and Butcher.
func Easter(year int) Date {
	golden, century, rest := year%19, year/100, year%100
	epact := (19*golden + century - century/4 - (century-(century+8)/25+1)/3 + 15) % 30
	sunday := (32 + 2*(century%4) + 2*(rest/4) - epact - rest%4) % 7
	late := (golden + 11*epact + 22*sunday) / 451
	march := epact + sunday - 7*late + 114
	return Day(year, time.Month(march/31), march%31+1)
}

func find(holidays []holiday, d Date) (name string, ok bool) {
	if d.IsZero() {
		return "", false
	}
	year, _, _ := d.Civil()
	for _, h := range holidays {
		if h.day(year) == d && !d.Before(h.since) {
			return h.name, true
		}
	}
	return "", false
}

func fixed(month time.Month, day int) func(int) Date {
	return func(year int) Date { return Day(year, month, day) }
}

func afterEaster(days int) func(int) Date {
	return func(year int) Date { return Easter(year).AddDays(days) }
}

func landNames() []string {
	var names []string
	for land := range lands {
		names = append(names, string(land))
	}
	slices.Sort(names)
	return names
}
