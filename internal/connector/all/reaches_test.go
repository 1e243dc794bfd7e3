package all

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"einsicht/internal/connector"
)

// harmless are the keys of kinds that name no host and no path of the machine
// that asks. Think before adding one: what is missing in connector.ReachingKeys
// can be entered at a page and leads wherever it likes.
var harmless = strings.Fields(`
account anonymous answers area at attribute attributes auth authenticated authors base bind_dn body by category change change_bind_dn change_user charset child
children closed column columns content_type conversations count country delimiter each empty ends erase exact except expression field fields filter
filter_attribute first folders format free from from_own generalise group header hints holds identifier identifiers if_match join keep key keyword kind label
labels layout leaves limit mailboxes mask match max_answer max_content method name namespace next numbers on optional options owner paging param path paths
patterns prefix profile properties query quiet reach read read_only record records rectify resources restrict roots scope search search_only set settle sheet
sites size start_tls starts table tables text third_party time time_zone user user_id value version volatile webforms where why window with withhold zone`)

// reach lists the structs with a key that leads somewhere: those of the whole own
// part, which is where connector.Connection.Reached looks.
var reach = strings.Fields(`applog.mapping authlog.mapping cdr.mapping drupal.settings httpapi.Settings imap.mapping ldap.mapping maillog.mapping
	mailman.mapping matomo.mapping rest.mapping sql.Mapping webdav.mapping weblog.mapping`)

func TestEveryKeyIsKnownToReachOrNot(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var structs []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			name := f.Name.Name + "." + spec.Name.Name
			for _, key := range keysOf(spec.Type) {
				switch {
				case slices.Contains(connector.ReachingKeys(), key):
					structs = append(structs, name)
				case !slices.Contains(harmless, key):
					t.Errorf("%s: does the key %q lead to a host or a path? Put it into connector/reaches.go or into harmless", name, key)
				}
			}
			return true
		})
	}
	slices.Sort(structs)
	if structs = slices.Compact(structs); !slices.Equal(structs, reach) {
		t.Errorf("keys that lead somewhere stand in %v, want %v: is it the whole own part of its kind, where Reached looks?", structs, reach)
	}
}

func keysOf(e ast.Expr) (keys []string) {
	s, ok := e.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range s.Fields.List {
		if field.Tag == nil {
			continue
		}
		key, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml"), ",")
		if key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

// What the driver would connect to is never more than what the text is read to
// reach: names are either among them, or nobody can tell.
func FuzzADriverReachesNoMoreThanIsRead(f *testing.F) {
	for _, dsn := range []string{
		"host=a dbname=x", "host=a,b port=1,2", "postgres://u@a:5/x?host=b", "postgres://%2Frun/x", "host='a b' user = u", "host=\\a", "postgres://[::1]:5,b/x",
		"postgresql://a?host=b&sslmode=require", "dbname = x host= b", "postgres://u@a?x=@b/c", "host='a'dbname=b", "postgres:///x?host=", "host=%61",
	} {
		f.Add(dsn)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "service") || strings.ContainsAny(dsn, "\x00") {
			return // reads files
		}
		config, err := pgconn.ParseConfig(dsn)
		if err != nil {
			return
		}
		c, err := connector.ParseConnection("f", []byte("system: x\nkind: sql\nsql:\n  dsn: "+quoted(dsn)+"\n"))
		if err != nil {
			return
		}
		hosts, paths := c.Reaches()
		if slices.Contains(hosts, connector.Unknown) {
			return
		}
		reached := []string{config.Host}
		for _, also := range config.Fallbacks {
			reached = append(reached, also.Host)
		}
		for _, host := range reached {
			u, _ := connector.ParseConnection("f", []byte("system: x\nkind: sql\nsql:\n  dsn: "+quoted("host='"+host+"' user=u")+"\n"))
			same, _ := u.Reaches()
			if !slices.Contains(paths, host) && (len(same) != 1 || !slices.Contains(hosts, same[0])) {
				t.Errorf("%q: the driver goes to %q, read were %q and %q", dsn, host, hosts, paths)
			}
		}
		if databases := c.Databases(); config.Database != "" && !slices.Contains(databases, config.Database) && !slices.Contains(databases, connector.Unknown) {
			t.Errorf("%q: the driver opens %q, read were %q", dsn, config.Database, databases)
		}
	})
}

// quoted writes a text for YAML.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
