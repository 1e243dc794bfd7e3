// Package correspondence writes to the applicant: receipts, news, codes and the
// notice that the answer is ready; and it shows them their own case.
//
// Mails say only that something is there. What it is stands on the status page,
// behind file number and access code.
package correspondence

import (
	"context"

	"github.com/google/uuid"

	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// Correspondence writes to applicants.
type Correspondence struct {
	*procedure.House
	Mail mail
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
)

// Letter is one mail: no name, no file number, no link with a parameter.
type Letter struct {
	Ref       uuid.UUID // sent twice under the same reference it is one mail
	Authority string    // display name
	Slug      string
	To        person.Text
	Lang      wording.Lang
	Occasion  Occasion
	Code      person.Text // only of a Code and an AccessCode
}

type mail interface {
	Send(ctx context.Context, l Letter) error
}
