// Package mailer takes mails to the mail server of the authority, or, in the
// demonstration, to a box that a page shows.
//
// It knows nothing of cases. What a mail says is written in views/mail; which
// mail it is, Ref says: the same Ref is the same mail, however often a job
// that was interrupted sends it.
package mailer

import (
	"fmt"
	"net/mail"

	"github.com/google/uuid"

	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// Message is one mail to one person.
type Message struct {
	Ref     uuid.UUID // of this mail, not of the case
	To      person.Text
	Subject string
	Text    string
	HTML    string
}

// check finds what can never be sent: trying again would not help. It returns
// the address, which must not come near an error.
func (m Message) check() (address string, err error) {
	if m.Ref == uuid.Nil || m.Subject == "" || m.Text == "" || m.HTML == "" {
		return "", fmt.Errorf("mail %s: ref, subject, text and HTML must be there", m.Ref)
	}
	parsed, err := mail.ParseAddress(m.To.Reveal())
	if err != nil || parsed.Address != m.To.Reveal() {
		return "", refused(fmt.Errorf("mail %s: the address is none", m.Ref))
	}
	return parsed.Address, nil
}

// refused is the failure of a mail that will not arrive, however often it is sent.
func refused(why error) error { return problem.New(problem.Invalid, "mail.refused").Because(why) }

// unavailable is the failure of a mail that should be sent again later.
func unavailable(why error) error {
	return problem.New(problem.Unavailable, "mail.unavailable").Because(why)
}
