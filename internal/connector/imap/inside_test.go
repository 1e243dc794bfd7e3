package imap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/imap/imapserver"
)

// inside is a mail server in this process, as the demonstration has it: without lists of
// rights and without numbers of changes.
type inside struct {
	changing
	server *imapserver.Server
	n      int
}

func freshInside(t *testing.T) connectortest.ChangeHarness {
	t.Helper()
	s, err := imapserver.Start(imapserver.Options{User: testUser, Password: testPassword, Changer: "pflege", ChangePassword: testPassword,
		Mailboxes: map[string][]imapserver.Message{"INBOX": nil, "Bürger und Leute": nil}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d := &dovecot{inner: s.Addr(), proxy: newProxy(t, s.Addr())}
	return insider{&inside{server: s, changing: changing{changer: "pflege", harness: &harness{dovecot: d, user: testUser, connection: connection(t, withChanges(testUser, "pflege"), d.addr)}}}}
}

// insider leaves out what this server does not know.
type insider struct{ all *inside }

func (i insider) Kind() connector.Kind                  { return i.all.Kind() }
func (i insider) Connection() connector.Connection      { return i.all.connection }
func (i insider) Break(t *testing.T) func()             { t.Helper(); return i.all.Break(t) }
func (i insider) Pieces(t *testing.T) map[string]string { t.Helper(); return i.all.Pieces(t) }
func (i insider) Correct(string) map[string]string      { return nil }
func (i insider) Alter(t *testing.T, reference string)  { t.Helper(); i.all.Alter(t, reference) }
func (i insider) Remove(t *testing.T, reference string) { t.Helper(); i.all.Remove(t, reference) }
func (i insider) Cut(n int)                             { i.all.Cut(n) }
func (i insider) Fingerprint(t *testing.T) string       { t.Helper(); return fmt.Sprint(i.all.Pieces(t)) }

func (i insider) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	c, err := imapclient.DialInsecure(i.all.inner, nil)
	if err == nil {
		err = c.Login("pflege", testPassword).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := i.all.Pieces(t)
	for range n {
		i.all.n++
		for _, raw := range []string{mailOf(p, i.all.n, fmt.Sprintf("m%d@inside.example", i.all.n)), "From: post@werbung.example\r\n\r\nNur heute.\r\n"} {
			a := c.Append([]string{"INBOX", "Bürger und Leute"}[i.all.n%2], int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}[:i.all.n%2]})
			if _, err := a.Write([]byte(raw)); err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for ref, said := range i.all.Pieces(t) {
		if _, was := before[ref]; !was && !strings.Contains(said, "werbung") {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	return refs
}

func TestChangesInside(t *testing.T) { connectortest.RunChanges(t, freshInside) }

func TestTheReadingAccountOfTheServerInsideOnlyReads(t *testing.T) {
	h := freshInside(t).(insider)
	ref := h.Plant(t, connectortest.Erika, 2)[0]
	before := h.Fingerprint(t)
	n, _ := readReference(ref)
	c := h.all.client(t)
	if _, err := c.Select(n.mailbox, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	store := c.Store(imap.UIDSetNum(n.uid), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
	if expunge := c.Expunge().Close(); store == nil || expunge == nil || h.Fingerprint(t) != before {
		t.Errorf("got %v and %v, want both refused", store, expunge)
	}
}
