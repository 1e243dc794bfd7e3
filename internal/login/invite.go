package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
)

// InvitationLasts is how long a link to choose a password works.
const InvitationLasts = 24 * time.Hour

const (
	tokenBytes  = 32 // 256 bits: nobody guesses it, so it needs no throttle
	longestName = 100
)

// Add makes an account and returns the token of its one-time invitation. The
// token stands nowhere else; who loses it needs another account. What can't be
// used is a problem.Invalid with fields, a name already taken a problem.Conflict.
func (a *Accounts) Add(ctx context.Context, authority uuid.UUID, role casefile.Role, name string) (token string, err error) {
	name = tidy(name)
	fields := map[string]string{}
	if name == "" || utf8.RuneCountInString(name) > longestName {
		fields["name"] = "login.name.length"
	}
	if !slices.Contains(casefile.StaffRoles, role) {
		fields["role"] = "login.role.unknown"
	}
	if len(fields) > 0 {
		return "", invalid(fields)
	}
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret) // never fails, see crypto/rand
	token = base64.RawURLEncoding.EncodeToString(secret)

	now := a.Now()
	staff := Staff{ID: uuid.New(), Authority: authority, Name: name, Role: role}
	invitation := Invitation{Hash: hashToken(token), Until: now.Add(InvitationLasts)}
	if err := a.Store.AddStaff(ctx, staff, invitation, now); err != nil {
		return "", fmt.Errorf("adding staff to authority %s: %w", authority, err)
	}
	return token, nil
}

// Invited says whose invitation a token is. A token that is unknown, used or
// too old is a problem.NotFound.
func (a *Accounts) Invited(ctx context.Context, token string) (Staff, error) {
	staff, until, err := a.Store.StaffByInvitation(ctx, hashToken(token))
	if errors.Is(err, problem.NotFound) {
		return Staff{}, gone(err)
	}
	if err != nil {
		return Staff{}, fmt.Errorf("looking up an invitation: %w", err)
	}
	if !a.Now().Before(until) {
		return Staff{}, gone(fmt.Errorf("invitation of staff %s ended", staff.ID))
	}
	if staff.Disabled {
		return Staff{}, gone(fmt.Errorf("staff %s is disabled", staff.ID))
	}
	return staff, nil
}

// Accept sets the password that an invited person chose; the token is used up.
// A password that the rules refuse is a problem.Invalid on the field "password"
// and leaves the token usable.
func (a *Accounts) Accept(ctx context.Context, token, password string) (Staff, error) {
	staff, err := a.Invited(ctx, token)
	if err != nil {
		return Staff{}, err
	}
	if key := judge(password, staff.Name); key != "" {
		return Staff{}, invalid(map[string]string{"password": key})
	}
	encoded, err := a.passwords.encode(ctx, password)
	if err != nil {
		return Staff{}, err
	}
	err = a.Store.Accept(ctx, staff.ID, hashToken(token), encoded)
	if errors.Is(err, problem.NotFound) {
		return Staff{}, gone(err)
	}
	if err != nil {
		return Staff{}, fmt.Errorf("setting the password of staff %s: %w", staff.ID, err)
	}
	return staff, nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func invalid(fields map[string]string) error {
	p := problem.New(problem.Invalid, "login.check")
	p.Fields = fields
	return p
}

// gone is what the holder of a link is told who can't use it.
func gone(why error) error {
	return problem.New(problem.NotFound, "login.invite.gone").Because(why)
}
