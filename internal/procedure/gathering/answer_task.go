package gathering

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// ManualAnswer is what a unit says about a system without a machine interface.
type ManualAnswer struct {
	Nothing bool        // nothing held
	Text    person.Text // what is held, as far as it was typed in
	File    Upload
	// Led are the identifiers by which the unit found the record.
	Led  []uuid.UUID
	Note person.Text // for the file
}

// Upload is a file of a unit, at most MaxUpload long.
type Upload struct {
	Name    person.Text
	Content []byte
}

// MaxUpload is how long a file of a unit may be, in bytes.
const MaxUpload = 8 << 20

// AnswerTask takes the answer of a unit for a system that people must search,
// or that failed.
func (s *Gathering) AnswerTask(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, a ManualAnswer, now time.Time) error {
	if err := a.check(); err != nil {
		return err
	}
	r, err := s.received(ctx, actor, caseID, system, a, now)
	if err != nil {
		return err
	}
	var kept, replaced []uuid.UUID
	for _, f := range r.findings {
		kept = bodies(f)
	}
	err = s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		if _, err := s.answerable(ctx, *c, system); err != nil { // somebody else may have been faster
			return err
		}
		if replaced, err = s.keepFindings(ctx, r); err != nil {
			return err
		}
		if err := s.saveInquiry(ctx, r); err != nil {
			return err
		}
		for _, kind := range []casefile.TaskKind{casefile.TaskSearch, casefile.TaskRepair} {
			if err := s.Findings.FinishTask(ctx, c.ID, kind, system, actor.ID, now); err != nil {
				return err
			}
		}
		if err := s.Ledger.Record(ctx, ledger.SystemAnswered, c.ID, actor, map[string]string{"system": system, "state": string(r.inquiry.State)}, now); err != nil {
			return err
		}
		return s.settle(ctx, c, now)
	})
	var refused *problem.Error
	switch {
	case err == nil:
		return s.DropBodies(ctx, replaced)
	case errors.As(err, &refused): // else nobody knows whether it was committed: the sweep looks
		return errors.Join(err, s.DropBodies(ctx, kept))
	}
	return err
}

// received keeps the file of an answer before anybody's lock is taken: the disk may be
// slow, and others wait for the case. Nobody knows the file until the answer is kept.
func (s *Gathering) received(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, a ManualAnswer, now time.Time) (*run, error) {
	r := &run{now: now, text: casefile.InquiryText{Note: a.Note}}
	err := s.Viewed(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c casefile.Case) (err error) {
		r.c = c
		r.inquiry, err = s.answerable(ctx, c, system)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.inquiry.State, r.inquiry.AnsweredAt = casefile.FoundNothing, now
	if !a.Nothing {
		f := a.finding(r.inquiry, now)
		if err := s.takeFiles(ctx, r, &f); err != nil {
			return nil, err
		}
		r.findings, r.inquiry.State = []connector.Finding{f}, casefile.FoundSome
	}
	return r, nil
}

// answerable gives the inquiry of a system that a unit may answer for.
func (s *Gathering) answerable(ctx context.Context, c casefile.Case, system string) (casefile.Inquiry, error) {
	done := problem.New(problem.Conflict, "desk.error.task_done")
	if !slices.Contains([]casefile.State{casefile.Received, casefile.Gathering, casefile.Review}, c.State) {
		return casefile.Inquiry{}, done
	}
	asked, err := s.bySystem(ctx, c.ID)
	if err != nil {
		return casefile.Inquiry{}, err
	}
	q, ok := asked[system]
	if !ok || !(q.State == casefile.WithUnit || q.State == casefile.Failed) {
		return casefile.Inquiry{}, done
	}
	return q, nil
}

// finding is what a unit typed or uploaded, as one record.
func (a ManualAnswer) finding(q casefile.Inquiry, now time.Time) connector.Finding {
	f := connector.Finding{
		Reference: "manual/" + q.ID.String(), Category: "manual", Confidence: connector.Check,
		Led: [][]uuid.UUID{a.Led}, Origin: connector.Origin{Place: q.System, At: time.Time{}},
	}
	if !a.Text.IsZero() {
		f.Fields = append(f.Fields, connector.Field{Name: "text", Value: a.Text})
	}
	if len(a.File.Content) > 0 {
		f.Fields = append(f.Fields, connector.FileFields(a.File.Name, a.File.Content)...)
	}
	return f
}

func (a ManualAnswer) check() error {
	fields := map[string]string{}
	held := strings.TrimSpace(a.Text.Reveal()) != "" || len(a.File.Content) > 0
	switch {
	case a.Nothing && held:
		fields["nothing"] = "desk.error.nothing_and_something"
	case !a.Nothing && !held:
		fields["text"] = "desk.error.nothing_or_something"
	case held && len(a.Led) == 0:
		fields["led"] = "desk.error.led"
	case len(a.File.Content) > MaxUpload:
		fields["file"] = "desk.error.file_too_large"
	}
	if len(fields) == 0 {
		return nil
	}
	err := problem.New(problem.Invalid, "desk.error.form")
	err.Fields = fields
	return err
}
