package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// unit is one transaction for one authority; it travels in the context.
type unit struct {
	tx        *gorm.DB
	conn      *sql.Conn
	authority uuid.UUID
	writes    bool
	waiting   pgx.Batch        // inserts to be sent
	tokens    []searchTokenRow // all kinds of a case, in one insert
}

type unitKey struct{}

// InTx runs f in one transaction that may write what belongs to the authority.
// All that f does is committed together or not at all. Inside it: database and
// queue calls only. A unit within a unit of the same authority joins it.
func (db *DB) InTx(ctx context.Context, authority uuid.UUID, f func(context.Context) error) error {
	return db.run(ctx, authority, true, f)
}

// View runs f in one read-only transaction for the authority: all it reads is
// from one moment.
func (db *DB) View(ctx context.Context, authority uuid.UUID, f func(context.Context) error) error {
	return db.run(ctx, authority, false, f)
}

func (db *DB) run(ctx context.Context, authority uuid.UUID, writes bool, f func(context.Context) error) error {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok {
		if u.authority != authority {
			return errors.New("a transaction belongs to one authority; this one is another's")
		}
		if writes && !u.writes {
			return errors.New("write within View; use InTx")
		}
		return f(ctx)
	}
	return db.gorm.WithContext(ctx).Connection(func(g *gorm.DB) error {
		conn, ok := g.Statement.ConnPool.(*sql.Conn)
		if !ok {
			return errors.New("gorm gave no connection of its own")
		}
		opts := &sql.TxOptions{ReadOnly: !writes}
		if !writes {
			opts.Isolation = sql.LevelRepeatableRead
		}
		return g.Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec("select set_config('einsicht.authority', ?, true)", authority.String()).Error; err != nil {
				return fmt.Errorf("name the authority: %w", withoutDetail(err))
			}
			u := &unit{tx: tx, conn: conn, authority: authority, writes: writes}
			if err := f(context.WithValue(ctx, unitKey{}, u)); err != nil {
				return err
			}
			return u.send(ctx)
		}, opts)
	})
}

// read gives the transaction of the context, of View or InTx.
func read(ctx context.Context) (*gorm.DB, uuid.UUID, error) {
	u, ok := ctx.Value(unitKey{}).(*unit)
	if !ok {
		return nil, uuid.Nil, errors.New("read outside View and InTx")
	}
	return u.tx.WithContext(ctx), u.authority, u.send(ctx)
}

// write gives the transaction of the context if it may write.
func write(ctx context.Context) (*gorm.DB, uuid.UUID, error) {
	u, err := writing(ctx)
	if err != nil {
		return nil, uuid.Nil, err
	}
	return u.tx.WithContext(ctx), u.authority, u.send(ctx)
}

func writing(ctx context.Context) (*unit, error) {
	u, ok := ctx.Value(unitKey{}).(*unit)
	if !ok || !u.writes {
		return nil, errors.New("write outside InTx")
	}
	return u, nil
}

// Conn runs f with the pgx connection that the context's transaction runs on,
// for package jobs: what it enqueues is committed with the rest. f must not
// call this package.
func Conn(ctx context.Context, f func(*pgx.Conn) error) error {
	u, ok := ctx.Value(unitKey{}).(*unit)
	if !ok || !u.writes {
		return errors.New("enqueue outside InTx")
	}
	if err := u.send(ctx); err != nil {
		return err
	}
	return u.conn.Raw(func(driver any) error { return f(driver.(*stdlib.Conn).Conn()) })
}
