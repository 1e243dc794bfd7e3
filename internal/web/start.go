package web

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/frame"
)

// start lists the authorities: each answers for itself, also for imprint,
// privacy notice and accessibility statement.
func (a *App) start(key string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		authorities, err := a.deps.Authorities(c.UserContext())
		if err != nil {
			return fmt.Errorf("list authorities: %w", err)
		}
		l := reply.Lang(c)
		s := frame.Start{Title: wording.Text(l, key), Lead: wording.Text(l, key+".lead"), Question: wording.Text(l, "start.choose"), Authorities: authorities}
		if key == "start" {
			s.Title = wording.Text(l, "start.title")
		} else {
			s.Authorities = below(authorities, c.Path())
			s.Question = wording.Text(l, "start.which")
		}
		return reply.Page(c, fiber.StatusOK, frame.StartPage(reply.Frame(c, s.Title), s))
	}
}

func below(authorities []frame.Authority, path string) []frame.Authority {
	var all []frame.Authority
	for _, a := range authorities {
		all = append(all, frame.Authority{Name: a.Name, Path: a.Path + path})
	}
	return all
}

func healthy(c *fiber.Ctx) error { return c.SendString("ok\n") }

// ready says whether the portal can serve: a load balancer asks it, so the
// answer names no reason; the log does.
func (a *App) ready(c *fiber.Ctx) error {
	if a.deps.Ready == nil {
		return healthy(c)
	}
	if err := a.deps.Ready(c.UserContext()); err != nil {
		a.deps.Log.Warn("not ready", "err", describe(err))
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
	}
	return healthy(c)
}
