package landscape

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/person"
	"einsicht/internal/pgserver"
)

var now = time.Date(2026, 11, 20, 10, 15, 0, 0, time.UTC)

// One landscape, since building takes seconds; each part goes on where the one
// before left it.
func TestALandscape(t *testing.T) {
	pg, dir := postgres(t), t.TempDir()
	l := begin(t, pg, dir, 7)
	built := map[string]map[string][]string{}
	for system, of := range l.state.Planted {
		built[system] = maps.Clone(of)
	}

	for _, system := range l.Systems() {
		t.Run(system+" holds exactly what was planted", func(t *testing.T) {
			for _, p := range l.People[:9] {
				planted := l.Planted(system, p.ID)
				switch {
				case p.ID == Nobody && len(planted) != 0:
					t.Errorf("nobody: got %v, want nothing", planted)
				case p.ID != Nobody && p.named() && len(planted) < 2 && !nameless(system):
					t.Errorf("%s: got %d records, want some", p.ID, len(planted))
				}
				same(t, p.ID, find(t, l, system, p), planted)
			}
		})
	}
	t.Run("every fault in a connection is noticed", func(t *testing.T) { faults(t, l) })
	t.Run("every column has a label, and every table somebody's records", func(t *testing.T) { columns(t, l) })
	t.Run("what a test plants is found, and nothing else is new", func(t *testing.T) { plants(t, l) })
	t.Run("a stopped source can't be reached until it is started", func(t *testing.T) { outage(t, l) })
	t.Run("what rotates away is gone, the rest stays", func(t *testing.T) { rotation(t, l) })
	t.Run("a second start finds what the first built, and builds nothing", func(t *testing.T) {
		if err := l.StopSource(t.Context(), "stk-callbacks"); err != nil {
			t.Fatal(err)
		}
		before := made(t, l)
		again := begin(t, pg, dir, 7)
		if after := made(t, l); !maps.Equal(after, before) || len(after) == 0 {
			t.Errorf("got %v made, want what was there: %v", after, before)
		}
		for _, system := range l.Systems() {
			same(t, system, again.Planted(system, Erika), l.Planted(system, Erika))
		}
		same(t, "stopped before", find(t, again, "stk-callbacks", again.Person(Erika)), l.Planted("stk-callbacks", Erika))
	})
	t.Run("a week later the logs are as old as they may be", func(t *testing.T) {
		later, err := Start(t.Context(), Options{Server: pg, Dir: dir, Seed: 7, Now: now.AddDate(0, 0, 7), People: 40})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range weblogs {
			text, err := os.ReadFile(filepath.Join(dir, w.id, "access.log"))
			if err != nil || !strings.Contains(string(text), "[27/Nov/2026:") {
				t.Errorf("%s: got no line of the day (%v), want some", w.id, err)
			}
			same(t, w.id, find(t, later, w.id, later.Person(Erika)), later.Planted(w.id, Erika))
		}
	})
	t.Run("another seed builds another landscape", func(t *testing.T) {
		other := begin(t, pg, dir, 8)
		got := other.Planted("stk-brochures", Erika)
		if slices.Equal(got, built["stk-brochures"][Erika]) {
			t.Error("got the same records, want others")
		}
		same(t, "another seed", find(t, other, "stk-brochures", other.Person(Erika)), got)
	})
	t.Run("the same seed builds the same, to the last record", func(t *testing.T) {
		again := begin(t, pg, t.TempDir(), 7)
		for _, system := range again.Systems() {
			if !maps.EqualFunc(again.state.Planted[system], built[system], slices.Equal) {
				t.Errorf("%s: got other records, want the same", system)
			}
		}
	})
}

