package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// BenchmarkAssess examines access in a case with all systems of stk-nrw, each
// holding something, under two grounds with all their conditions answered. Its
// baseline looks at every ground of the day and whether it applies, at each system.
func BenchmarkAssess(b *testing.B) {
	book, err := catalogue.Load()
	if err != nil {
		b.Fatal(err)
	}
	edition := book.On(calendar.Day(2026, time.March, 2))
	facts := everySystemHolds(b)
	fmt.Printf("\none right under the law of a day, %d grounds, %d systems:\n", len(edition.Grounds()), len(facts.Systems))
	if got := assess.Assess(edition, facts).Outcome; got != assess.Partly {
		b.Fatalf("the case became %s: this measures something else", got)
	}
	whole, bare := alternate(200, 200,
		func() { assess.Assess(edition, facts) },
		func() {
			for g := range edition.For(facts.Right, facts.Land, "") {
				for _, s := range facts.Systems {
					g.Applies(facts.Land, s.Regime)
				}
			}
		})
	one := facts
	one.Systems = facts.Systems[:1]
	single, _ := alternate(200, 200, func() { assess.Assess(edition, one) }, func() {})
	allocs := testing.AllocsPerRun(200, func() { assess.Assess(edition, facts) })
	fmt.Printf("  assessed, all systems %8.1f µs, %.0f allocations\n  assessed, one system  %8.1f µs (goal 50), %.0f allocations\n  grounds only looked at %7.1f µs; ratio assessed / looked at: %.1f\n",
		micros(whole), allocs, micros(single), testing.AllocsPerRun(200, func() { assess.Assess(edition, one) }), micros(bare), float64(whole)/float64(bare))
	b.ReportMetric(micros(single), "µs/assessment")
	b.ReportMetric(allocs, "allocs")
	b.ReportMetric(0, "ns/op")
}

func everySystemHolds(b *testing.B) assess.Facts {
	shipped := inventory.Shipped()
	i := slices.IndexFunc(shipped, func(inv inventory.Inventory) bool { return inv.Authority.ID == "stk-nrw" })
	f := assess.Facts{Right: law.Access, Land: calendar.NW, Body: assess.OfLand, Day: calendar.Day(2026, time.March, 2), Answers: map[assess.Question]bool{}}
	for _, s := range shipped[i].Systems {
		f.Systems = append(f.Systems, assess.System{ID: s.ID, Regime: s.Regime, Bases: assess.BasesOf(s.LegalBasis), Form: assess.Automated, State: assess.Held})
	}
	book, err := catalogue.Load()
	if err != nil {
		b.Fatal(err)
	}
	for _, id := range []string{"NRW-12-2-3B", "EU-15-4"} {
		g, ok := book.On(f.Day).Ground(id)
		if !ok {
			b.Fatalf("no ground %s", id)
		}
		for _, q := range g.Questions() {
			f.Answers[assess.Question{Place: assess.Place{Ground: id, System: f.Systems[0].ID}, Condition: q.ID}] = true
		}
	}
	return f
}

// alternate measures two functions in turn, so that both meet the same machine,
// and returns the median of one call of each.
func alternate(rounds, calls int, f, g func()) (one, other time.Duration) {
	var took [2][]time.Duration
	for range rounds {
		for i, h := range []func(){f, g} {
			start := time.Now()
			for range calls {
				h()
			}
			took[i] = append(took[i], time.Since(start)/time.Duration(calls))
		}
	}
	return quantile(took[0], 0.5), quantile(took[1], 0.5)
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
