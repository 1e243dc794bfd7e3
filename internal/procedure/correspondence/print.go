package correspondence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/letter"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Print makes the PDF of a letter. It may run twice. Where nothing prints it
// leaves the letter as it is: the HTML is complete.
func (s *Correspondence) Print(ctx context.Context, authority, letterID uuid.UUID, now time.Time) error {
	if s.Printer == nil {
		return nil
	}
	var w Written
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		l, err := s.House.Letters.Letter(ctx, letterID)
		if err != nil {
			return err
		}
		c, err := s.Cases.Case(ctx, l.Case)
		if err != nil {
			return err
		}
		w, err = s.one(ctx, c, letterID)
		return err
	})
	if err != nil || w.Printed() {
		return err
	}
	doc, err := letter.Decode(w.Text.Document)
	if err != nil {
		return err
	}
	// Outside of any transaction: it takes seconds.
	var pdf bytes.Buffer
	if err := s.Printer.Render(ctx, &pdf, doc); errors.Is(err, problem.Unavailable) {
		s.Log.Warn("nothing prints", "letter", letterID, "error", err)
		return nil
	} else if err != nil {
		return fmt.Errorf("print letter %s: %w", letterID, err)
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, w.Case)
		if err != nil {
			return err
		}
		if w, err = s.one(ctx, c, letterID); err != nil || w.Printed() {
			return err // by another run
		}
		if w.PDF, err = s.Keys.Seal(ctx, procedure.SlotOf(c, "letter", "pdf", letterID), pdf.Bytes()); err != nil {
			return err
		}
		return s.House.Letters.PutLetter(ctx, w.Letter)
	})
}
