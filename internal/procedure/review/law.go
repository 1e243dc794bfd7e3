package review

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/court"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// ConfirmLaw records that somebody of the authority compared the catalogue with
// the text in force. It holds until the catalogue changes.
func (s *Review) ConfirmLaw(ctx context.Context, actor casefile.Actor, now time.Time) error {
	if err := s.Permission.May(actor, casefile.ActionConfirmLaw, actor.Authority); err != nil {
		return err
	}
	sum := s.Law.SHA256()
	return s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		if err := s.Statutes.ConfirmLaw(ctx, procedure.Confirmation{Fingerprint: sum[:], By: actor.ID, At: now}); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.LawConfirmed, uuid.Nil, actor, map[string]string{"law": hex.EncodeToString(sum[:])}, now)
	})
}

// LawBanner says whether somebody of the authority must still do so, and who did.
func (s *Review) LawBanner(ctx context.Context, actor casefile.Actor, now time.Time) (must bool, by procedure.Confirmation, err error) {
	// Whoever works with cases may know which law they rest on.
	err = s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		_, inv, err := s.Inventories.Current(ctx)
		if err != nil {
			return err
		}
		if by, err = s.LawConfirmed(ctx); err != nil {
			return err
		}
		must = by.At.IsZero() && s.Law.On(calendar.DateOf(now)).ToConfirm(inv.Authority.Land)
		return nil
	})
	return must, by, err
}

func mustConfirm(m procedure.Matter) bool {
	return m.Confirmed.At.IsZero() && m.Edition.ToConfirm(m.Inventory.Authority.Land)
}

// Reside records where the person lives, as far as the competent court follows
// from it (§ 52 no. 3 VwGO), or that it is not known. Nothing is guessed.
func (s *Review) Reside(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, residence casefile.Residence, now time.Time) error {
	said := 0
	for _, is := range []bool{residence.District != "", residence.Outside, residence.Unknown} {
		if is {
			said++
		}
	}
	if said != 1 {
		return procedure.Incomplete("district", "case.exam.one_residence")
	}
	return s.Locked(ctx, actor, casefile.ActionDecide, caseID, func(ctx context.Context, c *casefile.Case) error {
		if err := deciding(*c); err != nil && c.State != casefile.Fulfilling {
			return err
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		if _, ok := court.Find(inv.Authority.Land, residence.District); residence.District != "" && !ok {
			return procedure.Incomplete("district", "case.exam.no_district")
		}
		request, err := s.Request(ctx, *c)
		if err != nil {
			return err
		}
		residence.By, residence.At = actor.ID, now
		request.Residence = residence
		if c.Sealed, err = s.Seal(ctx, procedure.SlotOf(*c, "casefile", "sealed", c.ID), request); err != nil {
			return err
		}
		if err := s.Cases.Save(ctx, *c); err != nil {
			return err
		}
		if err := s.Note(ctx, *c, casefile.NoteResidence, calendar.Date{}, actor, casefile.HappeningText{}, now); err != nil {
			return err
		}
		return s.Ledger.Record(ctx, ledger.RightExamined, caseID, actor, map[string]string{"residence": "confirmed"}, now)
	})
}
