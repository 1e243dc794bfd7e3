package catalogue

import (
	"iter"
	"slices"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

// Edition is the law of one day.
type Edition struct {
	Day     calendar.Date
	SHA256  [32]byte // of the catalogue it comes from
	rights  []Right
	grounds []Ground
	absent  []Absent
}

// On returns the law of a day: the day of the decision. (The day of receipt only
// counts for the clock.) A ground whose text was not read in the version of that
// day, or never verified, comes marked Confirm.
func (b Book) On(day calendar.Date) Edition {
	e := Edition{Day: day, SHA256: b.sum, rights: b.rights, absent: b.absent}
	for _, g := range b.grounds {
		if day.Before(g.ValidFrom) || !g.ValidTo.IsZero() && day.After(g.ValidTo) {
			continue
		}
		g.Confirm = !g.Verified || !g.readUntil.IsZero() && day.After(g.readUntil)
		e.grounds = append(e.grounds, g)
	}
	return e
}

// Rights lists the rights in the order of the forms.
func (e Edition) Rights() []Right { return slices.Clone(e.rights) }

// Right returns what the catalogue says about a right.
func (e Edition) Right(right law.Right) (Right, bool) {
	for _, r := range e.rights {
		if r.Right == right {
			return r, true
		}
	}
	return Right{}, false
}

// Grounds lists all grounds of the day, unusable ones included.
func (e Edition) Grounds() []Ground { return slices.Clone(e.grounds) }

// Ground returns the ground with the id.
func (e Edition) Ground(id string) (Ground, bool) {
	for _, g := range e.grounds {
		if g.ID == id {
			return g, true
		}
	}
	return Ground{}, false
}

// For goes through the grounds that concern a right in a Land under a regime;
// without a regime through those of every regime the Land has.
func (e Edition) For(right law.Right, land calendar.Land, regime law.Regime) iter.Seq[*Ground] {
	return func(yield func(*Ground) bool) {
		for i := range e.grounds {
			if g := &e.grounds[i]; g.Limits(right) && g.Applies(land, regime) && !yield(g) {
				return
			}
		}
	}
}

// ToConfirm says whether staff must compare any ground of a Land with the text
// in force before its decisions can rest on it.
func (e Edition) ToConfirm(land calendar.Land) bool {
	return slices.ContainsFunc(e.grounds, func(g Ground) bool { return g.Confirm && g.Usable() && g.Applies(land, "") })
}
