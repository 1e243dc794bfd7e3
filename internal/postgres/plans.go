package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

// Plans keeps what decisions change in systems, and what was erased.
type Plans struct{}

type planRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	Kind        string
	MadeAt      time.Time
	MadeBy      uuid.UUID
	FixedAt     *time.Time
	FixedBy     *uuid.UUID
	EndedAt     *time.Time
	Hash        []byte
	Sealed      []byte
	LetterID    *uuid.UUID
	Said        []byte
}

func (planRow) TableName() string { return "plan" }

func (r planRow) toPlan() casefile.Plan {
	return casefile.Plan{ID: r.ID, Case: r.CaseID, Kind: casefile.PlanKind(r.Kind), MadeAt: r.MadeAt, MadeBy: r.MadeBy, FixedAt: toTime(r.FixedAt),
		FixedBy: toID(r.FixedBy), EndedAt: toTime(r.EndedAt), Hash: r.Hash, Sealed: r.Sealed, Letter: toID(r.LetterID), Said: r.Said}
}

// PutPlan adds or changes a plan of a case.
func (Plans) PutPlan(ctx context.Context, p casefile.Plan) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := planRow{ID: p.ID, CaseID: p.Case, AuthorityID: authority, Kind: string(cmp.Or(p.Kind, casefile.PlanDecision)), MadeAt: p.MadeAt,
		MadeBy: p.MadeBy, FixedAt: fromTime(p.FixedAt), FixedBy: fromID(p.FixedBy), EndedAt: fromTime(p.EndedAt), Hash: p.Hash, Sealed: p.Sealed,
		LetterID: fromID(p.Letter), Said: p.Said}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// Plan reads the plan of a case's decision; problem.NotFound where there is none.
func (Plans) Plan(ctx context.Context, caseID uuid.UUID) (casefile.Plan, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Plan{}, err
	}
	var row planRow
	if err := tx.Take(&row, "case_id = ? and kind = ?", caseID, string(casefile.PlanDecision)).Error; err != nil {
		return casefile.Plan{}, withoutDetail(err)
	}
	return row.toPlan(), nil
}

// PlansBeside reads the plans of a case beside that of its decision, the oldest
// first.
func (Plans) PlansBeside(ctx context.Context, caseID uuid.UUID) ([]casefile.Plan, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []planRow
	if err := tx.Order("made_at, id").Find(&rows, "case_id = ? and kind <> ?", caseID, string(casefile.PlanDecision)).Error; err != nil {
		return nil, withoutDetail(err)
	}
	plans := make([]casefile.Plan, len(rows))
	for i, r := range rows {
		plans[i] = r.toPlan()
	}
	return plans, nil
}

// Unordered lists the cases of the authority with a plan beside that of the decision
// that nobody has ordered.
func (Plans) Unordered(ctx context.Context) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var cases []uuid.UUID
	return cases, withoutDetail(tx.Model(&planRow{}).Where("kind <> ? and fixed_at is null", string(casefile.PlanDecision)).
		Distinct().Order("case_id").Pluck("case_id", &cases).Error)
}

// DropPlan deletes a plan with its measures.
func (Plans) DropPlan(ctx context.Context, caseID, id uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	res := tx.Delete(&planRow{}, "case_id = ? and id = ?", caseID, id)
	return one(res.RowsAffected, res.Error)
}

// Restricted lists the cases of the authority in which something was restricted.
func (Plans) Restricted(ctx context.Context) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var cases []uuid.UUID
	return cases, withoutDetail(tx.Model(&measureRow{}).Where("ability = ? and state = ? and not lift", string(connector.CanRestrict), string(casefile.Done)).
		Distinct().Order("case_id").Pluck("case_id", &cases).Error)
}

type measureRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	PlanID      uuid.UUID
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	SystemID    string
	FindingID   *uuid.UUID
	RightName   string
	Ability     string
	Lift        bool
	State       string
	ActedAt     *time.Time
	DoneAt      *time.Time
	DoneBy      *uuid.UUID
	Sealed      []byte
}

func (measureRow) TableName() string { return "measure" }

// PutMeasures adds or changes measures.
func (Plans) PutMeasures(ctx context.Context, measures []casefile.Measure) error {
	tx, authority, err := write(ctx)
	if err != nil || len(measures) == 0 {
		return err
	}
	rows := make([]measureRow, len(measures))
	for i, m := range measures {
		rows[i] = measureRow{ID: m.ID, PlanID: m.Plan, CaseID: m.Case, AuthorityID: authority, SystemID: m.System, FindingID: fromID(m.Finding),
			RightName: string(m.Right), Ability: string(m.Do), Lift: m.Lift, State: string(m.State), ActedAt: fromTime(m.ActedAt), DoneAt: fromTime(m.DoneAt),
			DoneBy: fromID(m.DoneBy), Sealed: m.Sealed}
	}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, 500).Error)
}

// DropMeasures deletes measures of a case.
func (Plans) DropMeasures(ctx context.Context, caseID uuid.UUID, ids []uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return withoutDetail(tx.Delete(&measureRow{}, "case_id = ? and id in ?", caseID, ids).Error)
}

// Measures reads those of all plans of a case, system by system.
func (Plans) Measures(ctx context.Context, caseID uuid.UUID) ([]casefile.Measure, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []measureRow
	if err := tx.Order("system_id, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	measures := make([]casefile.Measure, len(rows))
	for i, r := range rows {
		measures[i] = casefile.Measure{ID: r.ID, Plan: r.PlanID, Case: r.CaseID, System: r.SystemID, Finding: toID(r.FindingID),
			Right: law.Right(r.RightName), Do: connector.Ability(r.Ability), Lift: r.Lift, State: casefile.MeasureState(r.State),
			ActedAt: toTime(r.ActedAt), DoneAt: toTime(r.DoneAt), DoneBy: toID(r.DoneBy), Sealed: r.Sealed}
	}
	return measures, nil
}

type erasureRow struct {
	AuthorityID   uuid.UUID `gorm:"primaryKey"`
	SystemID      string    `gorm:"primaryKey"`
	ReferenceHash []byte    `gorm:"primaryKey"`
	ErasedAt      time.Time
	ExpiresOn     *time.Time
}

func (erasureRow) TableName() string { return "erasure" }

// PutErasures remembers what was erased.
func (Plans) PutErasures(ctx context.Context, all []casefile.Erasure) error {
	tx, authority, err := write(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	rows := make([]erasureRow, len(all))
	for i, e := range all {
		rows[i] = erasureRow{AuthorityID: authority, SystemID: e.System, ReferenceHash: e.Reference, ErasedAt: e.At, ExpiresOn: fromDate(e.Expires)}
	}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(&rows, 500).Error)
}

// Erased says which records of a system, by keyed hash, were erased.
func (Plans) Erased(ctx context.Context, system string, references [][]byte) (map[string]bool, error) {
	tx, _, err := read(ctx)
	if err != nil || len(references) == 0 {
		return nil, err
	}
	var rows []erasureRow
	if err := tx.Select("reference_hash").Find(&rows, "system_id = ? and reference_hash in ?", system, references).Error; err != nil {
		return nil, withoutDetail(err)
	}
	erased := make(map[string]bool, len(rows))
	for _, r := range rows {
		erased[string(r.ReferenceHash)] = true
	}
	return erased, nil
}

// ForgetErasures deletes those whose backups are overwritten.
func (Plans) ForgetErasures(ctx context.Context, today calendar.Date) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Delete(&erasureRow{}, "expires_on < ?", today.Time()).Error)
}
