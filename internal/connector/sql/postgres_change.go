package sql

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"einsicht/internal/connector"
)

// postgresChanging opens a connection for each transaction: none that can write
// lies about in between.
type postgresChanging struct {
	*postgres
	config  *pgx.ConnConfig
	timeout time.Duration
}

func (p *postgresChanging) begin(ctx context.Context, keep bool, f func(work) error) error {
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		return p.failed("connect", err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(end)
	}()
	if err := rawLetters(ctx, conn); err != nil {
		return p.failed("connect", err)
	}
	w := &postgresWork{postgresChanging: p, conn: conn.PgConn(), known: map[string][]dependent{}}
	// A constraint that waits for the end would be heard when nobody knows which
	// change it is about.
	for _, text := range []string{"BEGIN ISOLATION LEVEL READ COMMITTED", "SET CONSTRAINTS ALL IMMEDIATE"} {
		if _, err := w.exec(ctx, "begin", text); err != nil {
			return settled(err, "begin")
		}
	}
	if err = settled(f(w), "change"); err != nil || !keep {
		_, _ = w.exec(context.WithoutCancel(ctx), "end", "ROLLBACK") // closing does it as well
		return err
	}
	done, err := w.exec(context.WithoutCancel(ctx), "commit", "COMMIT")
	if err == nil && done.CommandTag.String() != "COMMIT" {
		return connector.Fail(connector.ErrUnreachable, "commit", done.CommandTag.String(), nil)
	}
	return settled(err, "commit")
}

func (p *postgresChanging) close() {}

// settled makes an error of a refusal that is not about a single change.
func settled(err error, place string) error {
	var said *refusal
	if errors.As(err, &said) {
		return connector.Fail(connector.ErrUnreachable, place, said.reason, nil)
	}
	return err
}

// postgresWork is such a transaction.
type postgresWork struct {
	*postgresChanging
	conn  *pgconn.PgConn
	known map[string][]dependent
}

// exec waits for the server a little longer than that does itself.
func (w *postgresWork) exec(ctx context.Context, place, text string, args ...[]byte) (*pgconn.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout+5*time.Second)
	defer cancel()
	result := w.conn.ExecParams(ctx, text, args, nil, nil, nil).Read()
	if result.Err == nil {
		return result, nil
	}
	var answered *pgconn.PgError
	if errors.As(result.Err, &answered) {
		switch said := refusedByPostgres(answered.Code); {
		case said != nil && w.conn.IsClosed(): // it refused, and was gone before anybody could go on
			return nil, unanswered(place, w.host, net.ErrClosed)
		case said != nil:
			return nil, said
		}
	}
	return nil, w.failed(place, result.Err)
}

// refusedByPostgres says what an SQLSTATE means for one change; nil: it is about
// more than that.
func refusedByPostgres(code string) *refusal {
	hindered := func(reason string) *refusal { return &refusal{state: connector.Hindered, reason: reason} }
	switch code {
	case "23503", "23001":
		return &refusal{state: connector.Hindered, reason: becauseForeignKey, order: true}
	case "23502":
		return hindered(becauseNotNull)
	case "23505":
		return hindered(becauseUnique)
	case "23514", "23P01", "44000":
		return hindered(becauseCheck)
	case "55P03", "57014": // lock_not_available, query_canceled
		return hindered(becauseLocked)
	case "42501":
		return &refusal{state: connector.Denied, reason: becauseDenied}
	case "25006":
		return &refusal{state: connector.Denied, reason: becauseStandby}
	}
	switch code[:min(2, len(code))] {
	case "22":
		return hindered(becauseValue)
	case "P0", "09", "27", "38", "39":
		return hindered(becauseTrigger)
	case "08", "25", "40", "53", "57", "58", "XX": // connection, transaction, resources, shutdown
		return nil
	}
	return hindered(becauseRefused)
}

func (w *postgresWork) mark(ctx context.Context) error {
	_, err := w.exec(ctx, "change", "SAVEPOINT einsicht")
	return settled(err, "change")
}

func (w *postgresWork) takeBack(ctx context.Context) error {
	_, err := w.exec(ctx, "change", "ROLLBACK TO SAVEPOINT einsicht")
	return settled(err, "change")
}

