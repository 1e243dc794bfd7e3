package portal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
)

func TestACaseIsPartialWhileASystemIsDown(t *testing.T) {
	t.Parallel()
	const down = "stk-brochures"
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	planted := w.Plant(t, erika, 2, uint64(time.Now().UnixNano()))
	if len(planted[down]) == 0 {
		t.Fatal("nothing planted in the system that goes down: this checks nothing")
	}
	if err := h.Landscape.StopSource(ctx, down); err != nil {
		t.Fatal(err)
	}
	decided := outage(t, h, w, w.Submit(t, w.Application(erika)).Case, down)
	waited := outage(t, h, w, w.Submit(t, w.Application(erika)).Case, down)

	t.Run("answered by decision, the answer says which system did not answer", func(t *testing.T) {
		err := h.Steps.Review.DecideRight(ctx, w.Clerk, decided, law.Access, casefile.RightText{}, h.Now())
		if reasons := portaltest.ReasonsOf(err); !slices.Contains(reasons, "case.guard.partial") {
			t.Fatalf("decided without a system: got %v, want a refusal that names it", err)
		}
		refused(t, h, w, decided, "case.guard.partial")
		if err := h.Steps.Review.AcceptGaps(ctx, w.Clerk, decided, person.NewText(" "), h.Now()); err == nil {
			t.Error("gaps accepted without a reason: got no error")
		}
		if err := h.Steps.Review.AcceptGaps(ctx, w.Clerk, decided, person.NewText("Rechenzentrum abgebrannt"), h.Now()); err != nil {
			t.Fatal(err)
		}
		if got := w.Grant(t, decided); got != casefile.PartlyGranted {
			t.Errorf("without a system: got %s, want partly granted at most", got)
		}
		w.Release(t, decided)
		w.WaitForPackage(t, decided)
		answer := w.Fetch(t, decided)
		for _, s := range answer.Data(t).Systems {
			if failed := s.Outcome == "failed"; failed != (s.ID == down) {
				t.Errorf("%s: got outcome %q in the answer, only %s was down", s.ID, s.Outcome, down)
			}
			if s.ID == down && !strings.Contains(string(answer["Auskunft.html"]), s.Name) {
				t.Errorf("the letter does not name %s", s.Name)
			}
		}
		if !strings.Contains(string(answer["Auskunft.html"]), "nicht geantwortet") {
			t.Error("the letter does not say that a system has not answered")
		}
	})

	t.Run("asked again when the system is back, it is complete", func(t *testing.T) {
		if err := h.Landscape.StartSource(ctx, down); err != nil {
			t.Fatal(err)
		}
		w.Gather(t, waited)
		o := w.Open(t, waited)
		if i := slices.IndexFunc(o.Tasks, func(k casefile.Task) bool { return k.Kind == casefile.TaskRepair && k.DoneAt.IsZero() }); i >= 0 {
			t.Errorf("got an open task to repair %s, want none", o.Tasks[i].System)
		}
		w.DecideAll(t, waited)
		w.Grant(t, waited)
		w.Release(t, waited)
		w.WaitForPackage(t, waited)
		got := w.Fetch(t, waited).References(t)
		if !slices.Equal(got[down], planted[down]) {
			t.Errorf("%s: got %v, want %v", down, got[down], planted[down])
		}
	})
	h.Audit(t)
}

