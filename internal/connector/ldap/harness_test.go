package ldap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/ldap/ldapserver"
	"einsicht/internal/person"
)

const connectionFile = `
system: konten
kind: ldap
secrets: {password: {env: LDAP_PASSWORD}}
match:
  - {by: [account]}
  - {by: [email]}
  - {by: [phone]}
  - {by: [name], confidence: check}
ldap:
  url: %s
  bind_dn: cn=reader,dc=example,dc=org
  base: ou=people,dc=example,dc=org
  match:
    account: [uid]
    email: [mail]
    phone: [telephoneNumber, mobile]
    name: [cn, displayName, givenName sn]
    ssh-fingerprint: [sshPublicKey]
  attributes:
    cn: {label: Name}
    mail: {label: E-Mail-Adresse, category: Kontaktdaten}
    telephoneNumber: {label: Telefon}
  withhold: [roomNumber]
  reach:
    - {base: "ou=groups,dc=example,dc=org", filter_attribute: member, label: Gruppe}
    - {base: "ou=unix,dc=example,dc=org", filter_attribute: memberUid}
`

const (
	readerPassword = "lesen und nichts sonst"
	hash           = "{SSHA}NieVerlaesstDiesesZeichenDasHaus0123"
)

// harness is a real slapd in a folder of its own. It listens on a socket only;
// a wire in front of it counts what is asked and looks at what is answered.
type harness struct {
	dir     string
	wire    *wire
	slapd   *exec.Cmd
	planted int
}

