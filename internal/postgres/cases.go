package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
)

// Cases keeps cases with their rights, identifiers and history.
type Cases struct{}

type caseRow struct {
	ID             uuid.UUID `gorm:"primaryKey"`
	AuthorityID    uuid.UUID
	FileNumber     string
	State          string
	ReceivedAt     time.Time
	ReceivedOn     time.Time
	InventoryID    uuid.UUID
	DueOn          *time.Time
	WarnOn         *time.Time
	SortOn         time.Time
	RestsSince     *time.Time
	Unit           string
	Assignee       *uuid.UUID
	NotifiedAt     *time.Time
	DeliveredAt    *time.Time
	EffectiveOn    *time.Time
	AvailableUntil *time.Time
	ClosedAt       *time.Time
	GapsAccepted   bool
	TokenHash      []byte
	AccessMac      []byte
	Sealed         []byte
}

func (caseRow) TableName() string { return "casefile" }

func fromCase(c casefile.Case) caseRow {
	return caseRow{
		ID: c.ID, AuthorityID: c.Authority, FileNumber: c.FileNumber, State: string(c.State),
		ReceivedAt: c.ReceivedAt, ReceivedOn: c.Received.Time(), InventoryID: c.Inventory,
		DueOn: fromDate(c.Due), WarnOn: fromDate(c.Warn), SortOn: c.Sort.Time(), RestsSince: fromDate(c.RestsSince),
		Unit: c.Unit, Assignee: fromID(c.Assignee),
		NotifiedAt: fromTime(c.NotifiedAt), DeliveredAt: fromTime(c.DeliveredAt), EffectiveOn: fromDate(c.EffectiveOn),
		AvailableUntil: fromTime(c.AvailableUntil), ClosedAt: fromTime(c.ClosedAt),
		GapsAccepted: c.GapsAccepted, Sealed: c.Sealed,
	}
}

func (r caseRow) toCase() casefile.Case {
	return casefile.Case{
		ID: r.ID, Authority: r.AuthorityID, FileNumber: r.FileNumber, State: casefile.State(r.State),
		ReceivedAt: r.ReceivedAt, Received: calendar.DateOf(r.ReceivedOn), Inventory: r.InventoryID,
		Due: toDate(r.DueOn), Warn: toDate(r.WarnOn), Sort: calendar.DateOf(r.SortOn), RestsSince: toDate(r.RestsSince),
		Unit: r.Unit, Assignee: toID(r.Assignee),
		NotifiedAt: toTime(r.NotifiedAt), DeliveredAt: toTime(r.DeliveredAt), EffectiveOn: toDate(r.EffectiveOn),
		AvailableUntil: toTime(r.AvailableUntil), ClosedAt: toTime(r.ClosedAt),
		GapsAccepted: r.GapsAccepted, Sealed: r.Sealed,
	}
}

// Create writes a new case. With a second one of the same token the
// transaction fails with problem.Conflict: it was sent twice.
func (Cases) Create(ctx context.Context, c casefile.Case, tokenHash, accessMAC []byte) error {
	row := fromCase(c)
	row.TokenHash, row.AccessMac = tokenHash, accessMAC
	return insert(ctx, &row)
}

// ByToken finds the case that was opened with a form's token.
func (Cases) ByToken(ctx context.Context, tokenHash []byte) (casefile.Case, error) {
	return oneCase(ctx, "token_hash = ?", tokenHash)
}

// Case reads a case.
func (Cases) Case(ctx context.Context, id uuid.UUID) (casefile.Case, error) {
	return oneCase(ctx, "id = ?", id)
}

// Lock reads a case and keeps others from changing it until the transaction
// ends.
func (Cases) Lock(ctx context.Context, id uuid.UUID) (casefile.Case, error) {
	tx, _, err := write(ctx)
	if err != nil {
		return casefile.Case{}, err
	}
	var row caseRow
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row, "id = ?", id).Error; err != nil {
		return casefile.Case{}, withoutDetail(err)
	}
	return row.toCase(), nil
}

// Credentials reads what proves the access code of a file number. An unknown
// number is no error: it gives no case, so that it costs the same queries.
func (Cases) Credentials(ctx context.Context, fileNumber string) (id uuid.UUID, accessMAC []byte, err error) {
	tx, _, err := read(ctx)
	if err != nil {
		return uuid.Nil, nil, err
	}
	var rows []caseRow
	if err := tx.Select("id", "access_mac").Limit(1).Find(&rows, "file_number = ?", fileNumber).Error; err != nil {
		return uuid.Nil, nil, withoutDetail(err)
	}
	if len(rows) == 0 {
		return uuid.Nil, nil, nil
	}
	return rows[0].ID, rows[0].AccessMac, nil
}

// SetCredentials replaces the access code's proof; the old code is dead.
func (Cases) SetCredentials(ctx context.Context, id uuid.UUID, accessMAC []byte) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Model(&caseRow{}).Where("id = ?", id).Update("access_mac", accessMAC).Error)
}

