package gathering

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
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
// their reference. It returns ErrMore when pause, a time of the machine's clock,
// is reached, and a connector.Failure when the system failed.
//
// Findings are kept as they come; the place reached is kept only together with
// what the system said about the part before it. A run that is killed in between
// leaves the place where it began: the next finds the same records again, and
// hears of the same gaps.
func (s *Gathering) Gather(ctx context.Context, authority, inquiry uuid.UUID, now, pause time.Time) error {
	err := s.gather(ctx, authority, inquiry, now, pause)
	if errors.Is(err, errSettled) {
		return nil
	}
	return err
}

func (s *Gathering) gather(ctx context.Context, authority, inquiry uuid.UUID, now, pause time.Time) error {
	run, err := s.begin(ctx, authority, inquiry, now)
	if err != nil || run.inquiry.State != casefile.Asked || run.c.State.Over() {
		return err
	}
	run.query.Pause = pause
	source, err := s.Sources.Open(ctx, authority, run.inquiry.System)
	if errors.Is(err, connector.ErrBusy) {
		return errors.Join(err, s.keep(ctx, run)) // a sign of life, for the sweep
	}
	if err != nil {
		return errors.Join(err, s.stumbled(ctx, run, err))
	}
	defer source.Close()

	refused := false
	answer, err := source.Find(ctx, run.query, run.text.Cursor, func(f connector.Finding, at connector.Cursor) error {
		err := s.take(ctx, run, f, at)
		if err == nil && (len(run.findings) >= batch || run.size >= batchBytes) {
			err = s.keep(ctx, run)
		}
		var theirs *connector.Failure // in the middle of a file
		refused = err != nil && !errors.As(err, &theirs)
		return err
	})
	switch {
	case refused: // our own error; what the system would have said nobody knows
		return err
	case err != nil:
		if run.at != nil { // else nothing came, and all will be said again
			run.hear(answer, run.at)
		}
		run.trouble(err)
		return errors.Join(err, s.keep(ctx, run))
	case answer.Next != nil:
		run.hear(answer, answer.Next)
		return errors.Join(ErrMore, s.keep(ctx, run))
	}
	run.hear(answer, nil)
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
	size     int64               // of their values and files, in bytes
	at       connector.Cursor    // behind the last of them; the system has not told about the part before yet
	offices  offices
	now      time.Time
}

// take keeps the files of a finding and remembers the rest of it.
func (s *Gathering) take(ctx context.Context, r *run, f connector.Finding, at connector.Cursor) error {
	if f.Confidence.Worst(connector.Sure) == connector.Check {
		f.Hints = nil // nobody knows whether the record is the person's
	}
	r.offices.unmark(&f)
	if err := s.takeFiles(ctx, r, &f); err != nil {
		return err
	}
	r.findings, r.at, r.size = append(r.findings, f), at, r.size+size(f)
	return nil
}

// takeFiles streams the files of a finding out of the system. They lie nowhere that
// anybody knows until the finding is kept; so none waits for a long one behind it.
func (s *Gathering) takeFiles(ctx context.Context, r *run, f *connector.Finding) error {
	cloned := false
	for i, field := range f.Fields {
		if field.Body == nil {
			continue
		}
		if long := field.Body.Size < 0 || field.Body.Size > batchBytes; long && len(r.findings) > 0 {
			if err := s.keep(ctx, r); err != nil {
				return err
			}
		}
		if !cloned {
			f.Fields, cloned = slices.Clone(f.Fields), true // the connector may go on with its own
		}
		var err error
		if f.Fields[i], err = s.KeepBody(ctx, r.c, field); err != nil {
			return err
		}
	}
	return nil
}

// hear adds what the system said about the part up to a place to what it said
// about the parts before.
func (r *run) hear(a connector.Answer, at connector.Cursor) {
	r.text.Cursor = at
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
		inv, err := s.Inventories.Version(ctx, r.c.Inventory)
		if err != nil {
			return err
		}
		r.offices = officesOf(inv)
		if r.text, err = s.InquiryText(ctx, r.c, r.inquiry); err != nil {
			return err
		}
		_, err = s.question(ctx, r)
		return err
	})
}

// question reads whom to look for. The place reached belongs to one question: with
// other identifiers, such as staff took up meanwhile, all begins at the beginning.
func (s *Gathering) question(ctx context.Context, r *run) (changed bool, err error) {
	if r.query, err = s.Query(ctx, r.c); err != nil {
		return false, err
	}
	plain, err := person.Encode(r.query.Identifiers)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(plain)
	if changed = !bytes.Equal(sum[:], r.text.Question); changed {
		r.text = casefile.InquiryText{Question: sum[:], Failures: r.text.Failures, Trouble: r.text.Trouble, Tries: r.text.Tries}
	}
	return changed, nil
}

// finish writes the system's answer and moves the case on if it was the last. To
// an answer about fewer identifiers than are known by now nobody listens: the
// system has more to give.
func (s *Gathering) finish(ctx context.Context, r *run, answer connector.Answer) error {
	if err := s.seal(ctx, r); err != nil {
		return err
	}
	changed := false
	var replaced []uuid.UUID
	err := s.Units.InTx(ctx, r.c.Authority, func(ctx context.Context) error {
		c, err := s.lock(ctx, r)
		if err != nil {
			return err
		}
		if replaced, err = s.keepFindings(ctx, r); err != nil {
			return err
		}
		if changed, err = s.question(ctx, r); err != nil {
			return err
		}
		if changed {
			r.text.KeptAt = r.now
			return s.saveInquiry(ctx, r)
		}
		counts, err := s.Findings.FindingCounts(ctx, c.ID)
		if err != nil {
			return err
		}
		r.inquiry.State = outcome(answer, counts[r.inquiry.System])
		r.inquiry.AnsweredAt = r.now
		r.text.Cursor, r.text.Question, r.text.KeptAt = nil, nil, time.Time{}
		r.text.Failures, r.text.Trouble = 0, casefile.Trouble{}
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
	if err == nil {
		err = s.DropBodies(ctx, replaced)
	}
	if err == nil && changed {
		return ErrMore
	}
	return err
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
		if err := s.gaveUp(ctx, c, q, casefile.Lost, now); err != nil {
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
