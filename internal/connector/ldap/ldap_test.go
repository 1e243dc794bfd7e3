package ldap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/ldap/ldapserver"
	"einsicht/internal/person"
)

func TestConformance(t *testing.T) { connectortest.Run(t, fresh) }

// answer is what one question gave.
type answer struct {
	connector.Answer
	refs    []string
	all     []connector.Finding
	cursors []connector.Cursor
}

func ask(t *testing.T, c connector.Connector, q connector.Query, from connector.Cursor) answer {
	t.Helper()
	var a answer
	var err error
	a.Answer, err = c.Find(t.Context(), q, from, func(f connector.Finding, at connector.Cursor) error {
		a.refs, a.all, a.cursors = append(a.refs, f.Reference), append(a.all, f), append(a.cursors, slices.Clone(at))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func open(t *testing.T, c connector.Connection) *directory {
	t.Helper()
	opened, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return opened.(*directory)
}

func query(pairs ...string) connector.Query {
	var q connector.Query
	for i := 0; i < len(pairs); i += 2 {
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: person.IdentifierKind(pairs[i]), Value: person.NewText(pairs[i+1]), Verified: true})
	}
	return q
}

// inProcess asks a directory in this process, with the mapping of the suite.
func inProcess(t *testing.T, o ldapserver.Options, replace ...string) connector.Connection {
	t.Helper()
	o.BindDN, o.Password = "cn=reader,dc=example,dc=org", readerPassword
	o.Entries = append(o.Entries, unit("people"), unit("groups"), unit("unix"))
	s, err := ldapserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return parseConnection(strings.NewReplacer(replace...).Replace(fmt.Sprintf(connectionFile, s.URL())), readerPassword)
}

func TestMoreEntriesThanCanBeSorted(t *testing.T) {
	h := newHarness(t, "search")
	want := slices.Sorted(slices.Values(h.Plant(t, connectortest.Erika, 430)))
	h.Plant(t, connectortest.OtherErika, 30)
	d := open(t, h.Connection())
	sorted := ask(t, d, connectortest.Erika.Query(), nil)
	d.sortable = 20
	listed := ask(t, d, connectortest.Erika.Query(), nil)
	for name, a := range map[string]answer{"sorted": sorted, "listed": listed} {
		var got []string
		for _, f := range a.all {
			if f.Confidence != connector.Check {
				got = append(got, f.Reference)
			}
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), want) || a.Partial() {
			t.Errorf("%s: got %d records, want %d", name, len(got), len(want))
		}
	}
	if slices.Equal(sorted.refs, listed.refs) {
		t.Error("both came in the same order: this test checks nothing")
	}
	for i := 0; i < len(listed.cursors); i += 97 {
		if rest := ask(t, d, connectortest.Erika.Query(), listed.cursors[i]); !slices.Equal(rest.refs, listed.refs[i+1:]) {
			t.Fatalf("after record %d: got %d records, want %d", i+1, len(rest.refs), len(listed.refs)-i-1)
		}
	}
}

func TestAHashNeverLeavesTheDirectory(t *testing.T) {
	for _, may := range []string{"read", "search"} { // what the reader may do with passwords
		for _, sortable := range []int{maxSorted, 1} {
			t.Run(fmt.Sprintf("the reader may %s, %d sorted", may, sortable), func(t *testing.T) {
				h := newHarness(t, may)
				h.Plant(t, connectortest.Erika, 4)
				h.wire.mu.Lock()
				h.wire.listen = true
				h.wire.mu.Unlock()
				d := open(t, h.Connection())
				d.sortable = sortable
				a := ask(t, d, connectortest.Erika.Query(), nil)
				h.wire.mu.Lock()
				defer h.wire.mu.Unlock()
				if !strings.Contains(h.wire.answers.String(), "niemand hat gesagt") {
					t.Fatal("the wire saw no entry: this test checks nothing")
				}
				if strings.Contains(h.wire.answers.String(), hash) || strings.Contains(h.wire.answers.String(), "E 17") {
					t.Error("a value that must be withheld crossed the wire")
				}
				entries := 0
				for _, f := range a.all {
					if !strings.HasPrefix(f.Reference, "entry/") {
						continue
					}
					entries++
					for _, name := range []string{"userPassword", "roomNumber"} {
						i := slices.IndexFunc(f.Fields, func(f connector.Field) bool { return f.Name == name })
						if i < 0 || !f.Fields[i].Withheld || !f.Fields[i].Value.IsZero() {
							t.Errorf("%s: nothing says that there is one, and that it is withheld", name)
						}
					}
				}
				if entries != 4 {
					t.Errorf("got %d entries, want 4", entries)
				}
			})
		}
	}
}

