package jobs

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/internal/casefile"
	"einsicht/internal/postgres"
)

// Restart lets a job of one object that waits for its next attempt run at once, with
// all its attempts before it, in the transaction of the context. Where one runs it
// goes on; where none is left, such as after a restored backup, one is added.
func (q *Queue) Restart(ctx context.Context, authority, object uuid.UUID, job casefile.Job) error {
	const same = "kind = $1 and args->>'authority' = $2 and args->>'object' = $3"
	running := false
	err := postgres.Conn(ctx, func(conn *pgx.Conn) error {
		of := []any{string(job), authority.String(), object.String()}
		if _, err := conn.Exec(ctx, "delete from river_job where "+same+" and state in ('available', 'pending', 'retryable', 'scheduled')", of...); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "select exists (select from river_job where "+same+" and state = 'running')", of...).Scan(&running)
	})
	if err != nil {
		return fmt.Errorf("restart %s: %w", job, err)
	}
	if running {
		return nil
	}
	return q.Enqueue(ctx, authority, object, job)
}
