package sql

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"einsicht/internal/connector"
)

// ask sends what belongs together at once, for each answer that is waited for
// costs as much as a small question itself.
func (p *postgres) ask(ctx context.Context, f func(snapshot) error) error {
	for again := 0; ; again++ {
		s, err := p.askOnce(ctx, f)
		if err == nil || again > 1 || ctx.Err() != nil || s.some || s.stalled.Load() {
			return err
		}
		var said *connector.Failure
		switch {
		case errors.Is(err, connector.ErrUnreachable) && s.asked && !s.answered:
			// The server went away while the connection was idle.
		case errors.As(err, &said) && slices.Contains(misprepared, said.Code) && !p.pooled.Swap(true):
			// A pooler in between gave us a server that knows nothing of what
			// was prepared, or the table changed.
		default:
			return err
		}
		p.pool.Reset()
	}
}

// misprepared: invalid_sql_statement_name, duplicate_prepared_statement,
// feature_not_supported (a plan whose columns changed).
var misprepared = []string{"26000", "42P05", "0A000"}

func (p *postgres) askOnce(ctx context.Context, f func(snapshot) error) (*postgresSnapshot, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return &postgresSnapshot{}, p.failed("connect", err)
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	pg := conn.Conn().PgConn()
	s := &postgresSnapshot{postgres: p, stop: stop, pg: pg, pipe: pg.StartPipeline(asking)}
	p.watch.add(s)
	err = f(s)
	p.watch.remove(s)
	if err != nil || s.open {
		stop() // what the server still wanted to say is not read, and nothing is as it was prepared
	}
	if closed := s.pipe.Close(); closed != nil && err == nil {
		err = s.failure("connect", closed)
	}
	if pg.IsClosed() || pg.TxStatus() == 'I' {
		conn.Release()
	} else {
		// There is nothing to keep, and nobody has to wait until it is forgotten.
		go rollback(context.WithoutCancel(ctx), conn)
	}
	return s, err
}

func rollback(ctx context.Context, conn *pgxpool.Conn) {
	defer conn.Release() // closes one that is still in a transaction
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, _ = conn.Conn().PgConn().Exec(ctx, "ROLLBACK").ReadAll()
}

// postgresSnapshot begins with the first question.
type postgresSnapshot struct {
	*postgres
	pg       *pgconn.PgConn
	pipe     *pgconn.Pipeline
	stop     context.CancelFunc
	new      []string // statements whose preparation was sent
	began    bool
	asked    bool
	answered bool // the server said anything
	some     bool // a row was handed out
	open     bool // an answer was not read to its end

	turns   atomic.Int64 // odd: we wait for the server; even: for our own side
	stalled atomic.Bool  // the server let us wait too long
}

// rows reads the answer off the wire row by row, so memory holds one of them
// whatever the database has. No cursor: it would keep the database from
// working with several processes.
func (s *postgresSnapshot) rows(_ context.Context, st *statement, yield func(*row) error) error {
	q := &postgresQuestion{statement: st, fold: s.fold}
	text := q.build()
	r, err := newReader(st, s.zone)
	if err != nil {
		return err
	}
	// One question alone is a snapshot by itself, and the session can't write.
	if alone := st.last && !s.began && s.settled && !s.fold.guesses(); !alone {
		s.begin()
		s.send(text, q.args...)
		if st.last && !s.fold.guesses() {
			s.send("ROLLBACK")
		}
	} else {
		s.send(text, q.args...)
	}
	return s.fetch(st.src.Name, func(raw [][]byte) error {
		row, err := r.read(raw)
		if err != nil {
			return err
		}
		return yield(row)
	})
}

// begin opens the transaction once.
func (s *postgresSnapshot) begin() {
	if !s.began {
		s.began = true
		s.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	}
}

// send prepares a statement where it is new to the connection: the same ones
// come again for the next person, and what they answer is known then.
func (s *postgresSnapshot) send(text string, args ...[]byte) {
	types := make([]uint32, len(args))
	for i := range types {
		types[i] = pgtype.TextOID
	}
	known := s.prepared()
	if d := known[text]; d != nil && !s.pooled.Load() {
		s.pipe.SendQueryStatement(d, args, nil, nil)
		return
	}
	if s.pooled.Load() || len(known)+len(s.new) >= mostPrepared {
		s.pipe.SendQueryParams(text, args, types, nil, nil)
		return
	}
	name := preparedName(len(known) + len(s.new))
	s.new = append(s.new, text)
	s.pipe.SendPrepare(name, text, types)
	s.pipe.SendQueryPrepared(name, args, nil, nil)
}

func preparedName(n int) string { return "einsicht_" + strconv.Itoa(n) }

