package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
	"einsicht/internal/problem"
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
	Number      *string
	CodeMac     []byte
	ExpiresOn   *time.Time
	Attempts    int
}

func (noticeRow) TableName() string { return "notice" }

func fromNotice(n casefile.Notice, authority uuid.UUID) noticeRow {
	row := noticeRow{ID: n.ID, PlanID: n.Plan, CaseID: n.Case, AuthorityID: authority, State: string(n.State), MadeAt: n.MadeAt,
		LetterID: fromID(n.Letter), SentAt: fromTime(n.SentAt), Sealed: n.Sealed, CodeMac: n.CodeMAC, ExpiresOn: fromDate(n.Expires)}
	if n.Number != "" {
		row.Number = &n.Number
	}
	return row
}

func (r noticeRow) toNotice() casefile.Notice {
	n := casefile.Notice{ID: r.ID, Plan: r.PlanID, Case: r.CaseID, State: casefile.NoticeState(r.State), MadeAt: r.MadeAt,
		Letter: toID(r.LetterID), SentAt: toTime(r.SentAt), Sealed: r.Sealed, CodeMAC: r.CodeMac, Expires: toDate(r.ExpiresOn), Attempts: r.Attempts}
	if r.Number != nil {
		n.Number = *r.Number
	}
	return n
}

// PutNotices adds or changes notices to recipients. Attempts belong to a number:
// they stay as they were counted meanwhile, and begin anew with another one.
func (Plans) PutNotices(ctx context.Context, notices []casefile.Notice) error {
	tx, authority, err := write(ctx)
	if err != nil || len(notices) == 0 {
		return err
	}
	rows := make([]noticeRow, len(notices))
	for i, n := range notices {
		rows[i] = fromNotice(n, authority)
	}
	same := gorm.Expr("case when excluded.number is not distinct from notice.number then notice.attempts else 0 end")
	return withoutDetail(tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}},
		DoUpdates: append(clause.AssignmentColumns([]string{"state", "letter_id", "sent_at", "sealed", "number", "code_mac", "expires_on"}),
			clause.Assignments(map[string]any{"attempts": same})...),
	}).CreateInBatches(&rows, 500).Error)
}

// Notices reads those of a case, the oldest first.
func (Plans) Notices(ctx context.Context, caseID uuid.UUID) ([]casefile.Notice, error) {
	return someNotices(ctx, "case_id = ?", caseID)
}

// Notice reads one.
func (Plans) Notice(ctx context.Context, id uuid.UUID) (casefile.Notice, error) {
	all, err := someNotices(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = problem.NotFound
	}
	if err != nil {
		return casefile.Notice{}, err
	}
	return all[0], nil
}

// MailedNotices reads those of the authority that were mailed and wait to be read.
func (Plans) MailedNotices(ctx context.Context) ([]casefile.Notice, error) {
	return someNotices(ctx, "state = ? and number is not null", string(casefile.NoticeUnderway))
}

func someNotices(ctx context.Context, where string, args ...any) ([]casefile.Notice, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []noticeRow
	if err := tx.Where(where, args...).Order("made_at, id").Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	notices := make([]casefile.Notice, len(rows))
	for i, r := range rows {
		notices[i] = r.toNotice()
	}
	return notices, nil
}

// TryNotice counts an attempt at a number, before it is made: many at once are
// many. An unknown number is no error and costs the same statement; it gives no
// notice.
func (Plans) TryNotice(ctx context.Context, number string) (casefile.Notice, error) {
	tx, _, err := write(ctx)
	if err != nil {
		return casefile.Notice{}, err
	}
	var rows []noticeRow
	res := tx.Model(&rows).Clauses(clause.Returning{}).Where("number = ?", number).Update("attempts", gorm.Expr("attempts + 1"))
	if res.Error != nil || len(rows) == 0 {
		return casefile.Notice{}, withoutDetail(res.Error)
	}
	return rows[0].toNotice(), nil
}

// NoticeEntered gives an attempt back that turned out to be right.
func (Plans) NoticeEntered(ctx context.Context, id uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Model(&noticeRow{}).Where("id = ? and attempts > 0", id).Update("attempts", gorm.Expr("attempts - 1")).Error)
}

// DropNotices deletes notices of a case.
func (Plans) DropNotices(ctx context.Context, caseID uuid.UUID, ids []uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return withoutDetail(tx.Delete(&noticeRow{}, "case_id = ? and id in ?", caseID, ids).Error)
}
