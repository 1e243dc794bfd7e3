// Package gathering asks every system in question for the records of the person
// and collects what they give.
//
// A system that failed has not answered: the case is then partial, and says so.
// Nothing here can read what another system gave: findings are sealed to the
// public key of the case. Files are sealed under its key for files, each for a
// number that findings alone name.
package gathering

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/procedure"
)

// Gathering asks systems.
type Gathering struct {
	*procedure.House
	Sources sources
	Mail    mail
}

// sources knows the systems that a machine can ask. A portal process has none:
// only workers hold credentials.
type sources interface {
	// Has says whether the system of an authority can be asked by machine.
	Has(ctx context.Context, authority uuid.UUID, system string) (bool, error)
	// Open connects; the error is a connector.Failure.
	Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
}

// mail tells units that something waits for them.
type mail interface {
	SendReminder(ctx context.Context, r Reminder) error
}
