package sql

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

const benchFile = `
system: messages
kind: sql
timeout: 5m
match: [{by: [email]}]
sql:
  dsn: "%s"
  tables:
    - name: messages
      key: [id]
      at: sent
      match: {email: {columns: [sender], exact: true}}
      columns: {sender: {label: Von}, subject: {label: Betreff}, body: {label: Text}}
`

// The table has ten million rows: ten of "few", a hundred thousand of "many".
const benchRows = 10_000_000

func BenchmarkFind10(b *testing.B)     { benchmark(b, "few@example.org", 10) }
func BenchmarkFind100000(b *testing.B) { benchmark(b, "many@example.org", 100_000) }

// benchDatabase is filled once.
var benchDatabase string

func fill(b *testing.B) {
	if benchDatabase != "" {
		return
	}
	ctx := context.Background()
	name := "bench"
	if err := postgresql.Server.CreateDatabase(ctx, name, "keeper", "reader"); err != nil {
		b.Fatal(err)
	}
	pool, err := pgxpool.New(ctx, postgresql.Server.DSN("keeper", name))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	for _, text := range []string{
		`CREATE UNLOGGED TABLE messages (id bigint PRIMARY KEY, sender text, subject text, body text, sent timestamptz, size int)`,
		fmt.Sprintf(`INSERT INTO messages SELECT i, CASE WHEN i %% 100 = 7 THEN 'many@example.org' WHEN i %% 1000000 = 8 THEN 'few@example.org' ELSE 'p' || i %% 100000 || '@example.org' END,
			'Betreff ' || i, 'Ein Text, wie er in Nachrichten steht, Nummer ' || i, '2026-01-01'::timestamptz + i * interval '1 second', i %% 5000 FROM generate_series(1, %d) i`, benchRows),
		`CREATE INDEX ON messages (sender)`, `GRANT USAGE ON SCHEMA public TO reader`, `GRANT SELECT ON messages TO reader`, `VACUUM ANALYZE messages`,
	} {
		if _, err := pool.Exec(ctx, text); err != nil {
			b.Fatal(err)
		}
	}
	benchDatabase = name
}

// benchmark asks by turns through the connector and through bare pgx, which
// reads the same columns into strings, and prints the ratio.
func benchmark(b *testing.B, sender string, want int) {
	fill(b)
	ctx := b.Context()
	file := fmt.Sprintf(benchFile, postgresql.Server.DSN("reader", benchDatabase))
	connection, err := connector.ParseConnection("bench.yaml", []byte(file))
	if err != nil {
		b.Fatal(err)
	}
	c, err := Kind{}.Open(ctx, connection)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	bare, err := pgxpool.New(ctx, postgresql.Server.DSN("reader", benchDatabase))
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	q := connector.Query{Identifiers: []person.Identifier{{ID: uuid.New(), Kind: person.Email, Value: person.NewText(sender), Verified: true}}}
	ours := func() {
		n := 0
		if _, err := c.Find(ctx, q, nil, func(connector.Finding, connector.Cursor) error { n++; return nil }); err != nil || n != want {
			b.Fatalf("got %d records and %v, want %d", n, err, want)
		}
	}
	theirs := func() {
		rows, err := bare.Query(ctx, "SELECT id::text, sender, subject, body, sent::text, size::text FROM messages WHERE sender = $1 ORDER BY messages.id", sender)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		var id, from, subject, body, sent, size string
		for rows.Next() {
			if err := rows.Scan(&id, &from, &subject, &body, &sent, &size); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if rows.Err() != nil || n != want {
			b.Fatalf("bare: got %d rows and %v, want %d", n, rows.Err(), want)
		}
	}
	ours()
	theirs()
	var mine, other []time.Duration
	for b.Loop() {
		for range max(1, 300/want) { // small questions are too quick to be told apart
			mine, other = append(mine, timed(ours)), append(other, timed(theirs))
		}
	}
	b.ReportMetric(float64(quick(mine))/float64(quick(other)), "ratio")
	b.ReportMetric(float64(quick(mine).Microseconds()), "µs/find")
	b.ReportMetric(float64(quick(other).Microseconds()), "µs/bare")
	b.ReportMetric(0, "ns/op")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// quick is what the quicker quarter takes at most: the rest waits for other work
// of the machine.
func quick(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/4]
}
