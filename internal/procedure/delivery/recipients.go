package delivery

import (
	"context"
	"slices"

	"einsicht/internal/casefile"
	"einsicht/internal/letter"
	"einsicht/internal/procedure"
)

// recipients fills in who had got what was changed, as the person may know it: none
// that only records reach of which nobody may know.
func (s *Delivery) recipients(ctx context.Context, a *answer, m procedure.Matter) error {
	notices, err := s.Notices(ctx, a.c)
	if err != nil {
		return err
	}
	all := slices.Clone(m.Measures)
	for _, b := range m.Beside {
		all = append(all, b.Measures...)
	}
	a.input.Changed = slices.ContainsFunc(all, func(measure procedure.Measure) bool { return named(m, measure) })
	for _, n := range notices {
		reaches := func(measure procedure.Measure) bool {
			return measure.Plan == n.Plan && slices.Contains(n.Text.Systems, measure.System) && named(m, measure)
		}
		known := func(r letter.Recipient) bool { return r.Name.Reveal() == n.Text.Recipient.Reveal() }
		if n.State != casefile.NoticeNone && slices.ContainsFunc(all, reaches) && !slices.ContainsFunc(a.input.Recipients, known) {
			a.input.Recipients = append(a.input.Recipients, letter.Recipient{Name: n.Text.Recipient, State: standing(n), Sent: n.SentAt})
		}
	}
	return nil
}

// standing is how far a notice is, as the answer tells it. Who was named by staff, or was
// mailed to in vain, is known to have data: nobody is checking that any more.
func standing(n procedure.Notice) casefile.NoticeState {
	if n.State == casefile.NoticeOpen && (n.Text.Source == casefile.FromStaff || n.Text.Returned != "") {
		return casefile.NoticeUnderway
	}
	return n.State
}

// named says whether the person may know that a measure was carried out.
func named(m procedure.Matter, measure procedure.Measure) bool {
	return measure.State == casefile.Done && !measure.Lift && !measure.Text.Secret && !secretSystem(m, measure.System)
}
