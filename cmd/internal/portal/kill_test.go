package portal_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
)

// recovery is how long a portal may take after a crash until all is done: a
// minute and a half until the last job is found again, and then some, for a
// machine that has others to serve.
const recovery = 6 * time.Minute

func TestKilledWhileGathering(t *testing.T) {
	t.Parallel()
	k := newKills(t)
	erika := k.house.Landscape.Person("erika")
	planted := k.work.Plant(t, erika, 10, k.seed)
	long := []string{"stk-citizen-service", "stk-brochures"}
	for _, system := range long { // more than one commit holds
		var err error
		if planted[system], err = k.house.Landscape.Plant(ctx, system, erika.ID, 400, k.seed+1); err != nil {
			t.Fatal(err)
		}
	}
	k.holdAnswers(t, long...)
	damaged := k.damageLogs(t)
	killed := make([]uuid.UUID, k.times)
	for i := range killed {
		killed[i] = k.work.Submit(t, k.work.Application(erika)).Case
		k.work.Start(t, killed[i])
		if i%2 == 0 {
			k.kill(t, casefile.JobGather, 800*time.Millisecond)
		} else {
			k.killBetween(t, killed[i])
		}
	}
	k.mustHaveTorn(t)
	restarted := time.Now()
	k.start(t)
	portaltest.Wait(t, "every system asked by machine has answered", recovery, func() (bool, error) {
		k.hurry(t)
		return !slices.ContainsFunc(killed, func(id uuid.UUID) bool { return len(k.work.Waiting(t, id)) > 0 }), k.gone()
	})
	t.Logf("all have answered %s after the start", time.Since(restarted).Round(time.Second))

	calm := k.work.Submit(t, k.work.Application(erika)).Case
	k.work.Gather(t, calm)
	want := k.answers(t, calm)
	for system, references := range planted {
		if n := len(want[system].found); strings.HasSuffix(system, "weblog") && n == 0 || !strings.HasSuffix(system, "weblog") && n < len(references) {
			t.Errorf("%s: found %d records without a kill, %d are planted", system, n, len(references))
		}
	}
	if got := want[damaged].said; !strings.Contains(got, "connector.gap.broken_lines") {
		t.Errorf("%s: said %s without a kill, want that lines are broken", damaged, got)
	}
	for i, id := range killed {
		for system, got := range k.answers(t, id) {
			if want := want[system]; !slices.Equal(got.found, want.found) {
				t.Errorf("case %d, %s: got %d records (%d of them different), want the %d that are found without a kill", i, system,
					len(got.found), len(slices.Compact(slices.Clone(got.found))), len(want.found))
			}
			if want := want[system]; got.said != want.said {
				t.Errorf("case %d, %s: said %s, want %s, as without a kill", i, system, got.said, want.said)
			}
		}
		k.number(t, "systems that failed", id, "select count(*) from inquiry where case_id = $1 and state = 'failed'", 0)
	}
	k.mails(t, killed, 1)
	k.house.Audit(t)
}

func TestKilledWhilePackaging(t *testing.T) {
	t.Parallel()
	k := newKills(t)
	erika := k.house.Landscape.Person("erika")
	planted := k.work.Plant(t, erika, 3, k.seed)
	k.start(t)
	cases := make([]uuid.UUID, k.times)
	for i := range cases {
		cases[i] = k.decided(t)
	}
	k.stop()
	for _, id := range cases {
		k.work.Release(t, id)
		k.kill(t, casefile.JobBuild, time.Second)
	}
	k.mustHaveTorn(t)
	orphan := filepath.Join(k.house.Data, "blobs", "incoming", uuid.NewString()+".torn")
	if err := os.MkdirAll(filepath.Dir(orphan), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(orphan, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}

	restarted := time.Now()
	k.start(t)
	portaltest.Wait(t, "every package is finished", recovery, func() (bool, error) {
		k.hurry(t)
		return !slices.ContainsFunc(cases, func(id uuid.UUID) bool { return k.work.Case(t, id).NotifiedAt.IsZero() }), k.gone()
	})
	t.Logf("all packages are finished %s after the start", time.Since(restarted).Round(time.Second))
	k.mails(t, cases, 3) // receipt, code, ready
	k.sweep(t)

	blobs := k.blobs(t)
	for i, id := range cases {
		packages := k.work.Open(t, id).Packages
		if len(packages) != 1 || packages[0].State != casefile.PackageBuilt {
			t.Errorf("case %d: got packages %v, want one that is built", i, packages)
			continue
		}
		key := packages[0].ID.String()
		if !slices.Contains(blobs, key) {
			t.Errorf("case %d: its blob is not there", i)
		}
		blobs = slices.DeleteFunc(blobs, func(b string) bool { return b == key })
		k.number(t, "package entry of the ledger", id, "select count(*) from ledger_entry where case_id = $1 and kind = 'package.built'", 1)
		k.number(t, "notice in the ledger", id, "select count(*) from ledger_entry where case_id = $1 and kind = 'notified'", 1)
		got := k.work.Fetch(t, id).References(t)
		for system, want := range planted {
			if !strings.HasSuffix(system, "weblog") && !slices.Equal(got[system], want) {
				t.Errorf("case %d, %s: got %d records in the package, want %d", i, system, len(got[system]), len(want))
			}
		}
	}
	if blobs = slices.DeleteFunc(blobs, func(b string) bool { return k.isBody(t, b) }); len(blobs) > 0 {
		t.Errorf("got %d orphaned blobs after the sweep: %v", len(blobs), blobs)
	}
	k.house.Audit(t)
}
