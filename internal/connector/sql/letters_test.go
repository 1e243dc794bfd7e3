package sql

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

const lettersFile = `
system: alt
kind: sql
secrets: {password: {env: PASSWORD}}
match: [{by: [email]}, {by: [name], confidence: check}]
sql:
  dsn: "%s"
  tables:
    - name: people
      key: [id]
      match: {name: {columns: [name]}, email: {columns: [email], exact: true}}
`

// Old databases hold letters in other encodings; what comes out is right, or
// the answer says that it is not.
func TestOldEncodingsOfPostgreSQL(t *testing.T) {
	for _, c := range []struct {
		name, encoding string
		insert         []string // values of name, in the bytes that the database gets
		found          []string
		gaps           string
	}{
		{"Latin-1", "LATIN1", []string{"E'J\\xfcrgen Gro\\xdf'"}, []string{"Jürgen Groß"}, ""},
		{"UTF-8 that nobody declared", "SQL_ASCII", []string{"'Jürgen Groß'"}, []string{"Jürgen Groß"}, ""},
		{"Latin-1 that nobody declared", "SQL_ASCII", []string{"'Jürgen Groß'", "E'J\\xfcrgen Gro\\xdf'"}, []string{"Jürgen Groß"}, "connector.sql.encoding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			database := "letters" + strings.ToLower(c.encoding) + strings.ReplaceAll(strings.ToLower(c.gaps), ".", "")
			postgresql.As(t, postgresql.Server.Superuser(), "postgres", func(conn *pgx.Conn) {
				if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+database+" OWNER keeper TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING '"+c.encoding+"'"); err != nil {
					t.Fatal(err)
				}
				if _, err := conn.Exec(t.Context(), "GRANT CONNECT ON DATABASE "+database+" TO reader"); err != nil {
					t.Fatal(err)
				}
			})
			h := &harness{engine: postgresql, database: database}
			h.do(t, "CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, email text)")
			h.do(t, "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON people TO reader")
			for _, value := range c.insert {
				h.do(t, "INSERT INTO people (name, email) VALUES ("+value+", 'juergen.gross@example.org')")
			}
			answer, names := h.names(t, connectortest.Juergen.Query().OfKind(person.Name))
			if strings.Join(names, ";") != strings.Join(c.found, ";") {
				t.Errorf("got %q, want %q", names, c.found)
			}
			if got := gapsOf(answer); got != c.gaps {
				t.Errorf("got gaps %q, want %q", got, c.gaps)
			}
			if c.gaps == "" {
				return
			}
			answer, names = h.names(t, connectortest.Juergen.Query().OfKind(person.Email))
			if len(names) != 2 || names[1] != "J\uFFFDrgen Gro\uFFFD" || !strings.Contains(gapsOf(answer), "connector.sql.letters") {
				t.Errorf("by address: got %q and %q, want both, one with placeholders and a gap", names, gapsOf(answer))
			}
		})
	}
}

func TestCharacterSetsOfMariaDB(t *testing.T) {
	for _, set := range []string{"latin1", "latin1 COLLATE latin1_german2_ci", "utf8mb3", "utf8mb4", "utf8mb4 COLLATE utf8mb4_bin", "ucs2", "cp850"} {
		t.Run(set, func(t *testing.T) {
			h := &harness{engine: maria, database: maria.Create(t, "CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50), email varchar(50) CHARACTER SET ascii, KEY (email)) CHARACTER SET "+set)}
			h.do(t, "INSERT INTO people (name, email) VALUES ('Jürgen Groß', 'juergen.gross@example.org'), ('Jurgen Gros', 'jurgen.gross@example.org'), ('Jurgen Gross', '?')")
			maria.Grant(t, h.database)
			q := connectortest.Juergen.Query().OfKind(person.Name)
			// A letter that no column of the table knows is no reason to fail.
			q = append(q, person.Identifier{Kind: person.Email, Value: person.NewText("jürğen@example.org")}, person.Identifier{Kind: person.Name, Value: person.NewText("Şahin Ğ")})
			if _, names := h.names(t, q); strings.Join(names, ";") != "Jürgen Groß;Jurgen Gross" {
				t.Errorf("got %q, want both spellings and nobody else", names)
			}
		})
	}
}

func (h *harness) names(t *testing.T, ids []person.Identifier) (connector.Answer, []string) {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.parse(t, lettersFile))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var names []string
	answer, err := c.Find(t.Context(), connector.Query{Identifiers: ids}, nil, func(f connector.Finding, _ connector.Cursor) error {
		names = append(names, f.Fields[1].Value.Reveal())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer, names
}

func gapsOf(a connector.Answer) string {
	var all []string
	for _, g := range a.Gaps {
		all = append(all, g.Reason)
	}
	return strings.Join(all, ";")
}

// A column that goes away after the mapping was compared is a mistake in the
// connection, and no "nothing".
func TestAColumnGoesAway(t *testing.T) {
	everywhere(t, func(t *testing.T, e engine) {
		h := newHarness(t, e, connectionFile)
		h.Plant(t, connectortest.Erika, 11)
		c, err := Kind{}.Open(t.Context(), h.connection)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ask := func() error {
			_, err := c.Find(t.Context(), connectortest.Erika.Query(), nil, func(connector.Finding, connector.Cursor) error { return nil })
			return err
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		h.do(t, "ALTER TABLE participants DROP COLUMN phone")
		if err := ask(); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("got %v, want %v", err, connector.ErrConfig)
		}
		if _, err := (Kind{}).Open(context.WithoutCancel(t.Context()), h.connection); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("open: got %v, want %v", err, connector.ErrConfig)
		}
	})
}
