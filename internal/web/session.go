package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
)

// SessionStore keeps sessions by the SHA-256 of their id; the id itself stands
// in the visitor's cookie and nowhere else. Get fails with problem.NotFound. Put keeps a
// session under a new id; Touch changes one that is still there, and does nothing
// for one that was deleted meanwhile: who signed out stays out.
type SessionStore interface {
	Get(ctx context.Context, hash []byte) (sealed []byte, created, lastSeen time.Time, err error)
	Put(ctx context.Context, hash, sealed []byte, created, lastSeen time.Time) error
	Touch(ctx context.Context, hash, sealed []byte, lastSeen time.Time) error
	Delete(ctx context.Context, hash []byte) error
}

// Sealer encrypts what a session holds under a key made from its id. The store
// knows only the id's hash, so whoever reads the store reads no session.
type Sealer interface {
	SessionSeal(id string, plain []byte) ([]byte, error)
	SessionOpen(id string, sealed []byte) ([]byte, error)
}

// A session ends after SessionIdle without a request, and after SessionMax in
// any case.
const (
	SessionIdle = 30 * time.Minute
	SessionMax  = 10 * time.Hour

	// sessionTouch saves a write for each page of somebody who clicks fast.
	sessionTouch = time.Minute

	sessionCookie = "__Host-session"
)

// kept is the session as it lies in the store; zero if there is none.
type kept struct {
	id       string // as in the cookie
	hash     []byte
	created  time.Time
	lastSeen time.Time
}

func (a *App) loadSession(c *fiber.Ctx, v *reply.Visit) (kept, error) {
	cookie := c.Cookies(sessionCookie)
	id, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(id) != sha256.Size {
		return kept{}, nil
	}
	hash := hashOf(id)
	sealed, created, lastSeen, err := a.deps.Sessions.Get(c.UserContext(), hash)
	switch {
	case errors.Is(err, problem.NotFound):
		return kept{}, nil
	case err != nil:
		return kept{}, fmt.Errorf("load session: %w", err)
	case v.Now.Sub(lastSeen) >= SessionIdle, v.Now.Sub(created) >= SessionMax:
		return kept{}, a.forget(c, hash)
	}
	plain, err := a.deps.Sealer.SessionOpen(cookie, sealed)
	if err != nil { // sealed under a key that is gone: sign in again
		return kept{}, a.forget(c, hash)
	}
	if v.Session, err = reply.ReadSession(plain, v.Now); err != nil {
		return kept{}, err
	}
	return kept{cookie, hash, created, lastSeen}, nil
}

func (a *App) forget(c *fiber.Ctx, hash []byte) error {
	setCookie(c, sessionCookie, "", -1)
	if err := a.deps.Sessions.Delete(c.UserContext(), hash); err != nil {
		return fmt.Errorf("forget session: %w", err)
	}
	return nil
}

func (a *App) saveSession(c *fiber.Ctx, v *reply.Visit, k kept) error {
	s := v.Session
	switch {
	case s.Ended() && k.hash == nil:
		return nil
	case s.Ended():
		return a.forget(c, k.hash)
	case !s.Changed() && (k.hash == nil || v.Now.Sub(k.lastSeen) < sessionTouch):
		return nil
	}
	old, fresh := k.hash, k.hash == nil || s.Renewed()
	if fresh {
		id := make([]byte, sha256.Size)
		rand.Read(id)
		k = kept{id: base64.RawURLEncoding.EncodeToString(id), hash: hashOf(id), created: v.Now}
		setCookie(c, sessionCookie, k.id, 0)
	}
	plain, err := s.Bytes()
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	sealed, err := a.deps.Sealer.SessionSeal(k.id, plain)
	if err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	if !fresh {
		if err := a.deps.Sessions.Touch(c.UserContext(), k.hash, sealed, v.Now); err != nil {
			return fmt.Errorf("touch session: %w", err)
		}
		return nil
	}
	if err := a.deps.Sessions.Put(c.UserContext(), k.hash, sealed, k.created, v.Now); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	if old != nil {
		if err := a.deps.Sessions.Delete(c.UserContext(), old); err != nil {
			return fmt.Errorf("delete renewed session: %w", err)
		}
	}
	return nil
}

func hashOf(id []byte) []byte {
	sum := sha256.Sum256(id)
	return sum[:]
}

// admitted says whether somebody may come in. What they may do there is decided
// in the step.
func admitted(r reply.Route, s *reply.Session) bool {
	switch r.Auth {
	case reply.Public:
		return true
	case reply.Citizen:
		return s.Get(reply.CaseID) != ""
	case reply.Recipient:
		return s.Get(reply.Notice) != ""
	case reply.Staff:
		return s.Get(reply.StaffID) != ""
	}
	return false
}

func sendToDoor(c *fiber.Ctx, r reply.Route) error {
	if r.Door == "" {
		return problem.New(problem.Forbidden, "problem.forbidden")
	}
	parts := strings.Split(r.Door, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = url.PathEscape(c.Params(name))
		}
	}
	return reply.Redirect(c, strings.Join(parts, "/"))
}
