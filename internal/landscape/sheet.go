package landscape

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// database is a source that is a database of its own.
type database struct {
	id, authority string
	like          string // see file; empty: has its own
	tables        []table
	// record writes one matter of a person: rows of several tables that belong
	// together.
	record func(*sheet, Person, *rand.Rand)
}

// table names the columns that record fills, in order; the first key of them
// are the key. Tables come before those that refer to them.
type table struct {
	name    string
	key     int
	columns string
}

// contact is a network address that a record names, with its time.
type contact struct {
	IP netip.Addr
	At time.Time
}

// sheet collects rows before they are written.
type sheet struct {
	system database
	now    time.Time
	rows   map[string][][]any
	ids    map[string]int64 // the last number given, by table, or by table and year

	fresh      bool
	references []string // of the person at hand
	contacts   []contact
}

func newSheet(s database, now time.Time) *sheet {
	return &sheet{system: s, now: now, rows: map[string][][]any{}, ids: map[string]int64{}}
}

// next gives a number to a new row.
func (s *sheet) next(table string) int64 {
	s.ids[table]++
	return s.ids[table]
}

// nextOf does so where numbers begin anew each year.
func (s *sheet) nextOf(year int, table string) int64 { return s.next(fmt.Sprint(table, " ", year)) }

// add writes a row and remembers what a connector will call it.
func (s *sheet) add(name string, values ...any) {
	t := s.table(name)
	if want := len(strings.Fields(t.columns)); len(values) != want {
		panic(fmt.Sprintf("%s.%s: %d values for %d columns", s.system.id, name, len(values), want))
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if v == "" {
				values[i] = nil // nothing known
			}
		case time.Time:
			values[i] = v.Truncate(time.Second)
		}
	}
	s.rows[name] = append(s.rows[name], values)
	reference := name
	for _, key := range values[:t.key] {
		reference += "/" + url.PathEscape(fmt.Sprint(key))
	}
	s.references = append(s.references, reference)
}

// from records that a person used a network address at a time. Where the record
// holds no mail address of the person, it is at best likely to be hers, and what
// it names proves nothing about anybody's visits.
func (s *sheet) from(p Person, at time.Time) netip.Addr {
	if p.Email != "" {
		s.contacts = append(s.contacts, contact{IP: p.IP, At: at.Truncate(time.Second)})
	}
	return p.IP
}

func (s *sheet) table(name string) table {
	i := slices.IndexFunc(s.system.tables, func(t table) bool { return t.name == name })
	if i < 0 {
		panic("no table " + name)
	}
	return s.system.tables[i]
}

// ago is a moment within so many days before now. A fresh record is not older
// than the shortest memory of an access log.
func (s *sheet) ago(r *rand.Rand, days int) time.Time {
	span := time.Duration(days) * 24 * time.Hour
	if s.fresh {
		span = min(span, 40*time.Hour)
	}
	return s.now.Add(-time.Hour - time.Duration(r.Int64N(int64(span)))).Truncate(time.Second)
}

// past leaves a time empty that is yet to come.
func (s *sheet) past(t time.Time) any {
	if t.After(s.now) {
		return nil
	}
	return t
}

// database is the name of the system's database.
func (s database) database() string { return strings.ReplaceAll(s.id, "-", "_") }

// reader is the role that may read it and nothing else.
func (s database) reader() string { return s.database() + "_reader" }

// changer may change and delete, and nothing else.
func (s database) changer() string { return s.database() + "_changer" }
