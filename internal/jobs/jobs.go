// Package jobs does later, and again if need be, what must follow from a change
// in a case. It is the only room with River.
//
// A job is added in the transaction of what it follows from: either both are
// there or neither. Its arguments are ids and nothing else, and it may run
// twice, always.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"einsicht/internal/casefile"
	"einsicht/internal/postgres"
)

// Work is what a kind of job does with its object. attempt counts from 1.
type Work func(ctx context.Context, authority, object uuid.UUID, attempt int) error

// ErrAgain is for work that was cut into slices: run the job again at once. It
// is no failure and costs no attempt.
var ErrAgain = errors.New("more to do")

// ErrLater is for work that can't be done yet through nobody's fault: run the job
// again in a moment, behind those that wait. It costs no attempt either.
var ErrLater = errors.New("not yet")

// Attempts is how often a job is tried before it is given up.
var Attempts = len(casefile.Pauses) + 1

// A job that takes longer is cut off; one whose process died is found again.
const (
	jobTimeout = 50 * time.Second
	rescue     = 60 * time.Second
)

// moment is how long ErrLater asks for.
const moment = 5 * time.Second

// printing is the queue of letters: to print one takes seconds, and nobody's
// receipt shall wait for that.
const printing = "printing"

// gathering is the queue of questions to systems: they wait on others, a fast
// system must not wait for a slow one, and a mail for neither.
const gathering = "gathering"

// queueOf says where a job waits.
var queueOf = map[casefile.Job]string{casefile.JobLetter: printing, casefile.JobGather: gathering, casefile.JobTry: gathering,
	casefile.JobRehearse: gathering, casefile.JobChange: gathering}

// Queue adds jobs and, when started, works on them.
type Queue struct {
	client *river.Client[pgx.Tx]
	pool   *pgxpool.Pool
}

// Options are what a program may set.
type Options struct {
	// Work names what each kind of job does. A process that only adds jobs has
	// none; one that works must know all kinds.
	Work    map[casefile.Job]Work
	Workers int // jobs at once
	// Gathering is how many systems are asked at once. A question holds a
	// connection to the database only while it writes what came.
	Gathering int
	Log       *slog.Logger
}

// New returns the queue of a database.
func New(db *postgres.DB, o Options) (*Queue, error) {
	cfg := &river.Config{
		Logger:               slog.New(slog.NewTextHandler(io.Discard, nil)), // the wrapper below logs; River would quote errors
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescue,
		MaxAttempts:          Attempts,
		RetryPolicy:          policy{},
		// Jobs done hold ids only; a day is enough to look at them.
		CompletedJobRetentionPeriod: 24 * time.Hour,
	}
	if len(o.Work) > 0 {
		cfg.Workers = river.NewWorkers()
		for _, job := range casefile.Jobs {
			work, ok := o.Work[job]
			if !ok {
				return nil, fmt.Errorf("no work for job %s: a worker must know every kind", job)
			}
			river.AddWorkerArgs(cfg.Workers, args{kind: string(job)}, &worker{job: job, work: work, log: o.Log})
		}
		cfg.Queues = map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: max(1, o.Workers), FetchCooldown: 20 * time.Millisecond},
			gathering:          {MaxWorkers: max(1, o.Gathering), FetchCooldown: 20 * time.Millisecond},
			printing:           {MaxWorkers: 2, FetchCooldown: 20 * time.Millisecond},
		}
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), cfg)
	if err != nil {
		return nil, fmt.Errorf("set up the queue: %w", err)
	}
	return &Queue{client: client, pool: db.Pool()}, nil
}

// Migrate makes River's tables, as the owner of the schema.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return fmt.Errorf("prepare the queue's migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}

// Start begins to work on jobs.
func (q *Queue) Start(ctx context.Context) error { return q.client.Start(ctx) }

// Stop lets running jobs finish until the context ends, then cuts them off.
func (q *Queue) Stop(ctx context.Context) error {
	if err := q.client.Stop(ctx); err != nil {
		return q.client.StopAndCancel(context.WithoutCancel(ctx))
	}
	return nil
}

// Enqueue adds jobs for one object in the transaction of the context.
func (q *Queue) Enqueue(ctx context.Context, authority, object uuid.UUID, jobs ...casefile.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		params[i].Args = args{kind: string(job), Authority: authority, Object: object}
		if queue, ok := queueOf[job]; ok {
			params[i].InsertOpts = &river.InsertOpts{Queue: queue}
		}
	}
	err := postgres.Conn(ctx, func(conn *pgx.Conn) error {
		_, err := q.client.InsertManyFastTx(ctx, joined{conn}, params)
		return err
	})
	if err != nil {
		return fmt.Errorf("enqueue %v: %w", jobs, err)
	}
	return nil
}

// args are all that a job knows.
type args struct {
	kind      string
	Authority uuid.UUID `json:"authority"`
	Object    uuid.UUID `json:"object"`
}

// Kind tells River which work it is.
func (a args) Kind() string { return a.kind }

// worker keeps what River stores of a failure free of anything about a person:
// an error's text may quote what it was about, and a panic's value too.
type worker struct {
	river.WorkerDefaults[args]
	job  casefile.Job
	work Work
	log  *slog.Logger
}

// Work runs the job once.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) (err error) {
	id := uuid.New() // joins what River keeps with the line in the log
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("job panicked", "job", w.job, "object", job.Args.Object, "attempt", job.Attempt, "correlation", id)
			err = fmt.Errorf("panic in %s, correlation %s", w.job, id)
		}
	}()
	err = w.work(ctx, job.Args.Authority, job.Args.Object, job.Attempt)
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrAgain) {
		return river.JobSnooze(0)
	}
	if errors.Is(err, ErrLater) {
		return river.JobSnooze(moment)
	}
	w.log.Warn("job failed", "job", w.job, "object", job.Args.Object, "attempt", job.Attempt, "correlation", id, "error", err)
	return fmt.Errorf("%s failed, correlation %s", w.job, id)
}

// policy says when a job is tried again.
type policy struct{}

func (policy) NextRetry(job *rivertype.JobRow) time.Time {
	// The attempt that just failed counts from 1.
	return time.Now().Add(casefile.Pauses[min(max(job.Attempt, 1), len(casefile.Pauses))-1])
}
