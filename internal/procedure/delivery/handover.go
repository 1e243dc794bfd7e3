package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/notification"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Provided is a package that can be fetched.
type Provided struct {
	Text  casefile.PackageText
	Until time.Time

	c       casefile.Case
	pack    casefile.Package
	actor   casefile.Actor
	service *Delivery
}

// Provide finds the package of the applicant's own case. There is none
// (problem.NotFound) before it is ready and after its thirty days.
func (s *Delivery) Provide(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) (p *Provided, err error) {
	err = s.Viewed(ctx, actor, actionFor(actor), caseID, func(ctx context.Context, c casefile.Case) error {
		p, err = s.provided(ctx, c, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.actor = actor
	return p, nil
}

func (s *Delivery) provided(ctx context.Context, c casefile.Case, now time.Time) (*Provided, error) {
	if !c.State.Answered() || c.State.Over() || now.After(c.AvailableUntil) {
		return nil, problem.New(problem.NotFound, "citizen.package.none")
	}
	all, err := s.Findings.Packages(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].State != casefile.PackageBuilt {
		return nil, problem.New(problem.NotFound, "citizen.package.none")
	}
	p := &Provided{c: c, pack: all[0], Until: c.AvailableUntil, service: s}
	return p, s.Open(ctx, procedure.SlotOf(c, "package", "sealed", p.pack.ID), p.pack.Sealed, &p.Text)
}

// Name is the file name: file number only.
func (p *Provided) Name() string { return p.c.FileNumber + ".zip" }

// Stream writes the package to w and, when all of it was written, records that
// it was fetched. now is asked at the end.
func (p *Provided) Stream(ctx context.Context, w io.Writer, now func() time.Time) error {
	plain, err := p.service.OpenBlob(ctx, blobSlot(p.c, p.pack))
	if err != nil {
		return fmt.Errorf("open package %s: %w", p.pack.ID, err)
	}
	defer plain.Close()
	// Before the first byte: who cuts the line just before the end has nearly all.
	begun := map[string]string{"part": "begun"}
	if err := p.service.Recorded(ctx, p.actor, actionFor(p.actor), p.c.ID, func(ctx context.Context, c casefile.Case) error {
		return p.service.Ledger.Record(ctx, ledger.Downloaded, c.ID, p.actor, begun, now())
	}); err != nil {
		return err
	}
	if _, err := io.Copy(w, plain); err != nil {
		return fmt.Errorf("hand over package %s: %w", p.pack.ID, err)
	}
	return p.service.fetched(ctx, p.actor, p.c.ID, now())
}

// fetched records a download, from which on a decision that refuses anything
// counts as notified, § 41(2a) sentence 3 VwVfG. Staff who download to print do
// not make it notified.
func (s *Delivery) fetched(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, now time.Time) error {
	return s.Locked(ctx, actor, actionFor(actor), caseID, func(ctx context.Context, c *casefile.Case) error {
		if actor.Role != casefile.Applicant {
			return s.Ledger.Record(ctx, ledger.Downloaded, c.ID, actor, nil, now)
		}
		var said casefile.HappeningText
		if provisionOver(*c, now) {
			if err := s.endProvision(ctx, c, now); err != nil {
				return err
			}
		}
		if c.State == casefile.Ready {
			var err error
			if said, err = s.notified(ctx, c, notification.Portal, calendar.DateOf(now), now); err != nil {
				return err
			}
		}
		return s.Move(ctx, c, casefile.Fetch, actor, said, now)
	})
}

// Posted records that staff sent the answer on paper, § 41(2) sentence 1 VwVfG.
func (s *Delivery) Posted(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, on calendar.Date, now time.Time) error {
	if on == (calendar.Date{}) || on.After(calendar.DateOf(now)) {
		return procedure.Incomplete("posted", "desk.error.posted")
	}
	return s.Locked(ctx, actor, casefile.ActionAnswerTask, caseID, func(ctx context.Context, c *casefile.Case) error {
		said, err := s.notified(ctx, c, notification.Post, on, now)
		if err != nil {
			return err
		}
		if err := s.Move(ctx, c, casefile.Post, actor, said, now); err != nil {
			return err
		}
		for _, kind := range []casefile.TaskKind{casefile.TaskPost, casefile.TaskDeliver} {
			if err := s.Findings.FinishTask(ctx, c.ID, kind, "", actor.ID, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// notified sets from which day the decision counts as notified by the rule in
// force on the day it began its way, and says for the file which one that was.
func (s *Delivery) notified(ctx context.Context, c *casefile.Case, way notification.ID, on calendar.Date, now time.Time) (casefile.HappeningText, error) {
	rule, ok := notification.Find(way, on)
	if !ok {
		return casefile.HappeningText{}, problem.New(problem.Conflict, "correspondence.error.no_rule")
	}
	c.DeliveredAt, c.EffectiveOn = now, rule.Effective(on)
	sentence, err := s.Notified(ctx, *c, rule, on, c.EffectiveOn)
	return casefile.HappeningText{ForFile: sentence}, err
}

// provisionOver says whether nobody may fetch a refusal any more and count as
// notified, § 41(2a) sentence 4 VwVfG.
func provisionOver(c casefile.Case, now time.Time) bool {
	if c.State != casefile.Ready || c.NotifiedAt.IsZero() {
		return false
	}
	noticed := calendar.DateOf(c.NotifiedAt)
	rule, ok := notification.Find(notification.Portal, noticed)
	ends := rule.ProvisionEnds(noticed)
	return ok && !ends.IsZero() && calendar.DateOf(now).After(ends)
}

// Sweep ends the provision of decisions that nobody fetched in time, and
// closes cases whose thirty days are over. It looks at one authority.
func (s *Delivery) Sweep(ctx context.Context, authority uuid.UUID, now time.Time) error {
	var due []casefile.Case
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		var err error
		if due, err = s.Cases.InState(ctx, casefile.Ready, casefile.Delivered, casefile.Undelivered); err != nil {
			return err
		}
		due = slices.DeleteFunc(due, func(c casefile.Case) bool { return now.Before(c.AvailableUntil) && !provisionOver(c, now) })
		rights, err := s.Cases.Rights(ctx, ids(due)...)
		// Where nothing was refused only the thirty days end: no need to open the case each minute.
		due = slices.DeleteFunc(due, func(c casefile.Case) bool { return now.Before(c.AvailableUntil) && !refused(rights[c.ID]) })
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range due {
		// One case that fails keeps no other from its end.
		if err := s.sweepOne(ctx, c, now); err != nil {
			errs = append(errs, fmt.Errorf("case %s: %w", c.ID, err))
		}
	}
	errs = append(errs, s.rebuild(ctx, authority, now))
	return errors.Join(errs...)
}

func ids(cases []casefile.Case) []uuid.UUID {
	all := make([]uuid.UUID, len(cases))
	for i, c := range cases {
		all[i] = c.ID
	}
	return all
}

func refused(rights []casefile.Right) bool {
	return slices.ContainsFunc(rights, func(r casefile.Right) bool { return r.Outcome.Refuses() })
}

// rebuild asks anew for the packages of released cases that no job builds any
// more: one that failed for a day gave up.
func (s *Delivery) rebuild(ctx context.Context, authority uuid.UUID, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		released, err := s.Cases.InState(ctx, casefile.Released)
		if err != nil {
			return err
		}
		for _, c := range released {
			all, err := s.Findings.Packages(ctx, c.ID)
			if err != nil {
				return err
			}
			if len(all) == 0 || now.Sub(all[0].CreatedAt) < 25*time.Hour {
				continue
			}
			all[0].CreatedAt = now
			if err := s.Findings.PutPackage(ctx, all[0]); err != nil {
				return err
			}
			if err := s.Queue.Enqueue(ctx, authority, c.ID, casefile.JobBuild); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Delivery) sweepOne(ctx context.Context, c casefile.Case, now time.Time) error {
	system := casefile.Actor{Role: casefile.System, Authority: c.Authority}
	over := !now.Before(c.AvailableUntil)
	if !over && !provisionOver(c, now) {
		return nil
	}
	return s.Locked(ctx, system, casefile.ActionRunJob, c.ID, func(ctx context.Context, c *casefile.Case) error {
		if !over {
			return s.endProvision(ctx, c, now)
		}
		facts, err := s.Facts(ctx, *c, system, now)
		if err != nil || len(casefile.Reasons(c.State, casefile.Close, facts)) > 0 {
			return err
		}
		c.ClosedAt = now
		return s.Move(ctx, c, casefile.Close, system, casefile.HappeningText{}, now)
	})
}

// endProvision: what was refused is not notified, and staff deliver it otherwise.
// Where nothing was refused nothing needs to be notified.
func (s *Delivery) endProvision(ctx context.Context, c *casefile.Case, now time.Time) error {
	system := casefile.Actor{Role: casefile.System, Authority: c.Authority}
	facts, err := s.Facts(ctx, *c, system, now)
	if err != nil || len(casefile.Reasons(c.State, casefile.EndProvision, facts)) > 0 {
		return err
	}
	if err := s.Move(ctx, c, casefile.EndProvision, system, casefile.HappeningText{}, now); err != nil {
		return err
	}
	task := casefile.Task{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskDeliver, CreatedAt: now}
	return s.Findings.PutTasks(ctx, []casefile.Task{task})
}

// Drop deletes the package of a closed case.
func (s *Delivery) Drop(ctx context.Context, authority, caseID uuid.UUID) error {
	var all []casefile.Package
	err := s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		var err error
		if all, err = s.Findings.Packages(ctx, caseID); err != nil {
			return err
		}
		for _, p := range all {
			p.State, p.Sealed = casefile.PackageDropped, nil
			if err := s.Findings.PutPackage(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := s.Blobs.Delete(ctx, p.ID.String()); err != nil {
			return fmt.Errorf("delete package %s: %w", p.ID, err)
		}
	}
	return nil
}

// actionFor: staff look at a package to print it.
func actionFor(actor casefile.Actor) casefile.Action {
	if actor.Role == casefile.Applicant {
		return casefile.ActionDownloadOwn
	}
	return casefile.ActionOpenCase
}
