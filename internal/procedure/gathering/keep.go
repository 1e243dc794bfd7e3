package gathering

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// errSettled says that nobody waits for the run any more: the case is over, or
// another run of the same job was faster. What came since is dropped.
var errSettled = errors.New("the inquiry is settled")

// keep writes what was found so far and how far the system has told about it, in
// one commit.
func (s *Gathering) keep(ctx context.Context, r *run) error {
	if err := s.seal(ctx, r); err != nil {
		return err
	}
	var replaced []uuid.UUID
	err := s.Units.InTx(ctx, r.c.Authority, func(ctx context.Context) error {
		_, err := s.lock(ctx, r)
		if err != nil {
			return err
		}
		if replaced, err = s.keepFindings(ctx, r); err != nil {
			return err
		}
		r.text.KeptAt = r.now
		return s.saveInquiry(ctx, r)
	})
	if err != nil {
		return err
	}
	return s.DropBodies(ctx, replaced)
}

// lock takes the case's lock, if the inquiry still waits for this run.
func (s *Gathering) lock(ctx context.Context, r *run) (casefile.Case, error) {
	c, err := s.Cases.Lock(ctx, r.c.ID)
	if err != nil {
		return c, err
	}
	if current, err := s.current(ctx, r.inquiry.ID); err != nil {
		return c, err
	} else if !current || c.State.Over() {
		return c, errSettled
	}
	return c, nil
}

// seal seals what was found before anybody's lock is taken: that takes longer than
// to write it, and the other systems of the case wait for the same lock.
func (s *Gathering) seal(ctx context.Context, r *run) error {
	if len(r.findings) == 0 {
		return nil
	}
	return s.Units.View(ctx, r.c.Authority, func(ctx context.Context) error { return s.sealFindings(ctx, r) })
}

func (s *Gathering) sealFindings(ctx context.Context, r *run) error {
	references := make([][]byte, len(r.findings))
	for i, f := range r.findings {
		var err error
		if references[i], err = s.Keys.Token(ctx, r.c.Authority, "reference", r.c.ID.String()+" "+r.inquiry.System+" "+f.Reference); err != nil {
			return err
		}
	}
	known, err := s.Findings.FindingIDs(ctx, r.c.ID, r.inquiry.System, references)
	if err != nil {
		return err
	}
	r.rows = make([]casefile.Finding, len(r.findings))
	for i := range r.findings {
		id, ok := known[string(references[i])]
		if !ok {
			// Version 7 sorts by time: the answer keeps the order of the source, so
			// that nothing can be read from the order of what is left (RFC 9562, 5.7).
			if id, err = uuid.NewV7(); err != nil {
				return err
			}
		}
		r.rows[i] = casefile.Finding{Case: r.c.ID, System: r.inquiry.System, Reference: references[i], FoundAt: r.now, Bodies: bodies(r.findings[i])}
		if err := s.sealRow(ctx, r, i, id); err != nil {
			return err
		}
	}
	return nil
}

// sealRow seals a finding for its row: the seal is bound to the id.
func (s *Gathering) sealRow(ctx context.Context, r *run, i int, id uuid.UUID) error {
	plain, err := person.Encode(r.findings[i])
	if err != nil {
		return err
	}
	r.rows[i].ID = id
	r.rows[i].Sealed, err = s.Keys.SealToCase(ctx, procedure.SlotOf(r.c, "finding", "sealed", id), plain)
	return err
}

// keepFindings writes what was found, and gives the numbers of files that nobody
// wants any more when that is committed. The caller holds the case's lock.
func (s *Gathering) keepFindings(ctx context.Context, r *run) (replaced []uuid.UUID, err error) {
	if len(r.findings) == 0 {
		return nil, nil
	}
	if r.rows == nil {
		if err := s.sealFindings(ctx, r); err != nil {
			return nil, err
		}
	}
	references := make([][]byte, len(r.rows))
	for i, row := range r.rows {
		references[i] = row.Reference
	}
	known, err := s.Findings.FindingIDs(ctx, r.c.ID, r.inquiry.System, references)
	if err != nil {
		return nil, err
	}
	for i, row := range r.rows {
		// Another run of the same job was faster, since this one sealed.
		if id, ok := known[string(row.Reference)]; ok && id != row.ID {
			if err := s.sealRow(ctx, r, i, id); err != nil {
				return nil, err
			}
		}
	}
	if replaced, err = s.Findings.PutFindings(ctx, r.rows); err != nil {
		return nil, err
	}
	r.findings, r.rows, r.size = nil, nil, 0
	return replaced, nil
}

func size(f connector.Finding) (bytes int64) {
	for _, field := range f.Fields {
		if field.Body != nil {
			bytes += field.Body.Size
		} else {
			bytes += int64(len(field.Value.Reveal()))
		}
	}
	return bytes
}

// bodies are the numbers of the files that lie by themselves.
func bodies(f connector.Finding) (numbers []uuid.UUID) {
	for _, field := range f.Fields {
		if field.Body != nil && field.Body.Number != uuid.Nil {
			numbers = append(numbers, field.Body.Number)
		}
	}
	return numbers
}

func (s *Gathering) saveInquiry(ctx context.Context, r *run) error {
	var err error
	if r.inquiry.Sealed, err = s.Seal(ctx, procedure.SlotOf(r.c, "inquiry", "sealed", r.inquiry.ID), r.text); err != nil {
		return err
	}
	return s.Findings.PutInquiries(ctx, []casefile.Inquiry{r.inquiry})
}
