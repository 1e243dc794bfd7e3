package rewrite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"einsicht/internal/connector"
)

// plan is what is to be done, file by file, in their order.
type plan struct {
	paths []string
	work  map[string][]item
	known map[string]*group
}

// item is one record of a file.
type item struct {
	patch   patch
	changes []int // those that name it
}

// group are the records that say the same.
type group struct {
	spots []spot
	many  bool
}

// spot is a Spot that is kept.
type spot struct {
	Spot
	patch patch
}

// weigh finds the records and says what becomes of each change.
func (d Desk) weigh(ctx context.Context, changes []connector.Change) ([]connector.Effect, plan, error) {
	p := plan{work: map[string][]item{}, known: map[string]*group{}}
	wanted := map[string]bool{}
	for _, c := range changes {
		if g, _, ok := d.parse(c.Reference); ok {
			wanted[g] = true
		}
	}
	var order []string
	err := d.Locate(ctx, wanted, func(s Spot) error {
		g := p.known[s.Group]
		if g == nil {
			g = &group{}
			p.known[s.Group] = g
		}
		if g.many = len(g.spots) >= mostSame; g.many {
			return nil
		}
		one := spot{s, patch{start: s.Start, length: len(s.Text), sum: sha256.Sum256(s.Text), with: s.With}}
		one.Text = nil
		g.spots = append(g.spots, one)
		if !slices.Contains(order, s.Path) {
			order = append(order, s.Path)
		}
		return nil
	})
	if err != nil {
		return nil, p, err
	}
	effects := make([]connector.Effect, len(changes))
	held, same := map[string]*refusal{}, map[string][]int{}
	for i, c := range changes {
		if effects[i], err = d.look(p, c, held); err != nil {
			return nil, p, err
		}
	}
	for name, g := range p.known {
		d.together(g, name, changes, effects)
	}
	for i, c := range changes {
		if effects[i].State == connector.Changed {
			effects[i].After = p.after(d, c.Reference)
			same[c.Reference] = append(same[c.Reference], i)
		}
	}
	for _, g := range p.known {
		for _, s := range g.spots {
			if by := same[d.reference(s.Spot)]; len(by) > 0 && (s.With == nil || sha256.Sum256(s.With) != s.patch.sum) {
				p.work[s.Path] = append(p.work[s.Path], item{s.patch, by})
			}
		}
	}
	for _, path := range order {
		if len(p.work[path]) > 0 {
			p.paths = append(p.paths, path)
		}
	}
	return effects, p, nil
}

// after is what is left of a record: nothing, but where a key leads to what a mask
// left.
func (p plan) after(d Desk, reference string) []connector.Field {
	name, n, _ := d.parse(reference)
	for _, s := range p.known[name].spots {
		if s.Number == n {
			return s.After
		}
	}
	return nil
}

// look says what becomes of one change, but for records that say the same.
func (d Desk) look(p plan, c connector.Change, held map[string]*refusal) (connector.Effect, error) {
	e := connector.Effect{Change: c.ID, State: connector.Missing}
	name, n, ok := d.parse(c.Reference)
	g := p.known[name]
	if !ok || g == nil {
		return e, nil
	}
	for _, s := range g.spots {
		if s.Number != n {
			continue
		}
		if e.State == connector.Missing {
			e.State, e.Before, e.After, e.Kept = connector.Changed, s.Finding, s.Finding.Fields, s.Kept
		}
		other := !bytes.Equal(s.Finding.Fingerprint(), e.Before.Fingerprint())
		said, err := d.held(s, held)
		if err != nil {
			return e, err
		}
		switch {
		case !d.Rule.Declared():
			e.State, e.Reason = connector.Undeclared, "connector.rewrite.undeclared"
		case c.Do != connector.CanErase:
			e.State, e.Reason = connector.Undeclared, "connector.rewrite.only_erase"
		case g.many:
			e.State, e.Reason = connector.Undeclared, "connector.rewrite.many"
		case s.Fixed != "":
			e.State, e.Reason = connector.Undeclared, s.Fixed
		case other:
			e.State, e.Reason = connector.Undeclared, "connector.rewrite.versions"
		case len(c.Seen) > 0 && !bytes.Equal(c.Seen, s.Finding.Fingerprint()):
			e.State = connector.Differs
		case d.Rule.Erase == Masking && s.With == nil:
			e.State, e.Reason = connector.Undeclared, "connector.rewrite.unmaskable"
		case s.Twice:
			e.State, e.Reason = errTwice.state, errTwice.reason
		case said != nil:
			e.State, e.Reason = said.state, said.reason
		}
		if e.State != connector.Changed {
			e.Kept = nil
			break
		}
	}
	return e, nil
}

// held says why the file of a record is left as it is; each file is asked once.
func (d Desk) held(s spot, known map[string]*refusal) (*refusal, error) {
	if !d.Rule.Declared() || s.Fixed != "" {
		return nil, nil
	}
	if said, asked := known[s.Path]; asked {
		return said, nil
	}
	in, err := d.openClosed(s.Path)
	var said *refusal
	if err == nil {
		in.Close()
	} else if !errors.As(err, &said) {
		return nil, d.failed(s.Path, err)
	}
	known[s.Path] = said
	return said, nil
}

// together makes sure that of records that say the same the last go: what stays
// keeps its numbers. One that can't go keeps those before it.
func (d Desk) together(g *group, name string, changes []connector.Change, effects []connector.Effect) {
	goes, blocks := map[int]bool{}, map[int]string{}
	for i, c := range changes {
		if of, n, ok := d.parse(c.Reference); ok && of == name {
			goes[n] = effects[i].State == connector.Changed
			if effects[i].State != connector.Missing {
				blocks[n] = effects[i].Reason
			}
		}
	}
	kept := map[string]int{} // by scope: the last that stays
	for _, s := range g.spots {
		if last, there := kept[s.Scope]; !goes[s.Number] && (!there || s.Number > last) {
			kept[s.Scope] = s.Number
		}
	}
	for i, c := range changes {
		of, n, ok := d.parse(c.Reference)
		if !ok || of != name || effects[i].State != connector.Changed {
			continue
		}
		for _, s := range g.spots {
			last, stays := kept[s.Scope]
			if s.Number != n || !stays || n > last {
				continue
			}
			reason := blocks[last]
			if reason == "" {
				reason = "connector.rewrite.same"
			}
			e := &effects[i]
			e.State, e.Reason, e.After, e.Kept = connector.Hindered, reason, e.Before.Fields, nil
		}
	}
}

// stop notes that a file stays as it was, and with its records those before them
// that say the same: numbers must not shift.
func (d Desk) stop(items []item, said *refusal, changes []connector.Change, effects []connector.Effect) {
	last := map[string]int{}
	for _, one := range items {
		name, n, _ := d.parse(changes[one.changes[0]].Reference)
		last[name] = max(last[name], n)
	}
	for i := range effects {
		e := &effects[i]
		name, n, ok := d.parse(changes[i].Reference)
		if until, stopped := last[name]; ok && stopped && n <= until && e.State == connector.Changed {
			e.State, e.Reason, e.After, e.Kept = said.state, said.reason, e.Before.Fields, nil
		}
	}
}
