package gathering

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
)

// patience is longer than all attempts of a job take together. It counts from the
// last time that something was kept: a large system is read for days.
const patience = 25 * time.Hour

// Sweep finds the systems of an authority that are still being asked although no
// job can be on it any more: a worker that died in the last attempt tells
// nobody. They have failed. It also reminds units of what they were asked, and
// ends what they leave unanswered.
func (s *Gathering) Sweep(ctx context.Context, authority uuid.UUID, now time.Time) error {
	var lost []uuid.UUID
	var unread []error
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		cases, err := s.Cases.InState(ctx, casefile.Received, casefile.Gathering, casefile.Review)
		if err != nil {
			return err
		}
		for _, c := range cases {
			asked, err := s.Findings.Inquiries(ctx, c.ID)
			if err != nil {
				return err
			}
			for _, q := range asked {
				if q.State != casefile.Asked || now.Sub(q.AskedAt) <= patience {
					continue
				}
				text, err := s.InquiryText(ctx, c, q)
				if err != nil {
					unread = append(unread, err) // no other question waits for that one
				} else if now.Sub(text.KeptAt) > patience {
					lost = append(lost, q.ID)
				}
			}
		}
		return nil
	})
	errs := append(unread, err, s.remindUnits(ctx, authority, now))
	for _, id := range lost {
		errs = append(errs, s.Fail(ctx, authority, id, now))
	}
	return errors.Join(errs...)
}
