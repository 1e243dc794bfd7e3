package gathering

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
)

// Progress reads how far the systems of a case are, with the number of findings
// of each. It shows no name and no finding.
func (s *Gathering) Progress(ctx context.Context, actor casefile.Actor, caseID uuid.UUID) (inv inventory.Inventory, asked []casefile.Inquiry, counts map[string]int, err error) {
	err = s.Viewed(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		if inv, err = s.Inventories.Version(ctx, c.Inventory); err != nil {
			return err
		}
		if asked, err = s.Findings.Inquiries(ctx, caseID); err != nil {
			return err
		}
		counts, err = s.Findings.FindingCounts(ctx, caseID)
		return err
	})
	return inv, asked, counts, err
}
