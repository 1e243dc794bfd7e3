package web

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/assets"
	"einsicht/internal/problem"
)

// serveAsset answers for style sheets, fonts and scripts. Their names change
// with their content, so that browsers may keep them for ever. Pages are never
// compressed: they hold tokens (BREACH).
func serveAsset(c *fiber.Ctx) error {
	f, ok := assets.Open(c.Path())
	if !ok {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, f.Type)
	if f.Gzip == nil {
		return c.Send(f.Content)
	}
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.AcceptsEncodings("gzip") != "gzip" {
		return c.Send(f.Content)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(f.Gzip)
}
