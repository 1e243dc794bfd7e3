package gathering

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
)

// ErrMore says that a job ended before the system had given everything: it is
// to run again at once and goes on where it stopped.
var ErrMore = errors.New("the system has more to give")

// One commit holds so many findings, or so many bytes of their values if that is
// less: a system of pictures needs no more memory than one of lines.
const (
	batch      = 200
	batchBytes = 4 << 20
)

// Gather asks the system of one inquiry. It may run twice: records are known by
// their reference and the place reached is kept with them. It returns ErrMore
// when pause, a time of the machine's clock, is reached, and a connector.Failure
// when the system failed.
func (s *Gathering) Gather(ctx context.Context, authority, inquiry uuid.UUID, now, pause time.Time) error {
	run, err := s.begin(ctx, authority, inquiry, now)
	if err != nil || run.inquiry.State != casefile.Asked || run.c.State.Over() {
		return err
	}
	run.query.Pause = pause
	source, err := s.Sources.Open(ctx, authority, run.inquiry.System)
	if err != nil {
		return err
	}
	defer source.Close()

	answer, err := source.Find(ctx, run.query, run.text.Cursor, func(f connector.Finding, at connector.Cursor) error {
		run.findings, run.text.Cursor, run.size = append(run.findings, f), at, run.size+size(f)
		if len(run.findings) < batch && run.size < batchBytes {
			return nil
		}
		return s.keep(ctx, run)
	})
	if err != nil {
		run.hear(answer)
		return errors.Join(err, s.keep(ctx, run))
	}
	run.hear(answer)
	if answer.Next != nil {
		run.text.Cursor = answer.Next
		return errors.Join(ErrMore, s.keep(ctx, run))
	}
	return s.finish(ctx, run, answer)
}

// run is one job's work on one inquiry.
type run struct {
	c        casefile.Case
	inquiry  casefile.Inquiry
	text     casefile.InquiryText
	query    connector.Query
	findings []connector.Finding // found, not yet kept
	rows     []casefile.Finding  // of them, sealed
	size     int                 // of their values, in bytes
	now      time.Time
}

// hear adds what the system said about the part of it that was asked now to what
// it said about the parts before.
func (r *run) hear(a connector.Answer) {
	for _, g := range a.Gaps {
		r.text.Gaps = append(r.text.Gaps, casefile.Gap{Place: g.Place, Reason: g.Reason, Count: g.Count})
	}
	if before := r.text.GoneBefore; before.IsZero() || !a.From.IsZero() && a.From.Before(before) {
		r.text.GoneBefore = a.From
	}
	if a.Reason != "" {
		r.text.Reason = a.Reason
	}
}

// current says whether the inquiry still waits for this run: a job may run twice,
// and the other run may have been faster. The caller holds the case's lock.
func (s *Gathering) current(ctx context.Context, inquiry uuid.UUID) (bool, error) {
	q, err := s.Findings.Inquiry(ctx, inquiry)
	return q.State == casefile.Asked, err
}

// begin reads whom to look for. There is nothing to do for an inquiry that was
// answered meanwhile or whose case is over.
func (s *Gathering) begin(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) (*run, error) {
	r := &run{now: now}
	return r, s.Units.View(ctx, authority, func(ctx context.Context) error {
		var err error
		if r.inquiry, err = s.Findings.Inquiry(ctx, inquiry); err != nil {
			return err
		}
		if r.c, err = s.Cases.Case(ctx, r.inquiry.Case); err != nil {
			return err
		}
		if r.text, err = s.InquiryText(ctx, r.c, r.inquiry); err != nil {
			return err
		}
		r.query, err = s.query(ctx, r.c)
		return err
	})
}

func (s *Gathering) query(ctx context.Context, c casefile.Case) (connector.Query, error) {
	identifiers, err := s.Identifiers(ctx, c)
	if err != nil {
		return connector.Query{}, err
	}
	q := connector.Query{ReceivedAt: c.ReceivedAt}
	for _, d := range identifiers {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: d.ID, Kind: d.Kind, Value: d.Value, Verified: d.Verified(), Record: d.Record})
	}
	return q, nil
}

// finish writes the system's answer and moves the case on if it was the last.
func (s *Gathering) finish(ctx context.Context, r *run, answer connector.Answer) error {
	if err := s.seal(ctx, r); err != nil {
		return err
	}
	return s.Units.InTx(ctx, r.c.Authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, r.c.ID)
		if err != nil || c.State.Over() {
			return err
		}
		if current, err := s.current(ctx, r.inquiry.ID); err != nil || !current {
			return err
		}
		if err := s.keepFindings(ctx, r); err != nil {
			return err
		}
		counts, err := s.Findings.FindingCounts(ctx, c.ID)
		if err != nil {
			return err
		}
		r.inquiry.State = outcome(answer, counts[r.inquiry.System])
		r.inquiry.AnsweredAt = r.now
		r.text.Cursor = nil
		if err := s.saveInquiry(ctx, r); err != nil {
			return err
		}
		if err := s.Findings.FinishTask(ctx, c.ID, casefile.TaskRepair, r.inquiry.System, uuid.Nil, r.now); err != nil {
			return err
		}
		actor := casefile.Actor{Role: casefile.System, Authority: c.Authority}
		if err := s.Ledger.Record(ctx, ledger.SystemAnswered, c.ID, actor, map[string]string{"system": r.inquiry.System, "state": string(r.inquiry.State)}, r.now); err != nil {
			return err
		}
		return s.settle(ctx, &c, r.now)
	})
}

// Fail records that a system did not answer after all attempts: staff get a
// task, the case is partial and goes on.
func (s *Gathering) Fail(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		q, err := s.Findings.Inquiry(ctx, inquiry)
		if err != nil {
			return err
		}
		c, err := s.Cases.Lock(ctx, q.Case)
		if err != nil {
			return err
		}
		if current, err := s.current(ctx, inquiry); err != nil || !current {
			return err
		}
		q.State = casefile.Failed
		if err := s.Findings.PutInquiries(ctx, []casefile.Inquiry{q}); err != nil {
			return err
		}
		task := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskRepair, System: q.System, CreatedAt: now, DueOn: c.Warn}
		if err := s.Findings.PutTasks(ctx, []casefile.Task{task}); err != nil {
			return err
		}
		actor := casefile.Actor{Role: casefile.System, Authority: c.Authority}
		if err := s.Ledger.Record(ctx, ledger.SystemFailed, c.ID, actor, map[string]string{"system": q.System}, now); err != nil {
			return err
		}
		return s.settle(ctx, &c, now)
	})
}

// outcome: what earlier questions of the case found stays found.
func outcome(a connector.Answer, known int) casefile.InquiryState {
	switch {
	case known > 0:
		return casefile.FoundSome
	case a.Outcome == connector.Unattributable:
		return casefile.Unattributable
	}
	return casefile.FoundNothing
}
