package webdav

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// maxContent is how much of a file's content travels with the record. What is
// larger is fetched by hand when the answer is released.
const maxContent = 8 << 20

// Why a content is not with the record.
const (
	leftLarge     = "file_too_large"
	leftForbidden = "file_not_readable"
)

// content reads a file. Left says why it stays where it is.
func (w *walk) content(ctx context.Context, folder string, e entry) (content []byte, left string, err error) {
	switch {
	case e.Size > maxContent:
		return nil, leftLarge, nil
	case e.Size == 0:
		return []byte{}, "", nil
	}
	in, err := w.share.ask(ctx, w.share.roots[w.root], http.MethodGet, folder+e.Name, http.Header{"Accept-Encoding": {"identity"}}, "")
	if code(err) == http.StatusForbidden {
		w.gap("connector.gap.no_permission")
		return nil, leftForbidden, nil
	}
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	if in.length > maxContent {
		return nil, leftLarge, nil
	}
	if content, err = io.ReadAll(io.LimitReader(in, maxContent+1)); err != nil {
		if errors.Is(err, connector.ErrUnreachable) {
			return nil, "", err
		}
		return nil, "", connector.Fail(connector.ErrBroken, w.share.roots[w.root], "content", nil)
	}
	if len(content) > maxContent {
		return nil, leftLarge, nil
	}
	return content, "", nil
}

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
func (w *walk) fields(folder string, e entry, content []byte, left string, inside metadata) []connector.Field {
	name := person.NewText(unescape(e.Name))
	var fields []connector.Field
	if left == "" {
		fields = connector.FileFields(name, content)
	} else {
		fields = []connector.Field{{Name: connector.FileName, Value: name}, {Name: left, Value: person.NewText(bytesText(e.Size))}}
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
	add("file_etag", e.ETag)
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
