package portal_test

import (
	"os"
	"strings"
	"testing"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/procedure/fulfilment"
)

// TestAPlanThatWaitsForASystemSaysSo stops a system in the middle of a plan: the desk,
// the log and the figures name it, and staff let it be tried once it is back.
func TestAPlanThatWaitsForASystemSaysSo(t *testing.T) {
	t.Parallel()
	const down = "stk-brochures"
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	if planted := w.Plant(t, h.Landscape.Person("erika"), 2, 11); len(planted[down]) == 0 {
		t.Fatal("nothing planted in the system that goes down: this checks nothing")
	}
	id := decidedErasure(t, h, w)
	w.Plan(t, id)
	if err := h.Landscape.StopSource(ctx, down); err != nil {
		t.Fatal(err)
	}
	w.Order(t, id)
	progress := func() fulfilment.Standing {
		t.Helper()
		at, err := h.Steps.Fulfilment.Progress(ctx, w.Clerk, id)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	var got casefile.Tries
	portaltest.Wait(t, "the second attempt in vain is noted", portaltest.Patience, func() (bool, error) {
		got = progress().Waits[down][casefile.JobChange]
		return got.Count == 2, nil
	})
	if got.Trouble.Kind != casefile.Unreachable || !got.Trouble.Next.After(h.Now()) || got.Since.After(got.Trouble.At) {
		t.Errorf("got %+v, want that the system does not answer, since when, and the next attempt", got)
	}
	if waits := progress().Waits; len(waits) != 1 {
		t.Errorf("got waits for %v, want only for %s", waits, down)
	}
	log, err := os.ReadFile(h.LogFile)
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(log), "job=system-change")
	line, _, _ = strings.Cut(line, "\n")
	if !strings.Contains(line, "attempt=1") || !strings.Contains(line, "system "+down+" of authority "+w.Authority.ID.String()) {
		t.Errorf("the first line about it names no system: %q", line)
	}

	if err := h.Landscape.StartSource(ctx, down); err != nil {
		t.Fatal(err)
	}
	if err := h.Steps.Fulfilment.TryNow(ctx, w.Clerk, id, down, h.Now()); err != nil {
		t.Fatal(err)
	}
	w.ConfirmTasks(t, id)
	w.WaitForPackage(t, id) // else the third attempt is minutes away, and those after it hours
	if waits := progress().Waits; len(waits) != 0 {
		t.Errorf("once it is done: got waits %v, want none", waits)
	}
	if jobs.Attempts != len(casefile.Pauses)+1 {
		t.Errorf("got %d attempts, the desk says %d", jobs.Attempts, len(casefile.Pauses)+1)
	}
}
