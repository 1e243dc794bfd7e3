package webdav

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// refusal is a change that the share, or the connection file, does not take. Others
// go on.
type refusal struct {
	state  connector.EffectState
	reason string
}

func (r *refusal) Error() string { return r.reason }

// The reasons, as wording keys.
const (
	becauseReadOnly   = "connector.webdav.read_only"
	becauseUndeclared = "connector.webdav.undeclared"
	becauseContent    = "connector.webdav.content"
	becauseKept       = "connector.webdav.kept"
	becauseOtherMark  = "connector.webdav.other_mark"
	becauseLocked     = "connector.webdav.locked"
	becauseRefused    = "connector.webdav.refused"
	becauseDenied     = "connector.webdav.denied"
)

// Rehearse says what changes would come to. The share is asked for locks, and
// whether the account may change something at the place of a file.
func (s *share) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return s.change(ctx, changes, false)
}

// Carry makes the changes file by file.
func (s *share) Carry(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	return s.change(ctx, changes, true)
}

func (s *share) change(ctx context.Context, changes []connector.Change, carry bool) ([]connector.Effect, error) {
	effects := make([]connector.Effect, len(changes))
	for i, one := range changes {
		e, err := s.do(ctx, one, carry)
		var said *refusal
		switch {
		case errors.As(err, &said) && said.state == connector.Missing:
			e = connector.Effect{}
		case errors.As(err, &said):
			e.After, e.Reason = e.Before.Fields, said.reason
		case err != nil:
			return nil, err
		}
		if e.Change, e.State = one.ID, connector.Changed; said != nil {
			e.State = said.state
		}
		effects[i] = e
	}
	return effects, nil
}

// do makes one change, or none of it.
func (s *share) do(ctx context.Context, one connector.Change, carry bool) (e connector.Effect, err error) {
	f, err := s.look(ctx, one.Reference)
	if err != nil {
		return e, err
	}
	e.Before = f.record(f.entry)
	if said := s.declined(one); said != nil {
		if said.reason == becauseKept {
			for _, field := range e.Before.Fields {
				e.Kept = append(e.Kept, connector.Kept{Field: field.Name, Why: s.mapping.Change.whole()})
			}
		}
		return e, said
	}
	if len(one.Seen) > 0 && !bytes.Equal(one.Seen, e.Before.Fingerprint()) {
		return e, &refusal{state: connector.Differs}
	}
	if one.Do == connector.CanErase {
		if !carry {
			return e, s.mayChange(ctx, f, http.MethodDelete, "")
		}
		return e, s.write(ctx, f, http.MethodDelete, "")
	}
	mark, patch, err := s.mark(f.entry, one.Lift)
	if err != nil {
		return e, err
	}
	after := f
	switch {
	case patch == "": // it says so already
	case !carry:
		err = s.mayChange(ctx, f, "PROPPATCH", patch)
		after.entry.Mark = mark
	default:
		if err = s.write(ctx, f, "PROPPATCH", patch); err == nil {
			after, err = s.look(ctx, one.Reference)
		}
	}
	if err == nil {
		e.After = after.record(after.entry).Fields
	}
	return e, err
}

// declined says what keeps a change from being tried at all.
func (s *share) declined(one connector.Change) *refusal {
	because := func(reason string) *refusal { return &refusal{connector.Undeclared, reason} }
	said := s.mapping.Change
	switch {
	case one.Do == connector.CanRectify:
		return because(becauseContent)
	case said == nil:
		return because(becauseUndeclared)
	case one.Do == connector.CanErase && said.whole() != "":
		return because(becauseKept)
	case one.Do == connector.CanErase && said.Erase == "", one.Do == connector.CanRestrict && said.Restrict == nil,
		one.Do != connector.CanErase && one.Do != connector.CanRestrict:
		return because(becauseUndeclared)
	case s.writer == nil:
		return because(becauseReadOnly)
	}
	return nil
}

// found is a file of the share with all that Find says of it.
type found struct {
	*walk
	folder string
	entry  entry
	opened opened
	inside metadata
}

// look reads one file by its reference.
func (s *share) look(ctx context.Context, reference string) (found, error) {
	gone := &refusal{state: connector.Missing}
	path := "/" + reference
	segments, ok := splitEscaped(path)
	if !ok || len(segments) == 0 || strings.TrimSuffix(joinPath(segments), "/") != path {
		return found{}, gone
	}
	name := url.PathEscape(segments[len(segments)-1])
	folder := strings.TrimSuffix(path, name)
	root := -1
	for i, r := range s.roots {
		if strings.HasPrefix(folder, r) {
			root = i
		}
	}
	if root < 0 {
		return found{}, gone
	}
	f := found{walk: &walk{share: s, whose: connector.NewRecall(connector.Whose{}, connector.Query{}), root: root}, folder: folder}
	there := false
	err := s.propfind(ctx, s.roots[root], path, "0", func(e entry) error {
		if e.self && !e.Dir && (e.Status == 0 || e.Status/100 == 2) {
			f.entry, there = e, true
		}
		return nil
	})
	switch code(err) {
	case http.StatusNotFound, http.StatusGone:
		return f, gone
	}
	if err != nil {
		return f, err
	}
	if !there {
		return f, gone
	}
	f.entry.Name, f.entry.self = name, false
	if f.opened, err = f.open(ctx, folder, f.entry); err != nil {
		if code(err) == http.StatusNotFound {
			return f, gone
		}
		return f, err
	}
	f.inside = properties(f.opened.begin, f.opened.rest == nil)
	f.opened.close()
	return f, nil
}

// record is what Find makes of a file, as that of the person whose it is.
func (f found) record(e entry) connector.Finding {
	r := f.finding(f.folder, e, nil, "")
	r.Fields = f.fields(f.folder, e, f.opened, f.inside)
	for i := range r.Fields {
		field := &r.Fields[i]
		if field.Name == "file_folder" || strings.HasPrefix(field.Name, "file_owner") {
			field.ThirdParty = false
		}
		if field.Body != nil {
			field.Body.Open = nil
		}
	}
	return r
}

// Read gives single files.
func (s *share) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	all := map[string]connector.Finding{}
	for _, reference := range references {
		f, err := s.look(ctx, reference)
		var said *refusal
		switch {
		case errors.As(err, &said):
		case err != nil:
			return nil, err
		default:
			all[reference] = f.record(f.entry)
		}
	}
	return all, nil
}

// unlikely names a file that nobody has.
func unlikely() string { return "einsicht-" + uuid.NewString() }
