package connecting

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
)

// Item is one system of the inventory and how it is reached.
type Item struct {
	System    inventory.System
	Where     Where
	Kind      string
	State     State  // of a file: On
	Version   string // in force; none: it is a task for its unit
	Draft     string // version of the text last saved; of a file: Version
	ChangedAt time.Time
	ChangedBy uuid.UUID
	Test      Trial // the last; zero: never tested
	Twice     bool  // a file and a row: nobody can ask it until one is gone
	Resting   bool  // it does not answer and is left in peace; known where systems are asked
}

// Tested says whether the text last saved has passed its test.
func (i Item) Tested() bool { return i.Test.Outcome == Passed && i.Test.Version == i.Draft }

// Where says how a system is connected.
type Where string

// The ways.
const (
	Nowhere Where = ""     // people answer for it
	ByFile  Where = "file" // of the operator's folder
	ByPage  Where = "page"
)

// List gives all systems of the authority's inventory, in its order.
func (s *Connecting) List(ctx context.Context, actor casefile.Actor) ([]Item, error) {
	if err := s.Permission.May(actor, casefile.ActionSeeConnections, actor.Authority); err != nil {
		return nil, err
	}
	var all []Item
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		_, inv, err := s.Inventories.Current(ctx)
		if err != nil {
			return err
		}
		known, err := s.known(ctx)
		for _, system := range inv.Systems {
			if system.Connector != inventory.Portal {
				all = append(all, s.item(actor.Authority, system, known))
			}
		}
		return err
	})
	return all, err
}

// Unregistered gives the systems that files connect and that no inventory knows, in
// order.
func (s *Connecting) Unregistered(ctx context.Context, actor casefile.Actor) (all []string, err error) {
	if err := s.Permission.May(actor, casefile.ActionSeeConnections, actor.Authority); err != nil {
		return nil, err
	}
	err = s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		_, inv, err := s.Inventories.Current(ctx)
		if err != nil {
			return err
		}
		files, err := s.Store.Files(ctx)
		for system := range files {
			if _, ok := inv.System(system); !ok {
				all = append(all, system)
			}
		}
		return err
	})
	slices.Sort(all)
	return all, err
}

type known struct {
	rows  map[string]Row
	files map[string]File
	tests map[string]Trial
}

func (s *Connecting) known(ctx context.Context) (k known, err error) {
	if k.rows, err = s.Store.Rows(ctx); err != nil {
		return k, err
	}
	if k.files, err = s.Store.Files(ctx); err != nil {
		return k, err
	}
	k.tests, err = s.Store.Tests(ctx)
	return k, err
}

func (s *Connecting) item(authority uuid.UUID, system inventory.System, k known) Item {
	i := Item{System: system, Test: k.tests[system.ID]}
	row, byPage := k.rows[system.ID]
	file, byFile := k.files[system.ID]
	if byPage {
		i.Where, i.Kind, i.State, i.Draft = ByPage, row.Kind, row.State, row.DraftVersion
		i.ChangedAt, i.ChangedBy = row.ChangedAt, row.ChangedBy
		if row.State == On {
			i.Version = row.LiveVersion
		}
	}
	if byFile {
		i.Twice = i.State == On
		i.Where, i.Kind, i.State, i.Version, i.Draft = ByFile, file.Kind, On, file.Version, file.Version
	}
	if i.Where != Nowhere && s.Sources != nil {
		i.Resting = s.Sources.Resting(authority, system.ID)
	}
	return i
}

// Shown is one system with all that a page needs.
type Shown struct {
	Item
	Text    string   // last saved; none where a file connects it
	Kinds   []string // that there are
	Secrets []SecretUse
	// TestPeople are those whom the operator of the program declared.
	TestPeople TestPeople
}

// SecretUse is a sealed secret that the text names, or that lies there.
type SecretUse struct {
	Name      string
	Used      bool      // by this text
	ChangedAt time.Time // zero: nobody has entered it yet
	ChangedBy uuid.UUID
}

// Show gives one system; problem.NotFound if the inventory has none such.
func (s *Connecting) Show(ctx context.Context, actor casefile.Actor, system string) (Shown, error) {
	if err := s.Permission.May(actor, casefile.ActionSeeConnections, actor.Authority); err != nil {
		return Shown{}, err
	}
	shown := Shown{Kinds: s.Kinds.Names(), TestPeople: s.TestPeople}
	err := s.Units.View(ctx, actor.Authority, func(ctx context.Context) error {
		entry, err := s.system(ctx, system)
		if err != nil {
			return err
		}
		k, err := s.known(ctx)
		if err != nil {
			return err
		}
		shown.Item = s.item(actor.Authority, entry, k)
		if row, ok := k.rows[system]; ok {
			text, err := s.text(ctx, actor.Authority, system, draft, row.Draft)
			if err != nil {
				return err
			}
			shown.Text = string(text)
		}
		sealed, err := s.Store.Secrets(ctx, system)
		shown.Secrets = uses(shown.Text, sealed)
		return err
	})
	return shown, err
}

// uses lists the secrets of a system by name, and those that the text misses.
func uses(text string, sealed map[string]Secret) []SecretUse {
	named := map[string]bool{}
	if c, err := connector.ParseConnection("", []byte(text)); err == nil {
		for _, ref := range c.Secrets {
			if ref.Sealed != "" {
				named[ref.Sealed] = true
			}
		}
	}
	names := maps.Clone(named)
	for name := range sealed {
		names[name] = true
	}
	var all []SecretUse
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, SecretUse{Name: name, Used: named[name], ChangedAt: sealed[name].ChangedAt, ChangedBy: sealed[name].ChangedBy})
	}
	return all
}
