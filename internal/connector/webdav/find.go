package webdav

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Find goes through the folders in the order of their names, and looks only
// into those in which files of the person may lie.
func (s *share) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := s.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	w := &walk{share: s, query: q, whose: connector.NewRecall(whose, q), yield: yield, budget: &budget{}, answer: connector.Answer{Outcome: connector.Nothing}}
	if w.known, err = s.known(q); err != nil {
		return connector.Answer{}, err
	}
	start := s.position(from)
	for i := start.Root; i < len(s.roots); i++ {
		w.root = i
		segments, _ := splitEscaped(s.roots[i])
		after := start.Path
		if i > start.Root {
			after = nil
		}
		err := w.folder(ctx, s.roots[i], segments, after)
		if errors.Is(err, errPaused) {
			break
		}
		if err != nil {
			return w.answer, err
		}
	}
	return w.answer, nil
}

// walk goes through the files of one question.
type walk struct {
	share  *share
	query  connector.Query
	whose  *connector.Recall
	known  known
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer
	budget *budget
	root   int
	above  []mark // of the folders on the way down
}

// position is what a cursor says: the last file, as the escaped names from its
// root down.
type position struct {
	Version string
	Root    int
	Path    []string
}

// position reads a cursor. One that was made with another connection file
// starts again: what was found before has the same references.
func (s *share) position(c connector.Cursor) position {
	var p position
	if json.Unmarshal(c, &p) != nil || p.Version != s.connection.Version || p.Root < 0 || p.Root >= len(s.roots) {
		return position{}
	}
	return p
}

// errPaused ends a walk whose time is up.
var errPaused = errors.New("paused")

// maxDepth is how deep folders may lie; more is a loop, or nobody's work.
const maxDepth = 64

// mark tells a folder by what it holds.
type mark struct{ n, a, b uint64 }

// add takes the entries in any order.
func (m *mark) add(e entry) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%v\x00%d\x00%s\x00%d", e.Name, e.Dir, e.Size, e.ETag, e.Modified.Unix()))
	m.n++
	m.a += binary.LittleEndian.Uint64(sum[:8])
	m.b += binary.LittleEndian.Uint64(sum[8:16])
}

// folder looks at one folder. After names the last file that was given,
// beginning with its name here.
func (w *walk) folder(ctx context.Context, path string, segments, after []string) error {
	list := &sorted{budget: w.budget}
	defer list.close()
	here := w.place(segments)
	var m mark
	err := w.share.propfind(ctx, w.share.roots[w.root], path, "1", func(e entry) error {
		m.add(e)
		switch {
		case e.self:
		case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
			w.gap("connector.gap.no_permission")
		case e.Status != 0 && e.Status/100 != 2:
			w.gap("connector.gap.unreadable")
		case len(after) > 0 && e.Name < after[0]:
		case e.Dir && !w.mayHold(segments, e):
		case !e.Dir && !w.mayBe(here, e):
		default:
			return list.add(e)
		}
		return nil
	})
	if err != nil {
		return w.lost(err, len(w.above) == 0)
	}
	if m.n > 1 && slices.Contains(w.above, m) || len(w.above) == maxDepth {
		w.gap("connector.gap.loop")
		return nil
	}
	w.above = append(w.above, m)
	defer func() { w.above = w.above[:len(w.above)-1] }()
	return list.all(func(e entry) error {
		var rest []string
		if len(after) > 0 && e.Name == after[0] {
			rest = after[1:]
			if !e.Dir && len(rest) == 0 {
				return nil // given already
			}
		}
		if !e.Dir {
			return w.file(ctx, path, here, e)
		}
		names, ok := splitEscaped(e.Name)
		if !ok {
			w.gap("connector.gap.unreadable")
			return nil
		}
		return w.folder(ctx, path+e.Name+"/", append(slices.Clone(segments), names...), rest)
	})
}

// mayHold says whether a file of the person may lie in a folder or below it.
func (w *walk) mayHold(above []string, e entry) bool {
	if w.share.everywhere() {
		return true
	}
	names, ok := splitEscaped(e.Name)
	return ok && w.place(append(slices.Clone(above), names...)).on
}

