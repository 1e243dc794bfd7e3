package ldap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/ldap/ldapserver"
)

// TestChangesInProcess puts the directory of the demonstration through the suite: it
// numbers no changes.
func TestChangesInProcess(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newServed(t) })
}

func newServed(t *testing.T) *served {
	t.Helper()
	s, err := ldapserver.Start(ldapserver.Options{
		BindDN: "cn=reader,dc=example,dc=org", Password: readerPassword, ChangeBindDN: "cn=writer,dc=example,dc=org", ChangePassword: readerPassword,
		Entries: []ldapserver.Entry{unit("people"), unit("groups"), unit("unix")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &served{Server: s}
}

// served is a harness of a directory in this process.
type served struct {
	*ldapserver.Server
	planted int
}

func (h *served) Kind() connector.Kind { return Kind{} }

func (h *served) Connection() connector.Connection {
	return parseConnection(fmt.Sprintf(changeFile(deletingPart), h.URL()), readerPassword)
}

func (h *served) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	for i := range n {
		h.planted++
		e := account(p, h.planted)
		h.Put(e)
		refs = append(refs, "entry/"+number(e.DN))
		if i%5 == 0 {
			g := ldapserver.Entry{DN: fmt.Sprintf("cn=gruppe %d,ou=groups,dc=example,dc=org", h.planted), Attributes: map[string][]string{
				"objectClass": {"groupOfNames"}, "member": {e.DN, "cn=jemand anders,ou=people,dc=example,dc=org"},
			}}
			h.Put(g)
			refs = append(refs, "group/"+number(g.DN)+"/entry/"+number(e.DN))
		}
	}
	return refs
}

func (h *served) Pieces(t *testing.T) map[string]string {
	all := map[string]string{}
	for _, e := range h.All() {
		var rest []string
		for name, values := range e.Attributes {
			if name != "member" {
				rest = append(rest, fmt.Sprint(name, values))
			}
		}
		slices.Sort(rest)
		all["entry/"+number(e.DN)] = e.DN + "\n" + strings.Join(rest, "\n")
		for _, m := range e.Attributes["member"] {
			all["group/"+number(e.DN)+"/entry/"+number(m)] = m
		}
	}
	return all
}

func (h *served) Fingerprint(t *testing.T) string { return fmt.Sprint(h.Pieces(t)) }

func (h *served) Break(t *testing.T) func() {
	h.Stop()
	return func() {
		if err := h.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *served) Correct(ref string) map[string]string {
	return (&changeHarness{harness: &harness{planted: h.planted}}).Correct(ref)
}

// admin changes an entry by its number as the account that may.
func (h *served) admin(t *testing.T, number string, do func(*ldap.Conn, string) error) {
	t.Helper()
	dn, _, _ := strings.Cut(h.Pieces(t)["entry/"+number], "\n")
	c, err := ldap.DialURL(h.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Bind("cn=writer,dc=example,dc=org", readerPassword); err != nil {
		t.Fatal(err)
	}
	if err := do(c, dn); err != nil {
		t.Fatal(err)
	}
}

func (h *served) Alter(t *testing.T, ref string) {
	parts := strings.Split(ref, "/")
	h.admin(t, parts[1], func(c *ldap.Conn, dn string) error {
		r := ldap.NewModifyRequest(dn, nil)
		r.Replace("description", []string{"anders"})
		return c.Modify(r)
	})
}

func (h *served) Remove(t *testing.T, ref string) {
	parts := strings.Split(ref, "/")
	h.admin(t, parts[1], func(c *ldap.Conn, dn string) error {
		if parts[0] == "entry" {
			return c.Del(ldap.NewDelRequest(dn, nil))
		}
		r := ldap.NewModifyRequest(dn, nil)
		r.Delete("member", []string{strings.SplitN(h.Pieces(t)["entry/"+parts[3]], "\n", 2)[0]})
		return c.Modify(r)
	})
}
