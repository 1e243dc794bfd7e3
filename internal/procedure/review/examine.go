package review

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Examined is a right held against the law of today, as staff see it.
type Examined struct {
	Right   Right
	Edition catalogue.Edition
	Facts   assess.Facts
	Result  assess.Result
	// Grounds can be taken up, each at the systems of the case where it is law.
	Grounds []Available
	Absent  []catalogue.Absent // looked for in vain here, with the reason
	Blocked []catalogue.Ground // nobody may use them, with the reason
	Outcome casefile.Outcome   // composed, as far as the person may know; undecided while something is open
	Why     []casefile.Reason  // what is missing before the right can be decided
	// Warnings don't stop a decision: a complete refusal after month 1.
	Warnings []casefile.Reason

	Confirmed   procedure.Confirmation // of the catalogue
	MustConfirm bool                   // grounds of this Land wait for somebody to compare them with the text in force
}

// Available is a ground and the systems at which it is law; none where it is
// about the whole case.
type Available struct {
	Ground  catalogue.Ground
	Systems []string
}

// Examine holds a right of a case against the law of today. That somebody looked
// is a ledger entry.
func (s *Review) Examine(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, now time.Time) (Examined, error) {
	return Examined{}, problem.NotFound
}

// TakeUp takes up a ground, or changes what is said about it.
func (s *Review) TakeUp(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, claim casefile.Claim, now time.Time) error {
	return problem.NotFound
}

// Drop lets a ground go, with the answers to its questions.
func (s *Review) Drop(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, ground, system string, now time.Time) error {
	return problem.NotFound
}

// Answer answers questions of the law.
func (s *Review) Answer(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, answers []casefile.Answer, now time.Time) error {
	return problem.NotFound
}

// Know records what only the case knows about a system.
func (s *Review) Know(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, known casefile.Known, now time.Time) error {
	return problem.NotFound
}

// ConfirmLaw records that somebody compared the catalogue with the text in force.
func (s *Review) ConfirmLaw(ctx context.Context, actor casefile.Actor, now time.Time) error {
	return problem.NotFound
}

// LawBanner says whether somebody of the authority must do so, and who did.
func (s *Review) LawBanner(ctx context.Context, actor casefile.Actor, now time.Time) (must bool, by procedure.Confirmation, err error) {
	return false, procedure.Confirmation{}, nil
}

// Reside records where the person lives, as far as the competent court follows
// from it.
func (s *Review) Reside(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, residence casefile.Residence, now time.Time) error {
	return problem.NotFound
}