// mayBe says whether a file may be the person's, from what the listing says.
func (w *walk) mayBe(here place, e entry) bool {
	led, _, _ := w.leads(here, e, nil)
	return led != nil || w.hasAuthors(e)
}

// hasAuthors says whether it is worth looking into a file for names.
func (w *walk) hasAuthors(e entry) bool {
	return w.share.mapping.Owner.Authors && e.Size <= maxContent && tellsAuthors(e.Name)
}

// leads gives the identifiers that lead to a file. Shared says that it lies
// with the person, but belongs to somebody else: then somebody has to look.
func (w *walk) leads(here place, e entry, authors []string) (led [][]uuid.UUID, c connector.Confidence, shared bool) {
	values := w.values(here, e, authors)
	led, c = w.whose.Leads(values)
	for i, kind := range w.share.holds {
		shared = shared || e.Owners[i] != "" && !w.known.is(kind, e.Owners[i])
	}
	if shared {
		c = connector.Check
	}
	return led, c, shared
}

func (w *walk) values(here place, e entry, authors []string) connector.Values {
	if len(w.share.holds)+len(authors) == 0 {
		return here.values
	}
	values := connector.Values{}
	for kind, some := range here.values {
		values[kind] = slices.Clone(some)
	}
	for i, kind := range w.share.holds {
		if e.Owners[i] != "" {
			values[kind] = append(values[kind], e.Owners[i])
		}
	}
	for _, a := range authors {
		values[person.Name] = append(values[person.Name], a)
	}
	return values
}

// file gives one file, if it is the person's.
func (w *walk) file(ctx context.Context, folder string, here place, e entry) error {
	root := w.share.roots[w.root]
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, root, "", ctx.Err())
	}
	o, err := w.open(ctx, folder, e)
	if err != nil {
		return w.lost(err, false)
	}
	defer o.close()
	inside := properties(o.begin, o.rest == nil)
	led, c, shared := w.leads(here, e, nil)
	if led == nil {
		if led, c, shared = w.leads(here, e, inside.authors()); led == nil {
			return nil
		}
		c = connector.Check // the name in a file proves nothing about who keeps it here
	}
	w.answer.Outcome = connector.Found
	f := w.finding(folder, e, led, c)
	f.Fields = w.fields(folder, e, o, inside)
	if !shared && c != connector.Check {
		f.Hints = w.hints(here, e, f.Reference)
	}
	at, err := json.Marshal(position{Version: w.share.connection.Version, Root: w.root, Path: strings.Split(strings.Trim(strings.TrimPrefix(folder, root)+e.Name, "/"), "/")})
	if err != nil {
		return connector.Fail(connector.ErrBroken, root, "cursor", nil)
	}
	if err := w.yield(f, at); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = at
		return errPaused
	}
	return nil
}

// lost makes a gap of what one folder or file is missing. A root that is
// missing is a failure: it is not nothing.
func (w *walk) lost(err error, isRoot bool) error {
	switch code(err) {
	case http.StatusUnauthorized: // the password was changed while we asked
		return err
	case http.StatusNotFound, http.StatusGone:
		if isRoot {
			return connector.Fail(connector.ErrConfig, w.share.roots[w.root], "no such folder", nil)
		}
		w.gap("connector.gap.vanished")
		return nil
	case http.StatusForbidden:
		if isRoot {
			return err
		}
		w.gap("connector.gap.no_permission")
		return nil
	}
	if errors.Is(err, connector.ErrBroken) && !isRoot {
		w.gap("connector.gap.unreadable")
		return nil
	}
	return err
}

// gap counts what could not be read, by root: names of folders may be personal.
func (w *walk) gap(reason string) {
	place := w.share.mapping.Roots[w.root]
	for i, g := range w.answer.Gaps {
		if g.Place == place && g.Reason == reason {
			w.answer.Gaps[i].Count++
			return
		}
	}
	w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: place, Reason: reason, Count: 1})
}
