package connector

import (
	"slices"
	"testing"
)

func TestWhatAConnectionReaches(t *testing.T) {
	for _, c := range []struct {
		name, own    string
		hosts, paths []string
	}{
		{"an address", "url: HTTPS://API.Example.org.:8443/v1", []string{"api.example.org"}, nil},
		{"an address and a proxy", "{url: 'imaps://mail.example.org', proxy: 'http://[::ffff:10.0.0.1]:3128', ca: /etc/ca.pem}", []string{"10.0.0.1", "mail.example.org"}, []string{"/etc/ca.pem"}},
		{"no address", "url: nonsense", []string{Unknown}, nil},
		{"an encoded value", "url: !!binary aHR0cDovL2V2aWwv", []string{"evil"}, nil},
		{"patterns", "files: [/var/log/a*, ../x]", nil, []string{"../x", "/var/log/a*"}},
		{"one file", "files: /var/log/a", nil, []string{"/var/log/a"}},
		{"a value of no sense", "files: {a: b}", []string{Unknown}, nil},
		{"columns that are called so", "tables: [{name: x, columns: {url: {label: Adresse}, files: {}}}]", nil, nil},
		{"a database as an address", "dsn: postgres://u@DB1,10.0.0.1:5433,[::1]:5/x?host=db2&sslrootcert=/ca&sslkey=/key", []string{"10.0.0.1", "::1", "db1", "db2"}, []string{"/ca", "/key"}},
		{"a socket as an address", "dsn: postgres://u@%2Frun%2Fpostgresql/x", nil, []string{"/run/postgresql"}},
		{"a socket of MariaDB", "dsn: mysql://u@/x?socket=/run/mysqld/s", nil, []string{"/run/mysqld/s"}},
		{"a database in keywords", `dsn: "host=a,/run/pg user=u dbname='x' sslrootcert = '/c a'"`, []string{"a"}, []string{"/c a", "/run/pg"}},
		{"a database in keywords, a blank after the sign", `dsn: "dbname=x user=u host= evil"`, []string{"evil"}, nil},
		{"an escaped value", `dsn: 'host=''\e\v\i\l'''`, []string{"evil"}, nil},
		{"the certificates of the machine", "dsn: host=a sslrootcert=system", []string{"a"}, nil},
		{"a hidden socket", `dsn: "host=@einsicht dbname=x"`, nil, []string{"@einsicht"}},
		{"a database that is changed elsewhere", "{dsn: 'host=a dbname=x', change_dsn: 'host=evil dbname=x'}", []string{"a", "evil"}, nil},
		{"no host", "dsn: dbname=x user=u", []string{Unknown}, nil},
		{"one of two hosts", "dsn: host=a, dbname=x", []string{Unknown, "a"}, nil},
		{"a service", "dsn: host=a service=x", []string{Unknown}, nil},
		{"two signs", "dsn: postgres://u@a?x=@evil/y", []string{Unknown}, nil},
		{"two users", "dsn: mysql://u@a@evil/y", []string{Unknown}, nil},
		{"a fragment", "dsn: postgres://evil#@a/y", []string{Unknown}, nil},
		{"keywords that hold an address", "dsn: host=evil options=postgres://a/x", []string{Unknown}, nil},
	} {
		conn := own(t, c.own)
		hosts, paths := conn.Reaches()
		if !slices.Equal(hosts, c.hosts) || !slices.Equal(paths, c.paths) {
			t.Errorf("%s: got %q and %q, want %q and %q", c.name, hosts, paths, c.hosts, c.paths)
		}
	}
	if hosts, paths := (Connection{}).Reaches(); hosts != nil || paths != nil {
		t.Errorf("people: got %q and %q", hosts, paths)
	}
}

func TestWhichDatabasesAConnectionOpens(t *testing.T) {
	for dsn, want := range map[string]string{
		"host=a dbname=x":              "x",
		"host=a dbname=x database=y":   "x",
		"host=a user=einsicht":         "einsicht",
		"host=a":                       Unknown,
		"postgres://u@a/e%69nsicht":    "einsicht",
		"postgres://u@a/x?dbname=y":    "y",
		"postgres://einsicht@a":        "einsicht",
		"postgres://u@a/x#":            Unknown,
		"mysql://u@/shop?socket=/sock": "shop",
	} {
		for _, key := range []string{"dsn", "change_dsn"} {
			if got := own(t, key+": '"+dsn+"'").Databases(); !slices.Contains(got, want) {
				t.Errorf("%s: %s: got %q, want %q among them", key, dsn, got, want)
			}
		}
	}
}

func own(t *testing.T, text string) Connection {
	t.Helper()
	if text[0] != '{' {
		text = "\n  " + text
	}
	c, err := ParseConnection("f.yaml", []byte("system: x\nkind: k\nk: "+text+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
