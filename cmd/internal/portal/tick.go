package portal

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/postgres"
	"einsicht/internal/web"
)

// tick does what time brings: the order of the ledger within a second, the
// sweeps within a minute, that of the disk within an hour. Each looks at one
// authority after the other.
func (m *Main) tick(ctx context.Context) error {
	sequence, sweep, disk := time.NewTicker(400*time.Millisecond), time.NewTicker(time.Minute), time.NewTicker(time.Hour)
	defer sequence.Stop()
	defer sweep.Stop()
	defer disk.Stop()
	m.sweep(ctx)
	m.sweepDisk(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sequence.C:
			m.each(ctx, "order the ledger", func(ctx context.Context, a casefile.Authority) error {
				_, err := m.Ledger.Sequence(ctx, a.ID, m.Clock())
				return err
			})
		case <-sweep.C:
			m.sweep(ctx)
		case <-disk.C:
			m.sweepDisk(ctx)
		}
	}
}

func (m *Main) sweep(ctx context.Context) {
	now, sessions := m.Clock(), postgres.Sessions{DB: m.DB}
	m.each(ctx, "sweep answers", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Delivery.Sweep(ctx, a.ID, now)
	})
	m.each(ctx, "sweep letters", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Correspondence.Sweep(ctx, a, now)
	})
	m.each(ctx, "sweep notices that nobody read", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Correspondence.SweepNotices(ctx, a, now)
	})
	m.each(ctx, "sweep lost questions", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Gathering.Sweep(ctx, a.ID, now)
	})
	strangers := m.lookForStrangers(ctx)
	m.each(ctx, "sweep trials of connections", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Connecting.Sweep(ctx, a.ID, m.sources.Connections(), strangers, now)
	})
	m.each(ctx, "sweep erasures that no backup holds", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Fulfilment.Sweep(ctx, a.ID, now)
	})
	m.each(ctx, "sweep old cases", func(ctx context.Context, a casefile.Authority) error {
		return m.Steps.Retention.Sweep(ctx, a.ID, now)
	})
	if err := m.Steps.Identification.ForgetAttempts(ctx); err != nil {
		m.Log.Warn("forget attempts", "error", err)
	}
	if err := sessions.Expire(ctx, now.Add(-web.SessionIdle), now.Add(-web.SessionMax)); err != nil {
		m.Log.Warn("expire sessions", "error", err)
	}
}

// lookForStrangers names connection files of systems that no inventory knows, once
// and again when that changes: an import may bring them, or take them.
func (m *Main) lookForStrangers(ctx context.Context) []string {
	var ids []uuid.UUID
	all, err := m.DB.Authorities(ctx)
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	var strangers []string
	if err == nil {
		strangers, err = m.Steps.Connecting.Strangers(ctx, ids, m.sources.Connections())
	}
	if err != nil {
		if ctx.Err() == nil {
			m.Log.Warn("look for connection files that nobody asks", "error", err)
		}
		return m.strangers
	}
	if len(strangers) > 0 && !slices.Equal(strangers, m.strangers) {
		m.Log.Warn("connection files of systems that no inventory knows: nobody asks them", "systems", strangers)
	}
	m.strangers = strangers
	return strangers
}

func (m *Main) each(ctx context.Context, what string, f func(context.Context, casefile.Authority) error) {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.Log.Warn(what, "error", err)
		}
		return
	}
	for _, a := range all {
		if err := f(ctx, a); err != nil && ctx.Err() == nil {
			m.Log.Warn(what, "authority", a.Slug, "error", err)
		}
	}
}

func (m *Main) sweepDisk(ctx context.Context) {
	if err := m.sweepBlobs(ctx); err != nil && ctx.Err() == nil {
		m.Log.Warn("sweep blobs", "error", err)
	}
}

// unclaimed is how long a file may lie that no row names yet: longer than any job
// takes to write the row. It is safe on the disk before the database knows it.
const unclaimed = 24 * time.Hour

// sweepBlobs deletes files that neither a package nor a finding names: a process
// that died while writing leaves one behind.
func (m *Main) sweepBlobs(ctx context.Context) error {
	all, err := m.DB.Authorities(ctx)
	if err != nil {
		return err
	}
	before := time.Now().Add(-unclaimed)
	kept := map[uuid.UUID]bool{}
	for _, a := range all {
		err := m.DB.View(ctx, a.ID, func(ctx context.Context) error {
			packages, err := postgres.Findings{}.KeptPackages(ctx)
			if err != nil {
				return err
			}
			bodies, err := postgres.Findings{}.Bodies(ctx, uuid.Nil)
			for _, id := range slices.Concat(packages, bodies) {
				kept[id] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err = m.blobs().Sweep(ctx, func(key string) bool {
		id, err := uuid.Parse(key)
		return err == nil && kept[id]
	}, before)
	return err
}
