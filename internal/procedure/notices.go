package procedure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
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
		if notices[i], err = h.NoticeOf(ctx, c, row); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// NoticeOf opens a notice of a case.
func (h *House) NoticeOf(ctx context.Context, c casefile.Case, row casefile.Notice) (Notice, error) {
	n := Notice{Notice: row}
	return n, h.Open(ctx, SlotOf(c, "notice", "sealed", row.ID), row.Sealed, &n.Text)
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

// NoticeMAC is what is kept of the code of a mailed notice.
func (h *House) NoticeMAC(ctx context.Context, number, code string) ([]byte, error) {
	return h.Keys.CodeMAC(ctx, "notice "+number+" "+code)
}

// ReturnNotice lets staff tell a recipient in another way, since a mailed notice was
// not read; why is a wording key. Its number and code are dead. The caller holds the
// case's lock.
func (h *House) ReturnNotice(ctx context.Context, c casefile.Case, n Notice, why string, actor casefile.Actor, now time.Time) error {
	n.State, n.Letter, n.Number, n.CodeMAC, n.Expires = casefile.NoticeOpen, uuid.Nil, "", nil, calendar.Date{}
	n.Text.Code, n.Text.Returned = person.Text{}, why
	if err := h.PutNotices(ctx, c, n); err != nil {
		return err
	}
	said := casefile.HappeningText{Ref: n.ID, ForFile: person.NewText(wording.Text(wording.German, why))}
	if err := h.Note(ctx, c, casefile.NoteRecipient, calendar.Date{}, actor, said, now); err != nil {
		return err
	}
	details := map[string]string{"notice": n.ID.String(), "state": string(n.State), "why": why}
	if err := h.Ledger.Record(ctx, ledger.NoticeDecided, c.ID, actor, details, now); err != nil {
		return err
	}
	return h.Notifying(ctx, c, actor.ID, now)
}

// Notifying opens the task to tell recipients while one has still to be told of what
// was done, and closes it after the last. While a mailed notice waits to be read staff
// have nothing to do.
func (h *House) Notifying(ctx context.Context, c casefile.Case, by uuid.UUID, now time.Time) error {
	notices, err := h.Plans.Notices(ctx, c.ID)
	if err != nil {
		return err
	}
	ended, err := h.ended(ctx, c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(notices, func(n casefile.Notice) bool { return ended[n.Plan] && n.Waits() }) {
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
