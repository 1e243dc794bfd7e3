package connector

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// Changer is a connector whose system can be changed as its connection file
// declares: what is not declared there is not done. It works on single records by
// their reference, and never on others.
type Changer interface {
	Connector
	// Rehearse says what changes would come to, and leaves the system as it was.
	// What the system itself can tell, such as a constraint, it is asked. There is
	// one effect for each change, in their order.
	Rehearse(ctx context.Context, changes []Change) ([]Effect, error)
	// Carry makes changes, all or none of a record, and gives one effect for each,
	// in their order. One that can't be made stops no other. An error says that
	// nobody knows how far the system came: Read tells.
	Carry(ctx context.Context, changes []Change) ([]Effect, error)
	// Read gives single records as Find does, without Led, Confidence and Hints, and
	// of files what stands for their content, without a way to open it.
	// What is not there, or no longer, is missing from the result.
	Read(ctx context.Context, references []string) (map[string]Finding, error)
	// References gives those of all records that could be changed, of whomever: a
	// system restored from a backup is held against what was erased. An error of
	// yield stops and comes back.
	References(ctx context.Context, yield func(reference string) error) error
}

// Change is what is to be done to one record.
type Change struct {
	ID        uuid.UUID
	Do        Ability // CanErase, CanRectify or CanRestrict
	Lift      bool    // of CanRestrict: take the mark away again, Art. 18(3) GDPR
	Reference string
	// Seen is the fingerprint of the record that was decided about. Another record
	// is left as it is. Empty: whatever stands there, as in a rehearsal.
	Seen []byte
	// Values are those of CanRectify, by the name of the field.
	Values map[string]person.Text
}

// Effect is what a change came to, or would come to.
type Effect struct {
	Change uuid.UUID
	State  EffectState
	Reason string // wording key: why it is not done
	// Before is the record as it was found, and After what is left of it: erased
	// fields are missing, or hold what stands in their place. No field: it is gone.
	Before Finding
	After  []Field
	// Kept are fields that stay although the record is erased, by their names.
	Kept []Kept
	// With are records of other places that go with it, since they are nothing
	// without it.
	With []Along
}

// Gone says whether nothing is left of the record.
func (e Effect) Gone() bool { return len(e.After) == 0 }

// EffectState says how far a change came.
type EffectState string

// The states of an effect.
const (
	Changed    EffectState = "changed"    // done, or in a rehearsal: can be done
	Differs    EffectState = "differs"    // the record is another than the one decided about
	Missing    EffectState = "missing"    // there is no such record
	Hindered   EffectState = "hindered"   // the system forbids it: a constraint, another record
	Undeclared EffectState = "undeclared" // the connection file does not say how, or that it must stay
	Denied     EffectState = "denied"     // the account may not
)

// EffectStates lists them.
var EffectStates = []EffectState{Changed, Differs, Missing, Hindered, Undeclared, Denied}

// Kept is a field that must stay, and why.
type Kept struct {
	Field string
	Why   string // as the connection file says it: the statute, or what needs it
}

// Along counts records of one place that go with another.
type Along struct {
	Place string
	Count int
}

// Fingerprint is a SHA-256 over what the record is and says. Two readings of a
// record that nobody changed give the same; labels, whom it led to and what the system
// sets with each write don't matter.
func (f Finding) Fingerprint() []byte {
	return fingerprint(f.Reference, f.Category, f.Fields)
}

// FingerprintAfter is the Fingerprint of the record that a change leaves.
func (e Effect) FingerprintAfter() []byte {
	return fingerprint(e.Before.Reference, e.Before.Category, e.After)
}

func fingerprint(reference, category string, fields []Field) []byte {
	h := sha256.New()
	put := func(s string) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	put(reference)
	put(category)
	for _, f := range fields {
		if f.Volatile {
			continue
		}
		put(f.Name)
		put(f.Says())
	}
	return h.Sum(nil)
}
