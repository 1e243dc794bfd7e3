package citizen

import (
	"context"
	"io"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/web/reply"
)

// fetch hands the package over. That it was fetched is recorded when all of it
// went out.
func (s *site) fetch(c *fiber.Ctx, a casefile.Authority, actor casefile.Actor) error {
	p, err := s.provide(c.UserContext(), actor, reply.Now(c))
	if err != nil {
		return err
	}
	return reply.Download(c, reply.File{Name: p.name, Type: "application/zip", Size: p.size}, func(ctx context.Context, w io.Writer) error {
		return p.stream(ctx, w, s.Now)
	})
}
