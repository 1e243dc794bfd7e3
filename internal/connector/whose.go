package connector

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/person"
)

// Set is one way to recognise the person: identifiers of a query, one of each
// kind of a match of the connection, that together lead to a record.
type Set struct {
	Match      Match
	IDs        []person.Identifier // in the order of Match.By
	Confidence Confidence          // of a record whose values are the same
}

// Led names the identifiers of the set.
func (s Set) Led() []uuid.UUID {
	var ids []uuid.UUID
	for _, id := range s.IDs {
		ids = append(ids, id.ID)
	}
	return ids
}

// Similar says whether a similar name suffices where everything else of the set
// is the same: half of a double name with the birth date is worth a look, by
// itself it would only show staff the data of strangers (Art. 5(1)(c) GDPR).
func (s Set) Similar() bool { return len(s.IDs) > 1 }

// maxSets keeps a question within what a system takes.
const maxSets = 500

// Sets combines the identifiers of a query in every way that suffices for the
// connection. Malformed ones lead nowhere.
func (c Connection) Sets(q Query) ([]Set, error) {
	var all []Set
	for _, m := range c.Match {
		partial := []Set{{Match: m}}
		for _, kind := range m.By {
			var longer []Set
			for _, s := range partial {
				for _, id := range q.OfKind(kind) {
					if _, err := person.Stored(kind, id.Value.Reveal()); err == nil {
						longer = append(longer, Set{Match: m, IDs: append(slices.Clone(s.IDs), id)})
					}
				}
			}
			if partial = longer; len(partial) > maxSets {
				break
			}
		}
		for _, s := range partial {
			s.Confidence = m.Reached(s.IDs)
			all = append(all, s)
		}
		if len(all) > maxSets {
			return nil, Fail(ErrConfig, "query", "more than "+strconv.Itoa(maxSets)+" combinations of identifiers", nil)
		}
	}
	return all, nil
}

// Values are what a record says about whom it concerns, as the system stores
// it, by kind. A record may name several of a kind.
type Values map[person.IdentifierKind][]string

// Whose tells, record by record, whether a record is the person's. It is for
// systems that can't compare by themselves; make it once for a question.
type Whose struct {
	sets     []Set
	patterns map[asked]person.Pattern
	names    []nameOf
}

// nameOf is a name of the person, to tell a record that names somebody else.
type nameOf struct {
	person.Pattern
	words []string
}

// asked is an identifier by what it says: hints that are tried have no ID yet.
type asked struct {
	kind  person.IdentifierKind
	value string
}

func askedBy(id person.Identifier) asked { return asked{id.Kind, id.Value.Reveal()} }

// holds says whether a word is one of the name's, or the first letter of one.
func (n nameOf) holds(word string) bool {
	return slices.ContainsFunc(n.words, func(own string) bool { return own == word || len(word) == 1 && strings.HasPrefix(own, word) })
}

// Whose prepares the comparison.
func (c Connection) Whose(q Query) (Whose, error) {
	sets, err := c.Sets(q)
	if err != nil {
		return Whose{}, err
	}
	w := Whose{sets: sets, patterns: map[asked]person.Pattern{}}
	for _, s := range sets {
		for _, id := range s.IDs {
			if _, ok := w.patterns[askedBy(id)]; ok {
				continue
			}
			if w.patterns[askedBy(id)], err = person.NewPattern(id.Kind, id.Value.Reveal()); err != nil {
				return Whose{}, Fail(ErrConfig, "query", "", nil) // Sets left the malformed ones out
			}
		}
	}
	w.names = namesOf(q)
	return w, nil
}

// namesOf are the person's names: the verified ones and, where nobody has
// verified any, those that are claimed.
func namesOf(q Query) (names []nameOf) {
	known := q.OfKind(person.Name)
	if verified := slices.DeleteFunc(slices.Clone(known), func(id person.Identifier) bool { return !id.Verified }); len(verified) > 0 {
		known = verified
	}
	for _, id := range known {
		if p, err := person.NewPattern(person.Name, id.Value.Reveal()); err == nil {
			names = append(names, nameOf{p, strings.Fields(strings.Join(person.NameVariants(id.Value.Reveal()), " "))})
		}
	}
	return names
}

// Nobody says that nothing in the query suffices for this system.
func (w Whose) Nobody() bool { return len(w.sets) == 0 }

