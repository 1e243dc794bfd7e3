package portal_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal"
	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/mailer"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
)

// kills starts and kills the program's worker while this process is the portal.
type kills struct {
	house *portaltest.House
	work  *portaltest.Work
	db    *pgx.Conn // as superuser
	seed  uint64
	rand  *rand.Rand
	times int

	program string
	env     []string // of the worker, besides what it needs
	worker  *exec.Cmd
	ended   chan error // once the worker has
	said    *bytes.Buffer
	torn    int // jobs that were running when their worker was killed
}

// newKills takes its seed from EINSICHT_TEST_SEED to repeat what went wrong.
func newKills(t *testing.T) *kills {
	times, seed := 10, uint64(time.Now().UnixNano())
	if testing.Short() {
		times = 2
	}
	if s := os.Getenv("EINSICHT_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("EINSICHT_TEST_SEED=%d", seed)
	return killsBy(t, seed, times)
}

func killsBy(t *testing.T, seed uint64, times int) *kills {
	t.Helper()
	k := &kills{seed: seed, times: times, rand: rand.New(rand.NewPCG(seed, 1))}
	var err error
	if k.program, err = program(); err != nil {
		t.Fatal(err)
	}
	k.house = portaltest.Start(t, portaltest.Options{Part: portal.Portal, Own: true})
	k.work = portaltest.NewWork(t, k.house, "stk-nrw")
	if k.db, err = pgx.Connect(ctx, k.house.Database.Superuser); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.stop(); k.explain(t); k.db.Close(ctx) })
	return k
}

// program builds einsicht once for all that kill it.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(portaltest.Dir(), "einsicht")
	if said, err := exec.Command("go", "build", "-o", path, "einsicht/cmd/einsicht").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build einsicht: %w\n%s", err, said)
	}
	return path, nil
})

func (k *kills) start(t *testing.T) {
	t.Helper()
	k.said = &bytes.Buffer{}
	k.worker = exec.Command(k.program, "worker")
	k.worker.Env = append(os.Environ(), "DATABASE_URL="+k.house.Database.URL, "EINSICHT_DATA="+k.house.Data,
		"EINSICHT_CONNECTIONS="+k.house.Connections, "EINSICHT_WRAPPING_KEY="+k.house.WrappingKey)
	k.worker.Env = append(k.worker.Env, k.env...)
	k.worker.Stderr = k.said
	if err := k.worker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	k.ended = ended
	go func(worker *exec.Cmd) { ended <- worker.Wait() }(k.worker)
}

// stop is kill -9.
func (k *kills) stop() {
	if k.worker != nil {
		k.worker.Process.Kill()
		<-k.ended // that it was killed is no news
		k.worker = nil
	}
}

// gone is an error if the worker ended by itself.
func (k *kills) gone() error {
	select {
	case err := <-k.ended:
		k.ended <- err
		return fmt.Errorf("the worker ended by itself: %v: %s", err, k.said)
	default:
		return nil
	}
}

// kill starts a worker and kills it at a random moment after it began a job.
func (k *kills) kill(t *testing.T, job casefile.Job, within time.Duration) {
	t.Helper()
	after := time.Duration(k.rand.Int64N(int64(within)))
	k.killAt(t, job, after.Round(time.Millisecond).String()+" after the beginning", func() { time.Sleep(after) })
}

// killBetween kills a worker that has kept some of what a system found for a case
// and can't keep the rest: a lock of this test is in its way.
func (k *kills) killBetween(t *testing.T, id uuid.UUID) {
	t.Helper()
	k.exec(t, "select pg_advisory_lock($1)", betweenCommits)
	k.killAt(t, casefile.JobGather, "between two commits", func() {
		portaltest.Wait(t, "a question has kept something", portaltest.Patience, func() (bool, error) {
			return k.count(t, "select count(*) from inquiry q join finding f using (case_id, system_id) where q.state = 'asked' and case_id = $1", id) > 0, k.gone()
		})
	})
	k.exec(t, "select pg_advisory_unlock($1)", betweenCommits)
}

