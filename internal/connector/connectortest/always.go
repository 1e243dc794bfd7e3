package connectortest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// watched is a connector of which every finding is looked at, whatever part of
// the suite asks for it.
type watched struct {
	connector.Connector
	t          *testing.T
	connection connector.Connection

	mu   sync.Mutex
	told map[string]bool
}

// Find is that of the connector.
func (w *watched) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	asked := map[uuid.UUID]person.Identifier{}
	for _, id := range q.Identifiers {
		asked[id.ID] = id
	}
	return w.Connector.Find(ctx, q, from, func(f connector.Finding, at connector.Cursor) error {
		w.led(asked, f)
		w.fields(f.Reference, f.Fields)
		w.hints(q, f)
		if f.Origin.Place == "" || f.Origin.Mapping != w.connection.Version {
			w.wrong(f.Reference, "does not say where it stood and by which connection it was read")
		}
		return yield(f, at)
	})
}

// led: a finding is as sure as what led there, and nothing that was only claimed
// makes it sure.
func (w *watched) led(asked map[uuid.UUID]person.Identifier, f connector.Finding) {
	if !slices.Contains(connector.Confidences, f.Confidence) {
		w.wrong(f.Reference, "has a confidence that nobody knows")
	}
	if len(f.Led) == 0 {
		w.wrong(f.Reference, "does not say which identifiers led there")
	}
	for _, set := range f.Led {
		if len(set) == 0 {
			w.wrong(f.Reference, "was led to by a set without identifiers")
		}
		for _, id := range set {
			by, ok := asked[id]
			switch {
			case !ok:
				w.wrong(f.Reference, "was led to by an identifier that nobody asked by")
			case f.Confidence == connector.Sure && !by.Verified:
				w.wrong(f.Reference, "is sure by a claimed "+string(by.Kind))
			}
		}
	}
}

// fields: staff decide by name what goes out, so each name stands for one value;
// and what is withheld is not even read.
func (w *watched) fields(ref string, fields []connector.Field) {
	if len(fields) == 0 {
		w.wrong(ref, "has no fields")
	}
	var names map[string]bool
	if len(fields) > 32 {
		names = make(map[string]bool, len(fields))
	}
	for i, f := range fields {
		again := names[f.Name]
		if names != nil {
			names[f.Name] = true
		} else {
			again = slices.ContainsFunc(fields[:i], func(o connector.Field) bool { return o.Name == f.Name })
		}
		switch {
		case f.Name == "":
			w.wrong(ref, "has a field without a name")
		case again:
			w.wrong(ref, "has two fields "+f.Name)
		}
		if f.Withheld && (f.Value.Reveal() != "" || f.Body != nil) {
			w.wrong(ref, "tells the value of "+f.Name+", which is withheld")
		}
		switch {
		case f.HoldsFile() != f.IsContent():
			w.wrong(ref, "has a file in "+f.Name+" without its name, or the name without a file")
		case f.Body != nil && (f.Body.Stamp == "" || !f.Value.IsZero()):
			w.wrong(ref, "has a file in "+f.Name+" that nothing stands for, or that has a value")
		}
	}
}

// hints: staff take them up, so they say where they come from, and none is
// verified or comes from a record that may be somebody else's.
func (w *watched) hints(q connector.Query, f connector.Finding) {
	if f.Confidence == connector.Check && len(f.Hints) > 0 {
		w.wrong(f.Reference, "is to be checked and gives a hint")
	}
	for _, h := range f.Hints {
		switch {
		case h.Verified || h.ID != uuid.Nil:
			w.wrong(f.Reference, "gives a verified "+string(h.Kind)+" as a hint, or one with an id")
		case h.Record != w.connection.System+"/"+f.Reference:
			w.wrong(f.Reference, "gives a "+string(h.Kind)+" as a hint without its record")
		case q.Known(h.Kind, h.Value.Reveal()):
			w.wrong(f.Reference, "gives a "+string(h.Kind)+" as a hint that was asked by")
		}
	}
}

// wrong says what is wrong with a finding, each fault once.
func (w *watched) wrong(ref, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.told[what] {
		w.told[what] = true
		w.t.Errorf("%s %s", ref, what)
	}
}
