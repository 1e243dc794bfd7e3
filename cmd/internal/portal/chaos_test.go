package portal_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.yaml.in/yaml/v3"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/landscape"
	"einsicht/internal/law"
	"einsicht/internal/procedure/intake"
)

// TestChaos pulls the plug during erasures over five systems, at every step again and
// again: that of the worker, of a system's database, or of both. Whatever happens, in
// the end exactly what was planned is gone, with one proof for each record.
//
// CHAOS_RUNS says how often, and CHAOS_SEED repeats one run.
func TestChaos(t *testing.T) {
	t.Parallel()
	seeds := chaosSeeds(t)
	c := newChaos(t)
	c.calm(t)
	began := time.Now()
	for i, seed := range seeds {
		if !t.Run(fmt.Sprintf("CHAOS_SEED=%d", seed), func(t *testing.T) { c.run(t, seed) }) {
			t.Fatalf("run %d of %d failed: what it left would fail the others", i+1, len(seeds))
		}
	}
	t.Logf("%d runs in %s", len(seeds), time.Since(began).Round(time.Second))
	c.mustHaveHit(t, len(seeds))
	c.house.Audit(t)
}

// chaosSeeds gives one for each run. It also says which step is hit: all are hit
// equally often, one more or less.
func chaosSeeds(t *testing.T) []uint64 {
	t.Helper()
	number := func(name string, otherwise uint64) uint64 {
		text := os.Getenv(name)
		if text == "" {
			return otherwise
		}
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	if one := number("CHAOS_SEED", 0); one > 0 {
		return []uint64{one}
	}
	seeds := make([]uint64, number("CHAOS_RUNS", 20))
	of := uint64(len(moments))
	for i := range seeds {
		seeds[i] = 1 + uint64(rand.Uint32())*of
		seeds[i] += (uint64(i) + of - seeds[i]%of) % of
	}
	rand.Shuffle(len(seeds), func(i, j int) { seeds[i], seeds[j] = seeds[j], seeds[i] })
	return seeds
}

// chaos is a portal with five systems, and a worker that is killed.
type chaos struct {
	*kills
	erika   landscape.Person
	systems []string
	hits    map[string]int       // by moment
	pulled  map[plug]int         // how often
	victim  string               // the system of this run
	dbs     map[string]*pgx.Conn // of the systems, as superuser
	id      uuid.UUID            // the case of this run
	after   int                  // changes of the system before one is held
}

func newChaos(t *testing.T) *chaos {
	t.Helper()
	c := housed(t, erased)
	c.prepare(t)
	c.start(t)
	return c
}

// housed is a portal with some systems, whose worker is not started yet.
func housed(t *testing.T, systems []string) *chaos {
	t.Helper()
	c := &chaos{kills: killsBy(t, 1, 0), systems: systems, hits: map[string]int{}, pulled: map[plug]int{}, dbs: map[string]*pgx.Conn{}}
	c.env = []string{
		"EINSICHT_SOFFICE=/bin/false", // the answer as HTML is the whole answer
		"DATABASE_URL=" + c.house.Database.URL + " application_name=" + chaosWorker,
	}
	c.erika = c.house.Landscape.Person("erika")
	if _, err := c.house.Import(ctx, inventoryOf(t, systems), c.house.Now()); err != nil {
		t.Fatal(err)
	}
	c.connect(t)
	return c
}

// inventoryOf is that of the authority without its other systems.
func inventoryOf(t *testing.T, systems []string) inventory.Inventory {
	t.Helper()
	text, err := os.ReadFile("../../../internal/inventory/shipped/stk-nrw.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := yaml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	all["systems"] = slices.DeleteFunc(all["systems"].([]any), func(s any) bool {
		return !slices.Contains(systems, s.(map[string]any)["id"].(string))
	})
	if text, err = yaml.Marshal(all); err != nil {
		t.Fatal(err)
	}
	inv, _, err := inventory.Parse("chaos.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Systems) != len(systems) {
		t.Fatalf("got %d systems, want %d", len(inv.Systems), len(systems))
	}
	return inv
}