const betweenCommits = 20160679 // any number

// holdAnswers lets killBetween keep systems from ending their answer.
func (k *kills) holdAnswers(t *testing.T, systems ...string) {
	t.Helper()
	k.exec(t, fmt.Sprintf(`create function hold_answer() returns trigger language plpgsql as
		$$ begin perform pg_advisory_xact_lock_shared(%d); return new; end $$`, betweenCommits))
	k.exec(t, fmt.Sprintf(`create trigger hold_answer before update on inquiry for each row
		when (new.state <> 'asked' and new.system_id in ('%s')) execute function hold_answer()`, strings.Join(systems, "', '")))
}

func (k *kills) killAt(t *testing.T, job casefile.Job, when string, wait func()) {
	t.Helper()
	var since time.Time // by the clock that notes when a job begins
	if err := k.db.QueryRow(ctx, "select clock_timestamp()").Scan(&since); err != nil {
		t.Fatal(err)
	}
	// Jobs that earlier workers left are running too, until they are found again.
	const running = "select count(*) from river_job where kind = $1 and state = 'running' and attempted_at > $2"
	k.start(t)
	portaltest.Wait(t, "the worker begins", portaltest.Patience, func() (bool, error) {
		return k.count(t, running, job, since) > 0, k.gone()
	})
	wait()
	k.stop()
	torn := k.count(t, running, job, since)
	k.torn += torn
	t.Logf("killed %s, with %d jobs of %s running", when, torn, job)
}

