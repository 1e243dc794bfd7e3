package ldap

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/ldap/ldapserver"
)

const (
	deletingPart = `
  change_bind_dn: cn=writer,dc=example,dc=org
  change:
    erase: delete
    rectify: [mail, telephoneNumber, description]
    restrict: {attribute: employeeType, set: gesperrt}
`
	maskingPart = `
  change_bind_dn: cn=writer,dc=example,dc=org
  change:
    erase: mask
    mask:
      empty: [uid, mail, mobile, userPassword, jpegPhoto, sshPublicKey, manager, roomNumber]
      text: {sn: gelöscht, telephoneNumber: "0", description: "Eintrag {key}"}
    keep: [{attributes: [cn], why: Benennung des Eintrags}]
    rectify: [mail, telephoneNumber, description]
    restrict: {attribute: employeeType, set: gesperrt}
`
)

// changeFile is the connection file with changes; groups may be left.
func changeFile(part string) string {
	file := strings.Replace(connectionFile, "secrets: {", "secrets: {change_password: {env: LDAP_PASSWORD}, ", 1)
	for _, attribute := range []string{"member, label: Gruppe", "memberUid"} {
		file = strings.Replace(file, "filter_attribute: "+attribute, "filter_attribute: "+attribute+", change: {erase: delete}", 1)
	}
	return file + strings.TrimPrefix(part, "\n")
}

// changeHarness is a directory whose writer may change it.
type changeHarness struct {
	*harness
	file string
}

// newChangeHarness starts slapd; without numbers, it does not note when an entry was
// changed.
func newChangeHarness(t *testing.T, part string, numbers bool) *changeHarness {
	t.Helper()
	h := &changeHarness{newHarness(t, "search"), changeFile(part)}
	h.add(t, ldapserver.Entry{DN: "cn=writer,dc=example,dc=org", Attributes: map[string][]string{
		"objectClass": {"organizationalRole", "simpleSecurityObject"}, "cn": {"writer"}, "userPassword": {readerPassword},
	}})
	const reader, writer = ` by dn.exact="cn=reader`, ` by dn.exact="cn=writer,dc=example,dc=org" write by dn.exact="cn=reader`
	h.rewrite(t, "access to attrs=userPassword"+reader, "access to attrs=userPassword"+writer)
	h.rewrite(t, "access to *"+reader, "access to *"+writer)
	if !numbers {
		h.rewrite(t, "dbnosync\n", "dbnosync\nlastmod off\n")
	}
	return h
}

// rewrite changes the configuration and starts slapd anew.
func (h *changeHarness) rewrite(t *testing.T, from, to string) {
	t.Helper()
	conf, err := os.ReadFile(h.conf())
	if err != nil || !bytes.Contains(conf, []byte(from)) {
		t.Fatalf("%q is not in the configuration (%v)", from, err)
	}
	h.stop()
	if err := os.WriteFile(h.conf(), bytes.Replace(conf, []byte(from), []byte(to), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start(t)
}

func (h *changeHarness) Connection() connector.Connection {
	return parseConnection(fmt.Sprintf(h.file, h.wire.url()), readerPassword)
}

func TestChanges(t *testing.T) {
	t.Run("deleting, where changes are numbered", func(t *testing.T) {
		connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness {
			return forbidding{newChangeHarness(t, deletingPart, true)}
		})
	})
	t.Run("masking, where they are not", func(t *testing.T) {
		connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newChangeHarness(t, maskingPart, false) })
	})
}

// Pieces are entries, without what slapd notes by itself, and memberships.
func (h *changeHarness) Pieces(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("slapcat", "-f", h.conf(), "-o", "ldif-wrap=no").Output()
	if err != nil {
		t.Fatal(err)
	}
	all, numbers := map[string]string{}, map[string]string{}
	groups := map[string][]string{}
	for part := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n\n") {
		var dn, number string
		var rest, members []string
		for line := range strings.Lines(part) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(value, ": ")); strings.HasPrefix(value, ":") && err == nil {
				value = string(decoded)
			}
			switch value = strings.TrimSpace(value); {
			case name == "dn":
				dn = value
			case name == "entryUUID":
				number = value
			case name == "member":
				members = append(members, value)
			case !isMoving(name):
				rest = append(rest, name+"="+value)
			}
		}
		all["entry/"+number] = dn + "\n" + strings.Join(rest, "\n")
		numbers[strings.ToLower(dn)], groups[number] = number, members
	}
	for group, members := range groups {
		for _, m := range members {
			all["group/"+group+"/entry/"+numbers[strings.ToLower(m)]] = m
		}
	}
	return all
}

