// Package logintest stands in for the database where tests need accounts, and
// checks that any store of accounts and attempts keeps what package login
// relies on.
package logintest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/login"
	"einsicht/internal/problem"
)

// Memory is a login.Store and a login.ThrottleStore in memory.
type Memory struct {
	mu       sync.Mutex
	staff    map[uuid.UUID]*account
	attempts map[string]login.Attempts
}

type account struct {
	login.Staff
	password   string
	invitation login.Invitation
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{staff: map[uuid.UUID]*account{}, attempts: map[string]login.Attempts{}}
}

// Disable shuts an account, as an administrator would.
func (m *Memory) Disable(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.staff[id].Disabled = true
}

// AddStaff is told at login.Store, like all below.
func (m *Memory) AddStaff(_ context.Context, s login.Staff, i login.Invitation, _ time.Time) error {
	if m.find(func(a *account) bool { return a.Authority == s.Authority && a.Name == s.Name }) != nil {
		return problem.New(problem.Conflict, "login.name.taken")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.staff[s.ID] = &account{Staff: s, invitation: i}
	return nil
}

func (m *Memory) StaffByID(_ context.Context, id uuid.UUID) (login.Staff, error) {
	a := m.find(func(a *account) bool { return a.ID == id })
	if a == nil {
		return login.Staff{}, unknown()
	}
	return a.Staff, nil
}

func (m *Memory) StaffByName(_ context.Context, authority uuid.UUID, name string) (login.Staff, string, error) {
	a := m.find(func(a *account) bool { return a.Authority == authority && a.Name == name })
	if a == nil {
		return login.Staff{}, "", unknown()
	}
	return a.Staff, a.password, nil
}

func (m *Memory) StaffByInvitation(_ context.Context, hash []byte) (login.Staff, time.Time, error) {
	a := m.find(func(a *account) bool { return a.invited(hash) })
	if a == nil {
		return login.Staff{}, time.Time{}, unknown()
	}
	return a.Staff, a.invitation.Until, nil
}

func (m *Memory) Accept(_ context.Context, id uuid.UUID, hash []byte, password string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.staff[id]
	if a == nil || !a.invited(hash) {
		return unknown()
	}
	a.password, a.invitation = password, login.Invitation{}
	return nil
}

func (m *Memory) ReplacePassword(_ context.Context, id uuid.UUID, old, password string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a := m.staff[id]; a != nil && a.password == old {
		a.password = password
	}
	return nil
}

func (m *Memory) Attempts(_ context.Context, key []byte) (login.Attempts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.attempts[string(key)], nil
}

func (m *Memory) SwapAttempts(_ context.Context, key []byte, old, next login.Attempts) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, exists := m.attempts[string(key)]
	if exists == (old == login.Attempts{}) || now.Count != old.Count || !now.At.Equal(old.At) {
		return false, nil
	}
	m.attempts[string(key)] = next
	return true, nil
}

func (m *Memory) DropAttempts(_ context.Context, before time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, a := range m.attempts {
		if a.At.Before(before) {
			delete(m.attempts, key)
		}
	}
	return nil
}

// find returns a copy of the one account that fits.
func (m *Memory) find(fits func(*account) bool) *account {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.staff {
		if fits(a) {
			found := *a
			return &found
		}
	}
	return nil
}

func (a *account) invited(hash []byte) bool {
	return len(a.invitation.Hash) > 0 && bytes.Equal(a.invitation.Hash, hash)
}

func unknown() error { return problem.New(problem.NotFound, "login.unknown") }

// Keys is a login.Keyer whose key everybody knows.
type Keys struct{}

// Key hashes kind and value.
func (Keys) Key(kind, value string) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	return sum[:]
}
