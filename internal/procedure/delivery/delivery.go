// Package delivery builds the package that the person receives, hands it over
// and proves when that had legal effect (Bekanntgabe).
//
// Nothing that leaves the house is made from the notes to the file: letter and
// package see only what package disclosure lets through.
package delivery

import (
	"context"
	"io"
	"log/slog"

	"github.com/google/uuid"

	"einsicht/internal/letter"
	"einsicht/internal/procedure"
)

// Delivery hands answers over.
type Delivery struct {
	*procedure.House
	Signing signing
	Staff   staff
	Others  controllers
	Printer printer // nil: the answer goes out as HTML alone
	Log     *slog.Logger
}

// signing has the Ed25519 seed that signs for an authority in a year.
type signing interface {
	SigningSeed(ctx context.Context, authority uuid.UUID, year int) ([]byte, error)
}

// printer makes a PDF of a letter.
type printer interface {
	Render(ctx context.Context, w io.Writer, l letter.Letter) error
}

// staff knows the names of those who act for the authority.
type staff interface {
	Name(ctx context.Context, id uuid.UUID) (string, error)
}
