// Package mail writes the mails that applicants get. A mail travels like a
// postcard and may reach somebody else, so it says only that there is
// something, and where: no name, no file number, no right, no result.
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
)

// Kinds lists them.
var Kinds = []Kind{Receipt, CodeSent, SomethingNew, AnswerReady, IdentityAsked, AccessCode}

// Notice is one mail.
type Notice struct {
	Kind      Kind
	Lang      wording.Lang
	Authority string // who writes, as the authority calls itself
	Link      string // the authority's status page, without parameters
	Privacy   string // its Art. 13 GDPR notice; in receipts only
	Code      string // in CodeSent and AccessCode only
}

// Written is a mail ready to be sent.
type Written struct{ Subject, Text, HTML string }

// Write sets a notice as plain text and as HTML.
func Write(ctx context.Context, n Notice) (Written, error) {
	if !slices.Contains(Kinds, n.Kind) {
		return Written{}, fmt.Errorf("writing a mail of unknown kind %q", n.Kind)
	}
	if (n.Code != "") != n.hasCode() {
		return Written{}, fmt.Errorf("writing a mail of kind %s: a code stands in %s and %s and nowhere else", n.Kind, CodeSent, AccessCode)
	}
	var page strings.Builder
	if err := document(n).Render(ctx, &page); err != nil {
		return Written{}, fmt.Errorf("writing a mail of kind %s: %w", n.Kind, err)
	}
	return Written{Subject: n.subject(), Text: n.plain(), HTML: page.String()}, nil
}

func (n Notice) hasCode() bool { return n.Kind == CodeSent || n.Kind == AccessCode }

func (n Notice) plain() string {
	parts := append([]string{n.text("mail.greeting")}, n.body()...)
	for _, l := range n.lines() {
		parts = append(parts, l.label+"\n"+l.value)
	}
	parts = append(parts, n.Authority, "--\n"+n.text("mail.automatic")+"\n"+n.text("mail.stranger"))
	return strings.Join(parts, "\n\n") + "\n"
}

func (n Notice) subject() string { return n.text("mail." + string(n.Kind) + ".subject") }

// body gives the paragraphs of the kind.
func (n Notice) body() []string {
	return strings.Split(n.text("mail."+string(n.Kind)+".body"), "\n\n")
}

// line is a value under a few words about it.
type line struct {
	label, value string
	link         bool
}

func (n Notice) lines() []line {
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

func (n Notice) text(key string) string { return wording.Text(n.Lang, key) }
