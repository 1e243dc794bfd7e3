// Package identification makes sure that the applicant is who they say, with
// the mildest means (Art. 12(6) GDPR; EDPB Guidelines 01/2022, 58 to 79).
//
// Each identifier of a request is claimed until somebody recorded how it was
// verified. Nothing is given to which claimed identifiers led.
package identification

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// Identification verifies applicants.
type Identification struct {
	*procedure.House
	Throttle throttle
	Letters  letters
}

// letters writes to the applicant in the transaction of what a letter tells.
type letters interface {
	Enclose(ctx context.Context, c casefile.Case, land calendar.Land, kind letter.Kind, words map[string]person.Text, values map[string]string, actor casefile.Actor, now time.Time) (uuid.UUID, error)
}

// throttle slows down who guesses. Both keys are hashes. An attempt is counted
// before it is made and given back if it was right.
type throttle interface {
	Attempt(ctx context.Context, account, address []byte) (wait time.Duration, err error)
	Succeed(ctx context.Context, account, address []byte) error
	Forget(ctx context.Context) error
}

// ForgetAttempts drops what is older than it need be remembered.
func (s *Identification) ForgetAttempts(ctx context.Context) error { return s.Throttle.Forget(ctx) }
