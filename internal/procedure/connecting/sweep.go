package connecting

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// Sweep forgets what trials brought, an hour later, and lets an authority know
// which of its systems have a file: a process that serves reads none. It is for
// processes that ask systems, with the connections of their files.
func (s *Connecting) Sweep(ctx context.Context, authority uuid.UUID, files []connector.Connection, now time.Time) error {
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		if err := s.Store.DropTrials(ctx, now); err != nil {
			return err
		}
		_, inv, err := s.Inventories.Current(ctx)
		if _, err := found(err); err != nil {
			return err
		}
		var mine []File
		for _, c := range files {
			if _, ok := inv.System(c.System); ok {
				hosts, _ := c.Reaches()
				mine = append(mine, File{System: c.System, Kind: c.Kind, Version: c.Version, Hosts: hosts, SeenAt: now})
			}
		}
		before, err := s.Store.Files(ctx)
		if err != nil || same(slices.Collect(maps.Values(before)), mine) {
			return err
		}
		return s.Store.PutFiles(ctx, mine)
	})
}

func same(a, b []File) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f File) bool {
		return !slices.ContainsFunc(b, func(g File) bool { return f.System == g.System && f.Kind == g.Kind && f.Version == g.Version })
	})
}
