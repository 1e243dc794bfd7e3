package portal_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure/connecting"
	"einsicht/internal/procedure/gathering"
)

// What a unit does not answer it is reminded of, twice, and then nobody waits for
// it any longer: the case goes on without it and says so.
func TestAUnitThatStaysSilentIsRemindedAndThenNotWaitedFor(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	id := w.Submit(t, w.Application(h.Landscape.Person("erika"))).Case
	w.Start(t, id)
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, nil })
	asked, _ := w.Inquiries(t, id)
	var units []string
	for system, q := range asked {
		if q.State == casefile.WithUnit {
			units = append(units, system)
		}
	}
	slices.Sort(units)
	if len(units) < 2 {
		t.Fatalf("got %v with units: this checks nothing", units)
	}
	w.AnswerTask(t, id, units[0], gathering.ManualAnswer{Nothing: true})
	warn := w.Case(t, id).Warn.Time()
	at := asked[units[1]].AskedAt
	reminders := func() (n int) {
		t.Helper()
		for _, mail := range mails(t, h) {
			if strings.HasPrefix(mail, "Im Portal wartet eine Aufgabe") {
				n++
				for _, secret := range append(units, w.Case(t, id).FileNumber, "Erika") {
					if strings.Contains(mail, secret) {
						t.Errorf("the mail says %q:\n%s", secret, mail)
					}
				}
			}
		}
		return n
	}
	states := func() (some []casefile.InquiryState) {
		t.Helper()
		now, _ := w.Inquiries(t, id)
		for _, system := range units {
			some = append(some, now[system].State)
		}
		return slices.Compact(some)
	}
	for _, c := range []struct {
		name  string
		at    time.Time
		mails int
		over  bool
	}{
		{"six days later", at.Add(6 * 24 * time.Hour), 0, false},
		{"a week later", at.Add(7*24*time.Hour + time.Minute), 1, false},
		{"the day after", at.Add(8 * 24 * time.Hour), 1, false},
		{"a week before the warning date", warn.AddDate(0, 0, -7).Add(time.Minute), 2, false},
		{"four days before it", warn.AddDate(0, 0, -4), 2, false},
		{"three days before it", warn.AddDate(0, 0, -3).Add(time.Minute), 2, true},
	} {
		h.Move(c.at.Sub(h.Now()))
		for range 3 { // also beside the worker's own sweep
			if err := h.Steps.Gathering.Sweep(ctx, w.Authority.ID, h.Now()); err != nil {
				t.Fatal(err)
			}
		}
		portaltest.Wait(t, c.name+": mails", portaltest.Patience, func() (bool, error) { return reminders() >= c.mails, nil })
		if got := reminders(); got != c.mails {
			t.Errorf("%s: got %d mails, want %d", c.name, got, c.mails)
		}
		want := []casefile.InquiryState{casefile.FoundNothing, casefile.WithUnit}
		if c.over {
			want[1] = casefile.Failed
		}
		if got := states(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
	}
	w.WaitFor(t, id, casefile.Review)
	o := w.Open(t, id)
	repairs := 0
	for _, k := range o.Tasks {
		if k.Kind == casefile.TaskSearch && k.DoneAt.IsZero() {
			t.Errorf("the task of %s is still open", k.System)
		}
		if k.Kind == casefile.TaskRepair && k.DoneAt.IsZero() {
			repairs++
		}
	}
	if repairs != len(units)-1 {
		t.Errorf("got %d tasks for staff, want %d", repairs, len(units)-1)
	}
	refused(t, h, w, id, "case.guard.partial")
	// An answer that comes late still counts.
	w.AnswerTask(t, id, units[1], gathering.ManualAnswer{Nothing: true})
	if now, _ := w.Inquiries(t, id); now[units[1]].State != casefile.FoundNothing {
		t.Errorf("answered late: got %s", now[units[1]].State)
	}
	h.Audit(t)
}

// halfway is a system that goes away after two records, once or for good.
type halfway struct {
	inner interface {
		Has(ctx context.Context, authority uuid.UUID, system string) (bool, error)
		Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
	}
	system string

	mu   sync.Mutex
	from []string
	ever bool // it never comes back
}

func (h *halfway) Has(ctx context.Context, authority uuid.UUID, system string) (bool, error) {
	return h.inner.Has(ctx, authority, system)
}

func (h *halfway) Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error) {
	if system != h.system {
		return h.inner.Open(ctx, authority, system)
	}
	return h, nil
}

func (h *halfway) Close() error { return nil }