func (w *postgresWork) record(ctx context.Context, src *source, key []string) (*row, bool, error) {
	q := &postgresQuestion{statement: &statement{src: src}, fold: w.fold}
	where, ok := q.keyed(key)
	if !ok {
		return nil, false, nil
	}
	list, _ := src.written.columns(q)
	result, err := w.exec(ctx, src.Name, "SELECT "+list+" FROM "+src.quoted+" t WHERE "+where+" FOR UPDATE OF t", q.args...)
	if err != nil || len(result.Rows) != 1 {
		return nil, false, err
	}
	reader, err := newReader(q.statement, w.zone)
	if err != nil {
		return nil, false, err
	}
	r, err := reader.read(result.Rows[0])
	return r, err == nil && slices.Equal(r.key, key), err
}

func (w *postgresWork) set(ctx context.Context, src *source, key []string, values []assignment) (int, error) {
	q := &postgresQuestion{statement: &statement{src: src}, fold: w.fold}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	var sets []string
	for _, v := range values {
		x := ""
		if v.generalise != "" {
			x = "date_trunc('" + v.generalise + "', t." + q.quote(v.name) + ")::" + v.kind
		} else {
			// Untyped, it is read as the column's type is. Each has a place of its
			// own: two columns may read the same text otherwise.
			var arg []byte
			if s, ok := v.stored(v.text).(string); ok {
				arg = []byte(s)
			}
			q.args = append(q.args, arg)
			x = "$" + strconv.Itoa(len(q.args))
		}
		sets = append(sets, q.quote(v.name)+" = "+x)
	}
	return w.count(ctx, src, "UPDATE "+src.quoted+" t SET "+strings.Join(sets, ", ")+" WHERE "+where, q.args)
}

func (w *postgresWork) remove(ctx context.Context, src *source, key []string, list []dependent) (int, error) {
	q := &postgresQuestion{statement: &statement{src: src}, fold: w.fold}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	c := chain(q.quote, src, list)
	end := len(c.tables) - 1
	text := "DELETE FROM " + c.tables[end]
	if end > 0 {
		text += " USING " + strings.Join(c.tables[:end], ", ")
	}
	return w.count(ctx, src, text+" WHERE "+c.where(where), q.args)
}

func (w *postgresWork) count(ctx context.Context, src *source, text string, args [][]byte) (int, error) {
	result, err := w.exec(ctx, src.Name, text, args...)
	if err != nil {
		return 0, err
	}
	return int(result.CommandTag.RowsAffected()), nil
}

func (w *postgresWork) hanging(ctx context.Context, src *source, key []string, list []dependent) (int, error) {
	q := &postgresQuestion{statement: &statement{src: src}, fold: w.fold}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	c := chain(q.quote, src, list)
	result, err := w.exec(ctx, src.Name, "SELECT count(*)::text FROM "+strings.Join(c.tables, ", ")+" WHERE "+c.where(where), q.args...)
	if err != nil || len(result.Rows) != 1 {
		return 0, err
	}
	return strconv.Atoi(string(result.Rows[0][0]))
}

// Those of a partition are those of its table.
const draggedQuery = `SELECT c.conname, n.nspname, r.relname, o.attname, f.attname
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
CROSS JOIN unnest(c.confkey, c.conkey) k(own, other)
JOIN pg_attribute o ON o.attrelid = c.confrelid AND o.attnum = k.own JOIN pg_attribute f ON f.attrelid = c.conrelid AND f.attnum = k.other
WHERE c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd') AND c.confrelid = $1::text::regclass ORDER BY c.oid`

func (w *postgresWork) dragged(ctx context.Context, of relation) ([]dependent, error) {
	if list, ok := w.known[of.quoted]; ok {
		return list, nil
	}
	result, err := w.exec(ctx, "catalog", draggedQuery, []byte(of.quoted))
	if err != nil {
		return nil, err
	}
	var all draggedRows
	for _, r := range result.Rows {
		all.add(string(r[0])+" "+string(r[1])+" "+string(r[2]), pgx.Identifier{string(r[1]), string(r[2])}.Sanitize(), string(r[3]), string(r[4]))
	}
	w.known[of.quoted] = all.list
	return all.list, nil
}

// draggedRows collects columns by the name of their constraint.
type draggedRows struct {
	list []dependent
	last string
}

func (d *draggedRows) add(constraint, quoted, own, other string) {
	if constraint != d.last || len(d.list) == 0 {
		d.list, d.last = append(d.list, dependent{relation: relation{quoted: quoted}, on: map[string]string{}}), constraint
	}
	d.list[len(d.list)-1].on[own] = other
}