func columns(t *testing.T, l *Landscape) {
	for _, s := range databases() {
		tables := map[string]bool{}
		c := ask(t, l, s.id)
		for _, p := range l.People {
			if !p.named() {
				break
			}
			_, err := c.Find(t.Context(), l.query(t, s.id, p), nil, func(f connector.Finding, _ connector.Cursor) error {
				tables[f.Origin.Place] = true
				for _, field := range f.Fields {
					if field.Unmapped || field.Label == "" {
						t.Errorf("%s.%s.%s: got no label, want one", s.id, f.Origin.Place, field.Name)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range s.tables {
			if !tables[table.name] {
				t.Errorf("%s: got nothing in %s, want somebody's records", s.id, table.name)
			}
		}
	}
}

func plants(t *testing.T, l *Landscape) {
	for _, system := range l.Systems() {
		if !l.Plantable(system) {
			if _, err := l.Plant(t.Context(), system, Erika, 1, 1); err == nil {
				t.Errorf("%s: got records planted in what is made up", system)
			}
			continue
		}
		before := l.Planted(system, Erika)
		planted, err := l.Plant(t.Context(), system, Erika, 3, uint64(time.Now().UnixNano()))
		if err != nil {
			t.Fatal(err)
		}
		if len(planted) < 3 && !nameless(system) {
			t.Errorf("%s: got %d new records, want 3 at least", system, len(planted))
		}
		want := slices.Sorted(slices.Values(append(before, planted...)))
		same(t, system, find(t, l, system, l.Person(Erika)), want)
		same(t, system, l.Planted(system, Erika), want)
		same(t, system+", namesake", find(t, l, system, l.Person(ErikaElder)), l.Planted(system, ErikaElder))
	}
}

func outage(t *testing.T, l *Landscape) {
	for _, system := range l.Systems() {
		c, q := ask(t, l, system), l.query(t, system, l.Person(Erika))
		if err := l.StopSource(t.Context(), system); err != nil {
			t.Fatal(err)
		}
		_, err := c.Find(t.Context(), q, nil, func(connector.Finding, connector.Cursor) error { return nil })
		if !errors.Is(err, connector.ErrUnreachable) && !nameless(system) {
			t.Errorf("%s: got %v, want unreachable", system, err)
		}
		if err := l.StartSource(t.Context(), system); err != nil {
			t.Fatal(err)
		}
		same(t, system, find(t, l, system, l.Person(Erika)), l.Planted(system, Erika))
	}
}

func rotation(t *testing.T, l *Landscape) {
	for _, w := range weblogs {
		if w.nameless {
			continue
		}
		oldest, err := l.Plant(t.Context(), w.id, Erika, 1, 99)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Rotate(w.id); err != nil {
			t.Fatal(err)
		}
		left := l.Planted(w.id, Erika)
		if slices.Contains(left, oldest[0]) || len(left) == 0 {
			t.Errorf("%s: got %d lines left, want the oldest gone and others left", w.id, len(left))
		}
		same(t, w.id, find(t, l, w.id, l.Person(Erika)), left)
	}
}

func TestPeopleAreWhoTheyAre(t *testing.T) {
	owners := map[string]string{}
	claim := func(p Person, mark string) {
		if other, taken := owners[mark]; taken {
			t.Errorf("%s and %s: got the same %s, want their own", p.ID, other, mark)
		}
		owners[mark] = p.ID
	}
	for _, p := range people(7, 800) {
		marks := map[person.IdentifierKind]string{}
		for _, id := range p.Identifiers() {
			var err error
			if marks[id.Kind], err = person.Normal(id.Kind, id.Value.Reveal()); err != nil {
				t.Errorf("%s: got a malformed %s, want a good one", p.ID, id.Kind)
			}
		}
		for _, kind := range []person.IdentifierKind{person.Email, person.Phone, person.Account, person.IBAN} {
			claim(p, string(kind)+" "+marks[kind])
		}
		claim(p, "name and birth date "+marks[person.Name]+marks[person.Birthdate])
		claim(p, "name and address "+marks[person.Name]+marks[person.Address])
	}
	if !person.Same(person.Name, "Jürgen Groß", "Juergen Gross") {
		t.Error("got two names, want two spellings of one")
	}
}

// query asks as a case does: in access logs by what the person's records in
// the authority's other systems name.
func (l *Landscape) query(t *testing.T, system string, p Person) connector.Query {
	t.Helper()
	q := connector.Query{Identifiers: p.Identifiers(), ReceivedAt: now}
	of, err := sourceOf(system)
	if err != nil {
		t.Fatal(err)
	}
	if !byAddress(system) {
		return q
	}
	for _, s := range databases() {
		if s.authority != of.of() {
			continue
		}
		c := ask(t, l, s.id)
		_, err := c.Find(t.Context(), q, nil, func(f connector.Finding, _ connector.Cursor) error {
			for _, hint := range f.Hints {
				if hint.Kind == person.IPTime {
					q.Identifiers = append(q.Identifiers, hint)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return q
}

func find(t *testing.T, l *Landscape, system string, p Person) []string {
	t.Helper()
	c := ask(t, l, system)
	var references []string
	answer, err := c.Find(t.Context(), l.query(t, system, p), nil, func(f connector.Finding, _ connector.Cursor) error {
		// What an address and a time led to is always to be checked.
		if byAddress(system) || f.Confidence != connector.Check {
			references = append(references, f.Reference)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer.Partial() {
		t.Errorf("%s: got gaps %v, want none", system, answer.Gaps)
	}
	slices.Sort(references)
	return references
}

func ask(t *testing.T, l *Landscape, system string) connector.Connector {
	t.Helper()
	text, err := os.ReadFile(l.Connection(system))
	if err != nil {
		t.Fatal(err)
	}
	connection := parsed(t, system, string(text))
	kind, err := all.Kind(connection)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kind.Open(t.Context(), connection)
	if err != nil {
		t.Fatalf("%s: %v", system, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func parsed(t *testing.T, system, text string) connector.Connection {
	t.Helper()
	connection, err := connector.ParseConnection(system+".yaml", []byte(text))
	if err == nil {
		connection, err = connection.Resolve(func(r connector.Ref) (string, error) {
			secret, err := os.ReadFile(r.File)
			return string(secret), err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// nameless says that a log names no accounts: only what a record of another
// system names leads to its lines, and not every authority has such records.
func nameless(system string) bool {
	w, ok := weblogOf(system)
	return ok && w.nameless
}

// byAddress says whether an address and a time lead to the records of a system.
func byAddress(system string) bool {
	return strings.HasSuffix(system, "weblog") || strings.HasSuffix(system, "jitsi")
}

func databases() (all []database) {
	for _, s := range sources {
		if d, ok := s.(database); ok {
			all = append(all, d)
		}
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	less := func(a, b []string) (some []string) {
		for _, s := range a {
			if !slices.Contains(b, s) {
				some = append(some, s)
			}
		}
		return some
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %d records, want %d; too many %v, missing %v", what, len(got), len(want), less(got, want), less(want, got))
	}
}

// made tells each database and each access log from one made in its place.
func made(t *testing.T, l *Landscape) map[string]string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), l.options.Server.DSN(l.options.Server.Superuser(), "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	all := map[string]string{}
	for _, s := range databases() {
		var id string
		if err := conn.QueryRow(t.Context(), "SELECT oid::text FROM pg_database WHERE datname = $1", s.database()).Scan(&id); err != nil {
			t.Fatalf("%s: %v", s.id, err)
		}
		all[s.id] = id
	}
	for _, w := range weblogs {
		info, err := os.Stat(filepath.Join(w.path(l), logName(0)))
		if err != nil {
			t.Fatal(err)
		}
		all[w.id] = info.ModTime().String()
	}
	return all
}

func begin(t *testing.T, pg *pgserver.Server, dir string, seed uint64) *Landscape {
	t.Helper()
	started := time.Now()
	l, err := Start(t.Context(), Options{Server: pg, Dir: dir, Seed: seed, Now: now, People: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(started))
	t.Cleanup(func() { l.Close() })
	return l
}

func postgres(t *testing.T) *pgserver.Server {
	t.Helper()
	data, err := os.MkdirTemp("/tmp", "landscape-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := pgserver.Start(t.Context(), pgserver.Options{Data: data, Name: "sources", Bare: true, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(fmt.Errorf("start a server: %w", err))
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}
