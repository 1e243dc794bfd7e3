package procedure

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/person"
)

// SlotOf names the place of a sealed value of a case.
func SlotOf(c casefile.Case, table, column string, row uuid.UUID) casefile.Slot {
	return casefile.Slot{Authority: c.Authority, Case: c.ID, Table: table, Column: column, Row: row}
}

// Seal encodes a value and seals it for its place.
func (h *House) Seal(ctx context.Context, slot casefile.Slot, v any) ([]byte, error) {
	plain, err := person.Encode(v)
	if err != nil {
		return nil, err
	}
	return h.Keys.Seal(ctx, slot, plain)
}

// Open opens what Seal made. Nothing sealed leaves v as it is.
func (h *House) Open(ctx context.Context, slot casefile.Slot, sealed []byte, v any) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := h.Keys.Open(ctx, slot, sealed)
	if err != nil {
		return fmt.Errorf("open %s.%s: %w", slot.Table, slot.Column, err)
	}
	return person.Decode(plain, v)
}

// Request opens what the applicant asked.
func (h *House) Request(ctx context.Context, c casefile.Case) (casefile.Request, error) {
	var r casefile.Request
	err := h.Open(ctx, SlotOf(c, "casefile", "sealed", c.ID), c.Sealed, &r)
	return r, err
}

// Identifiers opens what the person can be looked up by.
func (h *House) Identifiers(ctx context.Context, c casefile.Case) ([]casefile.Identifier, error) {
	rows, err := h.Cases.Identifiers(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		d := row
		if err := h.Open(ctx, SlotOf(c, "identifier", "sealed", row.ID), row.Sealed, &d); err != nil {
			return nil, err
		}
		d.ID, d.Case, d.VerifiedAt, d.VerifiedBy, d.Sealed = row.ID, row.Case, row.VerifiedAt, row.VerifiedBy, row.Sealed
		rows[i] = d
	}
	return rows, nil
}

// SealIdentifier seals what an identifier says, who verified it and how.
func (h *House) SealIdentifier(ctx context.Context, c casefile.Case, d *casefile.Identifier) error {
	plain := *d
	plain.Sealed = nil
	var err error
	d.Sealed, err = h.Seal(ctx, SlotOf(c, "identifier", "sealed", d.ID), plain)
	return err
}

// Finding opens the record of a finding. The contents of its files stay closed:
// OpenFile.
func (h *House) Finding(ctx context.Context, c casefile.Case, f casefile.Finding) (connector.Finding, error) {
	record, err := h.record(ctx, c, f)
	leaveContents(&record)
	return record, err
}

func (h *House) record(ctx context.Context, c casefile.Case, f casefile.Finding) (connector.Finding, error) {
	var record connector.Finding
	plain, err := h.Keys.OpenFromCase(ctx, SlotOf(c, "finding", "sealed", f.ID), f.Sealed)
	if err != nil {
		return record, fmt.Errorf("open finding: %w", err)
	}
	return record, person.Decode(plain, &record)
}

// Decision opens what was decided about a finding.
func (h *House) Decision(ctx context.Context, c casefile.Case, f casefile.Finding) (disclosure.Decision, error) {
	var d disclosure.Decision
	if err := h.Open(ctx, SlotOf(c, "finding", "decision", f.ID), f.Decision, &d); err != nil {
		return d, err
	}
	d.Finding, d.Verdict, d.By, d.At = f.ID, disclosure.Verdict(f.Verdict), f.DecidedBy, f.DecidedAt
	return d, nil
}

// RightText opens what is said about a right.
func (h *House) RightText(ctx context.Context, c casefile.Case, r casefile.Right) (casefile.RightText, error) {
	var text casefile.RightText
	err := h.Open(ctx, SlotOf(c, "case_right", string(r.Right), c.ID), r.Sealed, &text)
	return text, err
}

// InquiryText opens what a system said beyond its findings.
func (h *House) InquiryText(ctx context.Context, c casefile.Case, q casefile.Inquiry) (casefile.InquiryText, error) {
	var text casefile.InquiryText
	err := h.Open(ctx, SlotOf(c, "inquiry", "sealed", q.ID), q.Sealed, &text)
	return text, err
}

// LetterText opens a letter.
func (h *House) LetterText(ctx context.Context, c casefile.Case, l casefile.Letter) (casefile.LetterText, error) {
	var text casefile.LetterText
	err := h.Open(ctx, SlotOf(c, "letter", "sealed", l.ID), l.Sealed, &text)
	return text, err
}

// HappeningText opens what a happening says in words.
func (h *House) HappeningText(ctx context.Context, c casefile.Case, e casefile.Happening) (casefile.HappeningText, error) {
	var text casefile.HappeningText
	err := h.Open(ctx, SlotOf(c, "happening", "sealed", e.ID), e.Sealed, &text)
	return text, err
}