func TestAnEntrySaysWhatItIs(t *testing.T) {
	h := newHarness(t, "read")
	h.add(t, ldapserver.Entry{DN: "uid=emustermann,ou=people,dc=example,dc=org", Attributes: map[string][]string{
		"objectClass": {"inetOrgPerson", "ldapPublicKey"}, "uid": {"emustermann"}, "cn": {"Erika Mustermann"}, "sn": {"Mustermann"}, "givenName": {"Erika"},
		"mail": {"erika@example.org", "e.mustermann@example.com"}, "manager": {"cn=chefin,ou=people,dc=example,dc=org"},
		"description;lang-de": {"Referentin"}, "jpegPhoto": {"\xff\xd8\xff\xe0\x00\x10JFIF\x00"}, "sshPublicKey": {publicKey},
	}})
	h.add(t,
		ldapserver.Entry{DN: "cn=personalrat,ou=groups,dc=example,dc=org", Attributes: map[string][]string{
			"objectClass": {"groupOfNames"}, "cn": {"personalrat"}, "description": {"Mitglieder"},
			"member": {"cn=jemand anders,ou=people,dc=example,dc=org", "uid=emustermann,ou=people,dc=example,dc=org"},
		}},
		ldapserver.Entry{DN: "cn=vpn,ou=unix,dc=example,dc=org", Attributes: map[string][]string{
			"objectClass": {"posixGroup"}, "cn": {"vpn"}, "gidNumber": {"70"}, "memberUid": {"fremde", "emustermann"},
		}})
	a := ask(t, open(t, h.Connection()), query("email", "erika@example.org"), nil)
	if len(a.all) != 3 {
		t.Fatalf("got %d records, want the entry and its two groups", len(a.all))
	}
	byName := map[string][]connector.Field{}
	for _, f := range a.all[0].Fields {
		byName[f.Name] = append(byName[f.Name], f)
	}
	for _, name := range []string{"mail", "mail_2"} {
		if m := byName[name]; len(m) != 1 || m[0].Label != "E-Mail-Adresse" || m[0].Category != "Kontaktdaten" || m[0].Unmapped {
			t.Errorf("%s: want an address with label and category", name)
		}
	}
	if m := byName["manager"]; len(m) != 1 || !m[0].ThirdParty || !m[0].Unmapped {
		t.Error("manager: want somebody else's, and that nobody mapped it")
	}
	for _, name := range []string{"createTimestamp", "modifyTimestamp", "description;lang-de"} {
		if m := byName[name]; len(m) != 1 || !m[0].Unmapped || m[0].Value.IsZero() {
			t.Errorf("%s: want a value that nobody has mapped", name)
		}
	}
	if a.all[0].Confidence != connector.Sure || time.Since(a.all[0].Origin.At).Abs() > 24*time.Hour {
		t.Errorf("got %s, %v", a.all[0].Confidence, a.all[0].Origin.At)
	}
	var hints []string
	for _, hint := range a.all[0].Hints {
		hints = append(hints, string(hint.Kind)+" "+hint.Value.Reveal())
		if hint.Record != "konten/"+a.all[0].Reference {
			t.Error("a hint does not say which record names it")
		}
	}
	if want := []string{"email e.mustermann@example.com", "account emustermann", "ssh-fingerprint " + fingerprint, "ssh-fingerprint " + olderFingerprint}; !slices.Equal(hints, want) {
		t.Errorf("got hints %q, want %q", hints, want)
	}
	for i, want := range []struct{ attribute, value, label string }{{"member", "uid=emustermann,ou=people,dc=example,dc=org", "Gruppe"}, {"memberUid", "emustermann", ""}} {
		g := a.all[i+1]
		if g.Category != "group" || g.Label != want.label || g.Confidence != connector.Sure || g.Fields[0].Name != want.attribute || g.Fields[0].Value.Reveal() != want.value {
			t.Errorf("group %d: got %q %q %v", i, g.Category, g.Label, g.Confidence)
		}
		for _, f := range g.Fields[1:] {
			if v := f.Value.Reveal(); strings.Contains(v, "jemand anders") || strings.Contains(v, "fremde") {
				t.Errorf("group %d: names another member", i)
			}
		}
	}
}

