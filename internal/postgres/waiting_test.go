package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/jobs"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
)

func TestWhatWasInsertedIsSeenByTheNextStatement(t *testing.T) {
	db, _ := postgrestest.Open(t, jobs.Migrate)
	a := authority(t, db, "stk-nrw")
	id := newCase(t, db, a)
	err := db.InTx(ctx, a.ID, func(ctx context.Context) error {
		for n := 1; n <= 2; n++ {
			if err := happen(ctx, id, uuid.New()); err != nil {
				return err
			}
			history, err := postgres.Cases{}.History(ctx, id)
			if len(history) != n {
				t.Errorf("got %d happenings after the %d. insert", len(history), n)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARefusedInsertLeavesNothingOfItsTransaction(t *testing.T) {
	db, _ := postgrestest.Open(t, jobs.Migrate)
	a := authority(t, db, "stk-nrw")
	id, twice := newCase(t, db, a), uuid.New()
	for name, then := range map[string]func(context.Context) error{
		"at its end":            func(context.Context) error { return nil },
		"at the next statement": func(ctx context.Context) error { _, err := postgres.Cases{}.History(ctx, id); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := db.InTx(ctx, a.ID, func(ctx context.Context) error {
				return errors.Join(happen(ctx, id, uuid.New()), happen(ctx, id, twice), happen(ctx, id, twice), then(ctx))
			})
			if !errors.Is(err, problem.Conflict) {
				t.Errorf("got %v, want a conflict", err)
			}
		})
	}
	err := db.View(ctx, a.ID, func(ctx context.Context) error {
		if err := happen(ctx, id, uuid.New()); err == nil {
			t.Error("an insert within View: got no error")
		}
		history, err := postgres.Cases{}.History(ctx, id)
		if len(history) != 0 {
			t.Errorf("got %d happenings, want none", len(history))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func happen(ctx context.Context, caseID, id uuid.UUID) error {
	return postgres.Cases{}.Happened(ctx, casefile.Happening{ID: id, Case: caseID, Kind: "test", At: time.Now(), Actor: caseID})
}
