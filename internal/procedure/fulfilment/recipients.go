package fulfilment

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// namesRecipient are fields that name somebody to whom a record was disclosed. In mails
// and their logs they name those who wrote to each other, which is another matter.
var (
	namesRecipient = []string{"recipient", "recipients", "recipient_name", "disclosed_to", "forwarded_to", "transmitted_to"}
	mails          = []string{"imap", "maillog", "mailman"}
)

// recipients brings the notices of a plan up to date: one for each recipient of data
// that it changes, as the inventory and the records name them. What staff said about
// one stays; who has nothing to hear any more, since nothing was changed, is let go.
func (s *Fulfilment) recipients(ctx context.Context, m procedure.Matter, plan casefile.Plan, measures []procedure.Measure, now time.Time) error {
	notices, err := s.Notices(ctx, m.Case)
	if err != nil {
		return err
	}
	ended := !plan.EndedAt.IsZero()
	named := recipientsOf(m, measures, ended)
	var put []procedure.Notice
	var gone []uuid.UUID
	for _, n := range notices {
		if n.Plan != plan.ID {
			continue
		}
		systems, still := named[nameOf(n.Text.Recipient.Reveal())]
		switch {
		case n.Text.Source == casefile.FromStaff && (!ended || slices.ContainsFunc(measures, tells)):
		case still:
			n.Text.Systems = systems.Text.Systems
			put = append(put, n)
		case n.State == casefile.NoticeOpen:
			gone = append(gone, n.ID)
		}
		delete(named, nameOf(n.Text.Recipient.Reveal()))
	}
	for _, n := range named {
		n.MadeAt = now
		put = append(put, n)
	}
	if err := s.Plans.DropNotices(ctx, m.Case.ID, gone); err != nil {
		return err
	}
	if err := s.PutNotices(ctx, m.Case, put...); err != nil {
		return err
	}
	return s.Notifying(ctx, m.Case, uuid.Nil, now)
}

// tells says whether a measure is one that recipients are told of: carried out, and no
// end of a restriction, of which Art. 19 GDPR says nothing.
func tells(m procedure.Measure) bool { return m.State == casefile.Done && !m.Lift }

// before says whether what a decision wants had been done before it, by a plan beside
// it: that one tells of it.
func before(m procedure.Matter, measure procedure.Measure) bool {
	return slices.ContainsFunc(m.Beside, func(b procedure.Beside) bool {
		return b.ID != measure.Plan && slices.ContainsFunc(b.Measures, func(o procedure.Measure) bool {
			return tells(o) && tells(measure) && o.Do == measure.Do && o.SameRecord(measure) && o.DoneAt.Equal(measure.DoneAt)
		})
	})
}

// recipientsOf names those to whom the data of measures may have been disclosed, by
// name. While
// a plan is made, measures that will be carried out count as well.
func recipientsOf(m procedure.Matter, measures []procedure.Measure, ended bool) map[string]procedure.Notice {
	named := map[string]procedure.Notice{}
	for _, measure := range measures {
		if measure.Lift || measure.State == casefile.Stays || ended && !tells(measure) || before(m, measure) {
			continue
		}
		add := func(recipient string, from casefile.NoticeSource) {
			recipient = strings.TrimSpace(recipient)
			if recipient == "" {
				return
			}
			n, known := named[nameOf(recipient)]
			if !known {
				n = procedure.Notice{Notice: casefile.Notice{ID: uuid.New(), Plan: measure.Plan, Case: m.Case.ID, State: casefile.NoticeOpen}}
				n.Text.Recipient, n.Text.Source = person.NewText(recipient), from
			}
			if !slices.Contains(n.Text.Systems, measure.System) {
				n.Text.Systems = append(n.Text.Systems, measure.System)
			}
			named[nameOf(recipient)] = n
		}
		system, _ := m.Inventory.System(measure.System)
		// Who processes for the authority is a recipient too, Art. 4(9) GDPR.
		for _, recipient := range slices.Concat(m.Inventory.Authority.Recipients, system.Recipients, []string{system.Processor}, system.FurtherProcessors) {
			add(recipient, casefile.FromInventory)
		}
		if slices.Contains(mails, system.Connector) {
			continue
		}
		for _, f := range measure.Text.Before {
			if named := strings.TrimRight(f.Name, "_0123456789"); slices.Contains(namesRecipient, named) && !f.Withheld && f.Value.Reveal() != m.Request.Name.Reveal() {
				add(f.Value.Reveal(), casefile.FromFinding)
			}
		}
	}
	return named
}

// nameOf is a recipient's name as it is compared, so that none is named twice. It
// stands nowhere, nor what could be made of it: ids are seen in addresses, and a
// record can name a person.
func nameOf(recipient string) string {
	return strings.ToLower(strings.Join(strings.Fields(recipient), " "))
}
