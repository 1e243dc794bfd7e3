package fulfilment_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/fulfilment"
)

// Wherever a run is torn, the next one goes on: each record is changed once, each
// measure has one proof, and the case moves on once.
func TestTornAnywhereItIsDoneOnce(t *testing.T) {
	for _, do := range []connector.Ability{connector.CanErase, connector.CanRectify} {
		for _, step := range []string{"", "open", "read", "carry", "carried", "second read", "find"} {
			t.Run(string(do)+" torn at "+step, func(t *testing.T) {
				h := newHouse(t)
				h.planned(5, do)
				h.source.tears, h.source.half = step, 2
				if err := h.change(); (err == nil) != (step == "") || err != nil && !errors.Is(err, connector.ErrUnreachable) {
					t.Fatalf("first run: got %v", err)
				}
				must(t, h.change())
				must(t, h.change()) // a job may run twice
				if n := h.states(); n[casefile.Done] != 5 {
					t.Errorf("got %v, want 5 done", n)
				}
				for _, m := range h.measures() {
					p := m.Text.Proof
					if h.source.acted[m.Text.Reference] != 1 {
						t.Errorf("%s was changed %d times", m.Text.Reference, h.source.acted[m.Text.Reference])
					}
					if p.ReadAt.IsZero() || !p.Searched || p.Gone != (do == connector.CanErase) || m.ActedAt.IsZero() {
						t.Errorf("got proof %+v", p)
					}
				}
				for reference, name := range h.source.rows {
					if strings.HasPrefix(reference, "neighbours/") && name != "Max" {
						t.Errorf("%s was touched", reference)
					}
				}
				if n := h.ledger("measure.done"); n != 5 {
					t.Errorf("got %d proofs in the ledger, want 5", n)
				}
				if h.state() != casefile.Released || h.ledger("fulfilled") != 1 {
					t.Errorf("got %s, and %d entries that all is fulfilled, want released and 1", h.state(), h.ledger("fulfilled"))
				}
			})
		}
	}
}

// What can't be done stops alone, and is never "done".
func TestWhatStopsStopsAlone(t *testing.T) {
	for sentence, c := range map[string]struct {
		spoil  func(*house)
		reason string
	}{
		"the record changed after planning":       {func(h *house) { h.source.rows["rows/1"] = "Erika Neu" }, "fulfilment.reason.differs"},
		"the record is gone before anybody acted": {func(h *house) { delete(h.source.rows, "rows/1") }, "fulfilment.reason.before"},
		"a constraint forbids":                    {func(h *house) { h.refuse(connector.Hindered) }, "fulfilment.reason.hindered"},
		"the account may only read":               {func(h *house) { h.refuse(connector.Denied) }, "fulfilment.reason.denied"},
		"the file does not say how":               {func(h *house) { h.refuse(connector.Undeclared) }, "fulfilment.reason.undeclared"},
	} {
		t.Run(sentence, func(t *testing.T) {
			h := newHouse(t)
			h.planned(3, connector.CanErase)
			c.spoil(h)
			must(t, h.change())
			if n := h.states(); n[casefile.Done] != 2 || n[casefile.Asks] != 1 {
				t.Errorf("got %v, want 2 done and 1 that asks", n)
			}
			for _, m := range h.measures() {
				if m.State == casefile.Asks && (m.Text.Reference != "rows/1" || m.Text.Reason != c.reason || !m.Text.Proof.ReadAt.IsZero()) {
					t.Errorf("got %s, %s and proof %v, want rows/1, %s and none", m.Text.Reference, m.Text.Reason, m.Text.Proof, c.reason)
				}
			}
			if h.state() != casefile.Fulfilling {
				t.Errorf("got %s, want the case to wait", h.state())
			}
		})
	}
}

func (h *house) refuse(state connector.EffectState) {
	h.source.refuse = map[string]connector.EffectState{"rows/1": state}
}

func TestADisabledConnectorIsAsked(t *testing.T) {
	h := newHouse(t)
	h.planned(2, connector.CanErase)
	h.source.off = true
	must(t, h.change())
	for _, m := range h.measures() {
		if m.State != casefile.Asks || m.Text.Reason != "fulfilment.reason.no_machine" {
			t.Errorf("got %s, %s, want it to ask", m.State, m.Text.Reason)
		}
	}
	if len(h.source.acted) > 0 {
		t.Error("a disabled system was changed")
	}
}

// Erased data that a search still brings are not erased.
func TestWhatASearchStillBringsIsNotDone(t *testing.T) {
	h := newHouse(t)
	h.planned(1, connector.CanErase)
	h.source.rows["rows/copy"] = "Erika"
	ghost := &ghost{source: h.source}
	h.Fulfilment.Sources = opened{ghost}
	must(t, h.change())
	if m := h.measures()[0]; m.State != casefile.Asks || m.Text.Reason != "fulfilment.reason.still_there" {
		t.Errorf("got %s, %s, want it to ask: a search brought it again", m.State, m.Text.Reason)
	}
}