func (h *halfway) Find(_ context.Context, _ connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.from = append(h.from, string(from))
	n, _ := strconv.Atoi(string(from))
	for ; n < 4; n++ {
		if n == 2 && (h.ever || len(h.from) == 1) {
			return connector.Answer{Gaps: []connector.Gap{{Place: "half", Reason: "connector.gap.truncated", Count: 1}}}, connector.Fail(connector.ErrUnreachable, "half", "", nil)
		}
		f := connector.Finding{Reference: "half/" + strconv.Itoa(n), Category: "half", Confidence: connector.Check, Fields: []connector.Field{{Name: "n", Value: person.NewText(strconv.Itoa(n))}}}
		if err := yield(f, connector.Cursor(strconv.Itoa(n+1))); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

func TestASystemThatAnswersHalfIsResumedAndSaysSo(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	w := portaltest.NewWork(t, h, "stk-nrw")
	half := &halfway{inner: h.Steps.Gathering.Sources, system: "stk-newsletter"}
	h.Steps.Gathering.Sources = half
	count := func(id uuid.UUID) (state casefile.InquiryState, n int) {
		t.Helper()
		for _, s := range w.Open(t, id).Systems {
			if s.ID == half.system {
				state = s.Inquiry.State
			}
		}
		all, err := h.Steps.Gathering.Progress(ctx, w.Clerk, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if p.Inquiry.System == half.system {
				n = p.Found
			}
		}
		return state, n
	}

	id := w.Submit(t, w.Application(h.Landscape.Person("erika"))).Case
	w.Start(t, id)
	portaltest.Wait(t, "the second attempt", portaltest.Patience, func() (bool, error) {
		state, _ := count(id)
		return state.Answered(), nil
	})
	if state, n := count(id); state != casefile.FoundSome || n != 4 || !slices.Equal(half.from, []string{"", "2"}) {
		t.Errorf("got %s, %d findings, asked from %q; want 4, and the second attempt to go on after the first", state, n, half.from)
	}

	half.mu.Lock()
	half.from, half.ever = nil, true
	half.mu.Unlock()
	lost := w.Submit(t, w.Application(h.Landscape.Person("erika"))).Case
	w.Start(t, lost)
	portaltest.Wait(t, "the first half", portaltest.Patience, func() (bool, error) { _, n := count(lost); return n == 2, nil })
	asked, _ := w.Inquiries(t, lost)
	if err := h.Steps.Gathering.Fail(ctx, w.Authority.ID, asked[half.system].ID, h.Now()); err != nil { // as after the last attempt
		t.Fatal(err)
	}
	if state, n := count(lost); state != casefile.Failed || n != 2 {
		t.Errorf("got %s and %d findings, want it failed and what it gave kept", state, n)
	}
	if !slices.ContainsFunc(w.Open(t, lost).Tasks, func(k casefile.Task) bool { return k.Kind == casefile.TaskRepair && k.System == half.system }) {
		t.Error("nobody is told to look")
	}
	// A run that comes after that changes nothing.
	if err := h.Steps.Gathering.Gather(ctx, w.Authority.ID, asked[half.system].ID, h.Now(), time.Now().Add(time.Minute)); err != nil && !errors.Is(err, connector.ErrUnreachable) {
		t.Fatal(err)
	}
	if state, n := count(lost); state != casefile.Failed || n != 2 {
		t.Errorf("after a late run: got %s and %d findings", state, n)
	}
}

// What only serves neither reads the key for secrets of systems nor their files.
func TestAPortalCantSignInAtSystems(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	a := h.Authority(t, "stk-nrw")
	operator := casefile.Actor{ID: uuid.New(), Role: casefile.Operator, Authority: a.ID}
	p := portalBeside(t, h)
	var all []connecting.Item
	file := -1
	portaltest.Wait(t, "a portal learns from the worker which systems have a file", portaltest.Patience, func() (bool, error) {
		var err error
		all, err = p.Steps.Connecting.List(ctx, operator)
		file = slices.IndexFunc(all, func(i connecting.Item) bool { return i.Where == connecting.ByFile })
		return file >= 0, err
	})
	if err := p.Steps.Connecting.PutSecret(ctx, operator, all[file].System.ID, "shop", person.NewText("geheim"), h.Now()); err != nil {
		t.Fatalf("a portal can't seal: %v", err)
	}
	at := connector.SecretPlace{Authority: a.ID, System: all[file].System.ID, Name: "shop", Hosts: []string{"db.example"}}
	sealed, err := p.Keys.SealSecret(ctx, at, []byte("geheim"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := p.Keys.OpenSecret(ctx, at, sealed); err == nil {
		t.Errorf("a portal opens a secret: got %d bytes", len(plain))
	}
	if plain, err := h.Keys.OpenSecret(ctx, at, sealed); err != nil || string(plain) != "geheim" {
		t.Errorf("the worker: got %d bytes, %v", len(plain), err)
	}
	if p.Steps.Connecting.Sources != nil {
		t.Error("a portal asks systems")
	}
}

// portalBeside starts a process that only serves, beside the one that works, with
// a file in place of the source key that nobody could read.
func portalBeside(t *testing.T, h *portaltest.House) *portal.Main {
	t.Helper()
	cfg := portal.Config{Part: portal.Portal, Listen: "127.0.0.1:0", Data: h.Data, DatabaseURL: h.Database.URL, Clock: h.Now,
		SourceKey: filepath.Join(t.TempDir(), "sources.json"), Log: slog.New(slog.DiscardHandler)}
	if err := os.WriteFile(cfg.SourceKey, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := portal.New(ctx, cfg)
	if err != nil {
		t.Fatalf("a portal looks at the source key: %v", err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	cfg.Part = portal.Worker
	if m, err := portal.New(ctx, cfg); err == nil || !strings.Contains(err.Error(), "sources.json") {
		t.Errorf("a worker without its key: got %v", err)
		m.Close(ctx)
	}
	return p
}
