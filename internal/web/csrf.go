package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
)

const (
	tokenCookie = "__Host-csrf"
	tokenField  = "_csrf"
	tokenHeader = "X-CSRF-Token"
)

// checkToken refuses what another website had the browser send. Two
// independent signs: where the browser says the request comes from, and the
// token that stands in our pages only. It is a double-submit token whose cookie
// other websites can neither read nor set (__Host-). It is not tied to the
// session, so that a form in a second tab survives a session that begins
// meanwhile.
func checkToken(c *fiber.Ctx, r reply.Route, v *reply.Visit) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return nil
	}
	if !fromHere(c) {
		return reply.ErrToken
	}
	cookie := c.Cookies(tokenCookie)
	if !wellFormed(cookie) {
		return reply.ErrToken
	}
	sent := c.Get(tokenHeader)
	if sent == "" {
		var err error
		if sent, err = sentToken(c, r, v); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare([]byte(sent), []byte(token(cookie))) != 1 {
		return reply.ErrToken
	}
	return nil
}

// sentToken reads the token from the form; of an upload from its first part,
// before any file is read.
func sentToken(c *fiber.Ctx, r reply.Route, v *reply.Visit) (string, error) {
	if r.Class != reply.UploadClass {
		return c.FormValue(tokenField), nil
	}
	part, err := v.Parts.NextPart()
	if err != nil || part.FormName() != tokenField {
		return "", reply.ErrToken
	}
	b, err := io.ReadAll(io.LimitReader(part, 128))
	if err != nil {
		return "", reply.ErrToken
	}
	return string(b), nil
}

func fromHere(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == string(c.Request().Host())
}

// tokenOf returns the token for forms. The cookie is set when a page asks for
// it first: a page without a form sets none.
func tokenOf(c *fiber.Ctx) func() string {
	var cookie string
	return func() string {
		if cookie == "" {
			cookie = c.Cookies(tokenCookie)
		}
		if !wellFormed(cookie) {
			b := make([]byte, 32)
			rand.Read(b)
			cookie = base64.RawURLEncoding.EncodeToString(b)
			setCookie(c, tokenCookie, cookie, 0)
		}
		return token(cookie)
	}
}

func wellFormed(cookie string) bool {
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	return err == nil && len(b) == 32
}

// token differs from the cookie, so that a saved page does not hold the cookie.
func token(cookie string) string {
	sum := sha256.Sum256([]byte("einsicht form token\x00" + cookie))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// setCookie sets a cookie that only this host can read and set. Age in seconds;
// 0 lasts until the browser closes, less than 0 deletes.
func setCookie(c *fiber.Ctx, name, value string, age int) {
	cookie := &fiber.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, SessionOnly: age == 0,
		Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	}
	if age < 0 {
		cookie.Expires = time.Unix(1, 0) // fasthttp writes no negative Max-Age
	}
	c.Cookie(cookie)
}
