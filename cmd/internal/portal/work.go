package portal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/blobstore"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/jobs"
	"einsicht/internal/login"
	"einsicht/internal/postgres"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/procedure/identification"
	"einsicht/internal/procedure/intake"
	"einsicht/internal/procedure/oversight"
	"einsicht/internal/procedure/retention"
	"einsicht/internal/procedure/review"
)

// Steps are the steps of the procedure, joined with machinery.
type Steps struct {
	Intake         *intake.Intake
	Identification *identification.Identification
	Gathering      *gathering.Gathering
	Connecting     *connecting.Connecting
	Review         *review.Review
	Fulfilment     *fulfilment.Fulfilment
	Delivery       *delivery.Delivery
	Correspondence *correspondence.Correspondence
	Oversight      *oversight.Oversight
	Retention      *retention.Retention
}

func (m *Main) makeSteps(throttle *login.Throttle) (Steps, error) {
	post, err := m.openMail()
	if err != nil {
		return Steps{}, err
	}
	people, err := connecting.NewTestPeople(m.TestPeople)
	if err != nil {
		return Steps{}, err
	}
	letters := &correspondence.Correspondence{House: m.House, Mail: post, Staff: postgres.Staff{DB: m.DB}, Elsewhere: m.PDF && !m.Part.Works, URL: m.URL, Log: m.Log}
	steps := Steps{
		Intake:         &intake.Intake{House: m.House},
		Identification: &identification.Identification{House: m.House, Throttle: throttle, Letters: letters},
		Gathering:      &gathering.Gathering{House: m.House, Sources: m.sources, Mail: post},
		Connecting:     &connecting.Connecting{House: m.House, Store: postgres.Connections{}, Secrets: m.Keys, Kinds: kinds{}, Allowed: m.allowed, TestPeople: people},
		Review:         &review.Review{House: m.House},
		Fulfilment:     &fulfilment.Fulfilment{House: m.House, Sources: m.sources, Memory: postgres.Plans{}, Letters: letters},
		Delivery:       &delivery.Delivery{House: m.House, Signing: m.Keys, Staff: postgres.Staff{DB: m.DB}, Others: &m.controllers, Log: m.Log},
		Correspondence: letters,
		Oversight:      &oversight.Oversight{House: m.House},
		Retention:      &retention.Retention{House: m.House},
	}
	if m.printer != nil {
		steps.Correspondence.Printer, steps.Delivery.Printer = m.printer, m.printer
	}
	if m.Part.Works { // who only serves asks nobody
		steps.Connecting.Sources = m.sources
	}
	return steps, nil
}

func (m *Main) blobs() blobstore.Disk { return blobstore.Disk{Dir: m.Data + "/blobs"} }

// gatherSlice is what a connection's timeout is held against: a job killed in
// between is found again soon.
const gatherSlice = connector.Slice

// trySlice is how long a system is searched for a test person.
const trySlice = 25 * time.Second

// work names what each kind of job does.
func (m *Main) work() map[casefile.Job]jobs.Work {
	s := m.Steps
	onCase := func(f func(ctx context.Context, authority casefile.Authority, object uuid.UUID) error) jobs.Work {
		return func(ctx context.Context, authority, object uuid.UUID, _ int) error {
			a, err := m.authority(ctx, authority)
			if err != nil {
				return err
			}
			if err := f(ctx, a, object); !errors.Is(err, problem.NotFound) {
				return err
			}
			return nil // forgotten meanwhile; a job may run twice
		}
	}
	return map[casefile.Job]jobs.Work{
		casefile.JobReceipt: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Correspondence.SendReceipt(ctx, a, id, m.Clock())
		}),
		casefile.JobNews: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Correspondence.SendNews(ctx, a, id, m.Clock())
		}),
		casefile.JobNotify: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Correspondence.NotifyReady(ctx, a, id, m.Clock())
		}),
		casefile.JobCode: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Correspondence.SendCode(ctx, a, id)
		}),
		casefile.JobLetter: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Correspondence.Print(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobNotice: m.mailNotice,
		casefile.JobAskEarly: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Gathering.AskEarly(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobAsk: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Gathering.AskAll(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobGather: m.onSystem(asking{work: m.gather, fail: func(ctx context.Context, authority, inquiry uuid.UUID, _ error, now time.Time) error {
			return s.Gathering.Fail(ctx, authority, inquiry, now) // it noted the cause of each attempt
		}}),
		casefile.JobRehearse: m.onSystem(asking{work: s.Fulfilment.Rehearse, stumble: m.stumbled(casefile.JobRehearse), fail: s.Fulfilment.FailRehearsal}),
		casefile.JobChange: m.onSystem(asking{work: func(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
			return s.Fulfilment.Change(ctx, authority, inquiry, now, time.Now().Add(searchSlice))
		}, stumble: m.stumbled(casefile.JobChange), fail: s.Fulfilment.FailChange}),
		casefile.JobCarryOut: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Fulfilment.CarryOut(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobBuild: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Delivery.Build(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobTransmit: m.transmit,
		casefile.JobShred: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Retention.ShredFindings(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobDropBlobs: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Delivery.Drop(ctx, a.ID, id)
		}),
		casefile.JobForget: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return s.Retention.Forget(ctx, a.ID, id, m.Clock())
		}),
		casefile.JobRemind: onCase(func(ctx context.Context, a casefile.Authority, _ uuid.UUID) error {
			return s.Gathering.Remind(ctx, a, m.Clock())
		}),
		casefile.JobTry: onCase(func(ctx context.Context, a casefile.Authority, id uuid.UUID) error {
			return waiting(s.Connecting.Run(ctx, a.ID, id, m.Clock(), time.Now().Add(trySlice)))
		}),
	}
}