// calm erases what the landscape holds of the person from the beginning, without
// any chaos.
func (c *chaos) calm(t *testing.T) {
	t.Helper()
	id := c.decidedErasure(t, c.work.Application(c.erika))
	c.work.Plan(t, id)
	c.work.Order(t, id)
	c.work.WaitForPackage(t, id)
}

// decidedErasure is a case in which erasure is granted.
func (c *chaos) decidedErasure(t *testing.T, a intake.Application) uuid.UUID {
	t.Helper()
	w := c.work
	a.Rights = []law.Right{law.Erasure}
	id := w.Submit(t, a).Case
	w.Start(t, id)
	portaltest.Wait(t, "machines answer", portaltest.Patience, func() (bool, error) { return w.Case(t, id).State == casefile.Review, c.gone() })
	w.VerifyByFacts(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	w.Answer(t, id, law.Erasure, "erasure", "", "ground", true)
	w.Weigh(t, id, law.Erasure)
	if got := w.DecideRight(t, id, law.Erasure, said); got != casefile.Granted && got != casefile.PartlyGranted {
		t.Fatalf("erasure: got %s, want it granted", got)
	}
	return id
}

// run is one erasure with one plug pulled.
func (c *chaos) run(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	m := moments[seed%uint64(len(moments))]
	c.victim = erased[r.IntN(len(erased))]
	pull := m.plugs[r.IntN(len(m.plugs))]
	n := 1 + r.IntN(3)
	t.Logf("%s: %s at %s, with %d matters planted", m.name, pull, c.victim, n)

	before := c.contents(t)
	planted := map[string][]string{}
	for _, system := range erased {
		var err error
		if planted[system], err = c.house.Landscape.Plant(ctx, system, c.erika.ID, n, seed); err != nil {
			t.Fatal(err)
		}
	}
	c.mustHavePlanted(t, before, planted)
	c.after = 1 + r.IntN(len(planted[c.victim]))
	c.id = c.decidedErasure(t, c.work.Application(c.erika))
	if m.planning {
		c.strike(t, m, pull, func() {
			if err := c.house.Steps.Fulfilment.Draft(ctx, c.work.Clerk, c.id, c.house.Now()); err != nil {
				t.Fatal(err)
			}
		})
		c.until(t, "every measure was tried", func() bool { return c.inState(t, casefile.Rehearsing) == 0 })
	} else {
		c.work.Plan(t, c.id)
	}
	c.mustPlan(t, planted)
	if m.planning {
		c.work.Order(t, c.id)
	} else {
		c.strike(t, m, pull, func() { c.work.Order(t, c.id) })
	}
	c.until(t, "the answer is built and no job is left", func() bool {
		if c.inState(t, casefile.Asks) > 0 {
			c.explainMeasures(t)
		}
		return c.work.Case(t, c.id).State == casefile.Ready && c.left(t) == 0
	})
	if got := c.contents(t); !slices.Equal(got, before) {
		lost, more := differ(before, got)
		t.Errorf("the systems hold something else than before the person was planted: %d records of others lost or changed, %d too many:\n%s", len(lost), len(more), strings.Join(more, "\n"))
	}
	c.mustProve(t, planted)
}

// strike lets do begin what comes to a moment, and pulls a plug there.
func (c *chaos) strike(t *testing.T, m moment, p plug, do func()) {
	t.Helper()
	at := m.hold(c, t)
	do()
	c.until(t, "the moment comes", at.reached)
	c.hits[m.name]++
	c.pulled[p]++
	p.pull(c, t, m, at)
}

// until waits, and lets no job wait for its next attempt longer than that.
func (c *chaos) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	portaltest.Wait(t, what, portaltest.Patience, func() (bool, error) {
		if holds() {
			return true, nil
		}
		c.atOnce(t)
		return false, c.gone()
	})
}

func (c *chaos) inState(t *testing.T, state casefile.MeasureState) int {
	t.Helper()
	return c.count(t, "select count(*) from measure where case_id = $1 and state = $2", c.id, state)
}
