package rewritetest

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/wording"
)

// Never checks that no connection lets a program change a log: it is a task that says
// why, and nothing ever counts as gone.
func Never(t *testing.T, h connectortest.Harness) {
	t.Helper()
	opened, err := h.Kind().Open(t.Context(), h.Connection())
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	changer := opened.(connector.Changer)
	change := connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: "line/0"}
	for _, do := range []func() ([]connector.Effect, error){
		func() ([]connector.Effect, error) { return changer.Rehearse(t.Context(), []connector.Change{change}) },
		func() ([]connector.Effect, error) { return changer.Carry(t.Context(), []connector.Change{change}) },
	} {
		effects, err := do()
		if err != nil || len(effects) != 1 || effects[0].Change != change.ID || effects[0].State != connector.Undeclared || !wording.Has(effects[0].Reason) {
			t.Errorf("got %v, %v", effects, err)
		}
	}
	if there, err := changer.Read(t.Context(), []string{change.Reference}); err != nil || len(there) != 1 {
		t.Errorf("what was not read counts as gone: got %v, %v", there, err)
	}
	if err := changer.References(t.Context(), func(string) error { t.Error("names a record"); return nil }); err == nil {
		t.Error("says that there is nothing that could be changed")
	}
}
