package landscape

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"
)

// owner owns the schemas, as the makers of such products do.
const owner = "source_owner"

func (s database) name() string { return s.id }
func (s database) of() string   { return s.authority }
func (s database) file() string { return cmp.Or(s.like, s.id) }
func (s database) daily() bool  { return false }

func (s database) build(ctx context.Context, l *Landscape) error {
	if err := l.options.Server.CreateRoles(ctx, owner, s.reader(), s.changer()); err != nil {
		return err
	}
	if err := l.asSuperuser(ctx, "postgres", "DROP DATABASE IF EXISTS "+s.database()+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := l.options.Server.CreateDatabase(ctx, s.database(), owner, s.reader(), s.changer()); err != nil {
		return err
	}
	schema, err := files.ReadFile("source/" + s.file() + ".sql")
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
		_, err = tx.Exec(ctx, "GRANT USAGE ON SCHEMA public TO "+s.reader()+", "+s.changer()+
			"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+s.reader()+
			"; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+s.changer()+"; ANALYZE")
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
func (l *Landscape) sheetOf(ctx context.Context, tx pgx.Tx, s database) (*sheet, error) {
	sheet := newSheet(s, l.options.Now)
	for _, t := range s.tables {
		number := strings.Fields(t.columns)[t.numbered()]
		rows, err := tx.Query(ctx, fmt.Sprintf("SELECT coalesce(' ' || (to_jsonb(t)->>'year'), ''), max((to_jsonb(t)->>'%s')::bigint) FROM %s t WHERE to_jsonb(t)->>'%[1]s' ~ '^[0-9]+$' GROUP BY 1", number, t.name))
		if err != nil {
			return nil, err
		}
		var year string
		var last int64
		if _, err := pgx.ForEachRow(rows, []any{&year, &last}, func() error {
			sheet.ids[t.name+year] = last
			return nil
		}); err != nil {
			return nil, err
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

// stands also starts a database that an earlier run left stopped.
func (s database) stands(ctx context.Context, l *Landscape) (bool, error) {
	conn, err := pgx.Connect(ctx, l.options.Server.DSN(l.options.Server.Superuser(), "postgres"))
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	err = conn.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_database WHERE datname = $1", s.database()).Scan(&there)
	return there, err
}

func (s database) start(ctx context.Context, l *Landscape) (map[string]string, error) {
	return map[string]string{"dsn": l.options.Server.DSN(s.reader(), s.database()), "change_dsn": l.options.Server.DSN(s.changer(), s.database())},
		l.asSuperuser(ctx, "postgres", "ALTER DATABASE "+s.database()+" ALLOW_CONNECTIONS true")
}

func (s database) stop(ctx context.Context, l *Landscape) error {
	return l.asSuperuser(ctx, "postgres", "ALTER DATABASE "+s.database()+" ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"+s.database()+"'")
}

func (s database) plant(ctx context.Context, l *Landscape, p Person, n int, seed uint64) (planted []string, err error) {
	err = l.asOwner(ctx, s, func(tx pgx.Tx) error {
		sheet, err := l.sheetOf(ctx, tx, s)
		if err != nil {
			return err
		}
		for i := range n {
			planted = append(planted, l.record(sheet, p, false, random(seed, "plant", s.id, p.ID, fmt.Sprint(i)))...)
		}
		return sheet.write(ctx, tx)
	})
	return planted, err
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

func (l *Landscape) asOwner(ctx context.Context, s database, do func(pgx.Tx) error) error {
	conn, err := pgx.Connect(ctx, l.options.Server.DSN(owner, s.database()))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgx.BeginFunc(ctx, conn, do)
}
