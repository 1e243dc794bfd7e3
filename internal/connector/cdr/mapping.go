package cdr

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
	"einsicht/internal/person"
)

// mapping is the part "cdr" of a connection file; docs/connectors/cdr.md
// explains it.
type mapping struct {
	Files     []string          `yaml:"files"` // patterns
	Label     string            `yaml:"label"`
	Category  string            `yaml:"category"`
	Charset   string            `yaml:"charset"`
	Delimiter string            `yaml:"delimiter"`
	Header    []string          `yaml:"header"` // where the files have none
	Sheet     string            `yaml:"sheet"`
	Columns   map[string]column `yaml:"columns"`
	Time      moment            `yaml:"time"`
	Numbers   numbers           `yaml:"numbers"`
	Key       []string          `yaml:"key"`
	// Settle is how young a file may be to count as being written.
	Settle time.Duration `yaml:"settle"`
	// Change declares what may be erased, see package rewrite; Checksums is the
	// folder that keeps what was.
	Change    *rewrite.Rule `yaml:"change"`
	Checksums string        `yaml:"checksums"`

	delimiter byte // 0: to be found
	byName    map[string]column
	zone      *time.Location
}

type column struct {
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	Identifier string `yaml:"identifier"`
	ThirdParty bool   `yaml:"third_party"`
	Withhold   bool   `yaml:"withhold"`
}

// moment says in which columns the time stands, joined by a blank.
type moment struct {
	Columns []string `yaml:"columns"`
	Layout  string   `yaml:"layout"` // as Go writes it: 02.01.2006 15:04:05
	Zone    string   `yaml:"zone"`
}

var delimiters = map[string]byte{"": 0, ";": ';', ",": ',', "tab": '\t', "\t": '\t', "|": '|'}

func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if len(m.Files) == 0 {
		return m, c.Wrong("files", "is missing")
	}
	for i, pattern := range m.Files {
		if _, err := filepath.Match(pattern, ""); err != nil || !filepath.IsAbs(pattern) {
			return m, c.Wrong(fmt.Sprintf("files.%d", i), "must be a full path, * and ? allowed")
		}
	}
	if !slices.Contains(charsets, m.Charset) {
		return m, c.Wrong("charset", "must be one of "+strings.Join(charsets[1:], ", "))
	}
	var known bool
	if m.delimiter, known = delimiters[m.Delimiter]; !known {
		return m, c.Wrong("delimiter", `must be ";", ",", "|" or tab`)
	}
	if m.Settle < 0 || m.Settle > 24*time.Hour {
		return m, c.Wrong("settle", "must be 24h at most")
	}
	if err := m.checkTime(c); err != nil {
		return m, err
	}
	if err := m.Numbers.check(c); err != nil {
		return m, err
	}
	if err := m.Change.Check(c, m.Checksums); err != nil {
		return m, err
	}
	return m, m.checkColumns(c)
}

func (m *mapping) checkTime(c connector.Connection) error {
	if m.Time.Zone == "" {
		m.Time.Zone = "Europe/Berlin"
	}
	var err error
	if m.zone, err = time.LoadLocation(m.Time.Zone); err != nil {
		return c.Wrong("time.zone", "is no time zone")
	}
	if len(m.Time.Columns) == 0 {
		if m.Time.Layout != "" {
			return c.Wrong("time.columns", "is missing")
		}
		return nil
	}
	if m.Time.Layout == "" {
		m.Time.Layout = time.DateTime
	}
	// A layout that does not give back its own day names no day.
	day := time.Date(2019, 11, 23, 0, 0, 0, 0, m.zone)
	if at, err := time.ParseInLocation(m.Time.Layout, day.Format(m.Time.Layout), m.zone); err != nil || !at.Equal(day) {
		return c.Wrong("time.layout", "must say how 2 January 2006, 15:04:05 would stand there")
	}
	return nil
}

func (m *mapping) checkColumns(c connector.Connection) error {
	if len(c.Match) == 0 {
		return c.Wrong("match", "the connection names no identifiers that suffice")
	}
	held := map[person.IdentifierKind]bool{}
	m.byName = map[string]column{}
	for _, name := range slices.Sorted(maps.Keys(m.Columns)) {
		col := m.Columns[name]
		m.byName[fold(name)] = col
		if col.Identifier == "" {
			continue
		}
		kind, err := person.ParseIdentifierKind(col.Identifier)
		if err != nil || kind == person.IPTime {
			return c.Wrong("columns."+name+".identifier", "is no kind of identifier that a column can hold")
		}
		if col.Withhold {
			return c.Wrong("columns."+name+".withhold", "nobody is recognised by a secret")
		}
		held[kind] = true
	}
	for _, match := range c.Match {
		for _, kind := range match.By {
			if !held[kind] {
				return c.Wrong("columns", "none is the "+string(kind)+" that a set under match of the connection needs")
			}
		}
	}
	for i, name := range m.Key {
		if m.Columns[name].Withhold {
			return c.Wrong(fmt.Sprintf("key.%d", i), "can't be withheld: it names the record")
		}
	}
	return nil
}

// needed lists the columns that a file must have, with the key that names them.
func (m *mapping) needed() [][2]string {
	var all [][2]string
	for _, name := range slices.Sorted(maps.Keys(m.Columns)) {
		all = append(all, [2]string{"columns", name})
	}
	for _, name := range m.Time.Columns {
		all = append(all, [2]string{"time.columns", name})
	}
	for _, name := range m.Key {
		all = append(all, [2]string{"key", name})
	}
	return all
}

// at reads the time of a row.
func (m *mapping) at(value string) time.Time {
	at, err := time.ParseInLocation(m.Time.Layout, value, m.zone)
	if err != nil {
		at, err = time.Parse(time.RFC3339, value)
	}
	if err != nil {
		return time.Time{}
	}
	return at
}

// fold is how names of columns compare.
func fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
