package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
)

// Findings keeps inquiries, findings and tasks.
type Findings struct{}

type inquiryRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	SystemID    string
	State       string
	Early       bool
	AskedAt     time.Time
	AnsweredAt  *time.Time
	Sealed      []byte
}

func (inquiryRow) TableName() string { return "inquiry" }

func (r inquiryRow) toInquiry() casefile.Inquiry {
	return casefile.Inquiry{ID: r.ID, Case: r.CaseID, System: r.SystemID, State: casefile.InquiryState(r.State), Early: r.Early,
		AskedAt: r.AskedAt, AnsweredAt: toTime(r.AnsweredAt), Sealed: r.Sealed}
}

// PutInquiries adds or replaces inquiries; one system is asked once in a case.
func (Findings) PutInquiries(ctx context.Context, inquiries []casefile.Inquiry) error {
	tx, authority, err := write(ctx)
	if err != nil || len(inquiries) == 0 {
		return err
	}
	rows := make([]inquiryRow, len(inquiries))
	for i, q := range inquiries {
		rows[i] = inquiryRow{ID: q.ID, CaseID: q.Case, AuthorityID: authority, SystemID: q.System, State: string(q.State), Early: q.Early,
			AskedAt: q.AskedAt, AnsweredAt: fromTime(q.AnsweredAt), Sealed: q.Sealed}
	}
	return withoutDetail(tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"state", "early", "asked_at", "answered_at", "sealed"}),
	}).Create(&rows).Error)
}

// Inquiry reads one.
func (Findings) Inquiry(ctx context.Context, id uuid.UUID) (casefile.Inquiry, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Inquiry{}, err
	}
	var row inquiryRow
	if err := tx.Take(&row, "id = ?", id).Error; err != nil {
		return casefile.Inquiry{}, withoutDetail(err)
	}
	return row.toInquiry(), nil
}

// Inquiries reads those of a case by system.
func (Findings) Inquiries(ctx context.Context, caseID uuid.UUID) ([]casefile.Inquiry, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []inquiryRow
	if err := tx.Order("system_id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	inquiries := make([]casefile.Inquiry, len(rows))
	for i, r := range rows {
		inquiries[i] = r.toInquiry()
	}
	return inquiries, nil
}

type findingRow struct {
	ID            uuid.UUID `gorm:"primaryKey"`
	CaseID        uuid.UUID
	AuthorityID   uuid.UUID
	SystemID      string
	ReferenceHash []byte
	FoundAt       time.Time
	Verdict       string
	DecidedBy     *uuid.UUID
	DecidedAt     *time.Time
	Sealed        []byte
	Decision      []byte
}

func (findingRow) TableName() string { return "finding" }

func (r findingRow) toFinding() casefile.Finding {
	return casefile.Finding{ID: r.ID, Case: r.CaseID, System: r.SystemID, Reference: r.ReferenceHash, FoundAt: r.FoundAt,
		Verdict: r.Verdict, DecidedBy: toID(r.DecidedBy), DecidedAt: toTime(r.DecidedAt), Sealed: r.Sealed, Decision: r.Decision}
}

// FindingIDs says which id the record with a reference has or, being new, shall
// have: the seal of a finding is bound to its id.
func (Findings) FindingIDs(ctx context.Context, caseID uuid.UUID, system string, references [][]byte) (map[string]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []findingRow
	if err := tx.Select("id", "reference_hash").Find(&rows, "case_id = ? and system_id = ? and reference_hash in ?", caseID, system, references).Error; err != nil {
		return nil, withoutDetail(err)
	}
	ids := make(map[string]uuid.UUID, len(rows))
	for _, r := range rows {
		ids[string(r.ReferenceHash)] = r.ID
	}
	return ids, nil
}

// PutFindings adds findings or renews the sealed record of those known by
// system and reference, and when it was read; verdicts stay. It gives the numbers of contents that a
// renewed record named before and names no more.
func (Findings) PutFindings(ctx context.Context, findings []casefile.Finding) (replaced []uuid.UUID, err error) {
	tx, authority, err := write(ctx)
	if err != nil || len(findings) == 0 {
		return nil, err
	}
	rows := make([]findingRow, len(findings))
	for i, f := range findings {
		rows[i] = findingRow{ID: f.ID, CaseID: f.Case, AuthorityID: authority, SystemID: f.System, ReferenceHash: f.Reference, FoundAt: f.FoundAt, Sealed: f.Sealed}
	}
	err = tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "case_id"}, {Name: "system_id"}, {Name: "reference_hash"}},
		DoUpdates: clause.AssignmentColumns([]string{"sealed", "found_at"}),
	}).Create(&rows).Error
	if err != nil {
		return nil, withoutDetail(err)
	}
	return putBodies(tx, authority, findings)
}

type bodyRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	FindingID   uuid.UUID
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
}

func (bodyRow) TableName() string { return "body" }

// putBodies writes which contents findings name, instead of those before.
func putBodies(tx *gorm.DB, authority uuid.UUID, findings []casefile.Finding) (replaced []uuid.UUID, err error) {
	var rows, gone []bodyRow
	ids, kept := make([]uuid.UUID, len(findings)), []uuid.UUID{uuid.Nil} // no list is empty in SQL
	for i, f := range findings {
		ids[i] = f.ID
		for _, number := range f.Bodies {
			rows = append(rows, bodyRow{ID: number, FindingID: f.ID, CaseID: f.Case, AuthorityID: authority})
			kept = append(kept, number)
		}
	}
	if err := tx.Clauses(clause.Returning{Columns: []clause.Column{{Name: "id"}}}).Delete(&gone, "finding_id in ? and id not in ?", ids, kept).Error; err != nil {
		return nil, withoutDetail(err)
	}
	for _, row := range gone {
		replaced = append(replaced, row.ID)
	}
	if len(rows) == 0 {
		return replaced, nil
	}
	return replaced, withoutDetail(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// Bodies reads the numbers of all contents that findings of a case name; with
// uuid.Nil those of the authority.
func (Findings) Bodies(ctx context.Context, caseID uuid.UUID) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	if caseID != uuid.Nil {
		tx = tx.Where("case_id = ?", caseID)
	}
	var ids []uuid.UUID
	return ids, withoutDetail(tx.Model(&bodyRow{}).Pluck("id", &ids).Error)
}

// Finding reads one of a case.
func (Findings) Finding(ctx context.Context, caseID, id uuid.UUID) (casefile.Finding, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Finding{}, err
	}
	var row findingRow
	if err := tx.Take(&row, "id = ? and case_id = ?", id, caseID).Error; err != nil {
		return casefile.Finding{}, withoutDetail(err)
	}
	return row.toFinding(), nil
}

// Findings reads those of a case, by system, in a stable order.
func (Findings) Findings(ctx context.Context, caseID uuid.UUID) ([]casefile.Finding, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []findingRow
	if err := tx.Order("system_id, found_at, id").Find(&rows, "case_id = ?", caseID).Error; err != nil {
		return nil, withoutDetail(err)
	}
	findings := make([]casefile.Finding, len(rows))
	for i, r := range rows {
		findings[i] = r.toFinding()
	}
	return findings, nil
}

// FindingsOf reads the findings of a system in the order of their ids, after one
// of them, at most limit.
func (Findings) FindingsOf(ctx context.Context, caseID uuid.UUID, system string, after uuid.UUID, limit int) ([]casefile.Finding, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []findingRow
	if err := tx.Order("id").Limit(limit).Find(&rows, "case_id = ? and system_id = ? and id > ?", caseID, system, after).Error; err != nil {
		return nil, withoutDetail(err)
	}
	findings := make([]casefile.Finding, len(rows))
	for i, r := range rows {
		findings[i] = r.toFinding()
	}
	return findings, nil
}

// FindingCounts counts the findings of a case by system.
func (Findings) FindingCounts(ctx context.Context, caseID uuid.UUID) (map[string]int, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		SystemID string
		N        int
	}
	if err := tx.Model(&findingRow{}).Select("system_id, count(*) as n").Where("case_id = ?", caseID).Group("system_id").Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.SystemID] = r.N
	}
	return counts, nil
}

// Deciders are those who decided a finding of a case.
func (Findings) Deciders(ctx context.Context, caseID uuid.UUID) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var deciders []uuid.UUID
	return deciders, withoutDetail(tx.Model(&findingRow{}).Where("case_id = ? and decided_by is not null", caseID).Distinct().Pluck("decided_by", &deciders).Error)
}

// Decide writes the verdict on one finding.
func (Findings) Decide(ctx context.Context, f casefile.Finding) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	res := tx.Model(&findingRow{}).Where("id = ? and case_id = ?", f.ID, f.Case).Updates(map[string]any{
		"verdict": f.Verdict, "decided_by": fromID(f.DecidedBy), "decided_at": fromTime(f.DecidedAt), "decision": f.Decision})
	return one(res.RowsAffected, res.Error)
}

// ShredFindings deletes what was gathered in a case.
func (Findings) ShredFindings(ctx context.Context, caseID uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Delete(&findingRow{}, "case_id = ?", caseID).Error)
}

type taskRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	Kind        string
	SystemID    string
	Unit        string
	CreatedAt   time.Time
	RemindedAt  *time.Time
	DueOn       *time.Time
	DoneAt      *time.Time
	DoneBy      *uuid.UUID
}

func (taskRow) TableName() string { return "task" }

// PutTasks opens tasks; one that is open already stays as it is, one that was
// done opens again.
func (Findings) PutTasks(ctx context.Context, tasks []casefile.Task) error {
	tx, authority, err := write(ctx)
	if err != nil || len(tasks) == 0 {
		return err
	}
	rows := make([]taskRow, len(tasks))
	for i, t := range tasks {
		rows[i] = taskRow{ID: t.ID, CaseID: t.Case, AuthorityID: authority, Kind: string(t.Kind), SystemID: t.System, Unit: t.Unit,
			CreatedAt: t.CreatedAt, DueOn: fromDate(t.DueOn)}
	}
	return withoutDetail(tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "case_id"}, {Name: "kind"}, {Name: "system_id"}},
		DoUpdates: clause.Assignments(map[string]any{"done_at": nil, "done_by": nil}),
	}).Create(&rows).Error)
}

// RemindTask notes that the unit of a task was reminded.
func (Findings) RemindTask(ctx context.Context, id uuid.UUID, now time.Time) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Model(&taskRow{}).Where("id = ?", id).Update("reminded_at", now).Error)
}

// FinishTask closes a task, if it is open.
func (Findings) FinishTask(ctx context.Context, caseID uuid.UUID, kind casefile.TaskKind, system string, by uuid.UUID, now time.Time) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Model(&taskRow{}).
		Where("case_id = ? and kind = ? and system_id = ? and done_at is null", caseID, string(kind), system).
		Updates(map[string]any{"done_at": now, "done_by": fromID(by)}).Error)
}

// Tasks reads those of a case; with uuid.Nil all open ones of the authority.
func (Findings) Tasks(ctx context.Context, caseID uuid.UUID) ([]casefile.Task, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var q *gorm.DB
	if caseID == uuid.Nil {
		q = tx.Where("done_at is null")
	} else {
		q = tx.Where("case_id = ?", caseID)
	}
	var rows []taskRow
	if err := q.Order("created_at, kind, system_id").Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	tasks := make([]casefile.Task, len(rows))
	for i, r := range rows {
		tasks[i] = casefile.Task{ID: r.ID, Case: r.CaseID, Kind: casefile.TaskKind(r.Kind), System: r.SystemID, Unit: r.Unit,
			CreatedAt: r.CreatedAt, Reminded: toTime(r.RemindedAt), DueOn: toDate(r.DueOn), DoneAt: toTime(r.DoneAt), DoneBy: toID(r.DoneBy)}
	}
	return tasks, nil
}

type packageRow struct {
	ID          uuid.UUID `gorm:"primaryKey"`
	CaseID      uuid.UUID
	AuthorityID uuid.UUID
	State       string
	CreatedAt   time.Time
	BuiltAt     *time.Time
	Sealed      []byte
}

func (packageRow) TableName() string { return "package" }

// PutPackage adds or changes a package.
func (Findings) PutPackage(ctx context.Context, p casefile.Package) error {
	tx, authority, err := write(ctx)
	if err != nil {
		return err
	}
	row := packageRow{ID: p.ID, CaseID: p.Case, AuthorityID: authority, State: string(p.State), CreatedAt: p.CreatedAt, BuiltAt: fromTime(p.BuiltAt), Sealed: p.Sealed}
	return withoutDetail(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// Packages reads those of a case, the newest first.
func (Findings) Packages(ctx context.Context, caseID uuid.UUID) ([]casefile.Package, error) {
	return readPackages(ctx, "case_id = ?", caseID)
}

// KeptPackages reads the ids of all packages that must have a blob.
func (Findings) KeptPackages(ctx context.Context) ([]uuid.UUID, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	return ids, withoutDetail(tx.Model(&packageRow{}).Where("state <> ?", string(casefile.PackageDropped)).Pluck("id", &ids).Error)
}

func readPackages(ctx context.Context, where string, arg any) ([]casefile.Package, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []packageRow
	if err := tx.Order("created_at desc").Find(&rows, where, arg).Error; err != nil {
		return nil, withoutDetail(err)
	}
	packages := make([]casefile.Package, len(rows))
	for i, r := range rows {
		packages[i] = casefile.Package{ID: r.ID, Case: r.CaseID, State: casefile.PackageState(r.State), CreatedAt: r.CreatedAt, BuiltAt: toTime(r.BuiltAt), Sealed: r.Sealed}
	}
	return packages, nil
}