const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey' SUP top AUXILIARY MAY ( sshPublicKey $ uid ) )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
database mdb
maxsize 1073741824
dbnosync
suffix "dc=example,dc=org"
rootdn "cn=admin,dc=example,dc=org"
rootpw geheim
directory %[1]s/db
sizelimit unlimited
index objectClass,uid,mail,member,memberUid,entryUUID eq
access to attrs=userPassword by dn.exact="cn=reader,dc=example,dc=org" %[2]s by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=org" read by * none
`

func fresh(t *testing.T) connectortest.Harness { return newHarness(t, "read") }

// newHarness starts slapd; the reader may do this much with passwords.
func newHarness(t *testing.T, passwords string) *harness {
	t.Helper()
	for _, name := range []string{"slapd", "ldapadd", "slapcat"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("%s is missing: run make sources", name)
		}
	}
	dir, err := os.MkdirTemp("", "slapd") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h := &harness{dir: dir}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "db"), 0o700), os.WriteFile(h.conf(), fmt.Appendf(nil, slapdConf, dir, passwords), 0o600)); err != nil {
		t.Fatal(err)
	}
	h.start(t)
	t.Cleanup(func() { h.stop() })
	h.wire = newWire(t, h.socket())
	h.add(t,
		ldapserver.Entry{DN: "dc=example,dc=org", Attributes: map[string][]string{"objectClass": {"dcObject", "organization"}, "dc": {"example"}, "o": {"Amt"}}},
		unit("people"), unit("groups"), unit("unix"),
		ldapserver.Entry{DN: "cn=reader,dc=example,dc=org", Attributes: map[string][]string{
			"objectClass": {"organizationalRole", "simpleSecurityObject"}, "cn": {"reader"}, "userPassword": {readerPassword},
		}},
	)
	return h
}

func unit(name string) ldapserver.Entry {
	return ldapserver.Entry{DN: "ou=" + name + ",dc=example,dc=org", Attributes: map[string][]string{"objectClass": {"organizationalUnit"}, "ou": {name}}}
}

func (h *harness) conf() string   { return filepath.Join(h.dir, "slapd.conf") }
func (h *harness) socket() string { return filepath.Join(h.dir, "s") }
func (h *harness) ldapi() string  { return "ldapi://" + url.QueryEscape(h.socket()) }

func (h *harness) start(t *testing.T) {
	t.Helper()
	h.slapd = exec.Command("slapd", "-f", h.conf(), "-h", h.ldapi(), "-d", "0")
	h.slapd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := h.slapd.Start(); err != nil {
		t.Fatal(err)
	}
	for tries := 0; ; tries++ {
		c, err := net.Dial("unix", h.socket())
		if err == nil {
			c.Close()
			return
		}
		if tries == 3000 {
			t.Fatalf("slapd does not answer: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (h *harness) stop() {
	_ = h.slapd.Process.Kill()
	_ = h.slapd.Wait()
}

// add adds entries with the tool of the distribution.
func (h *harness) add(t *testing.T, entries ...ldapserver.Entry) {
	t.Helper()
	var ldif bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&ldif, "dn:: %s\n", base64.StdEncoding.EncodeToString([]byte(e.DN)))
		for name, values := range e.Attributes {
			for _, v := range values {
				fmt.Fprintf(&ldif, "%s:: %s\n", name, base64.StdEncoding.EncodeToString([]byte(v)))
			}
		}
		fmt.Fprintf(&ldif, "entryUUID: %s\n\n", number(e.DN))
	}
	cmd := exec.Command("ldapadd", "-x", "-e", "!relax", "-H", h.ldapi(), "-D", "cn=admin,dc=example,dc=org", "-w", "geheim")
	cmd.Stdin = &ldif
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ldapadd: %v %s", err, out[max(0, len(out)-500):])
	}
}

func number(dn string) string {
	return uuid.NewSHA1(uuid.NameSpaceX500, []byte(strings.ToLower(dn))).String()
}

func (h *harness) Kind() connector.Kind { return Kind{} }

func (h *harness) Connection() connector.Connection {
	return parseConnection(fmt.Sprintf(connectionFile, h.wire.url()), readerPassword)
}

func parseConnection(file, password string) connector.Connection {
	c, err := connector.ParseConnection("ldap.yaml", []byte(file))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return password, nil })
	}
	if err != nil {
		panic(err)
	}
	return c
}

// account is an entry of a person that one of her marks leads to.
func account(p connectortest.Person, i int) ldapserver.Entry {
	dn := fmt.Sprintf("cn=konto %d,ou=people,dc=example,dc=org", i)
	a := map[string][]string{
		"objectClass": {"inetOrgPerson", "ldapPublicKey"}, "cn": {p.Name, fmt.Sprintf("konto %d", i)}, "sn": {"Konto"},
		"userPassword": {hash}, "description": {"niemand hat gesagt, was das ist"}, "roomNumber": {"E 17"},
		"manager": {"cn=chefin,ou=people,dc=example,dc=org"}, "jpegPhoto": {"\xff\xd8\xff\xe0\x00\x10JFIF\x00"},
	}
	switch i % 4 {
	case 0:
		a["uid"] = []string{p.Account}
	case 1:
		a["mail"] = []string{"fach@example.com", p.Email}
	case 2:
		a["telephoneNumber"] = []string{p.Phone}
	case 3:
		a["mobile"] = []string{strings.Replace(p.Phone, "+49", "0", 1)}
		a["uid"] = []string{strings.ToUpper(p.Account)}
	}
	return ldapserver.Entry{DN: dn, Attributes: a}
}

// Plant adds accounts, a group for every fifth that names its DN, and a group
// that names the person's user name.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	var entries []ldapserver.Entry
	for i := range n {
		h.planted++
		e := account(p, h.planted)
		entries, refs = append(entries, e), append(refs, "entry/"+number(e.DN))
		if i%5 == 0 {
			g := ldapserver.Entry{DN: fmt.Sprintf("cn=gruppe %d,ou=groups,dc=example,dc=org", h.planted), Attributes: map[string][]string{
				"objectClass": {"groupOfNames"}, "cn": {fmt.Sprintf("gruppe %d", h.planted)}, "member": {e.DN, "cn=jemand anders,ou=people,dc=example,dc=org"},
			}}
			entries, refs = append(entries, g), append(refs, "group/"+number(g.DN)+"/entry/"+number(e.DN))
		}
		if i == 0 && len(e.Attributes["uid"]) > 0 {
			g := ldapserver.Entry{DN: fmt.Sprintf("cn=unix %d,ou=unix,dc=example,dc=org", h.planted), Attributes: map[string][]string{
				"objectClass": {"posixGroup"}, "cn": {fmt.Sprintf("unix %d", h.planted)}, "gidNumber": {fmt.Sprint(h.planted)}, "memberUid": {"jemand", fmt.Sprintf("%d", h.planted)},
			}}
			entries = append(entries, g) // names nobody here
		}
	}
	h.add(t, entries...)
	return refs
}

func (h *harness) Fingerprint(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("slapcat", "-f", h.conf()).Output()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out)
	return hex.EncodeToString(sum[:])
}

// Break kills slapd.
func (h *harness) Break(t *testing.T) func() {
	t.Helper()
	h.stop()
	return func() { h.start(t) }
}

func (h *harness) Reads() int64 { return h.wire.searches.Load() }

// Hint adds an account with a mail address of which nothing is known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	e := h.entry(p)
	e.Attributes["mail"] = []string{"zweite@example.org"}
	h.add(t, e)
	return "entry/" + number(e.DN), person.Identifier{Kind: person.Email, Value: person.NewText("zweite@example.org")}
}

// Mix adds an account of p whose manager is the stranger, one with p's user name
// under the stranger's name, and a group in which both are.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	other := "cn=" + stranger.Name + ",ou=people,dc=example,dc=org"
	led, named := h.entry(p), h.entry(p)
	led.Attributes["manager"] = []string{other}
	named.Attributes["cn"] = append([]string{stranger.Name}, named.Attributes["cn"][1:]...)
	group := ldapserver.Entry{DN: fmt.Sprintf("cn=beide %d,ou=groups,dc=example,dc=org", h.planted), Attributes: map[string][]string{
		"objectClass": {"groupOfNames"}, "cn": {fmt.Sprintf("beide %d", h.planted)}, "member": {led.DN, other}, "owner": {other},
	}}
	h.add(t, led, named, group)
	return []string{"entry/" + number(led.DN), "entry/" + number(named.DN), "group/" + number(group.DN) + "/entry/" + number(led.DN)}
}

// entry is an account with the person's user name.
func (h *harness) entry(p connectortest.Person) ldapserver.Entry {
	h.planted += 4 - h.planted%4
	e := account(p, h.planted)
	delete(e.Attributes, "manager")
	return e
}

// Spoil lets another server hold a part, which nobody follows.
func (h *harness) Spoil(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.elsewhere(t, "ou=anderswo,ou=people,dc=example,dc=org")
}

// Holes lets it hold several.
func (h *harness) Holes(t *testing.T, p connectortest.Person) {
	t.Helper()
	h.elsewhere(t, "ou=anderswo,ou=people,dc=example,dc=org")
	h.elsewhere(t, "ou=nirgends,ou=people,dc=example,dc=org")
	h.elsewhere(t, "ou=anderswo,ou=groups,dc=example,dc=org")
}

func (h *harness) elsewhere(t *testing.T, dn string) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(dn, "ou="), ",")
	h.add(t, ldapserver.Entry{DN: dn, Attributes: map[string][]string{
		"objectClass": {"referral", "extensibleObject"}, "ou": {name}, "ref": {"ldap://192.0.2.1/" + dn},
	}})
}

// wire carries questions to slapd's socket.
type wire struct {
	listener net.Listener
	searches atomic.Int64
	mu       sync.Mutex
	answers  bytes.Buffer // what came back, as long as somebody listens
	listen   bool
	left     int // halves of questions until the source goes away; negative: never
	watched  int // connections to come whose halves count
	// before is called with the kind of each question before it is put.
	before func(ber.Tag)
	open   map[net.Conn]bool
}

func newWire(t *testing.T, socket string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, left: -1, open: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c, socket)
		}
	}()
	return w
}

func (w *wire) url() string { return "ldap://" + w.listener.Addr().String() }

func (w *wire) carry(c net.Conn, socket string) {
	counts := w.keep(c)
	defer w.drop(c)
	defer c.Close()
	s, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	go func() {
		defer c.Close()
		for {
			p, err := ber.ReadPacket(s)
			last := err == nil && p.Children[1].Tag != ldap.ApplicationSearchResultEntry && p.Children[1].Tag != ldap.ApplicationSearchResultReference
			if err != nil || last && counts && !w.passes() {
				return
			}
			b := p.Bytes()
			_, _ = w.Write(b)
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	}()
	defer s.Close()
	for {
		p, err := ber.ReadPacket(c)
		if err != nil {
			return
		}
		if p.Children[1].Tag == ldap.ApplicationSearchRequest {
			w.searches.Add(1)
		}
		w.mu.Lock()
		before := w.before
		w.mu.Unlock()
		if before != nil {
			before(p.Children[1].Tag)
		}
		if p.Children[1].Tag != ldap.ApplicationUnbindRequest && counts && !w.passes() {
			return
		}
		if _, err := s.Write(p.Bytes()); err != nil {
			return
		}
	}
}

// cutAfter takes the source away after so many halves of the two connections of a
// change.
func (w *wire) cutAfter(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.watched = n, 2
}

// passes counts a half; the one that does not pass ends all connections.
func (w *wire) passes() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left > 0 {
		w.left--
		return true
	}
	if w.left < 0 {
		return true
	}
	w.left = -1
	for c := range w.open {
		c.Close()
	}
	return false
}

func (w *wire) keep(c net.Conn) (counts bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[c] = true
	w.watched--
	return w.watched >= 0
}

func (w *wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
}

// Write keeps answers.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listen {
		w.answers.Write(b)
	}
	return len(b), nil
}

// crowd makes up the accounts of one person.
type crowd struct {
	p connectortest.Person
	n int
}

func (c crowd) Len() int { return c.n + 1 }

func (c crowd) Entry(i int) ldapserver.Entry {
	if i == c.n {
		return ldapserver.Entry{DN: "ou=people,dc=example,dc=org", Attributes: map[string][]string{"objectClass": {"organizationalUnit"}}}
	}
	return ldapserver.Entry{DN: fmt.Sprintf("cn=konto %d,ou=people,dc=example,dc=org", i), Attributes: map[string][]string{
		"objectClass": {"inetOrgPerson"}, "cn": {fmt.Sprintf("konto %d", i)}, "uid": {c.p.Account}, "userPassword": {hash},
	}}
}

func (c crowd) Find(dn string) (int, bool) {
	if dn == "ou=people,dc=example,dc=org" {
		return c.n, true
	}
	var i int
	_, err := fmt.Sscanf(dn, "cn=konto %d,ou=people,dc=example,dc=org", &i)
	return i, err == nil && i < c.n
}

// Crowd asks a directory in this process.
func (h *harness) Crowd(t *testing.T, p connectortest.Person, n int) connector.Connection {
	t.Helper()
	s, err := ldapserver.Start(ldapserver.Options{BindDN: "cn=reader,dc=example,dc=org", Password: readerPassword, Made: crowd{p, n}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	file, _, _ := strings.Cut(fmt.Sprintf(connectionFile, s.URL()), "  reach:")
	return parseConnection(file, readerPassword)
}
