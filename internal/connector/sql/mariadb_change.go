package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"einsicht/internal/connector"
)

// mariadbChanging opens a connection for each transaction: none that can write
// lies about in between.
type mariadbChanging struct {
	*mariadb            // that asks
	writers  *stdsql.DB // keeps none
	timeout  time.Duration
}

func (d *mariadbChanging) close() { d.writers.Close() }

// settling makes the output of a connection that may write the same everywhere,
// and bounds how long it waits for others to let go of a record.
type settling struct {
	driver.Connector
	patience time.Duration
}

// READ COMMITTED lets go of records that a search without an index only passed.
const sessionChanging = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"

func (s settling) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := s.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	seconds := strconv.Itoa(max(int(s.patience.Seconds()), 1))
	for _, text := range []string{sessionSettings, sessionChanging, "SET SESSION innodb_lock_wait_timeout = " + seconds + ", lock_wait_timeout = " + seconds} {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func (d *mariadbChanging) begin(ctx context.Context, keep bool, f func(work) error) error {
	conn, err := d.writers.Conn(ctx)
	if err != nil {
		return d.failed("connect", err)
	}
	defer conn.Close()
	w := &mariadbWork{mariadbChanging: d, conn: conn, known: map[string][]dependent{}}
	if _, err := w.exec(ctx, "begin", "START TRANSACTION"); err != nil {
		return settled(err, "begin")
	}
	err = settled(f(w), "change")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.timeout+5*time.Second)
	defer cancel()
	if err != nil || !keep {
		_, _ = w.exec(end, "end", "ROLLBACK") // closing does it as well
		return err
	}
	_, err = w.exec(end, "commit", "COMMIT")
	return settled(err, "commit")
}

// mariadbWork is such a transaction.
type mariadbWork struct {
	*mariadbChanging
	conn  *stdsql.Conn
	known map[string][]dependent
}

func (w *mariadbWork) exec(ctx context.Context, place, text string, args ...any) (int, error) {
	result, err := w.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, w.refusal(place, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, w.failed(place, err)
	}
	return int(n), nil
}

func (d *mariadb) refusal(place string, err error) error {
	var answered *mysql.MySQLError
	if errors.As(err, &answered) {
		if said := refusedByMariaDB(answered); said != nil {
			return said
		}
	}
	return d.failed(place, err)
}

// refusedByMariaDB says what an error means for one change; nil: it is about more
// than that.
func refusedByMariaDB(e *mysql.MySQLError) *refusal {
	hindered := func(reason string) *refusal { return &refusal{state: connector.Hindered, reason: reason} }
	switch e.Number {
	case 1216, 1217, 1451, 1452:
		return &refusal{state: connector.Hindered, reason: becauseForeignKey, order: true}
	case 1048, 1364:
		return hindered(becauseNotNull)
	case 1062, 1169, 1586:
		return hindered(becauseUnique)
	case 1369, 3819, 4025:
		return hindered(becauseCheck)
	case 1205, 1969, 3024:
		return hindered(becauseLocked)
	case 1044, 1095, 1142, 1143, 1227, 1370:
		return &refusal{state: connector.Denied, reason: becauseDenied}
	case 1290, 1792, 1836:
		return &refusal{state: connector.Denied, reason: becauseStandby}
	case 1264, 1265, 1292, 1366, 1406:
		return hindered(becauseValue)
	case 1020, 1053, 1180, 1213, 1305, 1317, 1614, 1927: // the transaction, or the server, is at its end
		return nil
	}
	switch state := string(e.SQLState[:]); {
	case state == "45000":
		return hindered(becauseTrigger)
	case state[:2] == "22":
		return hindered(becauseValue)
	case slices.Contains([]string{"08", "28", "40", "70"}, state[:2]):
		return nil
	}
	return hindered(becauseRefused)
}

func (w *mariadbWork) mark(ctx context.Context) error {
	_, err := w.exec(ctx, "change", "SAVEPOINT einsicht")
	return settled(err, "change")
}

func (w *mariadbWork) takeBack(ctx context.Context) error {
	_, err := w.exec(ctx, "change", "ROLLBACK TO SAVEPOINT einsicht")
	return settled(err, "change")
}

func (w *mariadbWork) record(ctx context.Context, src *source, key []string) (found *row, there bool, err error) {
	err = w.read(ctx, w.conn, src, [][]string{key}, " FOR UPDATE", func(r *row) error {
		found, there = r, slices.Equal(r.key, key) // the only one
		return nil
	})
	return found, there, err
}

func (w *mariadbWork) set(ctx context.Context, src *source, key []string, values []assignment) (int, error) {
	q := &mariadbQuestion{statement: &statement{src: src}}
	var sets []string
	for _, v := range values {
		x, column := "?", "t."+q.quote(v.name)
		switch v.generalise {
		case "year":
			x = "DATE_FORMAT(" + column + ", '%Y-01-01')"
		case "month":
			x = "DATE_FORMAT(" + column + ", '%Y-%m-01')"
		default:
			q.args = append(q.args, v.stored(v.text))
		}
		sets = append(sets, column+" = "+x)
	}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	return w.exec(ctx, src.Name, "UPDATE "+src.quoted+" t SET "+strings.Join(sets, ", ")+" WHERE "+where, q.args...)
}

func (w *mariadbWork) remove(ctx context.Context, src *source, key []string, list []dependent) (int, error) {
	q := &mariadbQuestion{statement: &statement{src: src}}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	c := chain(q.quote, src, list)
	return w.exec(ctx, src.Name, "DELETE "+c.last+" FROM "+strings.Join(c.tables, ", ")+" WHERE "+c.where(where, toTheLetter(c.joins)), q.args...)
}

// hanging reads what is, not what was when the transaction began.
func (w *mariadbWork) hanging(ctx context.Context, src *source, key []string, list []dependent) (n int, err error) {
	q := &mariadbQuestion{statement: &statement{src: src}}
	where, ok := q.keyed(key)
	if !ok {
		return 0, nil
	}
	c := chain(q.quote, src, list)
	text := "SELECT count(*) FROM " + strings.Join(c.tables, ", ") + " WHERE " + c.where(where)
	if err := w.conn.QueryRowContext(ctx, text, q.args...).Scan(&n); err != nil {
		return 0, w.refusal(src.Name, err)
	}
	return n, nil
}

const mariadbDragged = `SELECT k.constraint_name, k.table_schema, k.table_name, k.referenced_column_name, k.column_name
FROM information_schema.referential_constraints r JOIN information_schema.key_column_usage k
	ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name
WHERE r.unique_constraint_schema = ? AND r.referenced_table_name = ? AND r.delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position`

// dragged knows what the catalog shows: tables that the account has a right to.
func (w *mariadbWork) dragged(ctx context.Context, of relation) ([]dependent, error) {
	if list, ok := w.known[of.quoted]; ok {
		return list, nil
	}
	var all draggedRows
	err := (mariadbCatalog{&mariadbSnapshot{w.mariadb, w.conn}}).each(ctx, mariadbDragged, []any{of.schema, of.name}, func(v []string) {
		all.add(strings.Join(v[:3], " "), backticks(v[1], v[2]), v[3], v[4])
	})
	w.known[of.quoted] = all.list
	return all.list, err
}
