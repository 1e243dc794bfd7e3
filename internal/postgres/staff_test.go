package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/jobs"
	"einsicht/internal/login"
	"einsicht/internal/login/logintest"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/problem"
)

func TestStaffIsAStoreOfAccountsAndAttempts(t *testing.T) {
	logintest.TestStore(t, func(t *testing.T) (login.Store, uuid.UUID, uuid.UUID) {
		db, _ := postgrestest.Open(t, jobs.Migrate)
		return postgres.Staff{DB: db}, authority(t, db, "stk-nrw").ID, authority(t, db, "it-nrw").ID
	})
	logintest.TestThrottleStore(t, func(t *testing.T) login.ThrottleStore {
		db, _ := postgrestest.Open(t, jobs.Migrate)
		return postgres.Staff{DB: db}
	})
}

func TestASessionThatWasDeletedStaysDeleted(t *testing.T) {
	db, _ := postgrestest.Open(t, jobs.Migrate)
	s := postgres.Sessions{DB: db}
	hash, then := []byte("hash"), time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	if err := s.Put(ctx, hash, []byte("sealed"), then, then); err != nil {
		t.Fatal(err)
	}
	if err := s.Touch(ctx, hash, []byte("anew"), then.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	sealed, created, seen, err := s.Get(ctx, hash)
	if err != nil || string(sealed) != "anew" || !created.Equal(then) || !seen.Equal(then.Add(time.Minute)) {
		t.Errorf("touched: got %q, %v, %v, %v", sealed, created, seen, err)
	}
	if err := s.Delete(ctx, hash); err != nil {
		t.Fatal(err)
	}
	if err := s.Touch(ctx, hash, []byte("again"), then.Add(2*time.Minute)); err != nil {
		t.Errorf("touching a session that is gone: got %v, want no error", err)
	}
	if _, _, _, err := s.Get(ctx, hash); !errors.Is(err, problem.NotFound) {
		t.Errorf("got %v, want it to stay deleted", err)
	}
}
