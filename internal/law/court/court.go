// Package court knows before which administrative court somebody can go who was
// refused: by the authority's seat and the Kreis the person lives in.
//
// A wrong court in the instruction makes the month for going to court a year
// (§ 58(2) VwGO). So nothing is guessed, least of all from a postcode: staff
// confirm the Kreis, and without one the letter names the rule and the seat.
//
// Sources: § 52 nos 3, 5 VwGO; § 17 JustG NRW; § 73 NJG.
package court

import (
	"bytes"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/law/calendar"
)

// Court is an administrative court. The zero value is no court.
type Court struct {
	Land calendar.Land
	Seat string // "Minden"
}

// Name is how an instruction names the court; empty for no court.
func (c Court) Name() string {
	if c.IsZero() {
		return ""
	}
	return "Verwaltungsgericht " + c.Seat
}

// IsZero says whether this is no court.
func (c Court) IsZero() bool { return c == Court{} }

// District is a Kreis, a Landkreis or a kreisfreie Stadt, which always lies in
// the district of one court.
type District struct {
	Name  string // as the statute writes it: "Kreis Lippe", "Stadt Münster"
	Court Court
}

// Districts lists the districts of a Land in the order of a select box: by the
// name that people look for, "Lippe" under L.
func Districts(land calendar.Land) []District {
	t, _ := of(land)
	return slices.Clone(t.districts)
}

// Find returns the court of a district, by the name Districts gives it.
func Find(land calendar.Land, district string) (Court, bool) {
	t, _ := of(land)
	i := slices.IndexFunc(t.districts, func(d District) bool { return d.Name == district })
	if i < 0 {
		return Court{}, false
	}
	return t.districts[i].Court, true
}

// Basis says what the table of a Land rests on.
type Basis struct {
	Citation   string `yaml:"citation"`
	Source     string `yaml:"source"`
	Read       string `yaml:"read"` // which text was read
	Verified   bool   `yaml:"verified"`
	Unverified string `yaml:"unverified"` // what about it is open
}

// BasisOf returns what the table of a Land rests on.
func BasisOf(land calendar.Land) (Basis, bool) {
	t, ok := of(land)
	return t.Basis, ok
}

//go:embed courts.yaml
var shipped []byte

// table is what courts.yaml says about one Land.
type table struct {
	Land   calendar.Land `yaml:"land"`
	Basis  `yaml:",inline"`
	Courts []struct {
		Seat      string   `yaml:"seat"`
		Districts []string `yaml:"districts"`
	} `yaml:"courts"`

	districts []District
}

func of(land calendar.Land) (table, bool) {
	all := tables()
	i := slices.IndexFunc(all, func(t table) bool { return t.Land == land })
	if i < 0 {
		return table{}, false
	}
	return all[i], true
}

var tables = sync.OnceValue(func() []table {
	var doc struct {
		Lands []table `yaml:"lands"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(shipped))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		panic("courts.yaml: " + err.Error()) // embedded above; a test reads it
	}
	for i := range doc.Lands {
		t := &doc.Lands[i]
		for _, c := range t.Courts {
			for _, name := range c.Districts {
				t.districts = append(t.districts, District{name, Court{t.Land, c.Seat}})
			}
		}
		slices.SortFunc(t.districts, func(a, b District) int { return strings.Compare(lookedFor(a.Name), lookedFor(b.Name)) })
	}
	return doc.Lands
})

// kinds of districts, in the order in which those of one name are listed.
var kinds = []string{"Kreis ", "Landkreis ", "Region ", "Städteregion ", "Stadt "}

// DIN 5007-1: an umlaut stands with its letter.
var plain = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss")

// lookedFor is what districts are sorted by: the kind stands behind the name.
func lookedFor(name string) string {
	name = plain.Replace(strings.ToLower(name))
	for i, kind := range kinds {
		if rest, ok := strings.CutPrefix(name, plain.Replace(strings.ToLower(kind))); ok {
			return rest + " " + strconv.Itoa(i)
		}
	}
	return name
}
