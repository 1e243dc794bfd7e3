package imap

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// changes are what the connections of these tests declare.
const changes = `  change_user: %c
  change:
    erase: expunge
    restrict: {keyword: $Restricted}
    keep:
      - {mailboxes: [Bürger und *], why: "§ 3 ArchivG NRW"}
`

// withChanges is the connection file of an account whose mails another may change.
func withChanges(user, changer string) string {
	file := strings.Replace(connectionFile, "user: "+testUser, "user: "+user, 1)
	file = strings.Replace(file, "secrets:\n", "secrets:\n  change_password: {env: X}\n", 1)
	return file + strings.ReplaceAll(changes, "%c", changer)
}

// changing is the mail of a user that a second account may change, on a server that
// keeps lists of rights (RFC 4314).
type changing struct {
	*harness
	changer string
}

// freshToChange starts one server for all; each harness is of two other users.
func freshToChange(t *testing.T) func(*testing.T) connectortest.ChangeHarness {
	t.Helper()
	server := startDovecot(t, "mail_location = maildir:DIR/users/%u/mail", "mail_plugins = acl", "protocol imap {", "  mail_plugins = acl imap_acl", "}", "plugin {", "  acl = vfile", "}")
	n := 0
	return func(t *testing.T) connectortest.ChangeHarness {
		t.Helper()
		n++
		return changingOf(t, server, fmt.Sprint(testUser, n), fmt.Sprint("pflege", n))
	}
}

func changingOf(t *testing.T, server *dovecot, user, changer string) *changing {
	t.Helper()
	d := &dovecot{dir: filepath.Join(server.dir, "users", user), inner: server.inner, proxy: newProxy(t, server.inner)}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(user, filepath.Join(server.dir, "users", changer)); err != nil {
		t.Fatal(err)
	}
	d.own(t, filepath.Join(server.dir, "users"))
	h := &changing{harnessOf(t, d, user), changer}
	h.connection = connection(t, withChanges(user, changer), d.addr)
	h.allow(t, "user="+user+" lr")
	return h
}

// allow writes down rights for every folder.
func (h *changing) allow(t *testing.T, lines ...string) {
	t.Helper()
	for _, f := range folders {
		if err := os.WriteFile(filepath.Join(h.dir, "mail", f.disk, "dovecot-acl"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Kind is one that says of nobody's address whether it is a third person's: who reads a
// mail by its reference does not know who asks.
func (h *changing) Kind() connector.Kind { return impartial{} }

type impartial struct{ Kind }

func (impartial) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	opened, err := Kind{}.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return partless{opened.(*account)}, nil
}

type partless struct{ *account }

func without3rd(f connector.Finding) connector.Finding {
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].ThirdParty, f.Fields[i].Category = false, ""
	}
	return f
}

func (p partless) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	return p.account.Find(ctx, q, from, func(f connector.Finding, c connector.Cursor) error { return yield(without3rd(f), c) })
}

func (p partless) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	found, err := p.account.Read(ctx, references)
	for ref, f := range found {
		found[ref] = without3rd(f)
	}
	return found, err
}

func (p partless) Rehearse(ctx context.Context, changes []connector.Change) ([]connector.Effect, error) {
	effects, err := p.account.Rehearse(ctx, changes)
	for i := range effects {
		effects[i].Before = without3rd(effects[i].Before)
	}
	return effects, err
}

// at opens the mailbox of a mail as the account that changes, past the proxy.
func (h *changing) at(t *testing.T, reference string) (*imapclient.Client, imap.UIDSet) {
	t.Helper()
	n, ok := readReference(reference)
	if !ok {
		t.Fatal("no reference")
	}
	c, err := imapclient.DialInsecure(h.inner, nil)
	if err == nil {
		err = c.Login(h.changer, testPassword).Wait()
	}
	if err == nil {
		_, err = c.Select(n.mailbox, nil).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, imap.UIDSetNum(n.uid)
}

// flag sets a flag of a mail, or takes it away.
func (h *changing) flag(t *testing.T, reference string, op imap.StoreFlagsOp, flag imap.Flag) {
	t.Helper()
	c, uid := h.at(t, reference)
	if err := c.Store(uid, &imap.StoreFlags{Op: op, Flags: []imap.Flag{flag}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
}

func (h *changing) Alter(t *testing.T, reference string) {
	t.Helper()
	h.flag(t, reference, imap.StoreFlagsAdd, "$Restricted")
}

func (h *changing) Remove(t *testing.T, reference string) {
	t.Helper()
	c, uid := h.at(t, reference)
	err := c.Store(uid, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
	if err == nil {
		err = c.UIDExpunge(uid).Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (*changing) Correct(string) map[string]string { return nil }

// Deny leaves the account that changes the right to read.
func (h *changing) Deny(t *testing.T) {
	t.Helper()
	h.allow(t, "user="+h.user+" lr", "user="+h.changer+" lr")
}

// Pieces are the mails with their flags, but for the one that says nothing about them:
// whether a program saw the mailbox since they came.
func (h *changing) Pieces(t *testing.T) map[string]string {
	t.Helper()
	return pieces822(t, h.client(t))
}

func pieces822(t *testing.T, c *imapclient.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(f.Attrs, imap.MailboxAttrNonExistent) {
			continue
		}
		box, err := c.Select(f.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		if box.NumMessages == 0 {
			continue
		}
		every := imap.SeqSet{}
		every.AddRange(1, 0)
		got, err := c.Fetch(every, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got {
			flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return f == `\Recent` })
			slices.Sort(flags)
			all[named{f.Mailbox, box.UIDValidity, m.UID}.reference()] = fmt.Sprint(flags, string(m.BodySection[0].Bytes))
		}
	}
	return all
}

func TestChanges(t *testing.T) { connectortest.RunChanges(t, freshToChange(t)) }
