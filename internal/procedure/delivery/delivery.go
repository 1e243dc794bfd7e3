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

	"einsicht/internal/casefile"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
)

// Delivery hands answers over.
type Delivery struct {
	*procedure.House
	Blobs   blobs
	Streams streams
	Staff   staff
	Printer printer // nil: the answer goes out as HTML alone
	Log     *slog.Logger
}

// blobs keeps sealed files by key; what is being written is not there yet.
type blobs interface {
	Put(ctx context.Context, key string, write func(io.Writer) error) error
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	Delete(ctx context.Context, key string) error
}

// streams seals and opens files of any size. What it gives out before the end
// is verified piece by piece; only the end without error proves the whole.
type streams interface {
	SealStream(ctx context.Context, slot casefile.Slot, w io.Writer) (io.WriteCloser, error)
	OpenStream(ctx context.Context, slot casefile.Slot, r io.Reader) (io.Reader, error)
}

// printer makes a PDF of a letter.
type printer interface {
	Render(ctx context.Context, w io.Writer, l letter.Letter) error
}

// staff knows the names of those who act for the authority.
type staff interface {
	Name(ctx context.Context, id uuid.UUID) (string, error)
}
