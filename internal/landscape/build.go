package landscape

import (
	"context"
	"embed"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// source holds for each system its schema and how a connector asks it.
//
//go:embed source
var source embed.FS

// owner owns the schemas, as the makers of such products do.
const owner = "source_owner"

// build makes every database anew.
func (l *Landscape) build(ctx context.Context) error {
	roles := []string{owner}
	for _, s := range systems {
		roles = append(roles, s.reader())
	}
	if err := l.options.Server.CreateRoles(ctx, roles...); err != nil {
		return err
	}
	for _, s := range systems {
		if err := l.buildSystem(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.id, err)
		}
	}
	return nil
}

func (l *Landscape) buildSystem(ctx context.Context, s system) error {
	if err := l.asSuperuser(ctx, "postgres", "DROP DATABASE IF EXISTS "+s.database()+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := l.options.Server.CreateDatabase(ctx, s.database(), owner, s.reader()); err != nil {
		return err
	}
	schema, err := source.ReadFile("source/" + s.id + ".sql")
	if err != nil {
		return err
	}
	return l.asOwner(ctx, s, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, string(schema)); err != nil {
			return err
		}
		sheet, err := l.sheetOf(ctx, tx, s)
		if err != nil {
			return err
		}
		for _, p := range l.People {
			r := random(l.options.Seed, s.id, p.ID)
			for n := range p.matters(r.IntN(10)) {
				l.record(sheet, p, n == 0 && p.named(), random(l.options.Seed, s.id, p.ID, fmt.Sprint(n)))
			}
		}
		if err := sheet.write(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "GRANT USAGE ON SCHEMA public TO "+s.reader()+"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+s.reader()+"; ANALYZE")
		return err
	})
}

// matters says how often a person dealt with an office: the named ones
// everywhere, others in every third or so.
func (p Person) matters(dice int) int {
	switch {
	case p.ID == Nobody:
		return 0
	case p.named():
		return 2 + dice%2
	}
	return []int{1, 1, 2, 0, 0, 0, 0, 0, 0, 0}[dice]
}

func (p Person) named() bool { return !strings.HasPrefix(p.ID, "stranger-") }

// record writes one matter of a person and remembers what belongs to it.
func (l *Landscape) record(s *sheet, p Person, fresh bool, r *rand.Rand) []string {
	s.references, s.contacts, s.fresh = nil, nil, fresh
	s.system.record(s, p, r)
	l.note(s.system.id, p.ID, s.references)
	of := l.state.Contacts[s.system.authority]
	if of == nil {
		of = map[string][]contact{}
		l.state.Contacts[s.system.authority] = of
	}
	of[p.ID] = append(of[p.ID], s.contacts...)
	return s.references
}

// sheetOf starts a sheet whose numbers follow those in the database.
func (l *Landscape) sheetOf(ctx context.Context, tx pgx.Tx, s system) (*sheet, error) {
	sheet := newSheet(s, l.options.Now)
	for _, t := range s.tables {
		number := strings.Fields(t.columns)[t.numbered()]
		var last *int64
		err := tx.QueryRow(ctx, fmt.Sprintf("SELECT max((to_jsonb(t)->>'%s')::bigint) FROM %s t WHERE to_jsonb(t)->>'%[1]s' ~ '^[0-9]+$'", number, t.name)).Scan(&last)
		if err != nil {
			return nil, err
		}
		if last != nil {
			sheet.ids[t.name] = *last
		}
	}
	return sheet, nil
}

// numbered is the place of the running number in the key: after the year,
// where there is one.
func (t table) numbered() int {
	if strings.HasPrefix(t.columns, "year ") {
		return 1
	}
	return 0
}

// write copies the rows into the database.
func (s *sheet) write(ctx context.Context, tx pgx.Tx) error {
	for _, t := range s.system.tables {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, strings.Fields(t.columns), pgx.CopyFromRows(s.rows[t.name])); err != nil {
			return fmt.Errorf("fill %s: %w", t.name, err)
		}
	}
	s.rows = map[string][][]any{}
	return nil
}

// connections writes the connection file of each system.
func (l *Landscape) connections() error {
	for _, s := range systems {
		if err := l.connection(s.id, "{{dsn}}", l.options.Server.DSN(s.reader(), s.database())); err != nil {
			return err
		}
	}
	for _, w := range weblogs {
		if err := l.connection(w.id, "{{folder}}", filepath.Join(l.folder(w), "access.log*")); err != nil {
			return err
		}
	}
	return nil
}

func (l *Landscape) connection(system, hole, value string) error {
	text, err := source.ReadFile("source/" + system + ".yaml")
	if err != nil {
		return err
	}
	return replace(l.Connection(system), []byte(strings.ReplaceAll(string(text), hole, fmt.Sprintf("%q", value))))
}

// StopSource makes a system unreachable, as an outage does.
func (l *Landscape) StopSource(ctx context.Context, id string) error {
	if w, ok := weblogOf(id); ok {
		return move(l.folder(w), l.folder(w)+".stopped")
	}
	s, err := systemOf(id)
	if err != nil {
		return err
	}
	return l.asSuperuser(ctx, "postgres", "ALTER DATABASE "+s.database()+" ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"+s.database()+"'")
}

// StartSource makes it reachable again.
func (l *Landscape) StartSource(ctx context.Context, id string) error {
	if w, ok := weblogOf(id); ok {
		return move(l.folder(w)+".stopped", l.folder(w))
	}
	s, err := systemOf(id)
	if err != nil {
		return err
	}
	return l.asSuperuser(ctx, "postgres", "ALTER DATABASE "+s.database()+" ALLOW_CONNECTIONS true")
}

// missing reports whether a database is not there, and starts those that an
// earlier run left stopped.
func (l *Landscape) missing(ctx context.Context) (bool, error) {
	conn, err := pgx.Connect(ctx, l.options.Server.DSN(l.options.Server.Superuser(), "postgres"))
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, "SELECT datname, datallowconn FROM pg_database")
	if err != nil {
		return false, err
	}
	running := map[string]bool{}
	var name string
	var open bool
	if _, err := pgx.ForEachRow(rows, []any{&name, &open}, func() error { running[name] = open; return nil }); err != nil {
		return false, err
	}
	for _, s := range systems {
		open, there := running[s.database()]
		if !there {
			return true, nil
		}
		if !open {
			if err := l.StartSource(ctx, s.id); err != nil {
				return false, err
			}
		}
	}
	for _, w := range weblogs {
		if err := l.StartSource(ctx, w.id); err != nil {
			return true, nil
		}
	}
	return false, nil
}

func (l *Landscape) asSuperuser(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, l.options.Server.DSN(l.options.Server.Superuser(), database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (l *Landscape) asOwner(ctx context.Context, s system, do func(pgx.Tx) error) error {
	conn, err := pgx.Connect(ctx, l.options.Server.DSN(owner, s.database()))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgx.BeginFunc(ctx, conn, do)
}

func systemOf(id string) (system, error) {
	i := slices.IndexFunc(systems, func(s system) bool { return s.id == id })
	if i < 0 {
		return system{}, fmt.Errorf("no such source: %s", id)
	}
	return systems[i], nil
}
