package reply

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/problem"
	"einsicht/internal/wording"
	"einsicht/views/frame"
)

// Kinds of failure that only the web knows.
var (
	// ErrToken: a form without the token, or from another website.
	ErrToken = errors.New("form token missing or wrong")
)

// kinds maps each kind of failure to its status and its sentence, in the order
// in which they are asked.
var kinds = []struct {
	kind   error
	status int
	key    string
}{
	{ErrToken, fiber.StatusForbidden, "problem.csrf"},
	{problem.Invalid, fiber.StatusUnprocessableEntity, "problem.invalid"},
	{problem.NotFound, fiber.StatusNotFound, "problem.notfound"},
	{problem.Forbidden, fiber.StatusForbidden, "problem.forbidden"},
	{problem.Conflict, fiber.StatusConflict, "problem.conflict"},
	{problem.Throttled, fiber.StatusTooManyRequests, "problem.throttled"},
	{problem.Unavailable, fiber.StatusServiceUnavailable, "problem.unavailable"},
	{problem.TooLarge, fiber.StatusRequestEntityTooLarge, "problem.toolarge"},
	{context.DeadlineExceeded, fiber.StatusServiceUnavailable, "problem.unavailable"},
}

// statuses are the failures that the server itself finds.
var statuses = map[int]string{
	fiber.StatusBadRequest:                  "problem.invalid",
	fiber.StatusNotFound:                    "problem.notfound",
	fiber.StatusMethodNotAllowed:            "problem.method",
	fiber.StatusRequestTimeout:              "problem.unavailable",
	fiber.StatusLengthRequired:              "problem.length",
	fiber.StatusRequestEntityTooLarge:       "problem.toolarge",
	fiber.StatusUnsupportedMediaType:        "problem.media",
	fiber.StatusRequestHeaderFieldsTooLarge: "problem.toolarge",
}

// Status returns the HTTP status of a failure and the key of its sentence.
func Status(err error) (status int, key string) {
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			return k.status, k.key
		}
	}
	if web := (*fiber.Error)(nil); errors.As(err, &web) {
		if key, ok := statuses[web.Code]; ok {
			return web.Code, key
		}
	}
	return fiber.StatusInternalServerError, "problem.internal"
}

// Problem answers with the page that says what went wrong and what to do. Of
// the error itself only the kind is shown, and the sentence it names.
func Problem(c *fiber.Ctx, err error) error {
	status, key := Status(err)
	l := Lang(c)
	p := frame.Problem{
		Title:     wording.Text(l, key+".title"),
		Sentence:  wording.Text(l, key),
		Reference: RequestID(c),
	}
	if said := (*problem.Error)(nil); errors.As(err, &said) && wording.Has(said.Key) {
		p.Sentence = wording.Text(l, said.Key, said.Args...)
	}
	return Page(c, status, frame.ProblemPage(Frame(c, p.Title), p))
}
