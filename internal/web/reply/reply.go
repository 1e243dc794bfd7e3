// Package reply is how the portal answers somebody: with a page, by sending
// them on, with a download, or by saying what went wrong.
//
// It also holds what every handler may ask about a request: the language, the
// time, the session, and the token that proves a form is ours. Handlers are
// registered as Routes, one table, so that tests read every page there is from
// the program.
package reply

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/problem"
)

// Route is one line of the table of everything the portal answers.
type Route struct {
	Method  string
	Path    string // with parameters as in "/:authority/antrag"
	Class   Class
	Auth    Auth
	Door    string // where somebody not signed in is sent, parameters as in Path; empty: refused
	MaxBody int64  // in bytes; where it is 0, FormLimit or DefaultUpload
	Handler fiber.Handler
}

// Class says what a route takes and gives; limits on body and time follow.
type Class string

// The classes.
const (
	PageClass     Class = "page"     // GET, answers with HTML
	FormClass     Class = "form"     // POST of a form, in memory
	UploadClass   Class = "upload"   // POST with files, streamed
	DownloadClass Class = "download" // GET, streamed
	AssetClass    Class = "asset"    // style sheets, fonts, scripts
	APIClass      Class = "api"      // for machines: health, later the API
)

// Auth says who may come in.
type Auth string

// Who may come in. Whether a member of staff may do what they ask is decided in
// the step, not here.
const (
	Public    Auth = "public"
	Citizen   Auth = "citizen"   // holds file number and access code
	Recipient Auth = "recipient" // holds number and code of a notice, Art. 19 GDPR
	Staff     Auth = "staff"     // signed in at the desk
)

// FormLimit and DefaultUpload bound what is read of a request, in bytes, where its
// route says nothing else.
const (
	FormLimit     = 64 << 10
	DefaultUpload = 25 << 20
)

// Page answers with a page. A form that came back has status 422.
func Page(c *fiber.Ctx, status int, page templ.Component) error {
	c.Status(status).Type("html", "utf-8")
	return page.Render(c.UserContext(), c.Response().BodyWriter())
}

// Redirect sends the browser on with GET (303), as after every form.
func Redirect(c *fiber.Ctx, path string) error {
	return c.Redirect(path, fiber.StatusSeeOther)
}

// File is what a download is called and how long it is; Size -1 if that is not
// known before.
type File struct {
	Name string
	Type string
	Size int64
}

// Attach sends a whole file to keep.
func Attach(c *fiber.Ctx, name, kind string, content []byte) error {
	return Download(c, File{Name: name, Type: kind, Size: int64(len(content))}, func(_ context.Context, w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Download streams a file. The writer runs after the handler has returned, so
// it must not touch the request; it has a context of its own, as long as the
// answer may take. If it fails, or the visitor does not read, the connection is
// cut, so that nobody takes half a package for a whole one.
func Download(c *fiber.Ctx, f File, write func(ctx context.Context, w io.Writer) error) error {
	c.Set(fiber.HeaderContentType, f.Type)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	report, lasts := Of(c).Report, Of(c).AnswerTime
	r, w := io.Pipe()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), lasts)
		defer cancel()
		// Writing to a pipe that nobody reads ends with the pipe alone.
		stop := context.AfterFunc(ctx, func() { r.CloseWithError(ctx.Err()) })
		defer stop()
		err := guarded(ctx, w, write)
		if err != nil && report != nil {
			report(err)
		}
		w.CloseWithError(err)
	}()
	return c.SendStream(r, int(f.Size))
}

var errPanic = errors.New("panic while streaming")

func guarded(ctx context.Context, w io.Writer, write func(context.Context, io.Writer) error) (err error) {
	defer func() {
		if recover() != nil { // the value may hold anything, personal data too
			err = errPanic
		}
	}()
	return write(ctx, w)
}

// Upload returns the parts of an upload after the token. The reader ends at the
// route's limit; nothing has been read into memory.
func Upload(c *fiber.Ctx) (*multipart.Reader, error) {
	if parts := Of(c).Parts; parts != nil {
		return parts, nil
	}
	return nil, problem.New(problem.Invalid, "problem.invalid")
}