// Correct gives other values for what accounts have of it.
func (h *changeHarness) Correct(ref string) map[string]string {
	i := 0
	for n := 1; n <= h.planted; n++ {
		if ref == "entry/"+number(account(connectortest.Erika, n).DN) {
			i = n
		}
	}
	switch {
	case i == 0:
		return nil
	case i%4 == 1:
		return map[string]string{"mail": "neu@example.com", "mail_2": "neu@example.org", "description": "berichtigt"}
	case i%4 == 2:
		return map[string]string{"telephoneNumber": "+49 211 9", "description": "berichtigt"}
	}
	return map[string]string{"description": "berichtigt"}
}

// admin changes entries as the administrator does.
func (h *changeHarness) admin(t *testing.T, tool, ldif string, args ...string) {
	t.Helper()
	cmd := exec.Command(tool, append([]string{"-x", "-H", h.ldapi(), "-D", "cn=admin,dc=example,dc=org", "-w", "geheim"}, args...)...)
	cmd.Stdin = strings.NewReader(ldif)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", tool, err, out[max(0, len(out)-500):])
	}
}

// dn finds entries by the number in a reference.
func (h *changeHarness) dn(t *testing.T, number string) string {
	t.Helper()
	dn, _, ok := strings.Cut(h.Pieces(t)["entry/"+number], "\n")
	if !ok {
		t.Fatal("no such entry")
	}
	return dn
}

func (h *changeHarness) Alter(t *testing.T, ref string) {
	t.Helper()
	kind, rest, _ := strings.Cut(ref, "/")
	number, _, _ := strings.Cut(rest, "/")
	h.admin(t, "ldapmodify", fmt.Sprintf("dn: %s\nchangetype: modify\nreplace: description\ndescription: %s anders\n", h.dn(t, number), kind))
}

func (h *changeHarness) Remove(t *testing.T, ref string) {
	t.Helper()
	parts := strings.Split(ref, "/")
	if parts[0] == "group" {
		h.admin(t, "ldapmodify", fmt.Sprintf("dn: %s\nchangetype: modify\ndelete: member\nmember: %s\n", h.dn(t, parts[1]), h.dn(t, parts[3])))
		return
	}
	h.admin(t, "ldapdelete", "", h.dn(t, parts[1]))
}

// Deny takes the right to write away.
func (h *changeHarness) Deny(t *testing.T) {
	const writes, reads = `access to * by dn.exact="cn=writer,dc=example,dc=org" write`, `access to * by dn.exact="cn=writer,dc=example,dc=org" read`
	h.rewrite(t, writes, reads)
}

func (h *changeHarness) Cut(n int) { h.wire.cutAfter(n) }

// forbidding is one that deletes, and what groups must have stands against it.
type forbidding struct{ *changeHarness }

// Forbid makes an account that is in no group the only member of one.
func (h forbidding) Forbid(t *testing.T, refs []string) string {
	t.Helper()
	pieces := h.Pieces(t)
	for _, ref := range refs {
		inGroup := false
		for piece := range pieces {
			inGroup = inGroup || strings.HasSuffix(piece, "/"+ref)
		}
		if strings.HasPrefix(ref, "entry/") && !inGroup {
			dn, _, _ := strings.Cut(pieces[ref], "\n")
			h.add(t, ldapserver.Entry{DN: "cn=allein,ou=groups,dc=example,dc=org", Attributes: map[string][]string{
				"objectClass": {"groupOfNames"}, "cn": {"allein"}, "member": {dn},
			}})
			return ref
		}
	}
	t.Fatal("every account is in a group")
	return ""
}
