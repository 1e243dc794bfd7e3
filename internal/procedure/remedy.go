package procedure

import (
	"context"
	"fmt"
	"slices"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/court"
	"einsicht/internal/letter"
	"einsicht/internal/wording"
)

// Court names the court before which a refusal is challenged; empty where the
// letter names the rule, because nobody said where the person lives.
func (m Matter) Court() string {
	a, r := m.Inventory.Authority, m.Request.Residence
	c, _ := court.Competent(
		court.Seat{Land: a.Land, District: a.SeatDistrict, InsideOneDistrict: a.OneDistrict},
		court.Residence{District: r.District, Outside: r.Outside, Unknown: r.Unknown || !r.Confirmed()})
	return c.Name()
}

// NonPublic says whether the answer is about data under § 5(5) DSG NRW, as far as
// the person may know. A system that nobody has searched, because the request was
// refused as such, is one of those it refuses.
func (m Matter) NonPublic() bool {
	m = m.counted()
	return slices.ContainsFunc(m.Rights, func(r casefile.Right) bool {
		return slices.ContainsFunc(m.facts(r.Right, true).Systems, func(s assess.System) bool {
			return s.State != assess.Nothing && s.Regime == law.BDSGNonPublic
		})
	})
}

// Texts reads the authority's own words for letters.
func (h *House) Texts(ctx context.Context) (letter.Texts, error) {
	source, _, err := h.Statutes.Texts(ctx)
	if err != nil || source == "" {
		return letter.Texts{}, err
	}
	texts, err := letter.ParseTexts("letter_texts", []byte(source))
	if err != nil {
		return texts, fmt.Errorf("read the authority's own texts: %w", err)
	}
	return texts, nil
}

// remedyOpen says whether an answer would lack its instruction about going to
// court: found out by writing one.
func (h *House) remedyOpen(ctx context.Context, m Matter) (bool, error) {
	nonPublic, civil := m.NonPublic(), m.Request.Residence.CivilServant
	if !nonPublic && !civil {
		return false, nil
	}
	texts, err := h.Texts(ctx)
	if err != nil {
		return false, err
	}
	l, err := letter.Answer(letter.Input{
		Lang: wording.Parse(m.Request.Lang), Authority: m.Inventory.Authority, Texts: texts, NonPublic: nonPublic, CivilServant: civil,
		Rights: []letter.RightAnswer{{Right: law.Objection, Outcome: casefile.Refused}},
	})
	remedy, _ := l.Section(letter.Remedy)
	return len(remedy.Blocks) == 0, err
}
