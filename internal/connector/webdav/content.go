package webdav

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
	"einsicht/internal/person"
)

// maxContent is how much of a file is read to see what stands inside beside its
// content: of a picture its beginning, of a document all of it.
const maxContent = 8 << 20

// leftForbidden stands for a content that the share does not give.
const leftForbidden = "file_not_readable"

// opened is a file of which the beginning was read.
type opened struct {
	begin []byte
	rest  *body  // what follows; nil: nothing
	left  string // why there is no content
}

func (o opened) close() {
	if o.rest != nil {
		_ = o.rest.Close()
	}
}

// open reads the beginning of a file.
func (w *walk) open(ctx context.Context, folder string, e entry) (opened, error) {
	if e.Size == 0 {
		return opened{begin: []byte{}}, nil
	}
	in, err := w.get(ctx, folder, e)
	if code(err) == http.StatusForbidden {
		w.gap("connector.gap.no_permission")
		return opened{left: leftForbidden}, nil
	}
	if err != nil {
		return opened{}, err
	}
	begin, err := io.ReadAll(io.LimitReader(in, maxContent+1))
	if err != nil || len(begin) <= maxContent {
		_ = in.Close()
		return opened{begin: begin}, err
	}
	return opened{begin: begin, rest: in}, nil
}

func (w *walk) get(ctx context.Context, folder string, e entry) (*body, error) {
	in, err := w.share.ask(httpapi.Whole(ctx), w.share.roots[w.root], http.MethodGet, folder+e.Name, http.Header{"Accept-Encoding": {"identity"}}, "")
	if err == nil && in.length < 0 {
		in.length = e.Size // only the listing tells whether all of it came
	}
	return in, err
}

// body streams what was opened; who opens it again asks the share again.
func (w *walk) body(folder string, e entry, o opened) *connector.Body {
	b := &connector.Body{Stamp: e.stamp(), Size: e.Size, Type: e.Type}
	switch {
	case o.rest == nil:
		b.Size, b.Open = int64(len(o.begin)), connector.NewBody(o.begin).Open
	default:
		var begun atomic.Bool
		b.Open = func(ctx context.Context) (io.ReadCloser, error) {
			if begun.Swap(true) {
				return w.get(ctx, folder, e)
			}
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(o.begin), o.rest), o.rest}, nil
		}
	}
	return b
}

// stamp is what changes with the content of a file.
func (e entry) stamp() string {
	return fmt.Sprintf("%s %d %d", e.etag(), e.Size, e.Modified.Unix())
}

// etag is the same whether the server trusts it already or not: that of a file
// written within the last second is weak (RFC 9110, 8.8.3).
func (e entry) etag() string { return strings.TrimPrefix(e.ETag, "W/") }

func (w *walk) finding(folder string, e entry, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	root, m := w.share.roots[w.root], w.share.mapping
	at := e.Modified
	if at.IsZero() {
		at = e.Created
	}
	f := connector.Finding{
		Reference: (folder + e.Name)[1:], Category: m.Category, Label: m.Label, Led: led, Confidence: c,
		Origin: connector.Origin{Place: root, Position: folder + e.Name, At: at, Mapping: w.share.connection.Version},
	}
	if f.Category == "" {
		f.Category = "file"
	}
	return f
}

// fields are the file itself, what the share says about it, and what stands
// inside beside the content.
func (w *walk) fields(folder string, e entry, o opened, inside metadata) []connector.Field {
	name := person.NewText(unescape(e.Name))
	var fields []connector.Field
	if o.left == "" {
		fields = connector.BodyFields(name, w.body(folder, e, o))
	} else {
		fields = []connector.Field{{Name: connector.FileName, Value: name}, {Name: o.left, Value: person.NewText(bytesText(e.Size))}}
	}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, connector.Field{Name: name, Value: person.NewText(value)})
		}
	}
	fields = append(fields, connector.Field{Name: "file_folder", Value: person.NewText(unescape(folder)), ThirdParty: w.others(folder)})
	add("file_size", bytesText(e.Size))
	add("file_modified", timeText(e.Modified))
	add("file_created", timeText(e.Created))
	add("file_type", e.Type)
	add("file_etag", e.etag())
	add("file_restricted", e.Mark)
	for i, value := range e.Owners {
		if value != "" {
			fields = append(fields, connector.Field{
				Name: "file_owner", Value: person.NewText(value), ThirdParty: !w.known.is(w.share.holds[i], value) && !w.whose.Known(w.share.holds[i], value),
			})
		}
	}
	return connector.DistinctFields(append(fields, w.inside(inside)...))
}

// others says that a folder is named after somebody else.
func (w *walk) others(folder string) bool {
	segments, _ := splitEscaped(folder)
	return !w.place(segments).on && slices.ContainsFunc(w.share.templates, func(t template) bool {
		_, in, _ := t.follow(segments, func(person.IdentifierKind, string) bool { return true })
		return in
	})
}

// hints offers what the share says about the owner and nobody asked for.
func (w *walk) hints(here place, e entry, reference string) []person.Identifier {
	var hints []person.Identifier
	for _, kind := range person.IdentifierKinds {
		for _, value := range w.values(here, e, nil)[kind] {
			if id, ok := w.whose.Hint(kind, value, w.share.connection.System+"/"+reference); ok {
				hints = append(hints, id)
			}
		}
	}
	return hints
}

func unescape(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

func bytesText(n int64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
