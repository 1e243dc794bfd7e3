package procedure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
)

// Notice is a notice to a recipient, opened.
type Notice struct {
	casefile.Notice
	Text casefile.NoticeText
}

// Notices reads and opens the notices of a case.
func (h *House) Notices(ctx context.Context, c casefile.Case) ([]Notice, error) {
	rows, err := h.Plans.Notices(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	notices := make([]Notice, len(rows))
	for i, row := range rows {
		notices[i].Notice = row
		if err := h.Open(ctx, SlotOf(c, "notice", "sealed", row.ID), row.Sealed, &notices[i].Text); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// PutNotices seals and keeps notices.
func (h *House) PutNotices(ctx context.Context, c casefile.Case, notices ...Notice) error {
	rows := make([]casefile.Notice, len(notices))
	for i, n := range notices {
		rows[i] = n.Notice
		var err error
		if rows[i].Sealed, err = h.Seal(ctx, SlotOf(c, "notice", "sealed", n.ID), n.Text); err != nil {
			return err
		}
	}
	return h.Plans.PutNotices(ctx, rows)
}

// Notifying opens the task to tell recipients while one has still to be told of what
// was done, and closes it after the last.
func (h *House) Notifying(ctx context.Context, c casefile.Case, by uuid.UUID, now time.Time) error {
	notices, err := h.Plans.Notices(ctx, c.ID)
	if err != nil {
		return err
	}
	ended, err := h.ended(ctx, c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(notices, func(n casefile.Notice) bool { return ended[n.Plan] && !n.State.Settled() }) {
		return h.Findings.FinishTask(ctx, c.ID, casefile.TaskNotify, "", by, now)
	}
	return h.Findings.PutTasks(ctx, []casefile.Task{{ID: uuid.New(), Case: c.ID, Kind: casefile.TaskNotify, CreatedAt: now}})
}

// ended says which plans of a case were carried out to their end.
func (h *House) ended(ctx context.Context, c casefile.Case) (map[uuid.UUID]bool, error) {
	plans, err := h.Plans.PlansBeside(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	plan, err := h.Plans.Plan(ctx, c.ID)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return nil, err
	}
	ended := map[uuid.UUID]bool{}
	for _, p := range append(plans, plan) {
		ended[p.ID] = !p.EndedAt.IsZero()
	}
	return ended, nil
}