func TestWhatIsNoTextIsAFile(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00"
	bytes := strings.Repeat("\xfe\x01", 50)
	e := ldapserver.Entry{DN: "cn=a,ou=people,dc=example,dc=org", Attributes: map[string][]string{
		"cn": {"a"}, "uid": {"emustermann"}, "objectGUID": {"\xff\x00\x10\x17"}, "description": {"Zeile\nZeile"}, "userPassword": {hash},
		"jpegPhoto": {"\xff\xd8\xff\xe0\x00\x10JFIF\x00", png}, "userCertificate;binary": {"\x30\x82" + bytes}, "thumbnail": {bytes},
	}}
	c := inProcess(t, ldapserver.Options{Entries: []ldapserver.Entry{e}},
		"  attributes:\n", "  attributes:\n    jpegPhoto: {label: Foto, category: Bild, third_party: true}\n")
	a := ask(t, open(t, c), query("account", "emustermann"), nil)
	if len(a.all) != 1 {
		t.Fatalf("got %d records, want 1", len(a.all))
	}
	var got []string
	for _, one := range a.all[0].Files() {
		content := connectortest.Content(t, one.Field)
		got = append(got, fmt.Sprintf("%s %d %q %q %v %v", one.Name.Reveal(), len(content), one.Field.Label, one.Field.Category, one.Field.ThirdParty, one.Field.Unmapped))
	}
	want := []string{
		`jpegPhoto.jpg 11 "Foto" "Bild" true false`, `jpegPhoto.png 9 "Foto" "Bild" true false`,
		`thumbnail 100 "" "" false true`, `userCertificate.cer 102 "" "" false true`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	values := map[string]string{}
	for _, f := range a.all[0].Fields {
		values[f.Name] = f.Value.Reveal()
		if f.HoldsFile() {
			continue
		}
		if strings.Contains(f.Value.Reveal(), "base64") || !utf8.ValidString(f.Value.Reveal()) {
			t.Errorf("%s: is no text", f.Name)
		}
	}
	if values["objectGUID"] != "ff001017" || values["description"] != "Zeile\nZeile" {
		t.Errorf("got the number %q and the text %q", values["objectGUID"], values["description"])
	}
}

func TestWhoIsFound(t *testing.T) {
	entry := func(cn string, a map[string][]string) ldapserver.Entry {
		a["objectClass"], a["cn"], a["sn"] = []string{"inetOrgPerson", "ldapPublicKey"}, append(a["cn"], cn), []string{cn}
		return ldapserver.Entry{DN: "cn=" + cn + ",ou=people,dc=example,dc=org", Attributes: a}
	}
	entries := []ldapserver.Entry{
		entry("0", map[string][]string{"mail": {"Erika.Mustermann+Amt@Example.ORG"}, "uid": {"ERIKA"}}),
		entry("1", map[string][]string{"mail": {"erika.mustermann2@example.org"}, "uid": {"erika2"}}),
		entry("2", map[string][]string{"telephoneNumber": {"+49 (0)211/837-0199"}}),
		entry("3", map[string][]string{"mobile": {"0211 8370199"}}),
		entry("4", map[string][]string{"telephoneNumber": {"0211 8370199 7"}}),
		entry("5", map[string][]string{"cn": {"Dr. Çelik, Jürgen"}}),
		entry("6", map[string][]string{"givenName": {"Juergen"}, "displayName": {"J. C."}, "description": {"sn folgt"}}),
		entry("7", map[string][]string{"sshPublicKey": {`from="192.0.2.7" ` + publicKey}}),
		entry("8", map[string][]string{"uid": {"a*(b)\\c"}}),
	}
	entries[6].Attributes["sn"] = []string{"CELIK"}
	h := newHarness(t, "read")
	h.add(t, entries...)
	file := func(url string) connector.Connection {
		return parseConnection(strings.Replace(fmt.Sprintf(connectionFile, url), "- {by: [name]", "- {by: [ssh-fingerprint]}\n  - {by: [name]", 1), readerPassword)
	}
	made, err := ldapserver.Start(ldapserver.Options{
		BindDN: "cn=reader,dc=example,dc=org", Password: readerPassword,
		Entries: append(entries, unit("people"), unit("groups"), unit("unix")),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	for server, c := range map[string]connector.Connection{"slapd": file(h.wire.url()), "in this process": file(made.URL())} {
		d := open(t, c)
		for _, tt := range []struct {
			name  string
			query connector.Query
			want  []int
		}{
			{"an address with a tag, in another case", query("email", "erika.mustermann@example.org"), []int{0}},
			{"an address with another tag", query("email", "erika.mustermann+x@example.org"), []int{0}},
			{"a user name in another case", query("account", "Erika"), []int{0}},
			{"a number in whatever spelling", query("phone", "0049 211 837 0199"), []int{2, 3}},
			{"a name without its accents", query("name", "Juergen Celik"), []int{5, 6}},
			{"a name with its accents", query("name", "Çelik, Jürgen"), []int{5, 6}},
			{"half a name", query("name", "Celik"), nil},
			{"the fingerprint of a key", query("ssh-fingerprint", fingerprint), []int{7}},
			{"the older fingerprint of a key", query("ssh-fingerprint", "MD5:"+olderFingerprint), []int{7}},
			{"a user name that looks like a filter", query("account", `a*(b)\c`), []int{8}},
			{"a user name that tries to be a filter", query("account", "*)(uid=*"), nil},
			{"a name that tries to be a filter", query("name", "*)(uid=*"), nil},
			{"an address that tries to be a filter", query("email", "*)(uid=*@example.org"), nil},
			{"a star", query("account", "*"), nil},
		} {
			t.Run(server+"/"+tt.name, func(t *testing.T) {
				var want []string
				for _, i := range tt.want {
					want = append(want, "entry/"+number(entries[i].DN))
				}
				a := ask(t, d, tt.query, nil)
				if got := slices.Sorted(slices.Values(a.refs)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
					t.Errorf("got %d entries, want %v", len(got), tt.want)
				}
				for _, f := range a.all {
					if tt.query.Identifiers[0].Kind == person.Name && f.Confidence != connector.Check {
						t.Errorf("a name alone: got %q, want to be checked", f.Confidence)
					}
				}
			})
		}
	}
}

func TestHalfADoubleNameWithTheBirthDateIsWorthALook(t *testing.T) {
	entry := func(cn, born string, more map[string][]string) ldapserver.Entry {
		a := map[string][]string{"objectClass": {"inetOrgPerson"}, "cn": {cn}, "sn": {"x"}, "description": {born}}
		maps.Copy(a, more)
		return ldapserver.Entry{DN: "cn=" + strings.ReplaceAll(cn, ",", "") + ",ou=people,dc=example,dc=org", Attributes: a}
	}
	entries := []ldapserver.Entry{
		entry("Erika Vogel", "1964-08-12", nil),
		entry("Vogel-Hopkins, Erika Petra", "12.08.1964", nil),
		entry("konto 2", "1964-08-12", map[string][]string{"givenName": {"Erika"}, "sn": {"Hopkins"}}),
		entry("Vogel, Erika", "1964-12-08", nil),
		entry("Erika Komp", "1964-08-12", nil),
		entry("Vogel", "1964-08-12", nil),
		entry("Petra Hopkins", "1964-08-12", nil),
	}
	h := newHarness(t, "read")
	h.add(t, entries...)
	in := func(url string) *directory {
		return open(t, parseConnection(strings.NewReplacer("  - {by: [name]", "  - {by: [name, birthdate]}\n  - {by: [name]", "    account: [uid]", "    account: [uid]\n    birthdate: [description]").
			Replace(fmt.Sprintf(connectionFile, url)), readerPassword))
	}
	made, err := ldapserver.Start(ldapserver.Options{
		BindDN: "cn=reader,dc=example,dc=org", Password: readerPassword, Entries: append(entries, unit("people"), unit("groups"), unit("unix")),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Close()
	for server, d := range map[string]*directory{"slapd": in(h.wire.url()), "in this process": in(made.URL())} {
		for _, tt := range []struct {
			name  string
			query connector.Query
			want  []int
		}{
			{"a double name", query("name", "Erika Vogel-Hopkins", "birthdate", "1964-08-12"), []int{0, 1, 2}},
			{"a double name alone", query("name", "Erika Vogel-Hopkins"), nil},
			{"a second given name", query("name", "Erika Petra Vogel", "birthdate", "1964-08-12"), []int{0, 1}},
			{"a second given name of one word without a letter to ask for", query("name", "Erika Ann Vogel", "birthdate", "1964-08-12"), []int{0}},
			{"a name that has fewer words", query("name", "Petra Vogel", "birthdate", "1964-08-12"), []int{1}},
		} {
			a := ask(t, d, tt.query, nil)
			var want []string
			for _, i := range tt.want {
				want = append(want, "entry/"+number(entries[i].DN))
			}
			if got := slices.Sorted(slices.Values(a.refs)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%s: %s: got %d entries, want %v", server, tt.name, len(got), tt.want)
			}
			for _, f := range a.all {
				if f.Confidence != connector.Check {
					t.Errorf("%s: %s: got %q, want to be checked", server, tt.name, f.Confidence)
				}
			}
		}
	}
}

func TestASimilarNameIsAskedForByAnyTwoWords(t *testing.T) {
	for _, tt := range []struct {
		name    string
		similar bool
		want    string
	}{
		{"Bob Vip Pix", false, "(&(cn=*b*b*)(cn=*p*x*)(cn=*v*p*))"},
		{"Bob Vip Pix", true, "(|(&(cn=*b*b*)(cn=*p*x*))(&(cn=*b*b*)(cn=*v*p*))(&(cn=*p*x*)(cn=*v*p*)))"},
		{"Bob Vip", true, "(&(cn=*b*b*)(cn=*v*p*))"},
		{"Bob", true, "(cn=*b*b*)"},
		{"Erik Vip Pix", true, "(|(cn=*p*x*)(cn=*v*p*))"}, // Erik has only letters that others fold to
		{"Erik Vip", false, "(cn=*v*p*)"},
		{"Erik Ute Vip", true, "(cn=*)"},
		{"Erik Ute Vip", false, "(cn=*v*p*)"},
	} {
		normal, err := person.Normal(person.Name, tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if got := mayBeNamed(normal, []string{"cn"}, tt.similar); got != tt.want {
			t.Errorf("%s, similar %v: got %s, want %s", tt.name, tt.similar, got, tt.want)
		}
	}
}

func TestPartsThatAreMissingAreSaid(t *testing.T) {
	var entries []ldapserver.Entry
	for i := range 30 {
		entries = append(entries, account(connectortest.Erika, i))
	}
	for _, tt := range []struct {
		name    string
		options ldapserver.Options
		want    connector.Gap
		records int
	}{
		{"the directory gives a few and stops", ldapserver.Options{SizeLimit: 7}, connector.Gap{Place: "ou=people,dc=example,dc=org", Reason: "connector.gap.ldap_limit", Count: 1}, 7},
		{"a part lies on another server", ldapserver.Options{Referral: "ldap://192.0.2.1/dc=example"}, connector.Gap{Place: "ou=people,dc=example,dc=org", Reason: "connector.gap.ldap_referral", Count: 1}, 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.Entries = slices.Clone(entries)
			d := open(t, inProcess(t, tt.options))
			a := ask(t, d, connectortest.Erika.Query(), nil)
			if len(a.refs) != tt.records || !slices.Contains(a.Gaps, tt.want) {
				t.Errorf("got %d records and %v, want %d and %v", len(a.refs), a.Gaps, tt.records, tt.want)
			}
			d.sortable = 3
			if a := ask(t, d, connectortest.Erika.Query(), nil); len(a.refs) != tt.records || !slices.Contains(a.Gaps, tt.want) {
				t.Errorf("listed: got %d records and %v, want %d and %v", len(a.refs), a.Gaps, tt.records, tt.want)
			}
		})
	}
}

func TestTheEntryOfACursorIsGone(t *testing.T) {
	var entries []ldapserver.Entry
	for i := range 30 {
		entries = append(entries, account(connectortest.Erika, i))
	}
	for _, sortable := range []int{maxSorted, 3} {
		c := inProcess(t, ldapserver.Options{Entries: slices.Clone(entries)})
		d := open(t, c)
		d.sortable = sortable
		before := ask(t, d, connectortest.Erika.Query(), nil)
		gone := before.all[9].Origin.Position
		less := slices.DeleteFunc(slices.Clone(entries), func(e ldapserver.Entry) bool { return e.DN == gone })
		d2 := open(t, inProcess(t, ldapserver.Options{Entries: less}))
		d2.sortable = sortable
		d2.connection.Version = d.connection.Version // the port is in the file
		rest := ask(t, d2, connectortest.Erika.Query(), before.cursors[9])
		for _, ref := range before.refs[10:] {
			if !slices.Contains(rest.refs, ref) {
				t.Errorf("%d sorted: a record after the one that is gone is missing", sortable)
			}
		}
	}
}

func TestSigningInAndNames(t *testing.T) {
	h := newHarness(t, "read")
	file := fmt.Sprintf(connectionFile, h.wire.url())
	for _, tt := range []struct {
		name, from, to, password, want string
	}{
		{"as it should be", "", "", readerPassword, ""},
		{"a wrong password", "", "", "falsch", "ldap.bind_dn: connection is wrong (LDAP 49: the sign-in is refused: wrong name or password, HOST)"},
		{"no password", "", "", "", "secrets.password: connection is wrong (missing)"},
		{"a base that does not exist", "base: ou=people", "base: ou=nirgends", readerPassword, "ldap.base: connection is wrong (LDAP 32: there is no entry of this name, or none that the account may see, HOST)"},
		{"groups that do not exist", "ou=unix,", "ou=nirgends,", readerPassword, "ldap.reach.1.base: connection is wrong (LDAP 32: there is no entry of this name, or none that the account may see, HOST)"},
		{"an attribute that the schema does not know", "email: [mail]", "email: [mial]", readerPassword, "ldap.yaml:16: ldap.match.email.0: names an attribute that the schema of the directory does not know: connection is wrong"},
		{"the other name of a secret", "withhold: [roomNumber]", "withhold: [surname]", readerPassword, "ldap.yaml:18: ldap.match.name.2: is withheld: nobody is recognised by a secret: connection is wrong"},
		{"an attribute of groups that the schema does not know", "filter_attribute: memberUid", "filter_attribute: memberUids", readerPassword, "ldap.yaml:27: ldap.reach.1.filter_attribute: names an attribute that the schema of the directory does not know: connection is wrong"},
		{"an attribute of the entry that the schema does not know", "filter_attribute: memberUid", "filter_attribute: memberUid, value: uidd", readerPassword, "ldap.yaml:27: ldap.reach.1.value: names an attribute that the schema of the directory does not know: connection is wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Kind{}.Open(t.Context(), parseConnection(strings.Replace(file, tt.from, tt.to, 1), tt.password))
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				return
			}
			want := strings.Replace(tt.want, "HOST", strings.TrimPrefix(h.wire.url(), "ldap://"), 1)
			if err == nil || err.Error() != want || !errors.Is(err, connector.ErrConfig) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		_, err := Kind{}.Open(t.Context(), parseConnection(fmt.Sprintf(connectionFile, "ldap://127.0.0.1:1"), readerPassword))
		if want := "ldap.url: system does not answer (connection refused, 127.0.0.1:1)"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("the other name of an attribute", func(t *testing.T) {
		h.add(t, account(connectortest.Erika, 1))
		a := ask(t, open(t, parseConnection(strings.Replace(file, "email: [mail]", "email: [rfc822Mailbox]", 1), readerPassword)), query("email", connectortest.Erika.Email), nil)
		if len(a.refs) != 1 {
			t.Errorf("got %d entries, want 1", len(a.refs))
		}
	})
}

func TestEncryption(t *testing.T) {
	config, ca := certificate(t)
	for _, tt := range []struct {
		name     string
		startTLS bool
		lines    string
		want     string
	}{
		{"encrypted from the start", false, "ca: " + ca, ""},
		{"encrypted once asked", true, "start_tls: true\n  ca: " + ca, ""},
		{"from the start, certificate of nobody known", false, "scope: sub", "ldap.url: connection is wrong (certificate: signed by an authority that is not trusted; ca names the file of an own one, 127.0.0.1:"},
		{"once asked, certificate of nobody known", true, "start_tls: true", "ldap.url: connection is wrong (certificate: signed by an authority that is not trusted; ca names the file of an own one, 127.0.0.1:"},
		{"a file that is no certificate", false, "ca: /dev/null", "ldap.yaml:12: ldap.ca: names a file that holds no certificate"},
		{"a file that is none", false, "ca: /nirgends", "ldap.yaml:12: ldap.ca: names a file that can't be read"},
		{"an authority in clear", true, "ca: " + ca, "ldap.yaml:12: ldap.ca: is for ldaps:// or start_tls: true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := inProcess(t, ldapserver.Options{TLS: config, StartTLS: tt.startTLS, Entries: []ldapserver.Entry{account(connectortest.Erika, 1)}},
				"  bind_dn:", "  "+tt.lines+"\n  bind_dn:")
			opened, err := Kind{}.Open(t.Context(), c)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, connector.ErrConfig) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if a := ask(t, opened, connectortest.Erika.Query(), nil); len(a.refs) != 1 {
				t.Errorf("got %d entries, want 1", len(a.refs))
			}
		})
	}
	for _, startTLS := range []bool{false, true} {
		c := inProcess(t, ldapserver.Options{TLS: config, StartTLS: startTLS}, "127.0.0.1", "localhost", "  bind_dn:", fmt.Sprintf("  start_tls: %v\n  ca: %s\n  bind_dn:", startTLS, ca))
		_, err := Kind{}.Open(t.Context(), c)
		if want := "ldap.url: connection is wrong (certificate: made for another name than that in the address, localhost:"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("another name: got %v, want %s", err, want)
		}
	}
	_, err := Kind{}.Open(t.Context(), inProcess(t, ldapserver.Options{}, "  bind_dn:", "  start_tls: true\n  bind_dn:"))
	if want := "ldap.url: connection is wrong (LDAP 53: it does not encrypt, 127.0.0.1:"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a server without StartTLS: got %v, want %s", err, want)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, lines := range []string{"start_tls: true", "scope: sub"} {
		file := strings.NewReplacer("kind: ldap", "kind: ldap\ntimeout: 200ms", "  bind_dn:", "  "+lines+"\n  bind_dn:").Replace(fmt.Sprintf(connectionFile, "ldap://"+silent.Addr().String()))
		if lines == "scope: sub" {
			file = strings.Replace(file, "ldap://", "ldaps://", 1)
		}
		_, err := Kind{}.Open(t.Context(), parseConnection(file, readerPassword))
		if want := "no answer in time, 127.0.0.1:"; !errors.Is(err, connector.ErrUnreachable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s, a server that says nothing: got %v, want %s", lines, err, want)
		}
	}
	for url, encrypted := range map[string]bool{
		"ldap://LOCALHOST": true, "ldap://[::1%25lo]": true,
		"ldap://127.0.0.1:389": false, "ldap://localhost": false, "ldap://[::1]": false,
		"ldap://192.0.2.1": true, "ldap://ldap.example.org": true, "ldap://127.0.0.1.example.org": true, "ldaps://ldap.example.org": true,
	} {
		c := parseConnection(fmt.Sprintf(connectionFile, url), "")
		m, err := readMapping(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.encrypted || m.StartTLS; got != encrypted {
			t.Errorf("%s: got encrypted %v, want %v", url, got, encrypted)
		}
	}
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Verzeichnis"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}

func TestTheFileIsChecked(t *testing.T) {
	file := fmt.Sprintf(connectionFile, "ldap://127.0.0.1:1")
	for _, c := range []struct{ name, from, to, want string }{
		{"another scheme", "ldap://127.0.0.1:1", "http://127.0.0.1", "ldap.yaml:11: ldap.url: must be ldaps://"},
		{"a user in the address", "ldap://127.0.0.1:1", "ldap://x:y@127.0.0.1", "ldap.url: must be"},
		{"encrypted twice", "url: ldap://127.0.0.1:1", "start_tls: true\n  url: ldaps://ldap.example.org", "ldap.start_tls: is for ldap:// only"},
		{"no base", "base: ou=people,dc=example,dc=org", "scope: one", "ldap.base: must be a distinguished name"},
		{"scope", "  match:\n", "  scope: all\n  match:\n", "ldap.scope: must be"},
		{"half a filter", "  match:\n", "  filter: (objectClass=*\n  match:\n", "ldap.filter: is no filter"},
		{"two filters", "  match:\n", "  filter: (a=b)(c=d)\n  match:\n", "ldap.filter: is no filter"},
		{"the number of an attribute", "email: [mail]", "email: [2.5.4.35]", "ldap.match.email.0: must be the name of an attribute"},
		{"a secret to recognise by", "email: [mail]", "email: [userpassword;x-y]", "ldap.match.email.0: is withheld"},
		{"a kind that is none", "email: [mail]", "fax: [mail]", "ldap.match.fax: is no kind"},
		{"an address on the network", "email: [mail]", "ip+time: [mail]", "ldap.match.ip+time: is no kind"},
		{"a set that nothing serves", "- {by: [phone]}", "- {by: [iban]}", "ldap.match: lacks iban"},
		{"members by a secret", "filter_attribute: member,", "filter_attribute: userPassword,", "ldap.reach.0.filter_attribute: must be"},
		{"unknown key", "bind_dn:", "binddn:", "ldap.binddn: unknown key"},
	} {
		parsed, err := connector.ParseConnection("ldap.yaml", []byte(strings.Replace(file, c.from, c.to, 1)))
		if err == nil {
			err = Kind{}.Check(parsed)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestSecretsAreKnown(t *testing.T) {
	m := &mapping{Withhold: []string{"pager"}}
	for name, want := range map[string]bool{
		"userPassword": true, "USERPASSWORD;lang-de": true, "unicodePwd": true, "sambaNTPassword": true, "krbPrincipalKey": true,
		"acmeLoginPassword": true, "appSecret": true, "Pager": true,
		"mail": false, "sambaPwdLastSet": false, "pwdChangedTime": false, "sshPublicKey": false, "secretary": false,
	} {
		if got := m.isSecret(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestNoSpellingSlipsThroughTheFilter compares the filter for a name with what
// counts as the same name, for every letter that folds to another.
func TestNoSpellingSlipsThroughTheFilter(t *testing.T) {
	checked := 0
	for from, to := range person.Foldings {
		if from < 0x80 || from >= 0x1e00 && from < 0x1e9e || from >= 0x250 && from < 0x1e00 {
			continue
		}
		checked++
		for _, r := range to {
			if strings.ContainsRune(skeleton("bfmpqvx"+string(r)), r) {
				t.Errorf("%q may stand as %q, but is asked for", r, from)
			}
		}
	}
	if checked < 300 {
		t.Errorf("got %d letters: this test checks nothing", checked)
	}
}

const (
	publicKey        = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl erika@laptop"
	fingerprint      = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
	olderFingerprint = "65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd"
)

func TestFingerprints(t *testing.T) {
	for _, tt := range []struct {
		name, key string
		want      []string
	}{
		{"a key", publicKey, []string{fingerprint, olderFingerprint}},
		{"with options", `command="/bin/true x",no-pty ` + publicKey, []string{fingerprint, olderFingerprint}},
		{"a type that lies", strings.Replace(publicKey, "ssh-ed25519", "ssh-rsa", 1), nil},
		{"half a key", publicKey[:30], nil},
		{"no key", "ssh-ed25519", nil},
	} {
		if got := fingerprints(tt.key); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzFingerprints(f *testing.F) {
	f.Add(publicKey)
	f.Add("ssh-rsa AAAA====")
	f.Fuzz(func(t *testing.T, s string) {
		for _, one := range fingerprints(s) {
			if n, err := person.Normal(person.SSHFingerprint, one); err != nil || n != one {
				t.Errorf("a fingerprint is not in its normal form")
			}
		}
	})
}

func FuzzSchema(f *testing.F) {
	f.Add("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'x' SUP name )")
	f.Add("( 2.5.4.35 NAME 'userPassword' )")
	f.Fuzz(func(t *testing.T, s string) {
		for name, to := range readSchema([]string{s}) {
			if name == "" || to == "" {
				t.Error("a name without letters")
			}
		}
	})
}