// Save writes what changed of a case in clear.
func (Cases) Save(ctx context.Context, c casefile.Case) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	row := fromCase(c)
	res := tx.Model(&caseRow{}).Where("id = ?", c.ID).Select("*").
		Omit("id", "authority_id", "file_number", "token_hash", "access_mac", "received_at", "received_on").Updates(&row)
	return one(res.RowsAffected, res.Error)
}

// List reads the cases of the authority, the most urgent first. open leaves out
// those that are over; only, unless nil, keeps to these.
func (Cases) List(ctx context.Context, open bool, only []uuid.UUID, limit int) ([]casefile.Case, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	q := tx.Order("sort_on, file_number").Limit(limit)
	if open {
		q = q.Where("state not in ?", []string{string(casefile.Closed), string(casefile.Withdrawn), string(casefile.Unidentified)})
	}
	if only != nil {
		q = q.Where("id in ?", only)
	}
	var rows []caseRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, withoutDetail(err)
	}
	cases := make([]casefile.Case, len(rows))
	for i, r := range rows {
		cases[i] = r.toCase()
	}
	return cases, nil
}

// InState lists the cases in one of the states, for the sweeps.
func (Cases) InState(ctx context.Context, states ...casefile.State) ([]casefile.Case, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []caseRow
	if err := tx.Order("sort_on").Find(&rows, "state in ?", states).Error; err != nil {
		return nil, withoutDetail(err)
	}
	cases := make([]casefile.Case, len(rows))
	for i, r := range rows {
		cases[i] = r.toCase()
	}
	return cases, nil
}

// Forget deletes a case with all that hangs on it. Its ledger entries stay;
// what they said can no longer be read.
func (Cases) Forget(ctx context.Context, id uuid.UUID) error {
	tx, _, err := write(ctx)
	if err != nil {
		return err
	}
	return withoutDetail(tx.Delete(&caseRow{}, "id = ?", id).Error)
}

func oneCase(ctx context.Context, where string, arg any) (casefile.Case, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Case{}, err
	}
	var row caseRow
	if err := tx.Take(&row, where, arg).Error; err != nil {
		return casefile.Case{}, withoutDetail(err)
	}
	return row.toCase(), nil
}

type rightRow struct {
	CaseID      uuid.UUID `gorm:"primaryKey"`
	AuthorityID uuid.UUID
	RightName   string `gorm:"primaryKey"`
	Outcome     string
	DecidedBy   *uuid.UUID
	DecidedAt   *time.Time
	DueOn       *time.Time
	Sealed      []byte
}

func (rightRow) TableName() string { return "case_right" }

// PutRights writes the rights of a case, replacing what stood there.
func (Cases) PutRights(ctx context.Context, caseID uuid.UUID, rights []casefile.Right) error {
	u, err := writing(ctx)
	if err != nil {
		return err
	}
	rows := make([]rightRow, len(rights))
	for i, r := range rights {
		rows[i] = rightRow{CaseID: caseID, AuthorityID: u.authority, RightName: string(r.Right), Outcome: string(r.Outcome),
			DecidedBy: fromID(r.DecidedBy), DecidedAt: fromTime(r.DecidedAt), DueOn: fromDate(r.Due), Sealed: r.Sealed}
	}
	return insert(ctx, &rows, clause.OnConflict{UpdateAll: true})
}

// Rights reads the rights of cases, by case, in the order of the forms.
func (Cases) Rights(ctx context.Context, cases ...uuid.UUID) (map[uuid.UUID][]casefile.Right, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []rightRow
	if err := tx.Find(&rows, "case_id in ?", cases).Error; err != nil {
		return nil, withoutDetail(err)
	}
	rights := map[uuid.UUID][]casefile.Right{}
	for _, wanted := range law.Rights {
		for _, r := range rows {
			if law.Right(r.RightName) == wanted {
				rights[r.CaseID] = append(rights[r.CaseID], casefile.Right{Right: wanted, Outcome: casefile.Outcome(r.Outcome),
					DecidedBy: toID(r.DecidedBy), DecidedAt: toTime(r.DecidedAt), Due: toDate(r.DueOn), Sealed: r.Sealed})
			}
		}
	}
	return rights, nil
}

func fromDate(d calendar.Date) *time.Time {
	if d == (calendar.Date{}) {
		return nil
	}
	t := d.Time()
	return &t
}

func toDate(t *time.Time) calendar.Date {
	if t == nil {
		return calendar.Date{}
	}
	return calendar.DateOf(*t)
}

func fromTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func toTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func fromID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func toID(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// one turns "no row changed" into problem.NotFound: it is never silently fine.
func one(affected int64, err error) error {
	if err == nil && affected == 0 {
		return problem.NotFound
	}
	return withoutDetail(err)
}
