package correspondence

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/ledger"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
)

// ImportTexts makes a file the authority's own words for its letters, in a new
// version. A file that loses a mandatory part is refused, naming it. It says
// whether anything changed.
func (s *Correspondence) ImportTexts(ctx context.Context, actor casefile.Actor, name string, data []byte, now time.Time) (changed bool, err error) {
	if err := s.Permission.May(actor, casefile.ActionImportTexts, actor.Authority); err != nil {
		return false, err
	}
	texts, err := letter.ParseTexts(name, data)
	if err != nil {
		return false, err
	}
	sum := texts.SHA256()
	return changed, s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		_, newest, err := s.Statutes.Texts(ctx)
		if err != nil || slices.Equal(newest.Fingerprint, sum[:]) {
			return err
		}
		changed = true
		if err := s.Statutes.PutTexts(ctx, string(data), procedure.Confirmation{Fingerprint: sum[:], By: actor.ID, At: now}); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.TextsImported, uuid.Nil, actor, map[string]string{"sha256": hex.EncodeToString(sum[:])}, now)
	})
}

// Texts reads the authority's words for its letters; where it has none of its
// own, the shipped ones and no confirmation.
func (s *Correspondence) Texts(ctx context.Context, authority uuid.UUID) (letter.Texts, procedure.Confirmation, error) {
	var texts letter.Texts
	var by procedure.Confirmation
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		var err error
		if texts, err = s.House.Texts(ctx); err != nil {
			return err
		}
		_, by, err = s.Statutes.Texts(ctx)
		return err
	})
	return texts, by, err
}