// transmit hands a package to another controller. The last attempt lets staff look.
func (m *Main) transmit(ctx context.Context, authority, transmission uuid.UUID, attempt int) error {
	a, err := m.authority(ctx, authority)
	if err != nil {
		return err
	}
	err = m.Steps.Delivery.Send(ctx, a, transmission, m.Clock())
	switch {
	case errors.Is(err, delivery.ErrMore):
		return jobs.ErrAgain
	case err == nil || errors.Is(err, problem.NotFound):
		return nil // the case is gone
	case attempt >= jobs.Attempts:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return m.Steps.Delivery.NotReceived(ctx, a, transmission, m.Clock())
	}
	return err
}

// mailNotice announces a notice to a recipient of data. After the last attempt staff
// tell the recipient otherwise.
func (m *Main) mailNotice(ctx context.Context, authority, notice uuid.UUID, attempt int) error {
	a, err := m.authority(ctx, authority)
	if err != nil {
		return err
	}
	err = m.Steps.Correspondence.MailNotice(ctx, a, notice, m.Clock())
	switch {
	case err == nil || errors.Is(err, problem.NotFound):
		return nil // the case is gone
	case attempt >= jobs.Attempts:
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return m.Steps.Correspondence.NotMailed(ctx, a, notice, m.Clock())
	}
	return err
}

// waiting lets a job come again in a moment where its system bears no more
// questions now: nothing was tried, so that costs no attempt.
func waiting(err error) error {
	if errors.Is(err, connector.ErrBusy) {
		return jobs.ErrLater
	}
	return err
}

// searchSlice is how long a system that was changed is searched once more.
const searchSlice = 25 * time.Second

func (m *Main) gather(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error {
	err := m.Steps.Gathering.Gather(ctx, authority, inquiry, now, time.Now().Add(gatherSlice))
	if errors.Is(err, gathering.ErrMore) {
		return jobs.ErrAgain
	}
	return err
}

// asking is work on one system: what it does, what an attempt in vain leaves, and what
// follows when it is given up.
type asking struct {
	work    func(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) error
	stumble func(ctx context.Context, authority, inquiry uuid.UUID, attempt int, cause error) error // none: work notes it
	fail    func(ctx context.Context, authority, inquiry uuid.UUID, cause error, now time.Time) error
}

// onSystem is work on one system. Only one that does not answer is tried again; a
// wrong connection or an unreadable answer is for staff at once.
func (m *Main) onSystem(a asking) jobs.Work {
	return func(ctx context.Context, authority, inquiry uuid.UUID, attempt int) error {
		err := a.work(ctx, authority, inquiry, m.Clock())
		switch {
		case errors.Is(err, connector.ErrBusy):
			return jobs.ErrLater // also in the last attempt: nothing was tried
		case err == nil || errors.Is(err, problem.NotFound):
			return nil // the case is gone
		case errors.Is(err, jobs.ErrAgain):
			return err
		}
		// Also when the job's own time is what ran out: nobody would try again, and
		// the case would wait for ever.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		system := m.systemOf(ctx, authority, inquiry)
		if attempt >= jobs.Attempts || errors.Is(err, connector.ErrConfig) || errors.Is(err, connector.ErrBroken) {
			m.Log.Warn("system failed", "system", system, "authority", authority, "inquiry", inquiry, "attempt", attempt, "error", err)
			return a.fail(ctx, authority, inquiry, err, m.Clock())
		}
		if a.stumble != nil {
			err = errors.Join(err, a.stumble(ctx, authority, inquiry, attempt, err))
		}
		return fmt.Errorf("system %s of authority %s: %w", system, authority, err)
	}
}

func (m *Main) stumbled(job casefile.Job) func(ctx context.Context, authority, inquiry uuid.UUID, attempt int, cause error) error {
	return func(ctx context.Context, authority, inquiry uuid.UUID, attempt int, cause error) error {
		return m.Steps.Fulfilment.Stumbled(ctx, authority, inquiry, job, attempt, cause, m.Clock())
	}
}

// systemOf names the system of an inquiry for the log, as far as it can be read.
func (m *Main) systemOf(ctx context.Context, authority, inquiry uuid.UUID) string {
	system := "unknown"
	_ = m.DB.View(ctx, authority, func(ctx context.Context) error { // why it can't be read, the failure itself says
		q, err := postgres.Findings{}.Inquiry(ctx, inquiry)
		if err == nil {
			system = q.System
		}
		return err
	})
	return system
}

func (m *Main) authority(ctx context.Context, id uuid.UUID) (casefile.Authority, error) {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return casefile.Authority{}, err
	}
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	return casefile.Authority{}, problem.NotFound
}
