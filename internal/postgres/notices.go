package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
)

type noticeRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	PlanID      uuid.UUID
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	State       string
	MadeAt      time.Time
	LetterID    *uuid.UUID
	SentAt      *time.Time
	Sealed      []byte
}

func (noticeRow) TableName() string { return "notice" }

// PutNotices adds or changes notices to recipients.
func (Plans) PutNotices(ctx context.Context, notices []casefile.Notice) error {
	tx, authority, err := write(ctx)
	if err != nil || len(notices) == 0 {
		return err
	}
	rows := make([]noticeRow, len(notices))
	for i, n := range notices {
		rows[i] = noticeRow{ID: n.ID, PlanID: n.Plan, CaseID: n.Case, AuthorityID: authority, State: string(n.State), MadeAt: n.MadeAt,
			LetterID: fromID(n.Letter), SentAt: fromTime(n.SentAt), Sealed: n.Sealed}
	}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, 500).Error)
}

// Notices reads those of a case, the oldest first.
func (Plans) Notices(ctx context.Context, caseID uuid.UUID) ([]casefile.Notice, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []noticeRow
	if err := tx.Order("made_at, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	notices := make([]casefile.Notice, len(rows))
	for i, r := range rows {
		notices[i] = casefile.Notice{ID: r.ID, Plan: r.PlanID, Case: r.CaseID, State: casefile.NoticeState(r.State), MadeAt: r.MadeAt,
			Letter: toID(r.LetterID), SentAt: toTime(r.SentAt), Sealed: r.Sealed}
	}
	return notices, nil
}

// DropNotices deletes notices of a case.
func (Plans) DropNotices(ctx context.Context, caseID uuid.UUID, ids []uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return withoutDetail(tx.Delete(&noticeRow{}, "case_id = ? and id in ?", caseID, ids).Error)
}
