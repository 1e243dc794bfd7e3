package connecting

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// Strangers gives the systems of files that no inventory of these authorities
// knows, in order: nobody will ever ask them, most often since the id is misspelt.
func (s *Connecting) Strangers(ctx context.Context, authorities []uuid.UUID, files []connector.Connection) ([]string, error) {
	known := map[string]bool{}
	for _, authority := range authorities {
		err := s.Units.View(ctx, authority, func(ctx context.Context) error {
			_, inv, err := s.Inventories.Current(ctx)
			for _, system := range inv.Systems {
				known[system.ID] = true
			}
			_, err = found(err)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var strange []string
	for _, c := range files {
		if !known[c.System] {
			strange = append(strange, c.System)
		}
	}
	slices.Sort(strange)
	return strange, nil
}

// Sweep forgets what trials brought, an hour later, and lets an authority know
// which of its systems have a file, and of which files nobody knows the system: a
// process that serves reads none. It is for processes that ask systems, with the
// connections of their files.
func (s *Connecting) Sweep(ctx context.Context, authority uuid.UUID, files []connector.Connection, strangers []string, now time.Time) error {
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
			} else if slices.Contains(strangers, c.System) { // another authority's hosts are not theirs to know
				mine = append(mine, File{System: c.System, Kind: c.Kind, Version: c.Version, SeenAt: now})
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
		return !slices.ContainsFunc(b, func(g File) bool {
			return f.System == g.System && f.Kind == g.Kind && f.Version == g.Version && slices.Equal(f.Hosts, g.Hosts)
		})
	})
}
