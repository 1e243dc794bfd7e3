package procedure

import (
	"context"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/deadline"
)

// Matter is a case with all that the law asks about it, read in one transaction.
type Matter struct {
	Case        casefile.Case
	Request     casefile.Request
	Inventory   inventory.Inventory
	Rights      []casefile.Right
	Texts       map[law.Right]casefile.RightText
	Inquiries   []casefile.Inquiry
	Answered    map[string]casefile.InquiryText // by system
	Findings    []Found
	Plan        casefile.Plan // none: zero
	Measures    []Measure
	Beside      []Beside              // plans beside that of the decision
	Identifiers []casefile.Identifier // sealed
	History     []casefile.Happening
	Reckoning   deadline.Reckoning

	Day       calendar.Date     // of the decision
	Edition   catalogue.Edition // the law of that day
	Confirmed Confirmation      // of the catalogue, by somebody of the authority; none: zero

	counts *counts
}

// Found is a finding, opened, with what was decided about it.
type Found struct {
	casefile.Finding
	Record   connector.Finding
	Decision disclosure.Decision
}

// Matter reads and opens a case.
func (h *House) Matter(ctx context.Context, c casefile.Case, now time.Time) (Matter, error) {
	m := Matter{Case: c, Day: calendar.DateOf(now), Texts: map[law.Right]casefile.RightText{}, Answered: map[string]casefile.InquiryText{}}
	m.Edition = h.Law.On(m.Day)
	var err error
	if m.Request, err = h.Request(ctx, c); err != nil {
		return m, err
	}
	if m.Inventory, err = h.Inventories.Version(ctx, c.Inventory); err != nil {
		return m, err
	}
	if err := h.readRights(ctx, &m); err != nil {
		return m, err
	}
	if err := h.readFindings(ctx, &m); err != nil {
		return m, err
	}
	if err := h.readPlan(ctx, &m); err != nil {
		return m, err
	}
	if m.Identifiers, err = h.Cases.Identifiers(ctx, c.ID); err != nil {
		return m, err
	}
	if m.History, err = h.Cases.History(ctx, c.ID); err != nil {
		return m, err
	}
	if m.Reckoning, err = c.Reckon(m.Inventory.Authority.Land, m.History); err != nil {
		return m, err
	}
	m.Confirmed, err = h.LawConfirmed(ctx)
	return m, err
}

// LawConfirmed finds who of the authority compared this catalogue with the text
// in force; nobody yet: zero.
func (h *House) LawConfirmed(ctx context.Context) (Confirmation, error) {
	sum := h.Law.SHA256()
	return h.Statutes.LawConfirmed(ctx, sum[:])
}

func (h *House) readRights(ctx context.Context, m *Matter) error {
	rights, err := h.Cases.Rights(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	m.Rights = rights[m.Case.ID]
	for _, r := range m.Rights {
		if m.Texts[r.Right], err = h.RightText(ctx, m.Case, r); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) readFindings(ctx context.Context, m *Matter) error {
	var err error
	if m.Inquiries, err = h.Findings.Inquiries(ctx, m.Case.ID); err != nil {
		return err
	}
	for _, q := range m.Inquiries {
		if m.Answered[q.System], err = h.InquiryText(ctx, m.Case, q); err != nil {
			return err
		}
	}
	rows, err := h.Findings.Findings(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		f := Found{Finding: row}
		if f.Record, err = h.Finding(ctx, m.Case, row); err != nil {
			return err
		}
		if f.Decision, err = h.Decision(ctx, m.Case, row); err != nil {
			return err
		}
		m.Findings = append(m.Findings, f)
	}
	return nil
}