// prepared is what the connection knows.
func (s *postgresSnapshot) prepared() map[string]*pgconn.StatementDescription {
	known, _ := s.pg.CustomData()["einsicht"].(map[string]*pgconn.StatementDescription)
	if known == nil {
		known = map[string]*pgconn.StatementDescription{}
		s.pg.CustomData()["einsicht"] = known
	}
	return known
}

const mostPrepared = 100

// fetch waits for the answers to what was sent.
func (s *postgresSnapshot) fetch(place string, row func([][]byte) error) error {
	s.asked = true
	s.turns.Add(1)
	defer func() { s.turns.Add(s.turns.Load() & 1) }()
	if err := s.pipe.Sync(); err != nil {
		return s.failure(place, err)
	}
	for {
		answer, err := s.pipe.GetResults()
		if err != nil {
			var refused *pgconn.PgError
			s.answered = s.answered || errors.As(err, &refused) && refused.Severity != "FATAL"
			return s.failure(place, err)
		}
		s.answered = true
		switch a := answer.(type) {
		case *pgconn.PipelineSync:
			return nil
		case *pgconn.StatementDescription:
			known := s.prepared()
			a.Name = preparedName(len(known))
			known[s.new[0]] = a
			s.new = s.new[1:]
		case *pgconn.ResultReader:
			s.open = true
			for a.NextRow() {
				s.turns.Add(1)
				s.some = true
				if err := row(a.Values()); err != nil {
					return err
				}
				s.turns.Add(1)
			}
			s.open = false
			if _, err := a.Close(); err != nil {
				return s.failure(place, err)
			}
		}
	}
}

func (s *postgresSnapshot) failure(place string, err error) error {
	if s.stalled.Load() {
		return connector.Fail(connector.ErrUnreachable, place, "timeout", nil)
	}
	return s.failed(place, err)
}

func (s *postgresSnapshot) unreadable(_ context.Context, st *statement) (n int, err error) {
	if !s.fold.guesses() {
		return 0, nil
	}
	q := &postgresQuestion{statement: st, fold: s.fold}
	text := q.incomparable()
	if text == "" {
		return 0, nil
	}
	s.send(text, q.args...)
	err = s.fetch(st.src.Name, func(raw [][]byte) error {
		n, _ = strconv.Atoi(string(raw[0]))
		return nil
	})
	return n, err
}

// reader makes rows of what PostgreSQL sends, always in the same row.
type reader struct {
	st    *statement
	zone  *time.Location
	keys  []int // where the parts of the key stand
	times []int // of source.times
	all   []string
	row   row
	text  []byte
	ends  []int
	// doubts, by statement.sets, judge the names for which a set led to the row.
	doubts []*doubt
}

func newReader(st *statement, zone *time.Location) (*reader, error) {
	r := &reader{st: st, zone: zone, times: st.src.times()}
	digest := len(st.src.columns)
	for _, name := range st.src.Key {
		if st.src.withheld(name) {
			r.keys = append(r.keys, digest)
			digest++
		} else {
			r.keys = append(r.keys, st.src.place(name))
		}
	}
	r.all = make([]string, digest)
	r.row = row{values: r.all[:len(st.src.columns)], times: make([]time.Time, len(r.times)), led: make([]connector.Confidence, len(st.sets))}
	r.doubts = make([]*doubt, len(st.sets))
	for i, c := range st.sets {
		if st.doubted(c) {
			whose, err := st.whose(c)
			if err != nil {
				return nil, err
			}
			r.doubts[i] = &doubt{clue: c, whose: whose}
		}
	}
	return r, nil
}

func (r *reader) read(raw [][]byte) (*row, error) {
	// One string for all of a record, of which each value is a part.
	r.text, r.ends = r.text[:0], r.ends[:0]
	for _, v := range raw[:len(r.all)] {
		r.text = append(r.text, v...)
		r.ends = append(r.ends, len(r.text))
	}
	all, from := string(r.text), 0
	for i, end := range r.ends {
		r.all[i], from = all[from:end], end
	}
	r.row.key = make([]string, len(r.keys))
	for i, place := range r.keys {
		r.row.key[i] = r.all[place]
	}
	for i, place := range r.times {
		r.row.times[i] = instant(r.all[place], r.st.src.columns[place].when, r.zone)
	}
	r.row.confidence = connector.Check
	flags := raw[len(r.all):]
	for i := range r.row.led {
		r.row.led[i] = ""
		switch {
		case r.doubts[i] != nil && flags[i] != nil:
			sure, err := r.doubts[i].judge(flags[i])
			if err != nil {
				return nil, connector.Fail(connector.ErrBroken, r.st.src.Name, "", nil)
			}
			r.row.led[i] = sure
		case r.doubts[i] == nil && (len(flags) == 0 || len(flags[i]) == 4): // "true"
			r.row.led[i] = r.st.sets[i].Confidence
		}
		r.row.confidence = r.row.confidence.Best(r.row.led[i])
	}
	return &r.row, nil
}
