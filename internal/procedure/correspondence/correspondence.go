// Package correspondence writes to the applicant and to others in a case:
// receipts, questions, notices and codes; and it shows applicants their own case.
//
// A letter is written once, sealed, and never changed. It stands on the status
// page, behind file number and access code; mails say only that something is
// there.
package correspondence

import (
	"context"
	"io"
	"log/slog"

	"github.com/google/uuid"

	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Correspondence writes to applicants and to others.
type Correspondence struct {
	*procedure.House
	Mail      mail
	Staff     staff
	Printer   printer // nil: nothing is printed here, the letter as HTML is complete
	Elsewhere bool    // another process prints
	URL       string  // of the portal, without a slash at the end
	Log       *slog.Logger
}

// Occasion is why a mail is sent; it picks the sentences.
type Occasion string

// The occasions.
const (
	Receipt     Occasion = "receipt"
	News        Occasion = "news"
	AnswerReady Occasion = "answer-ready"
	Code        Occasion = "code"
	AccessCode  Occasion = "access-code" // to a verified contact only
	ToRecipient Occasion = "recipient"   // of data: a notice under Art. 19 GDPR can be read
)

// Letter is one mail: no name, no file number, no link with a parameter.
type Letter struct {
	Ref       uuid.UUID // sent twice under the same reference it is one mail
	Authority string    // display name
	Slug      string
	To        person.Text
	Lang      wording.Lang
	Occasion  Occasion
	Code      person.Text // only of a Code, an AccessCode and of ToRecipient

	Number string        // of the notice; of ToRecipient only, as the next
	Until  calendar.Date // the last day on which it can be read
}

type mail interface {
	Send(ctx context.Context, l Letter) error
}

// staff knows the names of those who act for the authority.
type staff interface {
	Name(ctx context.Context, id uuid.UUID) (string, error)
}

// printer makes a PDF of a letter. It fails with problem.Unavailable when what it
// prints with is not installed.
type printer interface {
	Render(ctx context.Context, w io.Writer, l letter.Letter) error
}

// PrintsPDF says whether letters come as PDF too, as far as this process knows.
func (s *Correspondence) PrintsPDF() bool { return s.Printer != nil || s.Elsewhere }
