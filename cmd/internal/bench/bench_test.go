package bench

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// Eight citizens at once, in alternating rounds: each way of writing a request
// gets the same moments of a machine that others may share.
const (
	clients  = 8
	rounds   = 30
	perRound = 100
)

// way is one way in which a request comes to lie in the database.
type way struct {
	name string
	// prepare is done before the clock runs; it returns what is timed.
	prepare func(b *testing.B) func() error

	took []time.Duration // of whole rounds
	each []time.Duration
	used cpu // in all rounds
}

func (w *way) round(b *testing.B, h *house) {
	b.Helper()
	work := make([]func() error, perRound)
	eight(b, perRound, func(i int) error { work[i] = w.prepare(b); return nil })
	runtime.GC() // what the preparation left is not to be paid for here
	each := make([]time.Duration, perRound)
	used, started := h.cpu(b), time.Now()
	eight(b, perRound, func(i int) error {
		begun := time.Now()
		err := work[i]()
		each[i] = time.Since(begun)
		return err
	})
	w.took, w.each = append(w.took, time.Since(started)), append(w.each, each...)
	w.used = w.used.plus(h.cpu(b).minus(used))
}

// eight shares the numbers below n among the clients.
func eight(b *testing.B, n int, f func(i int) error) {
	b.Helper()
	var wait sync.WaitGroup
	failed := make([]error, clients)
	for client := range clients {
		wait.Go(func() {
			for i := client; i < n && failed[client] == nil; i += clients {
				failed[client] = f(i)
			}
		})
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// rate is the median of the rounds, per second.
func (w *way) rate() float64 { return perRound / quantile(w.took, 0.5).Seconds() }

// beside is the median over the rounds of how much faster this way was than
// another one at the same moment: 0.5 is half as fast.
func (w *way) beside(other *way) float64 {
	ratios := make([]float64, len(w.took))
	for i := range ratios {
		ratios[i] = other.took[i].Seconds() / w.took[i].Seconds()
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func (w *way) print() {
	n := time.Duration(len(w.each))
	fmt.Printf("  %-56s %6.0f/s  p50 %6.2f ms  p95 %6.2f ms  CPU %.2f ms, %.2f of them PostgreSQL\n", w.name, w.rate(),
		millis(quantile(w.each, 0.5)), millis(quantile(w.each, 0.95)), millis(w.used.sum()/n), millis(w.used.server/n))
}

// cost is the CPU time of one, in seconds.
func (w *way) cost() float64 { return w.used.sum().Seconds() / float64(len(w.each)) }

func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(q*float64(len(sorted)-1))]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkSubmission compares the form, sent over HTTP to the whole program,
// with bare transactions of pgx that write rows of the same number and size to
// the same tables of the same server.
func BenchmarkSubmission(b *testing.B) {
	h := boot(b)
	h.printDurability(b)
	fresh := h.recordOne(b, h.form)
	form := &way{name: "form POST: HTTP, CSRF, sealed page, session", prepare: h.form}
	submit := &way{name: "intake.Submit, without HTTP and session", prepare: h.submit}
	bare := &way{name: "baseline: bare pgx transaction, an INSERT per table", prepare: fresh.bare(h)}
	batch := &way{name: "upper bound: the same statements sent as one pgx batch", prepare: fresh.batch(h)}
	fresh.printAndCompare(b, h, bare.prepare)
	h.printStatements(b)

	ways := []*way{form, bare, submit, batch}
	for range 5 { // warm
		for _, w := range ways {
			w.round(b, h)
			w.took, w.each, w.used = nil, nil, cpu{}
		}
	}
	before := h.count(b, "casefile")
	for r := range rounds {
		for i := range ways { // another one goes first each time
			ways[(r+i)%len(ways)].round(b, h)
		}
	}
	if got, want := h.count(b, "casefile")-before, len(ways)*rounds*perRound; got != want {
		b.Fatalf("got %d new cases, want %d: something measured wrote no case", got, want)
	}

	fmt.Printf("\n%d clients, %d alternating rounds of %d, rates and ratios are medians of rounds, %d processors:\n", clients, rounds, perRound, runtime.NumCPU())
	for _, w := range ways {
		w.print()
	}
	ratio := form.beside(bare)
	fmt.Printf("  ratio form POST / baseline: %.2f (goal 0.50); intake.Submit / baseline: %.2f; form POST / one batch: %.2f\n",
		ratio, submit.beside(bare), form.beside(batch))
	fmt.Printf("  the same by CPU time, which does not depend on who else uses the machine: %.2f; %.2f; %.2f\n",
		bare.cost()/form.cost(), bare.cost()/submit.cost(), batch.cost()/form.cost())
	b.ReportMetric(form.rate(), "submissions/s")
	b.ReportMetric(millis(quantile(form.each, 0.95)), "p95-ms")
	b.ReportMetric(bare.rate(), "baseline/s")
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(0, "ns/op")
}
