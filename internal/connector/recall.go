package connector

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// Recall answers for one question what Whose and Query answer, and remembers it:
// the records of one person name the same few things again and again, and to
// read a telephone number takes longer than all else about a record. It is not
// for concurrent use.
type Recall struct {
	Whose
	query Query

	leads map[string]reached
	hints map[asked]hint
	known map[asked]bool
}

type reached struct {
	led        [][]uuid.UUID
	confidence Confidence
}

type hint struct {
	id person.Identifier
	ok bool
}

const (
	// mostRecalled bounds what is remembered of each; then it begins anew.
	mostRecalled = 1000
	// longestRecalled is how long what a record says may be to be remembered.
	longestRecalled = 1 << 10
)

// NewRecall prepares it.
func NewRecall(w Whose, q Query) *Recall {
	return &Recall{Whose: w, query: q, leads: map[string]reached{}, hints: map[asked]hint{}, known: map[asked]bool{}}
}

// Leads is Whose.Leads.
func (r *Recall) Leads(v Values) ([][]uuid.UUID, Confidence) {
	key := keyOf(v)
	said, ok := r.leads[key]
	if !ok {
		led, c := r.Whose.Leads(v)
		said = reached{slices.Clip(led), c} // who adds a way gets a copy
		remember(r.leads, key, len(key), said)
	}
	return said.led, said.confidence
}

// Hint is Query.Hint.
func (r *Recall) Hint(kind person.IdentifierKind, value, record string) (person.Identifier, bool) {
	by := asked{kind, value}
	said, ok := r.hints[by]
	if !ok {
		said.id, said.ok = r.query.Hint(kind, value, "")
		remember(r.hints, by, len(value), said)
	}
	if said.ok {
		said.id.Record = record
	}
	return said.id, said.ok
}

// Known is Query.Known.
func (r *Recall) Known(kind person.IdentifierKind, value string) bool {
	by := asked{kind, value}
	said, ok := r.known[by]
	if !ok {
		said = r.query.Known(kind, value)
		remember(r.known, by, len(value), said)
	}
	return said
}

// keyOf writes values down so that no two are written alike.
func keyOf(v Values) string {
	var b strings.Builder
	for _, kind := range person.IdentifierKinds {
		for _, value := range v[kind] {
			b.WriteString(string(kind))
			b.WriteString(strconv.Itoa(len(value)))
			b.WriteByte(' ')
			b.WriteString(value)
		}
	}
	return b.String()
}

func remember[K comparable, V any](all map[K]V, key K, length int, v V) {
	if length > longestRecalled {
		return
	}
	if len(all) >= mostRecalled {
		clear(all)
	}
	all[key] = v
}
