package sql

import (
	"errors"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// A name alone never leads further than to somebody who checks, whatever the
// file says.
func TestANameAloneIsNeverSure(t *testing.T) { everywhere(t, aNameAloneIsNeverSure) }

func aNameAloneIsNeverSure(t *testing.T, e engine) {
	h := newHarness(t, e, strings.ReplaceAll(connectionFile, "{by: [name], confidence: check}", "{by: [name], confidence: sure}"))
	h.Plant(t, connectortest.OtherErika, 11)
	q := connectortest.Erika.Query()
	all := find(t, h.connection, q)
	if len(all) == 0 {
		t.Fatal("got nothing, want the namesake's records to be checked")
	}
	for _, f := range all {
		if f.Confidence != connector.Check {
			t.Errorf("%s: got %q, want %q", f.Reference, f.Confidence, connector.Check)
		}
	}
}

func TestTheCatalogJudgesTheMapping(t *testing.T) { everywhere(t, theCatalogJudgesTheMapping) }

func theCatalogJudgesTheMapping(t *testing.T, e engine) {
	h := newHarness(t, e, connectionFile)
	for _, c := range []struct {
		name, from, to string
		want           string // empty: it opens
	}{
		{"as it stands", "", "", ""},
		{"no such table", "name: courses", "name: kurse", "test.yaml:45: sql.tables.3.name: there is no such table"},
		{"no such column", "on: {id: course_id}", "on: {id: kurs}", "sql.tables.3.reach.0.0: there is no such table or column"},
		{"SQL in a column is only a name", "columns: [phone]", "columns: [\"phone) OR (true\"]", "there is no column"},
		{"SQL in a table is only a name", "name: certificates", "name: \"certificates WHERE true; --\"", "there is no such table"},
		{"a key that does not name one record", "key: [course_id, participant_id, attempt]", "key: [course_id, attempt]", "sql.tables.1.key: these columns don't name one record"},
		{"a key that can be empty", "key: [serial]", "key: [serial, attempt]", "column attempt can be empty"},
		{"a column that may not be read", "columns: {secret: {withhold: true}}", "columns: {}", "column secret may not be read"},
		{"a time that is none", "at: starts", "at: title", "sql.tables.3.at: is no time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e == engine(maria) && strings.Contains(c.want, "may not be read") {
				t.Skip("the catalog of MariaDB keeps silent about such columns")
			}
			db, err := Kind{}.Open(t.Context(), h.parse(t, strings.Replace(connectionFile, c.from, c.to, 1)))
			if err == nil {
				db.Close()
			}
			if c.want == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheFileIsChecked(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"password in the DSN", "dsn: \"%s\"", "dsn: \"host=x password=geheim\"", "test.yaml:15: sql.dsn: holds a password"},
		{"password in a URL", "dsn: \"%s\"", "dsn: \"postgres://u:geheim@h/d\"", "sql.dsn: holds a password"},
		{"unknown key", "label: Teilnehmende", "lable: x", "test.yaml:18: sql.tables.lable: unknown key"},
		{"reach that ends nowhere", "reach:\n        - - {table: messages,", "reach:\n        - - {table: courses,", "must end at a table that has match"},
		{"kind nobody knows", "phone: {columns: [phone]}", "shoe-size: {columns: [phone]}", "match.shoe-size"},
		{"no way to anybody", "match: {email: {columns: [sender], exact: true}}", "match: {iban: {columns: [sender]}}", "serves none of the sets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(strings.Replace(connectionFile, c.from, c.to, 1), "%s", "host=/tmp", 1)
			parsed, err := connector.ParseConnection("test.yaml", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			err = Kind{}.Check(parsed)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheDSNOfMariaDB(t *testing.T) {
	for _, c := range []struct{ name, dsn, want string }{
		{"a socket", "mysql://reader@/d?socket=/run/mysqld.sock", ""},
		{"this machine", "mariadb://reader@127.0.0.1/d", ""},
		{"another machine", "mysql://reader@db.example:3307/d", ""},
		{"a password", "mysql://reader:geheim@/d?socket=/s", "holds a password"},
		{"no database", "mysql://reader@db.example/", "must name a user and a database"},
		{"no user", "mysql://db.example/d", "must name a user and a database"},
		{"no host", "mysql://reader@/d", "names neither a host nor a socket"},
		{"a way around encryption", "mysql://reader@db.example/d?tls=false", "takes socket and ca"},
		{"files of the client", "mysql://reader@db.example/d?allowAllFiles=true", "takes socket and ca"},
		{"no certificate", "mysql://reader@db.example/d?ca=/nowhere.pem", "the file that ca names"},
		{"PostgreSQL in clear over the network", "postgres://reader@db.example/d?sslmode=disable", "asks for no encryption"},
		{"PostgreSQL as it comes", "postgres://reader@db.example/d", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := connector.ParseConnection("test.yaml", []byte(strings.Replace(lettersFile, "%s", c.dsn, 1)))
			if err != nil {
				t.Fatal(err)
			}
			err = Kind{}.Check(parsed)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim")) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	parsed, err := connector.ParseConnection("test.yaml", []byte(lettersFile))
	if err != nil {
		t.Fatal(err)
	}
	for dsn, encrypted := range map[string]bool{"mysql://r@db.example/d": true, "mysql://r@10.0.0.1/d": true, "mysql://r@localhost/d": false, "mysql://r@[::1]/d": false} {
		config, err := mariadbConfig(parsed, Mapping{DSN: dsn})
		if err != nil || (config.TLS != nil) != encrypted || encrypted && (config.TLS.InsecureSkipVerify || config.TLS.ServerName == "") {
			t.Errorf("%s: got %v, encrypted %v, want %v", dsn, err, config.TLS != nil, encrypted)
		}
	}
	config, err := poolConfig(parsed, Mapping{DSN: "postgres://reader@db.example/d"})
	if err != nil || config.ConnConfig.TLSConfig == nil || len(config.ConnConfig.Fallbacks) != 0 {
		t.Errorf("PostgreSQL: got %v, and would fall back to clear text", err)
	}
}
