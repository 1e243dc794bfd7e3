// Package mail writes the mails that applicants and recipients of data get. A mail
// travels like a postcard and may reach somebody else, so it says only that there is
// something, and where: no name, no file number, no record, no result.
package mail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"einsicht/internal/wording"
)

// Kind is an occasion to write.
type Kind string

// The kinds.
const (
	Receipt       Kind = "receipt"        // the request arrived
	CodeSent      Kind = "code-sent"      // a code that proves who reads this address
	SomethingNew  Kind = "something-new"  // the status page says what
	AnswerReady   Kind = "answer-ready"   // the answer can be fetched
	IdentityAsked Kind = "identity-asked" // something is needed to know who asks
	AccessCode    Kind = "access-code"    // a new access code, to a verified contact
	ToRecipient   Kind = "to-recipient"   // a recipient of data can read a notice, Art. 19 GDPR
)

// Kinds lists them.
var Kinds = []Kind{Receipt, CodeSent, SomethingNew, AnswerReady, IdentityAsked, AccessCode, ToRecipient}

// Notice is one mail.
type Notice struct {
	Kind      Kind
	Lang      wording.Lang
	Authority string // who writes, as the authority calls itself
	Link      string // the page where number and code are entered, without parameters
	Privacy   string // its Art. 13 GDPR notice; in receipts only
	Code      string // in CodeSent, AccessCode and ToRecipient only
	Number    string // of the notice; in ToRecipient only, as the next
	Until     string // the last day on which it can be read, in words
}

// Written is a mail ready to be sent.
type Written struct{ Subject, Text, HTML string }

// Write sets a notice as plain text and as HTML.
func Write(ctx context.Context, n Notice) (Written, error) {
	if !slices.Contains(Kinds, n.Kind) {
		return Written{}, fmt.Errorf("writing a mail of unknown kind %q", n.Kind)
	}
	if (n.Code != "") != n.hasCode() {
		return Written{}, fmt.Errorf("writing a mail of kind %s: a code stands in %s, %s and %s and nowhere else", n.Kind, CodeSent, AccessCode, ToRecipient)
	}
	if told := n.Number != "" && n.Until != ""; told != (n.Kind == ToRecipient) {
		return Written{}, fmt.Errorf("writing a mail of kind %s: number and day stand in %s and nowhere else", n.Kind, ToRecipient)
	}
	var page strings.Builder
	if err := document(n).Render(ctx, &page); err != nil {
		return Written{}, fmt.Errorf("writing a mail of kind %s: %w", n.Kind, err)
	}
	return Written{Subject: n.subject(), Text: n.plain(), HTML: page.String()}, nil
}

func (n Notice) hasCode() bool {
	return n.Kind == CodeSent || n.Kind == AccessCode || n.Kind == ToRecipient
}

func (n Notice) plain() string {
	parts := append([]string{n.text("mail.greeting")}, n.body()...)
	for _, l := range n.lines() {
		parts = append(parts, l.label+"\n"+l.value)
	}
	parts = append(parts, n.Authority, "--\n"+n.foot("automatic")+"\n"+n.foot("stranger"))
	return strings.Join(parts, "\n\n") + "\n"
}

func (n Notice) subject() string { return n.text("mail." + string(n.Kind) + ".subject") }

// body gives the paragraphs of the kind.
func (n Notice) body() []string {
	return strings.Split(n.text("mail."+string(n.Kind)+".body", "authority", n.Authority, "until", n.Until), "\n\n")
}

// foot gives a sentence below the mail; recipients of data are told otherwise than
// applicants.
func (n Notice) foot(name string) string {
	if n.Kind == ToRecipient {
		name = string(n.Kind) + "." + name
	}
	return n.text("mail." + name)
}

// line is a value under a few words about it.
type line struct {
	label, value string
	link         bool
}

func (n Notice) lines() []line {
	if n.Kind == ToRecipient {
		return []line{
			{label: n.text("mail.to-recipient.page"), value: n.Link, link: true},
			{label: n.text("mail.to-recipient.number"), value: n.Number},
			{label: n.text("mail.to-recipient.code"), value: n.Code},
		}
	}
	var lines []line
	if n.hasCode() {
		lines = append(lines, line{label: n.text("mail.code"), value: n.Code})
	}
	lines = append(lines, line{label: n.text("mail.status"), value: n.Link, link: true})
	if n.Kind == Receipt {
		lines = append(lines, line{label: n.text("mail.privacy"), value: n.Privacy, link: true})
	}
	return lines
}

func (n Notice) text(key string, pairs ...string) string { return wording.Text(n.Lang, key, pairs...) }
