package web

import (
	"cmp"
	"io"
	"mime"
	"mime/multipart"
	"time"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
)

const bodyRead = "body read"

// boundBody refuses a body that is too long, or does not say how long it is,
// before reading any of it. The server itself would read on: with a streamed
// body its own limit does not hold.
func boundBody(c *fiber.Ctx, r reply.Route) error {
	length := c.Request().Header.ContentLength() // -1: chunked, -2: none
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch r.Class {
	case reply.FormClass:
		if err := within(length, cmp.Or(r.MaxBody, reply.FormLimit)); err != nil {
			return err
		}
		if kind != fiber.MIMEApplicationForm && length > 0 {
			return fiber.ErrUnsupportedMediaType
		}
		c.Request().Body() // bounded by its length
		c.Locals(bodyRead, true)
		return nil
	case reply.UploadClass:
		limit := cmp.Or(r.MaxBody, reply.DefaultUpload)
		if err := within(length, limit); err != nil {
			return err
		}
		if kind != fiber.MIMEMultipartForm {
			return fiber.ErrUnsupportedMediaType
		}
		if conn := c.Context().Conn(); conn != nil {
			if err := conn.SetReadDeadline(time.Now().Add(timeOf(r.Class))); err != nil {
				return err
			}
		}
		reply.Of(c).Parts = multipart.NewReader(io.LimitReader(c.Context().RequestBodyStream(), limit), params["boundary"])
		return nil
	}
	if length > 0 || length == -1 {
		return problem.New(problem.TooLarge, "problem.toolarge")
	}
	return nil
}

// boundAnswer ends the connection of a visitor who asks and does not read the
// answer. Each answer sets the moment anew, since connections live on.
func boundAnswer(c *fiber.Ctx) error {
	conn := c.Context().Conn()
	if conn == nil {
		return nil
	}
	return conn.SetWriteDeadline(time.Now().Add(reply.Of(c).AnswerTime))
}

func within(length int, limit int64) error {
	switch {
	case length == -1:
		return fiber.ErrLengthRequired
	case int64(length) > limit:
		return problem.New(problem.TooLarge, "problem.toolarge")
	}
	return nil
}

// closeUnlessRead ends the connection after a request whose body was not read
// to its end. Otherwise what is left of it would be taken for the next request.
// The answer reaches whoever is still sending all the same, see linger.go.
func closeUnlessRead(c *fiber.Ctx) {
	length := c.Request().Header.ContentLength()
	if (length > 0 || length == -1) && c.Locals(bodyRead) == nil {
		c.Context().SetConnectionClose()
		lingerAfter(c)
	}
}
