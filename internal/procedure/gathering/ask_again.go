package gathering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/problem"
)

// AskAgain is staff's word to ask one system again, also while others are still
// being asked or searched by hand. What it gave before stays. Who answered for
// a system by hand is not bothered twice.
func (s *Gathering) AskAgain(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, system string, now time.Time) error {
	return s.Locked(ctx, actor, casefile.ActionAskSystems, caseID, func(ctx context.Context, c *casefile.Case) error {
		asked, byHand, err := s.answers(ctx, caseID)
		if err != nil {
			return err
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		q, known := asked[system]
		if listed, ok := inv.System(system); !known || !ok || !Askable(listed, q, byHand[system]) {
			return problem.New(problem.Conflict, "desk.error.ask_again")
		}
		c.GapsAccepted = false // of the answers before
		if err := s.Move(ctx, c, casefile.AskAgain, actor, casefile.HappeningText{Asked: system}, now); err != nil {
			return err
		}
		if err := s.Findings.PutInquiries(ctx, []casefile.Inquiry{anew(q, now)}); err != nil {
			return err
		}
		// If it fails too, that is a new task.
		return s.Findings.FinishTask(ctx, caseID, casefile.TaskRepair, system, actor.ID, now)
	})
}

// Askable says whether a system can be asked again by itself: nobody waits for its
// answer, and it was not people who gave it.
func Askable(system inventory.System, q casefile.Inquiry, byHand bool) bool {
	switch {
	case system.Connector == inventory.Portal, !system.Attributable, q.State.Pending():
		return false
	}
	return q.State == casefile.Failed || !byHand
}
