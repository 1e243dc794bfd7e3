// Package connector says how a system is asked for the records of one person:
// what a question holds, what a record found looks like, and what may go wrong.
//
// Each kind of system (a database, a folder of access logs, an office that
// looks on paper) is one folder below this one, one line in connector/all and
// one call of the suite in connectortest. Nothing here touches a system.
package connector

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Kind is a sort of system that can be asked.
type Kind interface {
	// Name is what stands under "kind" in a connection file.
	Name() string
	// Abilities lists what the kind can do with a system connected like this.
	Abilities(Connection) []Ability
	// Check reads the kind's own part of a connection without touching the
	// system. Its errors name file, line and key.
	Check(Connection) error
	// Open connects and makes sure that the system is as the connection says.
	// The connection's secrets must have been resolved.
	Open(context.Context, Connection) (Connector, error)
}

// Connector asks one system.
type Connector interface {
	// Find gives the person's records one by one, in an order that is the same
	// every time, and never changes anything in the system.
	//
	// The cursor given with a finding resumes right after it; a nil cursor
	// starts. A cursor belongs to its query: with other identifiers, start again.
	// An error of yield stops and comes back. Memory stays bounded whatever the
	// system holds. Find may be called by several at once.
	//
	// The answer is about the part after from, also where it comes with an error:
	// then it says what was known until then. See Answer.Gaps.
	Find(ctx context.Context, q Query, from Cursor, yield func(Finding, Cursor) error) (Answer, error)
	// Close is called once, when no Find runs any more.
	Close() error
}

// Query is whom to look for.
type Query struct {
	Identifiers []person.Identifier
	// ReceivedAt is when the request came in.
	ReceivedAt time.Time
	// Pause asks to stop at about this time and to return a cursor in
	// Answer.Next; zero runs to the end. A job with a time limit sets it.
	Pause time.Time
}

// Paused says whether it is time to pause.
func (q Query) Paused(now time.Time) bool { return !q.Pause.IsZero() && !now.Before(q.Pause) }

// OfKind gives the identifiers of a kind.
func (q Query) OfKind(k person.IdentifierKind) []person.Identifier {
	var some []person.Identifier
	for _, id := range q.Identifiers {
		if id.Kind == k {
			some = append(some, id)
		}
	}
	return some
}

// Cursor is a place in the answer of one system to one query. Only the
// connector that made it can read it. It may hold keys of records, which may
// be personal: seal it.
type Cursor []byte

// Finding is one record of the person.
type Finding struct {
	// Reference names the record within its system, the same in every run, and no
	// other (else see GapKey):
	// "orders/17", "participants/3/9". It may hold personal data where a
	// system's keys do: keep a keyed hash of it, or seal it.
	Reference string
	Category  string // table or sort of file, as the system calls it
	Label     string // what the record is, for people
	Fields    []Field
	// Led holds the sets of identifiers that led here as surely as Confidence
	// says; each suffices by itself. Weaker ones are left out.
	Led        [][]uuid.UUID
	Confidence Confidence
	Origin     Origin
	// Hints are further identifiers that the record names. They have no ID;
	// nobody searches by them unless staff take them up. Those of a record to
	// check are dropped: they may be somebody else's.
	Hints []person.Identifier
}

// Title is what the record is, for people; empty where nobody said.
func (f Finding) Title(l wording.Lang) string {
	if f.Label != "" {
		return f.Label
	}
	if key := "connector.category." + f.Category; wording.Has(key) {
		return wording.Text(l, key)
	}
	return ""
}

// Statement is the field of a record that takes the person's supplementary statement
// (Art. 16 sentence 2 GDPR), in systems that have one.
const Statement = "supplementary_statement"

// Field is one value of a record.
type Field struct {
	Name       string // as the system calls it
	Label      string // for people; empty: see Title
	Value      person.Text
	Body       *Body  `json:",omitempty"` // of a file; see FileContent
	Category   string // sort of data, for grouping
	ThirdParty bool   // speaks about somebody else, Art. 15(4)
	Withheld   bool   // never leaves the house (password hashes, tokens)
	Unmapped   bool   // nobody has said yet what it means; staff look at it
	// Volatile: the system itself sets it with each write, such as a version or the
	// time of the change. It says nothing that anybody decides about, so that two
	// readings which differ in nothing else are the same record.
	Volatile bool `json:",omitempty"`
}

// Title is the field's name for people. Of a name that ends in a number, such as
// "mail_to_2", the words are those of the first.
func (f Field) Title(l wording.Lang) string {
	if f.Label != "" {
		return f.Label
	}
	if key := "connector.field." + f.Name; wording.Has(key) {
		return wording.Text(l, key)
	}
	if base, n := cutNumber(f.Name); n != "" && wording.Has("connector.field."+base) {
		return wording.Text(l, "connector.field."+base) + " (" + n + ")"
	}
	return f.Name
}

// Origin is where a record stood.
type Origin struct {
	Place    string    // table or file
	Position string    // key, line
	At       time.Time // when it was written, if the record says so
	Mapping  string    // version of the connection file that was used
}

// Answer is what a system said about the whole question, or, with Next set,
// about the part of it that was asked so far.
type Answer struct {
	Outcome Outcome
	Reason  string // wording key; empty where there is nothing to add
	// Gaps are parts that could not be read. An answer with gaps is partial. Each
	// is said once: an answer from a cursor on does not repeat those before it.
	// Whoever keeps a cursor keeps with it what the answer said up to there; one
	// whose answer was never heard, since the process died, is not to be used. The
	// answer that comes with an error holds at least the gaps before the last
	// finding; those behind it may be said again.
	Gaps []Gap
	// From and Until bound the time of the records that were looked at, where
	// records have a time: what was older is gone.
	From, Until time.Time
	// Next is set where Find paused: ask again from there.
	Next Cursor
}

// Partial says whether something could not be read.
func (a Answer) Partial() bool { return len(a.Gaps) > 0 }

// And joins the answer about an earlier part with the one about the next.
func (a Answer) And(next Answer) Answer {
	joined := next
	if a.Outcome == Found {
		joined.Outcome = Found
	}
	if joined.Reason == "" {
		joined.Reason = a.Reason
	}
	joined.Gaps = append(append([]Gap(nil), a.Gaps...), next.Gaps...)
	if joined.From.IsZero() || !a.From.IsZero() && a.From.Before(joined.From) {
		joined.From = a.From
	}
	if a.Until.After(joined.Until) {
		joined.Until = a.Until
	}
	return joined
}

// Gap is a part of a system that could not be read.
type Gap struct {
	Place  string // table or file
	Reason string // wording key
	Count  int    // how many records or lines
}

// GapKey is the reason of a gap that counts records under a reference that another
// one has already: what the connection names as their key is none.
const GapKey = "connector.gap.key"

// Outcome is what a system that answered says.
type Outcome string

// The outcomes.
const (
	Found   Outcome = "found"
	Nothing Outcome = "nothing"
	// Unattributable: the system may hold data, but with what is known they
	// can't be tied to the person (Art. 11(2) GDPR).
	Unattributable Outcome = "unattributable"
)
