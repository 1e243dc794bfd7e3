package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// insert adds rows, a pointer to one or to a slice of them, together with the
// next statement of the transaction or at its end: what a step writes piece by
// piece travels to the server once. If a row is refused, that statement or the
// end of the transaction fails, and nothing is kept.
func insert(ctx context.Context, rows any, clauses ...clause.Expression) error {
	u, err := writing(ctx)
	if err != nil {
		return err
	}
	return u.queue(ctx, rows, clauses...)
}

func (u *unit) queue(ctx context.Context, rows any, clauses ...clause.Expression) error {
	built := u.tx.WithContext(ctx).Session(&gorm.Session{DryRun: true}).Clauses(clauses...).Create(rows)
	if built.Error != nil {
		return withoutDetail(built.Error)
	}
	for i, v := range built.Statement.Vars {
		if id, ok := v.(uuid.UUID); ok {
			built.Statement.Vars[i] = [16]byte(id) // as uuid.UUID it would travel as text
		}
	}
	u.waiting.Queue(built.Statement.SQL.String(), built.Statement.Vars...)
	return nil
}

// send sends what waits. It comes before every other statement, so that none
// misses a row of one before it.
func (u *unit) send(ctx context.Context) error {
	if tokens := u.tokens; len(tokens) > 0 {
		u.tokens = nil
		if err := u.queue(ctx, &tokens, clause.OnConflict{DoNothing: true}); err != nil {
			return err
		}
	}
	if u.waiting.Len() == 0 {
		return nil
	}
	batch := u.waiting
	u.waiting = pgx.Batch{}
	err := u.conn.Raw(func(driver any) error {
		return driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("insert: %w", withoutDetail(err))
	}
	return nil
}
