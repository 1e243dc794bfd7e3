package postgres_test

import (
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/jobs"
	"einsicht/internal/login"
	"einsicht/internal/login/logintest"
	"einsicht/internal/postgres"
	"einsicht/internal/postgres/postgrestest"
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
