package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
)

// begin stands around every request, also those that no route answers: number,
// headers, language, panic, log.
func (a *App) begin(c *fiber.Ctx) error {
	started := time.Now()
	v := a.visit(c)
	setHeaders(c, a.deps.HTTPS)
	err := recovered(c)
	if err != nil {
		if err = a.fail(c, err); err != nil {
			return err
		}
	}
	closeUnlessRead(c)
	took := time.Since(started)
	status := c.Response().StatusCode()
	// The pattern, not the address; no query, no address of the visitor.
	a.deps.Log.Info("request", "id", v.ID, "method", c.Method(), "route", v.Route, "status", status, "ms", took.Milliseconds())
	if a.deps.Observe != nil {
		a.deps.Observe(v.Route, c.Method(), status, took)
	}
	return boundAnswer(c)
}

func (a *App) visit(c *fiber.Ctx) *reply.Visit {
	v := &reply.Visit{
		ID: newID(), Route: "-", Lang: negotiate(c), Now: a.deps.Now(), Demo: a.deps.Demo,
		Address: a.addressOf(c), AnswerTime: a.answerTime(reply.PageClass),
	}
	v.Session = reply.NewSession(v.Now)
	v.Token = tokenOf(c)
	id := v.ID
	v.Report = func(err error) { a.deps.Log.Error("streaming failed", "id", id, "err", describe(err)) }
	reply.Begin(c, v)
	return v
}

func newID() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails, crypto/rand
	return hex.EncodeToString(b)
}

// fail answers a request that went wrong: the person gets the sentence of its
// kind, the log the cause. The server calls it too, for requests that are not
// even HTTP.
func (a *App) fail(c *fiber.Ctx, err error) error {
	if _, begun := c.Locals("visit").(*reply.Visit); !begun {
		a.visit(c)
		setHeaders(c, a.deps.HTTPS)
		if err := boundAnswer(c); err != nil {
			return err
		}
	}
	status, _ := reply.Status(err)
	if status == fiber.StatusRequestHeaderFieldsTooLarge {
		lingerAfter(c) // more of it is under way
	}
	if status >= fiber.StatusInternalServerError {
		a.deps.Log.Error("request failed", "id", reply.RequestID(c), "method", c.Method(), "route", reply.Of(c).Route, "err", describe(err))
	}
	c.SetUserContext(context.Background()) // the route's has ended
	c.Response().ResetBody()
	c.Response().Header.Del(fiber.HeaderContentDisposition)
	c.Response().Header.Del(fiber.HeaderContentEncoding)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return reply.Problem(c, err)
}

// panicked is a panic as an error. Its value may hold anything, so only its
// type is kept, and the text of those that the runtime itself writes.
type panicked struct {
	what  string
	stack []byte
}

func (p panicked) Error() string { return "panic: " + p.what + "\n" + string(p.stack) }

func recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			what := fmt.Sprintf("%T", r)
			if e, ok := r.(runtime.Error); ok {
				what = e.Error()
			}
			err = panicked{what, debug.Stack()}
		}
	}()
	return c.Next()
}

// describe writes an error for the log. Errors that are known to quote their
// input (an address, a number, a date somebody typed) are told by type only.
func describe(err error) string {
	var (
		number *strconv.NumError
		day    *time.ParseError
		link   *url.Error
		name   *net.DNSError
		web    *fiber.Error
	)
	switch {
	case errors.As(err, &web): // "Cannot GET /…"
		return "status " + strconv.Itoa(web.Code)
	case errors.As(err, &number), errors.As(err, &day), errors.As(err, &link), errors.As(err, &name):
		return fmt.Sprintf("%T", err)
	}
	return err.Error()
}

// addressOf is the last address that a proxy of ours did not add itself;
// anything further left is what the visitor claims.
func (a *App) addressOf(c *fiber.Ctx) netip.Addr {
	addr, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	addr = addr.Unmap()
	var lines []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		lines = append(lines, string(line))
	}
	// Some proxies add a line of their own instead of lengthening the visitor's;
	// all lines together are one list (RFC 9110, 5.3).
	hops := strings.Split(strings.Join(lines, ","), ",")
	for i := len(hops) - 1; i >= 0 && a.trusted(addr); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = next.Unmap()
	}
	return addr
}

func (a *App) trusted(addr netip.Addr) bool {
	for _, p := range a.deps.Proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