// A system that failed for good is asked about; tried again, what was done before it
// failed is not done twice.
func TestAfterAFailureItIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	h.planned(4, connector.CanErase)
	h.source.tears, h.source.half = "carry", 2
	if err := h.change(); err == nil {
		t.Fatal("got no error")
	}
	must(t, h.FailChange(t.Context(), h.c.Authority, h.inquiry, errTorn, now))
	if n := h.states(); n[casefile.Asks] != 4 {
		t.Fatalf("got %v, want 4 that ask", n)
	}
	var ids []uuid.UUID
	for _, m := range h.measures() {
		ids = append(ids, m.ID)
	}
	must(t, h.Decide(t.Context(), h.clerk, h.c.ID, ids, fulfilment.Again, person.Text{}, person.Text{}, now))
	must(t, h.CarryOut(t.Context(), h.c.Authority, h.c.ID, now))
	must(t, h.change())
	if n := h.states(); n[casefile.Done] != 4 {
		t.Errorf("got %v, want 4 done", n)
	}
	for reference, n := range h.source.acted {
		if n != 1 {
			t.Errorf("%s was changed %d times", reference, n)
		}
	}
}

// What staff leave as it is ends with a reason for the person.
func TestWhatIsLeftIsSaid(t *testing.T) {
	h := newHouse(t)
	h.planned(1, connector.CanErase)
	h.source.rows["rows/0"] = "Erika Neu"
	must(t, h.change())
	id := h.measures()[0].ID
	if err := h.Decide(t.Context(), h.clerk, h.c.ID, []uuid.UUID{id}, fulfilment.Leave, person.Text{}, person.Text{}, now); err == nil {
		t.Error("left without a reason")
	}
	h.reside(casefile.Residence{})
	if err := h.Decide(t.Context(), h.clerk, h.c.ID, []uuid.UUID{id}, fulfilment.Leave, person.NewText("weil"), person.Text{}, now); !errors.As(err, new(*casefile.Refusal)) {
		t.Errorf("left although nobody knows which court is open: got %v", err)
	}
	h.reside(casefile.Residence{Unknown: true, At: now})
	must(t, h.Decide(t.Context(), h.clerk, h.c.ID, []uuid.UUID{id}, fulfilment.Leave, person.NewText("weil"), person.Text{}, now))
	if got := h.outcome(law.Erasure); got != casefile.Refused {
		t.Errorf("all was left: got %s, want the right refused", got)
	}
	if h.states()[casefile.Stays] != 1 || h.state() != casefile.Released || h.source.rows["rows/0"] != "Erika Neu" {
		t.Errorf("got %v, %s, want it to stay and the case to go on", h.states(), h.state())
	}
	if err := h.Decide(t.Context(), h.clerk, h.c.ID, []uuid.UUID{id}, fulfilment.Again, person.Text{}, person.Text{}, now); err == nil {
		t.Error("what has ended was decided about again")
	}
}

func TestAUnitsWordEndsATask(t *testing.T) {
	for _, done := range []bool{true, false} {
		h := newHouse(t)
		measures := h.planned(2, connector.CanErase)
		measures[1].State = casefile.ForUnit
		h.put(measures[1])
		must(t, h.CarryOut(t.Context(), h.c.Authority, h.c.ID, now))
		must(t, h.change())
		if h.source.rows["rows/1"] == "" || h.state() != casefile.Fulfilling {
			t.Error("a machine did what is a task, or nobody waited for the unit")
		}
		if err := h.Confirm(t.Context(), h.clerk, h.c.ID, system, done, person.Text{}, now); err == nil {
			t.Error("confirmed without a word")
		}
		must(t, h.Confirm(t.Context(), h.clerk, h.c.ID, system, done, person.NewText("nachgesehen"), now))
		want := map[bool]casefile.MeasureState{true: casefile.Done, false: casefile.Stays}[done]
		for _, m := range h.measures() {
			if m.ID == measures[1].ID && (m.State != want || m.DoneBy != h.clerk.ID) {
				t.Errorf("got %s by %s, want %s", m.State, m.DoneBy, want)
			}
		}
		if h.state() != casefile.Released {
			t.Errorf("got %s, want the case to go on", h.state())
		}
	}
}

// A system restored from a backup is cleansed of what was erased, and of nothing else.
func TestARestoredSystemIsCleansed(t *testing.T) {
	h := newHouse(t)
	h.planned(3, connector.CanErase)
	must(t, h.change())
	h.source.rows["rows/0"], h.source.rows["rows/2"], h.source.rows["rows/9"] = "Erika", "Erika", "Erika"
	h.source.rows["rows/1"] = "Somebody else" // in the place of a record that was erased
	if _, err := h.Reapply(t.Context(), h.clerk, system, now); err == nil {
		t.Error("a clerk cleansed a system")
	}
	got, err := h.Reapply(t.Context(), h.operator, system, now)
	must(t, err)
	if want := (fulfilment.Repeated{Looked: 7, Erased: 2, Others: []string{"rows/1"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if h.source.rows["rows/0"] != "" || h.source.rows["rows/9"] == "" || h.source.rows["rows/1"] == "" || len(h.source.rows) != 5 {
		t.Errorf("got %d rows, want the neighbours and the one that nobody erased", len(h.source.rows))
	}
}

func TestARehearsalChangesNothing(t *testing.T) {
	h := newHouse(t)
	for _, m := range h.planned(4, connector.CanErase) {
		m.State = casefile.Rehearsing
		h.put(m)
	}
	h.source.rows["rows/1"] = "Erika Neu"
	h.source.refuse = map[string]connector.EffectState{"rows/2": connector.Undeclared, "rows/3": connector.Hindered}
	must(t, h.Rehearse(t.Context(), h.c.Authority, h.inquiry, now))
	if n := h.states(); n[casefile.Planned] != 1 || n[casefile.Asks] != 2 || n[casefile.ForUnit] != 1 {
		t.Errorf("got %v, want 1 planned, 2 that ask and 1 for the unit", n)
	}
	if len(h.source.rows) != 8 {
		t.Errorf("got %d rows, want 8", len(h.source.rows))
	}
}
