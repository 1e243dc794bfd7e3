package gathering

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/person"
)

// Progress is how far one system of a case is.
type Progress struct {
	inventory.System
	Inquiry casefile.Inquiry
	Said    casefile.InquiryText // without what people wrote
	Found   int
	Unseen  bool // what was found lies sealed until an identifier is verified
	// Unconfirmed: its legal basis is inferred, and nobody of the authority
	// confirmed it.
	Unconfirmed bool
}

// Progress reads how far the systems of a case are, with the number of findings
// of each. It shows no name and no finding.
func (s *Gathering) Progress(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) (all []Progress, err error) {
	err = s.Viewed(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		asked, err := s.Findings.Inquiries(ctx, caseID)
		if err != nil {
			return err
		}
		counts, err := s.Findings.FindingCounts(ctx, caseID)
		if err != nil {
			return err
		}
		identifiers, err := s.Cases.Identifiers(ctx, caseID)
		if err != nil {
			return err
		}
		unconfirmed, err := s.Unconfirmed(ctx, inv)
		if err != nil {
			return err
		}
		verified := slices.ContainsFunc(identifiers, casefile.Identifier.Verified)
		for _, q := range asked {
			p := Progress{Inquiry: q, Found: counts[q.System], Unseen: q.Early && !verified, Unconfirmed: unconfirmed[q.System]}
			p.System, _ = inv.System(q.System)
			if p.Said, err = s.InquiryText(ctx, c, q); err != nil {
				return err
			}
			p.Said.Note, p.Said.Cursor = person.Text{}, nil
			all = append(all, p)
		}
		return nil
	})
	return all, err
}
