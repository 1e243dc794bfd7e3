package jobs

import (
	"context"
	"fmt"

	"einsicht/internal/casefile"
)

// Waiting is how many jobs of a kind have yet to be done.
type Waiting struct {
	Job   casefile.Job
	Due   int // run now, or as soon as a worker is free
	Later int // after an attempt in vain, or not before their time
}

// Waiting counts the jobs that are not done, by kind, over all authorities.
func (q *Queue) Waiting(ctx context.Context) ([]Waiting, error) {
	rows, err := q.pool.Query(ctx, `select kind, count(*) filter (where state in ('available', 'pending', 'running')), count(*) filter (where state in ('retryable', 'scheduled'))
		from river_job where state not in ('completed', 'cancelled', 'discarded') group by kind order by kind`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer rows.Close()
	var all []Waiting
	for rows.Next() {
		var w Waiting
		if err := rows.Scan(&w.Job, &w.Due, &w.Later); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		all = append(all, w)
	}
	return all, rows.Err()
}