// outage asks all systems while one is down and sees that the case goes on
// without it, and says so.
func outage(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, down string) uuid.UUID {
	t.Helper()
	w.Start(t, id)
	portaltest.Wait(t, "the others answer", portaltest.Patience, func() (bool, error) {
		return slices.Equal(w.Waiting(t, id), []string{down}), nil
	})
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true})
	if state := w.Case(t, id).State; state != casefile.Gathering {
		t.Fatalf("got state %s while a system is still tried, want gathering", state)
	}
	asked, _ := w.Inquiries(t, id)
	lastAttempt(t, h, asked[down].ID)
	w.WaitFor(t, id, casefile.Review)

	o := w.Open(t, id)
	for _, s := range o.Systems {
		if failed := s.Inquiry.State == casefile.Failed; failed != (s.ID == down) {
			t.Errorf("%s: got state %s at the desk, only %s is down", s.ID, s.Inquiry.State, down)
		}
	}
	if !slices.ContainsFunc(o.Tasks, func(k casefile.Task) bool { return k.Kind == casefile.TaskRepair && k.System == down }) {
		t.Errorf("got tasks %v, want one to repair %s", o.Tasks, down)
	}
	w.ProveEmail(t, id, h.Landscape.Person("erika").Email)
	w.VerifyByFacts(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	return id
}

// lastAttempt lets all attempts of a job happen. Only the waiting between them
// is cut short: the superuser brings forward when each is due.
func lastAttempt(t *testing.T, h *portaltest.House, object uuid.UUID) {
	t.Helper()
	db, err := pgx.Connect(ctx, h.Database.Superuser)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	const job = ` where kind = 'system-gather' and args->>'object' = $1`
	var whole time.Duration
	for n := 1; n < jobs.Attempts; n++ {
		var pause time.Duration
		portaltest.Wait(t, fmt.Sprintf("attempt %d", n), portaltest.Patience, func() (bool, error) {
			var state string
			var attempt int
			err := db.QueryRow(ctx, "select state, attempt, scheduled_at - attempted_at from river_job"+job, object).Scan(&state, &attempt, &pause)
			return attempt >= n && state != "running", err
		})
		whole += pause
		if _, err := db.Exec(ctx, "update river_job set state = 'available', scheduled_at = now()"+job+" and state <> 'running'", object); err != nil {
			t.Fatal(err)
		}
	}
	if whole < 12*time.Hour || whole > 24*time.Hour {
		t.Errorf("got eight attempts within %s, want most of a day and no more", whole)
	}
}

func refused(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, want string) {
	t.Helper()
	err := h.Steps.Review.Propose(ctx, w.Clerk, id, person.Text{}, h.Now())
	if reasons := portaltest.ReasonsOf(err); !slices.Contains(reasons, want) {
		t.Fatalf("got %v, want it refused: %s", err, want)
	}
}

func TestALineThatRotatesAwayAnHourAfterReceiptIsInThePackage(t *testing.T) {
	t.Parallel()
	const log = "stk-weblog"
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	before := h.Landscape.Planted(log, erika.ID)
	lines, err := h.Landscape.Plant(ctx, log, erika.ID, 1, uint64(time.Now().UnixNano())) // in the oldest file
	if err != nil {
		t.Fatal(err)
	}
	line := lines[0]
	if slices.Contains(before, line) {
		t.Fatal("the line was there already")
	}
	id := w.Submit(t, w.Application(erika)).Case
	portaltest.Wait(t, "early answer", portaltest.Patience, func() (bool, error) {
		asked, _ := w.Inquiries(t, id)
		return asked[log].State.Answered(), nil
	})
	early := w.Open(t, id)
	if early.Case.State != casefile.Received || early.Hidden == 0 {
		t.Errorf("got state %s and %d findings unseen, want them unseen before identity is settled", early.Case.State, early.Hidden)
	}
	for _, s := range early.Systems {
		if len(s.Findings) > 0 {
			t.Errorf("%s: staff see %d early findings before identity is settled", s.ID, len(s.Findings))
		}
	}

	h.Move(time.Hour)
	if err := h.Landscape.Rotate(log); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(h.Landscape.Planted(log, erika.ID), line) {
		t.Fatal("the line is still in the log: this checks nothing")
	}
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	w.Gather(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	w.Grant(t, id)
	w.Release(t, id)
	w.WaitForPackage(t, id)
	if got := w.Fetch(t, id).References(t)[log]; !slices.Contains(got, line) {
		t.Errorf("got lines %v, want the one that rotated away, %s", got, line)
	}
	h.Audit(t)
}