// explain says, after a failure, what the queue and the worker were at.
func (k *kills) explain(t *testing.T) {
	if !t.Failed() {
		return
	}
	rows, err := k.db.Query(ctx, `select kind || ' ' || state || ', attempt ' || attempt || ': ' || count(*) || ', next due in ' || min(scheduled_at - now())
		from river_job group by kind, state, attempt order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	t.Logf("jobs: %v\n%s\n%s", err, strings.Join(jobs, "\n"), k.said)
}

func (k *kills) mustHaveTorn(t *testing.T) {
	t.Helper()
	if k.torn < (k.times+1)/2 {
		t.Errorf("only %d jobs were running when their worker was killed %d times: this checks little", k.torn, k.times)
	}
}

// decided is a case that lacks only its release; uploads of units make its
// package long.
func (k *kills) decided(t *testing.T) uuid.UUID {
	t.Helper()
	w, erika := k.work, k.house.Landscape.Person("erika")
	id := w.Submit(t, w.Application(erika)).Case
	w.Start(t, id)
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return len(w.Waiting(t, id)) == 0, k.gone() })
	w.ProveEmail(t, id, erika.Email)
	w.VerifyByFacts(t, id)
	led := []uuid.UUID{w.Open(t, id).Identifiers[0].ID}
	content := make([]byte, 3<<20)
	noise := rand.NewChaCha8([32]byte{byte(k.seed)})
	noise.Read(content)
	asked, _ := w.Inquiries(t, id)
	uploads := 0
	for _, q := range asked {
		if q.State != casefile.WithUnit {
			continue
		}
		answer := gathering.ManualAnswer{Nothing: true}
		if uploads++; uploads <= 2 {
			answer = gathering.ManualAnswer{Led: led, File: gathering.Upload{Name: person.NewText("akte.pdf"), Content: content}}
		}
		w.AnswerTask(t, id, q.System, answer)
	}
	if uploads < 2 {
		t.Fatalf("only %d systems without a machine interface: packages are too short to be torn", uploads)
	}
	w.WaitFor(t, id, casefile.Review)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	w.Grant(t, id)
	return id
}

// answer is what a system that a machine asked gave, as staff see it.
type answer struct {
	found []string // references, sorted, twice if there twice
	said  string   // outcome, reason and gaps
}

// answers gives them for a case, by system.
func (k *kills) answers(t *testing.T, id uuid.UUID) map[string]answer {
	t.Helper()
	k.work.VerifyByFacts(t, id)
	all := map[string]answer{}
	for _, s := range k.work.Open(t, id).Systems {
		if !slices.Contains(k.work.Sources(), s.ID) {
			continue
		}
		gaps := slices.Clone(s.Text.Gaps)
		slices.SortFunc(gaps, func(a, b casefile.Gap) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		a := answer{said: fmt.Sprint(s.Inquiry.State, s.Text.Reason, gaps)}
		for _, f := range s.Findings {
			a.found = append(a.found, f.Record.Reference)
		}
		slices.Sort(a.found)
		all[s.ID] = a
	}
	return all
}

// damageLogs breaks a line of each file of a web server's logs, and cuts off those
// that are compressed. It gives the system.
func (k *kills) damageLogs(t *testing.T) string {
	t.Helper()
	const system = "stk-weblog"
	connection, err := os.ReadFile(k.house.Landscape.Connection(system))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(regexp.MustCompile(`/\S*access\.log\*`).FindString(string(connection)))
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files of %s, want some: %v", len(files), system, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			text = text[:len(text)-20]
		} else if first := bytes.IndexByte(text, '\n') + 1; first > 0 {
			text = slices.Insert(text, first, []byte("Segmentation fault\n")...)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return system
}

// hurry cuts short the waiting of jobs that failed more than once: the slower
// the machine, the more of them were torn again and again, and each time they
// wait longer. What was torn once waits as it would.
func (k *kills) hurry(t *testing.T) {
	t.Helper()
	k.exec(t, "update river_job set state = 'available', scheduled_at = now() where state = 'retryable' and attempt > 1")
}

// mails counts the mails in the outbox, once so many are there: what sends the
// last of them may itself have been torn.
func (k *kills) mails(t *testing.T, cases []uuid.UUID, each int) {
	t.Helper()
	var sent []mailer.Sent
	portaltest.Wait(t, "mails", recovery, func() (bool, error) {
		k.hurry(t)
		var err error
		sent, err = k.house.Outbox().List(ctx)
		return len(sent) >= len(cases)*each, errors.Join(err, k.gone())
	})
	refs := map[uuid.UUID]bool{}
	for _, m := range sent {
		refs[m.Ref] = true
	}
	if len(refs) != len(sent) || len(sent) > len(cases)*each+1 {
		t.Errorf("got %d mails, want %d for each of %d cases", len(sent), each, len(cases))
	}
}

// sweep makes all files older than the sweep spares, and starts the worker
// anew: it begins with a sweep.
func (k *kills) sweep(t *testing.T) {
	t.Helper()
	k.stop()
	old := time.Now().Add(-48 * time.Hour)
	for _, file := range k.files(t) {
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	before, named := len(k.files(t)), k.count(t, "select (select count(*) from package) + (select count(*) from body)")
	k.start(t)
	portaltest.Wait(t, "sweep", portaltest.Patience, func() (bool, error) { return len(k.files(t)) == named, k.gone() })
	t.Logf("the sweep removed %d of %d files", before-named, before)
}

// isBody says whether a finding names a file.
func (k *kills) isBody(t *testing.T, key string) bool {
	t.Helper()
	return k.count(t, "select count(*) from body where id = $1", key) == 1
}

func (k *kills) files(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(k.house.Data, "blobs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (k *kills) blobs(t *testing.T) []string {
	t.Helper()
	var keys []string
	for _, file := range k.files(t) {
		keys = append(keys, filepath.Base(file))
	}
	return keys
}

func (k *kills) number(t *testing.T, what string, id uuid.UUID, sql string, want int) {
	t.Helper()
	if got := k.count(t, sql, id); got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

func (k *kills) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := k.db.Exec(ctx, sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (k *kills) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := k.db.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
