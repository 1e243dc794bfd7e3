package review

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Examined is a right held against the law of today, as staff see it.
type Examined struct {
	Right   Right
	Edition catalogue.Edition
	Facts   assess.Facts
	Result  assess.Result
	// Grounds can be taken up, each at the systems of the case where it is law.
	Grounds []Available
	Absent  []catalogue.Absent // looked for in vain here, with the reason
	Blocked []catalogue.Ground // nobody may use them, with the reason
	Outcome casefile.Outcome   // composed, as far as the person may know; undecided while something is open
	Why     []casefile.Reason  // what is missing before the right can be decided
	// Warnings don't stop a decision: a complete refusal after month 1.
	Warnings []casefile.Reason

	Confirmed   procedure.Confirmation // of the catalogue
	MustConfirm bool                   // grounds of this Land wait for somebody to compare them with the text in force
}

// Available is a ground and the systems at which it is law; none where it is
// about the whole case.
type Available struct {
	Ground  catalogue.Ground
	Systems []string
}

// Examine holds a right of a case against the law of today. That somebody looked
// is a ledger entry.
func (s *Review) Examine(ctx context.Context, actor casefile.Actor, caseID uuid.UUID, right law.Right, now time.Time) (Examined, error) {
	var e Examined
	err := s.Recorded(ctx, actor, casefile.ActionOpenCase, caseID, func(ctx context.Context, c casefile.Case) error {
		m, err := s.Matter(ctx, c, now)
		if err != nil {
			return err
		}
		row, err := rightOf(m, right)
		if err != nil {
			return err
		}
		e = examined(m, row)
		return s.Ledger.Record(ctx, ledger.Opened, caseID, actor, map[string]string{"right": string(right)}, now)
	})
	return e, err
}

func examined(m procedure.Matter, row casefile.Right) Examined {
	x := m.Examine(row.Right)
	e := Examined{
		Right:   Right{Right: row, Text: m.Texts[row.Right], Composed: x.Outcome, Open: len(x.Result.AskStaff)},
		Edition: m.Edition, Facts: x.Facts, Result: x.Result, Outcome: x.Outcome, Why: x.Why(), Warnings: x.Warnings,
		Confirmed: m.Confirmed, MustConfirm: mustConfirm(m),
	}
	regimes := regimesOf(m, x.Facts)
	for g := range m.Edition.For(row.Right, x.Facts.Land, "") {
		switch systems := systemsOf(*g, x.Facts); {
		case !slices.ContainsFunc(regimes, func(r law.Regime) bool { return g.Applies(x.Facts.Land, r) }):
		case !g.Usable():
			e.Blocked = append(e.Blocked, *g)
		case g.Reach == catalogue.Case:
			e.Grounds = append(e.Grounds, Available{Ground: *g})
		case len(systems) > 0:
			e.Grounds = append(e.Grounds, Available{*g, systems})
		}
	}
	for _, regime := range regimes {
		for _, a := range m.Edition.NotAvailable(row.Right, x.Facts.Land, regime) {
			if !slices.ContainsFunc(e.Absent, func(b catalogue.Absent) bool { return b.ID == a.ID }) {
				e.Absent = append(e.Absent, a)
			}
		}
	}
	return e
}

// regimesOf lists the bodies of law of the systems looked at; of the authority
// where there are none.
func regimesOf(m procedure.Matter, f assess.Facts) []law.Regime {
	var regimes []law.Regime
	for _, s := range f.Systems {
		if !slices.Contains(regimes, s.Regime) {
			regimes = append(regimes, s.Regime)
		}
	}
	if len(regimes) == 0 {
		regimes = []law.Regime{m.Inventory.Authority.Regime}
	}
	return regimes
}

// systemsOf lists the systems that may hold something and at which a ground is law.
func systemsOf(g catalogue.Ground, f assess.Facts) []string {
	var at []string
	for _, s := range f.Systems {
		if s.State != assess.Nothing && g.Applies(f.Land, s.Regime) {
			at = append(at, s.ID)
		}
	}
	return at
}

func rightOf(m procedure.Matter, right law.Right) (casefile.Right, error) {
	i := slices.IndexFunc(m.Rights, func(r casefile.Right) bool { return r.Right == right })
	if i < 0 {
		return casefile.Right{}, problem.NotFound
	}
	return m.Rights[i], nil
}
