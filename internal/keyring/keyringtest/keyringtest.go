// Package keyringtest gives tests a keyring whose wrapped keys stand in memory.
package keyringtest

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/keyring"
	"einsicht/internal/problem"
)

// New returns a checked keyring with a wrapping key of its own.
func New(t testing.TB) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Create(filepath.Join(t.TempDir(), "wrapping.key"), &Store{})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

// Store keeps wrapped keys in memory. It knows no transactions and no search
// tokens. Its zero value is empty and ready.
type Store struct {
	mu          sync.Mutex
	cases       map[uuid.UUID]keyring.CaseKey
	authorities map[string][]byte
	Reads       int // how often a key was asked for
}

// CaseKey implements keyring.Store.
func (s *Store) CaseKey(_ context.Context, caseID uuid.UUID) (keyring.CaseKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reads++
	key, ok := s.cases[caseID]
	if !ok {
		return keyring.CaseKey{}, fmt.Errorf("case key %s: %w", caseID, problem.NotFound)
	}
	return key, nil
}

// PutCaseKey implements keyring.Store.
func (s *Store) PutCaseKey(_ context.Context, key keyring.CaseKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.cases[key.Case]; ok {
		return fmt.Errorf("case key %s: %w", key.Case, problem.Conflict)
	}
	s.put(key)
	return nil
}

// Tamper replaces a case key as only somebody with the database could.
func (s *Store) Tamper(key keyring.CaseKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(key)
}

func (s *Store) put(key keyring.CaseKey) {
	if s.cases == nil {
		s.cases = map[uuid.UUID]keyring.CaseKey{}
	}
	s.cases[key.Case] = key
}

// ShredCase implements keyring.Store.
func (s *Store) ShredCase(_ context.Context, authority, caseID uuid.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cases[caseID].Authority == authority {
		delete(s.cases, caseID)
	}
	return nil
}

// AuthorityKey implements keyring.Store.
func (s *Store) AuthorityKey(_ context.Context, authority uuid.UUID, purpose string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reads++
	wrapped, ok := s.authorities[authority.String()+purpose]
	if !ok {
		return nil, fmt.Errorf("key of authority %s: %w", authority, problem.NotFound)
	}
	return wrapped, nil
}

// PutAuthorityKey implements keyring.Store.
func (s *Store) PutAuthorityKey(_ context.Context, authority uuid.UUID, purpose string, wrapped []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.authorities == nil {
		s.authorities = map[string][]byte{}
	}
	if first, ok := s.authorities[authority.String()+purpose]; ok {
		return first, nil
	}
	s.authorities[authority.String()+purpose] = wrapped
	return wrapped, nil
}
