package login

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/problem"
)

// Credentials is what somebody typed to sign in, and from where.
type Credentials struct {
	Authority uuid.UUID
	Name      string
	Password  string
	Address   string // of the browser, as the web server sees it
}

// SignIn returns who signed in. Too many attempts are a problem.Throttled with
// the seconds to wait. Everything else that keeps somebody out is the same
// problem.Invalid after the same work: whether there is such an account,
// whether it is invited only, disabled, or the password wrong.
func (a *Accounts) SignIn(ctx context.Context, c Credentials) (Staff, error) {
	name := tidy(c.Name)
	account := a.Keys.Key("staff", c.Authority.String()+"\n"+name)
	address := a.Keys.Key("address", Network(c.Address))

	wait, err := a.Throttle.Attempt(ctx, account, address)
	if err != nil {
		return Staff{}, err
	}
	if wait > 0 {
		return Staff{}, TooMany(wait)
	}
	staff, stored, err := a.Store.StaffByName(ctx, c.Authority, name)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return Staff{}, fmt.Errorf("looking up staff of authority %s: %w", c.Authority, err)
	}
	matches, err := a.passwords.match(ctx, stored, c.Password)
	if err != nil {
		return Staff{}, err
	}
	if !matches || staff.Disabled {
		return Staff{}, problem.New(problem.Invalid, "login.wrong")
	}
	if err := a.Throttle.Succeed(ctx, account, address); err != nil {
		return Staff{}, err
	}
	return staff, a.renew(ctx, staff.ID, stored, c.Password)
}

// Current returns the account behind a session, as it is now. One that is gone
// or disabled is a problem.NotFound: the session ends.
func (a *Accounts) Current(ctx context.Context, id uuid.UUID) (Staff, error) {
	staff, err := a.Store.StaffByID(ctx, id)
	if err != nil {
		return Staff{}, fmt.Errorf("reading staff %s: %w", id, err)
	}
	if staff.Disabled {
		return Staff{}, problem.New(problem.NotFound, "login.ended").Because(fmt.Errorf("staff %s is disabled", id))
	}
	return staff, nil
}

// TooMany is the problem.Throttled for a wait.
func TooMany(wait time.Duration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	return problem.New(problem.Throttled, "login.throttled", "seconds", strconv.Itoa(seconds))
}

// Network gives the part of an internet address that one person controls: all
// of an IPv4 address, the first 64 bits of an IPv6 address, whose rest a
// computer chooses anew whenever it likes (RFC 8981). What is no address comes
// back as it is.
func Network(address string) string {
	if with, err := netip.ParseAddrPort(address); err == nil {
		address = with.Addr().String()
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// renew stores the password again if new passwords cost more by now: only at
// sign-in is it known in clear.
func (a *Accounts) renew(ctx context.Context, id uuid.UUID, stored, password string) error {
	if !a.passwords.outdated(stored) {
		return nil
	}
	encoded, err := a.passwords.encode(ctx, password)
	if err != nil {
		return err
	}
	if err := a.Store.ReplacePassword(ctx, id, stored, encoded); err != nil {
		return fmt.Errorf("renewing the password of staff %s: %w", id, err)
	}
	return nil
}
