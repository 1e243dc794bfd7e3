package sql

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mapping is the part "sql" of a connection file; docs/connectors.md explains it.
type mapping struct {
	DSN      string  `yaml:"dsn"`
	TimeZone string  `yaml:"time_zone"` // of timestamps without a zone
	Tables   []table `yaml:"tables"`
}

type table struct {
	Name     string            `yaml:"name"` // "table" or "schema.table"
	Label    string            `yaml:"label"`
	Category string            `yaml:"category"`
	Key      []string          `yaml:"key"`
	At       string            `yaml:"at"` // column with the time of the record
	Match    map[string]match  `yaml:"match"`
	Reach    [][]hop           `yaml:"reach"`
	Columns  map[string]column `yaml:"columns"`
	Hints    []hint            `yaml:"hints"`
}

// match says which columns, joined by blanks, hold a kind of identifier.
type match struct {
	Columns []string `yaml:"columns"`
	// Exact compares the stored value as it is, so that an index of the
	// database can be used.
	Exact bool `yaml:"exact"`
}

// hop is a join with another table: own column → column of that table, all of
// them at once.
type hop struct {
	Table string            `yaml:"table"`
	On    map[string]string `yaml:"on"`
}

type column struct {
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	ThirdParty bool   `yaml:"third_party"`
	Withhold   bool   `yaml:"withhold"`
}

type hint struct {
	Kind    string   `yaml:"kind"`
	Columns []string `yaml:"columns"`
}

// readMapping decodes and checks what can be checked without the database.
func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if m.TimeZone == "" {
		m.TimeZone = "Europe/Berlin"
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil {
		return m, c.Wrong("time_zone", "is no time zone")
	}
	if _, err := poolConfig(c, m); err != nil {
		return m, err
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	if len(m.Tables) == 0 {
		return m, c.Wrong("tables", "is missing")
	}
	seen := map[string]bool{}
	for i, t := range m.Tables {
		if t.Name == "" || seen[t.Name] {
			return m, c.Wrong(fmt.Sprintf("tables.%d.name", i), "is missing or stands here twice")
		}
		seen[t.Name] = true
		if err := m.checkTable(c, t, fmt.Sprintf("tables.%d.", i)); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (m mapping) checkTable(c connector.Connection, t table, at string) error {
	if len(t.Key) == 0 {
		return c.Wrong(at+"key", "is missing")
	}
	if len(t.Match) == 0 && len(t.Reach) == 0 {
		return c.Wrong(at+"match", "a table needs match or reach, or nobody gets there")
	}
	for _, kind := range slices.Sorted(maps.Keys(t.Match)) {
		if _, err := person.ParseIdentifierKind(kind); err != nil || kind == string(person.IPTime) {
			return c.Wrong(at+"match."+kind, "is no kind of identifier that a column can hold")
		}
		if len(t.Match[kind].Columns) == 0 {
			return c.Wrong(at+"match."+kind, "names no columns")
		}
	}
	if len(t.Match) > 0 && !slices.ContainsFunc(c.Match, t.serves) {
		return c.Wrong(at+"match", "serves none of the sets under match of the connection")
	}
	for i, path := range t.Reach {
		key := at + "reach." + strconv.Itoa(i)
		if len(path) == 0 || slices.ContainsFunc(path, func(h hop) bool { return h.Table == "" || len(h.On) == 0 }) {
			return c.Wrong(key, "each step needs table and on")
		}
		if end, ok := m.table(path[len(path)-1].Table); !ok || len(end.Match) == 0 {
			return c.Wrong(key, "must end at a table that has match")
		}
	}
	for i, h := range t.Hints {
		_, err := person.ParseIdentifierKind(h.Kind)
		if err != nil || len(h.Columns) == 0 || h.Kind == string(person.IPTime) && len(h.Columns) != 2 {
			return c.Wrong(fmt.Sprintf("%shints.%d", at, i), "needs kind and columns; ip+time needs an address and a time")
		}
	}
	for _, k := range t.Key {
		if t.Columns[k].Withhold {
			return c.Wrong(at+"columns."+k, "a key can't be withheld: it names the record")
		}
	}
	return nil
}

// serves says whether the table has columns for all kinds of a set.
func (t table) serves(m connector.Match) bool {
	for _, kind := range m.By {
		if _, ok := t.Match[string(kind)]; !ok {
			return false
		}
	}
	return true
}

func (m mapping) table(name string) (table, bool) {
	i := slices.IndexFunc(m.Tables, func(t table) bool { return t.Name == name })
	if i < 0 {
		return table{}, false
	}
	return m.Tables[i], true
}

var passwordInDSN = regexp.MustCompile(`(?i)\b(password|passfile|sslpassword)\s*=`)

// poolConfig reads the DSN. The password comes from secrets.password or, over
// a Unix socket, from nowhere: the server asks the operating system.
func poolConfig(c connector.Connection, m mapping) (*pgxpool.Config, error) {
	if m.DSN == "" {
		return nil, c.Wrong("dsn", "is missing")
	}
	u, err := url.Parse(m.DSN)
	withPassword := false
	if err == nil && u.User != nil {
		_, withPassword = u.User.Password()
	}
	if withPassword || passwordInDSN.MatchString(m.DSN) {
		return nil, c.Wrong("dsn", "holds a password; name it under secrets.password instead")
	}
	config, err := pgxpool.ParseConfig(m.DSN)
	if err != nil {
		return nil, c.Wrong("dsn", "can't be read") // the cause quotes it
	}
	if secret, ok := c.Secret("password"); ok {
		config.ConnConfig.Password = strings.TrimRight(secret, "\r\n")
	} else {
		config.ConnConfig.Password = "" // not from PGPASSWORD or ~/.pgpass
	}
	config.MaxConns = int32(c.Concurrency)
	config.MinConns = 0
	session(config.ConnConfig, c, m)
	return config, nil
}
