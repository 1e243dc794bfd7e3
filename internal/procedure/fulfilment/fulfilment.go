// Package fulfilment carries out what was decided: it plans what changes in which
// system, tries it, lets it be done after a second person's word, reads it back and
// keeps the proof.
//
// Only what the fixed plan names is touched, record by record. A record that is not
// as it was decided about is left alone, and staff are asked. Nothing counts as done
// that was not read back from the system, or confirmed by the person who did it.
package fulfilment

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// Fulfilment carries out plans.
type Fulfilment struct {
	*procedure.House
	Sources sources
	Memory  memory
	Letters letters
	Jobs    restarter
}

// letters writes to the applicant and to others, in the transaction of what it tells.
type letters interface {
	Enclose(ctx context.Context, c casefile.Case, land calendar.Land, kind letter.Kind, words map[string]person.Text, values map[string]string, actor casefile.Actor, now time.Time) (uuid.UUID, error)
	// Inform tells a recipient what was done on a day, as the rights name it; way is
	// how the letter gets there.
	Inform(ctx context.Context, c casefile.Case, to []person.Text, about []law.Right, content person.Text, on calendar.Date, way casefile.AnswerWay, actor casefile.Actor, now time.Time) (uuid.UUID, error)
}

// sources knows the systems that a machine can ask, and what they can do.
type sources interface {
	Has(ctx context.Context, authority uuid.UUID, system string) (bool, error)
	Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
}

// memory keeps what was erased, beyond the case.
type memory interface {
	PutErasures(ctx context.Context, all []casefile.Erasure) error
	// Erased says which records of a system, by keyed hash, were erased.
	Erased(ctx context.Context, system string, references [][]byte) (map[string]bool, error)
	// ForgetErasures drops those that no backup holds any more.
	ForgetErasures(ctx context.Context, today calendar.Date) error
}

// Wording keys that say why a measure asks, or is for people.
const (
	reasonNoMachine   = "fulfilment.reason.no_machine"  // the system is not asked by a machine
	reasonByHand      = "fulfilment.reason.by_hand"     // people did it, so people end it
	reasonStatement   = "fulfilment.reason.statement"   // no field takes the person's statement
	reasonNoRecord    = "fulfilment.reason.no_record"   // it holds something, but no record of it was found
	reasonAmbiguous   = "fulfilment.reason.ambiguous"   // its key names several records
	reasonUndeclared  = "fulfilment.reason.undeclared"  // the connection does not say how
	reasonUnreachable = "fulfilment.reason.unreachable" // the system did not answer
	reasonMisentered  = "fulfilment.reason.misentered"  // the connection is wrong
	reasonNoRight     = "fulfilment.reason.no_right"    // the system lets the account not
	reasonUnreadable  = "fulfilment.reason.unreadable"  // it answered with something nobody can read
	reasonLost        = "fulfilment.reason.lost"        // it ended on our side
	reasonBefore      = "fulfilment.reason.before"      // it was so already: somebody else did it
	reasonStillThere  = "fulfilment.reason.still_there" // read back, the record is not as it should be
)

// reasons say why a change can't be made, where the connector does not.
var reasons = map[connector.EffectState]string{
	connector.Differs: "fulfilment.reason.differs", connector.Missing: "fulfilment.reason.missing",
	connector.Hindered: "fulfilment.reason.hindered", connector.Undeclared: reasonUndeclared, connector.Denied: "fulfilment.reason.denied",
}

func (s *Fulfilment) program(c casefile.Case) casefile.Actor {
	return casefile.Actor{Role: casefile.System, Authority: c.Authority}
}
