package review

import (
	"slices"

	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
)

// Unavailable is the error of who names a ground that can't be used here. It is
// a problem.Invalid at the field ground; its sentence has the reason in German,
// the refusal in both languages.
type Unavailable struct {
	Refusal catalogue.Refusal
	problem *problem.Error
}

func (u *Unavailable) Error() string { return u.problem.Error() }

// Unwrap lets errors.Is find the kind and errors.As the sentence.
func (u *Unavailable) Unwrap() error { return u.problem }

// groundFor finds a ground that is usable law for a right at a place, or says why
// there is none.
func groundFor(m procedure.Matter, right law.Right, f assess.Facts, at assess.Place) (catalogue.Ground, error) {
	if at.Ground == "" {
		return catalogue.Ground{}, procedure.Incomplete("ground", "case.exam.ground_needed")
	}
	g, known := m.Edition.Ground(at.Ground)
	switch {
	case !known:
		return g, absent(m, right, at.Ground)
	case !g.Usable():
		return g, unavailable(catalogue.Refusal{ID: g.ID, Citation: g.Citation, Title: g.Title, Regimes: g.Regimes, Reason: g.Unusable, Instead: g.Replacement})
	case !g.Limits(right):
		return g, procedure.Incomplete("ground", "case.exam.not_this_right")
	case (g.Reach == catalogue.Case) != (at.System == ""):
		return g, procedure.Incomplete("system", "case.exam.not_this_system")
	case at.System == "":
		if !slices.ContainsFunc(regimesOf(m, f), func(r law.Regime) bool { return g.Applies(f.Land, r) }) {
			return g, procedure.Incomplete("ground", "case.exam.not_this_regime")
		}
		return g, nil
	}
	i := slices.IndexFunc(f.Systems, func(s assess.System) bool { return s.ID == at.System })
	switch {
	case i < 0:
		return g, procedure.Incomplete("system", "case.exam.not_this_system")
	case !g.Applies(f.Land, f.Systems[i].Regime):
		return g, procedure.Incomplete("ground", "case.exam.not_this_regime")
	case f.Systems[i].State == assess.Nothing:
		return g, procedure.Incomplete("system", "case.exam.nothing_there")
	}
	return g, nil
}

// absent says why something that is looked for is no law here.
func absent(m procedure.Matter, right law.Right, id string) error {
	for _, a := range m.Edition.NotAvailable(right, m.Inventory.Authority.Land, "") {
		if a.ID == id {
			return unavailable(catalogue.Refusal{ID: a.ID, Citation: a.Citation, Title: a.Title, Regimes: a.Regimes, Reason: a.Reason, Instead: a.Instead})
		}
	}
	return procedure.Incomplete("ground", "case.exam.no_such_ground")
}

func unavailable(r catalogue.Refusal) error {
	err := problem.New(problem.Invalid, "case.exam.unavailable", "ground", r.Title.DE, "reason", r.Reason.DE)
	err.Fields = map[string]string{"ground": "case.exam.unavailable_here"}
	return &Unavailable{r, err}
}
