package postgres

import (
	"context"
	"time"

	"einsicht/internal/casefile"
)

// Backlog counts the plans of the authority that are open, and what those that are
// ordered wait for. The plan of a decision that changed nothing is never ordered: once
// its case is released it is no longer open.
func (Plans) Backlog(ctx context.Context) (casefile.Backlog, error) {
	tx, _, err := read(ctx)
	if err != nil {
		return casefile.Backlog{}, err
	}
	var plans struct {
		Drafts, Ordered int
		Oldest          *time.Time
	}
	err = tx.Raw(`select count(*) filter (where p.fixed_at is null and (p.kind <> ? or c.state in ?)) as drafts,
		count(*) filter (where p.fixed_at is not null) as ordered, min(p.fixed_at) as oldest
		from plan p join casefile c on c.id = p.case_id where p.ended_at is null`,
		string(casefile.PlanDecision), []string{string(casefile.Received), string(casefile.Gathering), string(casefile.Review), string(casefile.Proposed)}).Scan(&plans).Error
	if err != nil {
		return casefile.Backlog{}, withoutDetail(err)
	}
	b := casefile.Backlog{Drafts: plans.Drafts, Ordered: plans.Ordered, Oldest: toTime(plans.Oldest)}
	var rows []struct {
		SystemID, State string
		Measures        int
	}
	err = tx.Raw(`select m.system_id, m.state, count(*) as measures from measure m join plan p on p.id = m.plan_id
		where p.fixed_at is not null and p.ended_at is null and m.state not in ? group by 1, 2 order by 1, 2`,
		[]string{string(casefile.Done), string(casefile.Stays)}).Scan(&rows).Error
	for _, r := range rows {
		b.Waits = append(b.Waits, casefile.Waiting{System: r.SystemID, State: casefile.MeasureState(r.State), Measures: r.Measures})
	}
	return b, withoutDetail(err)
}
