package sql

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Mapping is the part "sql" of a connection file; docs/connectors/sql.md
// explains it.
type Mapping struct {
	DSN      string `yaml:"dsn"`
	TimeZone string `yaml:"time_zone"` // of timestamps without a zone
	// ChangeDSN is that of an account which may write; without it, nothing is
	// changed.
	ChangeDSN string  `yaml:"change_dsn"`
	Tables    []Table `yaml:"tables"`
}

// Table is a table or view that holds records about people.
type Table struct {
	Name     string            `yaml:"name"` // "table" or "schema.table"
	Label    string            `yaml:"label"`
	Category string            `yaml:"category"`
	Key      []string          `yaml:"key"`
	At       string            `yaml:"at"` // column with the time of the record
	Match    map[string]Match  `yaml:"match"`
	Reach    [][]Hop           `yaml:"reach"`
	Columns  map[string]Column `yaml:"columns"`
	Hints    []Hint            `yaml:"hints"`
	Change   *Change           `yaml:"change"`
}

// Match says where a kind of identifier stands: in columns of the table, or in
// rows of others that belong to the record.
type Match struct {
	Columns []string `yaml:"columns"` // joined by blanks
	// Exact compares the stored value as it is, so that an index of the
	// database can be used.
	Exact bool `yaml:"exact"`
	// From lists further ways to a value, each the parts of it, joined by
	// blanks.
	From [][]Part `yaml:"from"`
}

// Part is a column in rows of another table: those whose columns are the same
// as On says (own column → column there) and hold what Where says.
type Part struct {
	Table  string            `yaml:"table"`
	On     map[string]string `yaml:"on"`
	Where  map[string]string `yaml:"where"`
	Column string            `yaml:"column"`
}

// Hop is a join with another table: own column → column of that table, all of
// them at once.
type Hop struct {
	Table string            `yaml:"table"`
	On    map[string]string `yaml:"on"`
}

// Column says what a column means.
type Column struct {
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	ThirdParty bool   `yaml:"third_party"`
	Withhold   bool   `yaml:"withhold"` // not even read
	// Volatile: the database sets it with each write (a version, the time of the
	// change), so it is not compared.
	Volatile bool `yaml:"volatile"`
	// Time "unix" shows a number of seconds since 1970 as the time it is.
	Time string `yaml:"time"`
}

// Hint names columns that hold a further identifier.
type Hint struct {
	Kind    string   `yaml:"kind"`
	Columns []string `yaml:"columns"`
}

// Check looks at a mapping without touching the database.
func Check(c connector.Connection, m Mapping) error {
	d, err := m.dialect(c)
	if err != nil {
		return err
	}
	d.close()
	if err := m.checkWriter(c, d); err != nil {
		return err
	}
	return m.check(c)
}

func (m *Mapping) checkZone(c connector.Connection) error {
	if m.DSN == "" {
		return c.Wrong("dsn", "is missing")
	}
	if m.TimeZone == "" {
		m.TimeZone = "Europe/Berlin"
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil {
		return c.Wrong("time_zone", "is no time zone")
	}
	return nil
}

// check finds what is wrong by itself, whatever the database has.
func (m Mapping) check(c connector.Connection) error {
	if len(c.Match) == 0 {
		return c.Wrong("match", "the connection names no identifiers that suffice")
	}
	if len(m.Tables) == 0 {
		return c.Wrong("tables", "is missing")
	}
	seen := map[string]bool{}
	for i, t := range m.Tables {
		if t.Name == "" || seen[t.Name] {
			return c.Wrong(fmt.Sprintf("tables.%d.name", i), "is missing or stands here twice")
		}
		seen[t.Name] = true
		if err := m.checkTable(c, t, fmt.Sprintf("tables.%d.", i)); err != nil {
			return err
		}
		if err := m.checkChange(c, t, fmt.Sprintf("tables.%d.", i)); err != nil {
			return err
		}
	}
	return nil
}

func (m Mapping) checkTable(c connector.Connection, t Table, at string) error {
	if len(t.Key) == 0 {
		return c.Wrong(at+"key", "is missing")
	}
	if len(t.Match) == 0 && len(t.Reach) == 0 {
		return c.Wrong(at+"match", "a table needs match or reach, or nobody gets there")
	}
	for _, kind := range slices.Sorted(maps.Keys(t.Match)) {
		if err := t.Match[kind].check(kind); err != "" {
			return c.Wrong(at+"match."+kind, err)
		}
	}
	if len(t.Match) > 0 && !slices.ContainsFunc(c.Match, t.serves) {
		return c.Wrong(at+"match", "serves none of the sets under match of the connection")
	}
	for i, path := range t.Reach {
		key := at + "reach." + strconv.Itoa(i)
		if len(path) == 0 || slices.ContainsFunc(path, func(h Hop) bool { return h.Table == "" || len(h.On) == 0 }) {
			return c.Wrong(key, "each step needs table and on")
		}
		if end, ok := m.table(path[len(path)-1].Table); !ok || len(end.Match) == 0 {
			return c.Wrong(key, "must end at a table that has match")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		if kind := t.Columns[name].Time; kind != "" && kind != "unix" {
			return c.Wrong(at+"columns."+name+".time", "must be unix or nothing")
		}
		if t.Columns[name].Volatile && slices.Contains(t.Key, name) {
			return c.Wrong(at+"columns."+name+".volatile", "names the record: it must not change by itself")
		}
	}
	for i, h := range t.Hints {
		_, err := person.ParseIdentifierKind(h.Kind)
		if err != nil || len(h.Columns) == 0 || h.Kind == string(person.IPTime) && len(h.Columns) != 2 {
			return c.Wrong(fmt.Sprintf("%shints.%d", at, i), "needs kind and columns; ip+time needs an address and a time")
		}
	}
	return nil
}

func (m Match) check(kind string) string {
	if _, err := person.ParseIdentifierKind(kind); err != nil || kind == string(person.IPTime) {
		return "is no kind of identifier that a column can hold"
	}
	if len(m.Columns) == 0 && len(m.From) == 0 {
		return "names no columns"
	}
	if m.Exact && len(m.Columns) == 0 {
		return "exact compares columns of the table itself"
	}
	for _, parts := range m.From {
		if len(parts) == 0 || slices.ContainsFunc(parts, func(p Part) bool { return p.Table == "" || len(p.On) == 0 || p.Column == "" }) {
			return "each part needs table, on and column"
		}
	}
	return ""
}

// serves says whether the table has columns for all kinds of a set.
func (t Table) serves(m connector.Match) bool {
	for _, kind := range m.By {
		if _, ok := t.Match[string(kind)]; !ok {
			return false
		}
	}
	return true
}

func (m Mapping) table(name string) (Table, bool) {
	i := slices.IndexFunc(m.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return m.Tables[i], true
}
