package gathering

import (
	"context"
	"time"

	"einsicht/internal/casefile"
)

// resting is the code of a question that was not put, since the system did not
// answer others lately.
const resting = "resting"

// trouble notes why an attempt was in vain, and when the next follows. What is
// wrong with the connection or with what the system says gets no better by itself.
func (r *run) trouble(err error) {
	t := casefile.TroubleOf(err, r.now)
	if t.Code == resting { // nobody asked it this time: what counts is why it rests
		t.Place, t.Code = r.text.Trouble.Place, r.text.Trouble.Code
	}
	again := t.Kind == casefile.Unreachable || t.Kind == casefile.Lost
	if n := r.text.Failures; again && n < len(casefile.Pauses) {
		t.Next = r.now.Add(casefile.Pauses[n])
	}
	r.text.Failures++
	r.text.Trouble = t
}

// stumbled writes down that a system could not be reached at all. It is no sign
// of life: for the sweep the attempt counts as if it had not been.
func (s *Gathering) stumbled(ctx context.Context, r *run, cause error) error {
	r.trouble(cause)
	// Also when the job's time is what ran out: that is what staff have to know.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.Units.InTx(ctx, r.c.Authority, func(ctx context.Context) error {
		if _, err := s.lock(ctx, r); err != nil {
			return err
		}
		return s.saveInquiry(ctx, r)
	})
}

// gaveUp writes an inquiry that ends without an answer, with why: what the last
// attempt said or, where none said anything, of the kind given.
func (s *Gathering) gaveUp(ctx context.Context, c casefile.Case, q casefile.Inquiry, kind casefile.TroubleKind, now time.Time) error {
	r := &run{c: c, inquiry: q, now: now}
	var err error
	if r.text, err = s.InquiryText(ctx, c, q); err != nil {
		r.text = casefile.InquiryText{} // no case waits for ever because of that
	}
	if r.text.Trouble.At.IsZero() {
		r.text.Trouble = casefile.Trouble{At: now, Kind: kind}
	}
	r.text.Trouble.Next = time.Time{}
	return s.saveInquiry(ctx, r)
}
