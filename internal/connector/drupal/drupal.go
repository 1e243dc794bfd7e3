// Package drupal asks a Drupal site what it holds about one person: account,
// profile fields, roles, sessions, comments, content and its revisions, and
// what was entered in web forms.
//
// It is a mapping of kind sql that the house ships, fitted to what the
// database really has: tables of modules that are not installed are left out,
// and what stands beside the known tables is shown to staff as unmapped.
package drupal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/connector/sql"
	"einsicht/internal/person"
)

// Kind is the kind "drupal".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "drupal" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	s, err := read(c)
	if err != nil {
		return sql.Mapping{}.Abilities() // Check says what is wrong
	}
	tables, _ := s.fit(c, s.everything())
	return s.mapping(tables).Abilities()
}

// settings is the part "drupal" of a connection file; docs/connectors/drupal.md
// explains it.
type settings struct {
	DSN      string              `yaml:"dsn"`
	TimeZone string              `yaml:"time_zone"`
	Prefix   string              `yaml:"prefix"`
	Version  int                 `yaml:"version"`
	Fields   map[string]field    `yaml:"fields"`
	Name     []string            `yaml:"name"`     // fields that together are the name
	Webforms map[string][]string `yaml:"webforms"` // elements by kind of identifier
	// ChangeDSN is that of an account which may write, see sql.Mapping.
	ChangeDSN string `yaml:"change_dsn"`
	Account   string `yaml:"account"` // erased: "mask", if nothing is said, or "delete"
}

// field is a field that the site added to accounts.
type field struct {
	Kind       string `yaml:"kind"` // of identifier; empty: none
	Column     string `yaml:"column"`
	Label      string `yaml:"label"`
	Category   string `yaml:"category"`
	ThirdParty bool   `yaml:"third_party"`
	Withhold   bool   `yaml:"withhold"`
}

// Check reads the settings without touching the database.
func (Kind) Check(c connector.Connection) error {
	s, err := read(c)
	if err != nil {
		return err
	}
	tables, err := s.fit(c, s.everything())
	if err != nil {
		return err
	}
	return sql.Check(c, s.mapping(tables))
}

// Open connects and fits the mapping to the site.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	s, err := read(c)
	if err != nil {
		return nil, err
	}
	return sql.Open(ctx, c, s.mapping(nil), func(have sql.Catalog) ([]sql.Table, error) { return s.fit(c, have) })
}

func (s settings) mapping(tables []sql.Table) sql.Mapping {
	return sql.Mapping{DSN: s.DSN, TimeZone: s.TimeZone, ChangeDSN: s.ChangeDSN, Tables: tables}
}

func read(c connector.Connection) (settings, error) {
	var s settings
	if err := c.Decode(&s); err != nil {
		return s, err
	}
	if s.Version != 9 && s.Version != 10 {
		return s, c.Wrong("version", "must be 9 or 10")
	}
	if !slices.Contains([]string{"", "mask", "delete"}, s.Account) {
		return s, c.Wrong("account", "must be mask, delete or nothing")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		f := s.Fields[name]
		if _, err := person.ParseIdentifierKind(f.Kind); f.Kind != "" && err != nil {
			return s, c.Wrong("fields."+name+".kind", err.Error())
		}
	}
	for i, name := range s.Name {
		if _, ok := s.Fields[name]; !ok {
			return s, c.Wrong(fmt.Sprintf("name.%d", i), "is none of the fields")
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Webforms)) {
		if _, err := person.ParseIdentifierKind(kind); err != nil || len(s.Webforms[kind]) == 0 {
			return s, c.Wrong("webforms."+kind, "needs a kind of identifier and elements")
		}
		for i, element := range s.Webforms[kind] {
			if len(strings.Fields(element)) == 0 {
				return s, c.Wrong(fmt.Sprintf("webforms.%s.%d", kind, i), "names no element")
			}
		}
	}
	return s, nil
}

// column is where a field keeps its value.
func (f field) column(name string) string {
	if f.Column == "" {
		return name + "_value"
	}
	return name + "_" + f.Column
}
