package procedure

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

// Transmissions keeps packages that other controllers get directly.
type Transmissions interface {
	PutTransmission(ctx context.Context, t casefile.Transmission) error
	Transmission(ctx context.Context, id uuid.UUID) (casefile.Transmission, error)
	// Transmissions reads those of a case, the oldest first.
	Transmissions(ctx context.Context, caseID uuid.UUID) ([]casefile.Transmission, error)
}

// Transmission is one, opened.
type Transmission struct {
	casefile.Transmission
	Text casefile.TransmissionText
}

// Transmissions reads and opens those of a case.
func (h *House) Transmissions(ctx context.Context, c casefile.Case) ([]Transmission, error) {
	rows, err := h.Transmitted.Transmissions(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Transmission, len(rows))
	for i, row := range rows {
		if all[i], err = h.openTransmission(ctx, c, row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Transmission reads and opens one, with its case. Fails with problem.NotFound.
func (h *House) Transmission(ctx context.Context, id uuid.UUID) (c casefile.Case, t Transmission, err error) {
	row, err := h.Transmitted.Transmission(ctx, id)
	if err != nil {
		return c, t, err
	}
	if c, err = h.Cases.Case(ctx, row.Case); err != nil {
		return c, t, err
	}
	t, err = h.openTransmission(ctx, c, row)
	return c, t, err
}

func (h *House) openTransmission(ctx context.Context, c casefile.Case, row casefile.Transmission) (Transmission, error) {
	t := Transmission{Transmission: row}
	return t, h.Open(ctx, SlotOf(c, "transmission", "sealed", row.ID), row.Sealed, &t.Text)
}

// PutTransmission seals and keeps one.
func (h *House) PutTransmission(ctx context.Context, c casefile.Case, t Transmission) (err error) {
	if t.Sealed, err = h.Seal(ctx, SlotOf(c, "transmission", "sealed", t.ID), t.Text); err != nil {
		return err
	}
	return h.Transmitted.PutTransmission(ctx, t.Transmission)
}
