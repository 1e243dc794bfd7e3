package sql

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
)

// How many rows are fetched at once: the more, the fewer questions; but the
// time a question may take includes ours with its rows. Rows are read off the
// wire one by one, so memory holds one of them whatever it is.
const (
	leastRows = 100
	mostRows  = 6400
	brisk     = 200 * time.Millisecond // for a batch: the next may be larger
)

// ask sends what belongs together at once, for each answer that is waited for
// costs as much as a small question itself.
func (p *postgres) ask(ctx context.Context, f func(snapshot) error) error {
	silent, err := p.askOnce(ctx, f)
	if silent && errors.Is(err, connector.ErrUnreachable) && ctx.Err() == nil {
		p.pool.Reset() // the server went away while the connection was idle
		_, err = p.askOnce(ctx, f)
	}
	return err
}

// askOnce says also whether the server said nothing at all.
func (p *postgres) askOnce(ctx context.Context, f func(snapshot) error) (silent bool, err error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return false, postgresFailure("connect", err)
	}
	s := &postgresSnapshot{fold: p.fold, pipe: conn.Conn().PgConn().StartPipeline(ctx)}
	err = f(s)
	if closed := s.pipe.Close(); closed != nil && err == nil {
		err = postgresFailure("connect", closed)
	}
	// There is nothing to keep, and nobody has to wait until it is forgotten.
	go rollback(context.WithoutCancel(ctx), conn)
	return s.began && !s.answered, err
}

func rollback(ctx context.Context, conn *pgxpool.Conn) {
	defer conn.Release() // closes one that is broken or still in a transaction
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if pg := conn.Conn().PgConn(); !pg.IsClosed() && pg.TxStatus() != 'I' {
		_, _ = pg.Exec(ctx, "ROLLBACK").ReadAll()
	}
}

// postgresSnapshot begins with the first question.
type postgresSnapshot struct {
	fold        folding
	pipe        *pgconn.Pipeline
	began, open bool // the transaction, a cursor in it
	answered    bool
}

// rows reads through a cursor of the server.
func (s *postgresSnapshot) rows(ctx context.Context, st *statement, yield func(*row) error) error {
	q := &postgresQuestion{statement: st, fold: s.fold}
	text := q.build()
	before := s.begin()
	if s.open {
		s.send("CLOSE einsicht")
		before++
	}
	s.send("DECLARE einsicht NO SCROLL CURSOR FOR "+text, q.args...)
	s.open = true
	r := newReader(st)
	for size, skip := leastRows, before+1; ; skip = 0 {
		started := time.Now()
		s.send("FETCH FORWARD " + strconv.Itoa(size) + " FROM einsicht")
		n, err := s.fetch(st.src.Name, skip, func(raw [][]byte) error { return yield(r.read(raw)) })
		if err != nil || n < size {
			return err
		}
		if ctx.Err() != nil { // nobody waits: nothing more is asked
			return connector.Fail(connector.ErrUnreachable, st.src.Name, "", ctx.Err())
		}
		switch took := time.Since(started); {
		case took < brisk:
			size = min(2*size, mostRows)
		case took > 5*brisk:
			size = max(size/2, leastRows)
		}
	}
}

// begin opens the transaction once and says how many answers it adds.
func (s *postgresSnapshot) begin() int {
	if s.began {
		return 0
	}
	s.began = true
	s.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	return 1
}

func (s *postgresSnapshot) send(text string, args ...[]byte) {
	types := make([]uint32, len(args))
	for i := range types {
		types[i] = pgtype.TextOID
	}
	s.pipe.SendQueryParams(text, args, types, nil, nil)
}

// fetch waits for what was sent: some answers without rows, then one with
// rows. It says how many.
func (s *postgresSnapshot) fetch(place string, skip int, row func([][]byte) error) (n int, err error) {
	if err := s.pipe.Sync(); err != nil {
		return 0, postgresFailure(place, err)
	}
	for {
		answer, err := s.pipe.GetResults()
		if err != nil {
			var refused *pgconn.PgError
			s.answered = s.answered || errors.As(err, &refused) && refused.Severity != "FATAL"
			return n, postgresFailure(place, err)
		}
		s.answered = true
		switch a := answer.(type) {
		case *pgconn.PipelineSync:
			return n, nil
		case *pgconn.ResultReader:
			for skip == 0 && a.NextRow() {
				n++
				if err := row(a.Values()); err != nil {
					return n, err // closing the pipeline reads the rest of the batch
				}
			}
			skip--
			if _, err := a.Close(); err != nil {
				return n, postgresFailure(place, err)
			}
		}
	}
}

func (s *postgresSnapshot) unreadable(_ context.Context, st *statement) (n int, err error) {
	if s.fold.encoding != "SQL_ASCII" {
		return 0, nil
	}
	q := &postgresQuestion{statement: st, fold: s.fold}
	text := q.incomparable()
	if text == "" {
		return 0, nil
	}
	s.send(text, q.args...)
	_, err = s.fetch(st.src.Name, 0, func(raw [][]byte) error {
		n, _ = strconv.Atoi(string(raw[0]))
		return nil
	})
	return n, err
}

// reader makes rows of what PostgreSQL sends, always in the same row.
type reader struct {
	st   *statement
	row  row
	text []byte
	ends []int
}

func newReader(st *statement) *reader {
	return &reader{st: st, row: row{
		values: make([]string, len(st.src.columns)), times: make([]time.Time, len(st.src.times())), led: make([]bool, len(st.sets)),
	}}
}

func (r *reader) read(raw [][]byte) *row {
	// One string for all of a record, of which each value is a part.
	r.text, r.ends = r.text[:0], r.ends[:0]
	keys := len(r.st.src.Key)
	values := raw[:keys+len(r.row.values)]
	for _, v := range values {
		r.text = append(r.text, v...)
		r.ends = append(r.ends, len(r.text))
	}
	all, from := string(r.text), 0
	r.row.key = make([]string, keys)
	for i, end := range r.ends {
		if i < keys {
			r.row.key[i] = all[from:end]
		} else {
			r.row.values[i-keys] = all[from:end]
		}
		from = end
	}
	raw = raw[len(values):]
	for i := range r.row.times {
		r.row.times[i], _ = time.Parse(time.RFC3339, string(raw[i])) // an empty one is no time
	}
	r.row.confidence = connector.Check
	for i, v := range raw[len(r.row.times):] {
		if r.row.led[i] = len(v) == 4; r.row.led[i] { // "true"
			r.row.confidence = r.row.confidence.Best(r.st.sets[i].Confidence)
		}
	}
	return &r.row
}
