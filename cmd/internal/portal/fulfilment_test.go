package portal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// erased are five systems that a machine erases in.
var erased = []string{"stk-accreditation", "stk-brochures", "stk-callbacks", "stk-citizen-service", "stk-newsletter"}

// TestAnErasureIsCarriedOutAndProven goes from the request to the answer.
func TestAnErasureIsCarriedOutAndProven(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	erika := h.Landscape.Person("erika")
	planted := w.Plant(t, erika, 3, 7)
	id := decidedErasure(t, h, w)

	before := map[string][]string{}
	for system := range planted {
		before[system] = held(t, h, w, system, id)
	}
	plan := w.Plan(t, id)
	for _, system := range erased {
		if n := count(w.Measures(t, id), system, casefile.Planned); n != len(planted[system]) {
			t.Errorf("%s: %d measures planned, want one for each of %d records", system, n, len(planted[system]))
		}
	}
	if plan.Plan.Fixed() {
		t.Error("a plan is fixed before a second person has seen it")
	}
	for system, want := range before { // a rehearsal leaves all as it was
		if got := held(t, h, w, system, id); !slices.Equal(got, want) {
			t.Errorf("%s: %d records after the rehearsal, want %d", system, len(got), len(want))
		}
	}

	w.Order(t, id)
	w.WaitFor(t, id, casefile.Fulfilling)
	fixed := w.Planned(t, id).Plan
	if sum := sha256.Sum256(opened(t, h, w, id, fixed)); !bytes.Equal(sum[:], fixed.Hash) {
		t.Error("the hash is not that of what was fixed")
	}
	w.ConfirmTasks(t, id)
	w.WaitForPackage(t, id)
	for _, system := range erased {
		if got := held(t, h, w, system, id); len(got) > 0 {
			t.Errorf("%s: still holds %d records", system, len(got))
		}
	}
	for _, m := range w.Measures(t, id) {
		if m.State != casefile.Done && m.State != casefile.Stays {
			t.Errorf("%s: got %s at the end", m.System, m.State)
		}
		if slices.Contains(erased, m.System) && (m.State != casefile.Done || !m.Text.Proof.Gone || m.Text.Proof.ReadAt.IsZero() || !m.Text.Proof.Searched) {
			t.Errorf("%s: got %s with proof %+v", m.System, m.State, m.Text.Proof)
		}
	}
	h.Audit(t)
}

// decidedErasure is a case of Erika's in which erasure is granted.
func decidedErasure(t *testing.T, h *portaltest.House, w *portaltest.Work) uuid.UUID {
	t.Helper()
	erika := h.Landscape.Person("erika")
	a := w.Application(erika)
	a.Rights = []law.Right{law.Erasure}
	id := w.Submit(t, a).Case
	w.Gather(t, id)
	w.ProveEmail(t, id, erika.Email)
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

// held asks a system for the records of the person of a case.
func held(t *testing.T, h *portaltest.House, w *portaltest.Work, system string, id uuid.UUID) (references []string) {
	t.Helper()
	var q connector.Query
	for _, d := range w.Open(t, id).Identifiers {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: d.ID, Kind: d.Kind, Value: d.Value, Verified: true})
	}
	source, err := h.Steps.Gathering.Sources.Open(ctx, w.Authority.ID, system)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	if _, err := source.Find(ctx, q, nil, func(f connector.Finding, _ connector.Cursor) error {
		if f.Confidence == connector.Sure {
			references = append(references, f.Reference)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(references)
	return references
}

func count(measures []procedure.Measure, system string, state casefile.MeasureState) (n int) {
	for _, m := range measures {
		if m.System == system && m.State == state {
			n++
		}
	}
	return n
}

func opened(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, p casefile.Plan) (text []byte) {
	t.Helper()
	err := h.DB.View(ctx, w.Authority.ID, func(ctx2 context.Context) (err error) {
		text, err = h.Keys.Open(ctx2, casefile.Slot{Authority: w.Authority.ID, Case: id, Table: "plan", Column: "sealed", Row: p.ID}, p.Sealed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "stk-newsletter") {
		t.Error("what was fixed names no system")
	}
	return text
}