// Identifiers lists the identifiers of a kind that take part in any set, for a
// system that can be asked for values by itself.
func (w Whose) Identifiers(k person.IdentifierKind) []person.Identifier {
	var some []person.Identifier
	for _, s := range w.sets {
		for _, id := range s.IDs {
			if id.Kind == k && !slices.ContainsFunc(some, func(o person.Identifier) bool { return askedBy(o) == askedBy(id) }) {
				some = append(some, id)
			}
		}
	}
	return some
}

// Leads gives how sure it is that a record with these values is the person's, and
// the sets of identifiers that make it so; nothing where none leads there. Sets
// that prove less are left out: what only they lead to must not be opened by a
// stronger one that nobody has verified.
//
// To be checked, whatever the connection declares, is what is only similar, and
// what may be put together from two people: where a record names several of
// two kinds, nobody knows which belong to each other. And so is a record that
// names somebody else: couples share mail addresses, and offices telephones.
func (w Whose) Leads(v Values) (led [][]uuid.UUID, c Confidence) {
	c = Check
	known := map[asked]person.Likeness{}
	for _, s := range w.sets {
		reached, several := s.Confidence, 0
		all := !slices.ContainsFunc(s.IDs, func(id person.Identifier) bool {
			by := askedBy(id)
			like, done := known[by]
			if !done {
				for _, stored := range v[id.Kind] {
					like = max(like, w.patterns[by].Compare(stored))
				}
				known[by] = like
			}
			if len(v[id.Kind]) > 1 {
				several++
			}
			if like == person.Similar && s.Similar() {
				reached = Check
				return false
			}
			return like != person.Equal
		})
		if !all {
			continue
		}
		if several > 1 {
			reached = Check
		}
		led, c = surest(led, c, s.Led(), reached)
	}
	if c != Check && w.another(v[person.Name]) {
		c = Check
	}
	return led, c
}

// another says whether a record names people, and none of them is the person. A
// part of a name says too little for that, and a mail address that stands where a
// name belongs says nothing.
func (w Whose) another(stored []string) bool {
	other := false
	for _, s := range stored {
		s = unmangled(s)
		words := strings.Fields(person.NormalName(person.Fold(s)))
		if len(words) == 0 || strings.Contains(s, "@") || !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
			continue
		}
		if slices.ContainsFunc(w.names, func(n nameOf) bool {
			return n.Compare(s) != person.Different || !slices.ContainsFunc(words, func(word string) bool { return !n.holds(word) })
		}) {
			return false
		}
		other = true
	}
	return other && len(w.names) > 0
}

// unmangled reads a name again that some program wrote as UTF-8 and another took
// for Latin-1: JÃ¼rgen is Jürgen, and nobody else.
func unmangled(s string) string {
	for _, taken := range []*charmap.Charmap{charmap.Windows1252, charmap.ISO8859_1} {
		if b, err := taken.NewEncoder().String(s); err == nil && utf8.ValidString(b) {
			return b
		}
	}
	return s
}

// surest adds a way to those known, and keeps the surest of them.
func surest(led [][]uuid.UUID, c Confidence, way []uuid.UUID, reached Confidence) ([][]uuid.UUID, Confidence) {
	switch {
	case len(led) == 0 || reached.rank() < c.rank():
		return [][]uuid.UUID{way}, reached
	case reached.rank() == c.rank():
		return append(led, way), c
	}
	return led, c
}

// Lead adds a way that leads to a finding: the surest ways are kept, see
// Whose.Leads.
func (f *Finding) Lead(way []uuid.UUID, reached Confidence) {
	f.Led, f.Confidence = surest(f.Led, f.Confidence, way, reached)
}

// Known says whether the query names a value already, in whatever spelling: it
// is then no hint.
func (q Query) Known(kind person.IdentifierKind, value string) bool {
	return slices.ContainsFunc(q.OfKind(kind), func(id person.Identifier) bool {
		return person.Same(kind, id.Value.Reveal(), value)
	})
}

// Hint gives a further identifier that a record names, for Finding.Hints; ok is
// false where it is malformed or asked for already. Record is
// "system/reference".
func (q Query) Hint(kind person.IdentifierKind, value, record string) (id person.Identifier, ok bool) {
	n, err := person.Normal(kind, value)
	if err != nil || q.Known(kind, n) {
		return person.Identifier{}, false
	}
	return person.Identifier{Kind: kind, Value: person.NewText(n), Record: record}, true
}
