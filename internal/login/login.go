// Package login lets staff in: it knows who has an account at which authority,
// invites them with a link that works once, and checks their passwords.
//
// Somebody who guesses is slowed down, per account and per address, and learns
// nothing about which accounts exist. Nobody is ever locked out for good, since
// a lock would be a way to keep an authority from answering in time.
package login

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"einsicht/internal/casefile"
)

// Staff is one member of staff of one authority.
type Staff struct {
	ID        uuid.UUID
	Authority uuid.UUID
	Name      string // what they type to sign in, unique in the authority
	Role      casefile.Role
	Disabled  bool
}

// Actor is the member of staff as the case and the policy see them.
func (s Staff) Actor() casefile.Actor {
	return casefile.Actor{ID: s.ID, Role: s.Role, Authority: s.Authority}
}

// Invitation is what is kept of a link that lets somebody choose a password.
type Invitation struct {
	Hash  []byte // SHA-256 of the token: who reads the database can't use it
	Until time.Time
}

// Store keeps accounts. Package logintest holds the suite that every store has
// to pass. Its methods need no transaction of the caller's.
type Store interface {
	// AddStaff inserts an account that has an invitation and no password yet.
	// A name that the authority already has is a problem.Conflict.
	AddStaff(ctx context.Context, s Staff, i Invitation, createdAt time.Time) error
	// StaffByID reads the row with the id; problem.NotFound without one.
	StaffByID(ctx context.Context, id uuid.UUID) (Staff, error)
	// StaffByName reads the row with authority and name, and its password as it
	// was stored, empty before the first; problem.NotFound without a row.
	StaffByName(ctx context.Context, authority uuid.UUID, name string) (s Staff, password string, err error)
	// StaffByInvitation reads the row with the hash and the end of the
	// invitation, passed or not; problem.NotFound without a row.
	StaffByInvitation(ctx context.Context, hash []byte) (s Staff, until time.Time, err error)
	// Accept sets the password and empties the invitation of the row that has
	// this id and still this hash, in one statement; problem.NotFound if there
	// is none, so a link used twice at once works once.
	Accept(ctx context.Context, id uuid.UUID, hash []byte, password string) error
	// ReplacePassword sets the password of the row that has this id and still
	// the old one. That there is none any more is no error.
	ReplacePassword(ctx context.Context, id uuid.UUID, old, password string) error
}

// Keyer turns a value into a keyed hash, so that a table of attempts tells
// nothing about addresses and names. Different kinds never give equal hashes.
type Keyer interface {
	Key(kind, value string) []byte
}

// Deps is what Accounts needs.
type Deps struct {
	Store    Store
	Throttle *Throttle
	Keys     Keyer
	Now      func() time.Time
	Cost     Cost // of new passwords; zero means RFC9106
}

// Accounts are the accounts of all authorities.
type Accounts struct {
	Deps
	passwords *passwords
}

// New returns the accounts of a store.
func New(d Deps) *Accounts {
	if d.Cost == (Cost{}) {
		d.Cost = RFC9106
	}
	return &Accounts{Deps: d, passwords: newPasswords(d.Cost)}
}

// tidy gives the one spelling under which a name is stored and looked up.
func tidy(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(name)), " ")
}
