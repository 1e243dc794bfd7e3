package imap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// Change says what may be changed in the mailboxes, and how. What it does not say is
// not done. A mail is what was sent: it can't be corrected.
type Change struct {
	Erase    string    `yaml:"erase"` // "expunge"; empty: not at all
	Restrict *Restrict `yaml:"restrict"`
	Keep     []Keep    `yaml:"keep"`
}

// Restrict says by which keyword the mailbox knows that a mail is restricted (Art. 18
// GDPR). A mail that is moved would be another record, so moving is no way.
type Restrict struct {
	Keyword string `yaml:"keyword"`
}

// Keep names mailboxes whose mails must stay, and why.
type Keep struct {
	Mailboxes []string `yaml:"mailboxes"`
	Why       string   `yaml:"why"`
}

const expunging = "expunge"

// restrictedField shows the keyword, where it stands.
const restrictedField = "mail_restricted"

// checkChange finds what is wrong by itself, whatever the server has.
func (m mapping) checkChange(c connector.Connection) error {
	_, secret := c.Secrets["change_password"]
	switch {
	case m.ChangeUser != "" && m.ChangeUser == m.User:
		return c.Wrong("change_user", "must be another account than user, which only reads")
	case m.ChangeUser != "" && !secret:
		return c.Wrong("change_user", "needs secrets.change_password")
	case m.Change == nil:
		return nil
	case m.Change.Erase != "" && m.Change.Erase != expunging:
		return c.Wrong("change.erase", "must be expunge or nothing")
	case m.Change.Restrict != nil && !isKeyword(m.Change.Restrict.Keyword):
		return c.Wrong("change.restrict.keyword", "must be a keyword such as $Restricted")
	}
	for i, k := range m.Change.Keep {
		at := fmt.Sprintf("change.keep.%d.", i)
		if k.Why == "" {
			return c.Wrong(at+"why", "is missing: the statute, or what needs the mails")
		}
		if len(k.Mailboxes) == 0 || slices.ContainsFunc(k.Mailboxes, func(s string) bool { return strings.TrimSpace(s) == "" }) {
			return c.Wrong(at+"mailboxes", "is missing or empty")
		}
	}
	return nil
}

// isKeyword: RFC 3501, 9, flag-keyword.
func isKeyword(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r) })
}

// declined says why a change is not tried at all: empty where it is. Why holds what
// the connection file says.
func (a *account) declined(do connector.Ability, kept string) (reason string) {
	c := a.mapping.Change
	switch {
	case do == connector.CanRectify:
		return becauseSent
	case c == nil, do == connector.CanErase && c.Erase == "", do == connector.CanRestrict && c.Restrict == nil, do != connector.CanErase && do != connector.CanRestrict:
		return becauseUndeclared
	case do == connector.CanErase && kept != "":
		return becauseKept
	case a.mapping.ChangeUser == "":
		return becauseReadOnly
	}
	return ""
}

// kept says for each mailbox whose mails must stay, why. A name that the connection
// declares and the server lacks is an error: somebody renamed it, and its mails would
// go.
func (a *account) kept(all []*imap.ListData) (map[string]string, error) {
	why := map[string]string{}
	if a.mapping.Change == nil {
		return why, nil
	}
	for i, k := range a.mapping.Change.Keep {
		for _, pattern := range k.Mailboxes {
			found := false
			for _, box := range all {
				if covers(pattern, box.Mailbox, box.Delim) {
					why[box.Mailbox], found = k.Why, true
				}
			}
			if !found {
				return nil, connector.Fail(connector.ErrConfig, fmt.Sprintf("imap.change.keep.%d", i), "no such mailbox", nil)
			}
		}
	}
	return why, nil
}

// restricted says whether the flags of a mail hold the keyword that is declared.
func (a *account) restricted(flags []imap.Flag) bool {
	c := a.mapping.Change
	return c != nil && c.Restrict != nil && hasFlag(flags, imap.Flag(c.Restrict.Keyword))
}

// hasFlag compares without regard to case (RFC 3501, 2.3.2).
func hasFlag(flags []imap.Flag, wanted imap.Flag) bool {
	return slices.ContainsFunc(flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), string(wanted)) })
}
