package imap

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// mailboxes lists the names of what is to be searched, sorted. A name that the
// connection declares and the server lacks is an error: somebody renamed it,
// and "nothing" would be a wrong answer.
func (a *account) mailboxes(ctx context.Context, s *session) ([]string, error) {
	all, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	return a.searched(all)
}

// list gives all that the account can see.
func (s *session) list(ctx context.Context) (all []*imap.ListData, err error) {
	err = s.ask(ctx, "list mailboxes", func() (err error) {
		all, err = s.client.List("", "*", nil).Collect()
		return err
	})
	return all, asFailure(err, connector.ErrConfig)
}

// searched are the names of those that the connection means.
func (a *account) searched(all []*imap.ListData) ([]string, error) {
	var names []string
	found := make([]bool, len(a.mapping.Mailboxes))
	for _, box := range all {
		if slices.Contains(box.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(box.Attrs, imap.MailboxAttrNonExistent) {
			continue
		}
		wanted := len(a.mapping.Mailboxes) == 0
		for i, pattern := range a.mapping.Mailboxes {
			if covers(pattern, box.Mailbox, box.Delim) {
				wanted, found[i] = true, true
			}
		}
		if wanted && !slices.ContainsFunc(a.mapping.Except, func(pattern string) bool { return covers(pattern, box.Mailbox, box.Delim) }) {
			names = append(names, box.Mailbox)
		}
	}
	if i := slices.Index(found, false); i >= 0 {
		return nil, connector.Fail(connector.ErrConfig, fmt.Sprintf("imap.mailboxes.%d", i), "no such mailbox", nil)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// covers compares a name with a pattern as LIST does (RFC 3501, 6.3.8): * is
// anything, % anything within one level. INBOX is the same in any case.
func covers(pattern, name string, delim rune) bool {
	if strings.EqualFold(pattern, "INBOX") || strings.EqualFold(name, "INBOX") {
		return strings.EqualFold(pattern, name) || pattern == "*" || pattern == "%"
	}
	level := "[^" + regexp.QuoteMeta(string(delim)) + "]*"
	if delim == 0 {
		level = ".*"
	}
	var b strings.Builder
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(".*")
		case '%':
			b.WriteString(level)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	matched, err := regexp.MatchString("(?s)^"+b.String()+"$", name)
	return err == nil && matched
}

// asFailure turns a refusal into a failure of a kind; all else stays.
func asFailure(err error, kind error) error {
	if no, ok := err.(*refusal); ok {
		return no.failure(kind)
	}
	return err
}
