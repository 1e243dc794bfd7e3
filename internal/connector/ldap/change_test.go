package ldap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/ldap/ldapserver"
	"einsicht/internal/person"
)

const erikaDN = "uid=erika,ou=people,dc=example,dc=org"

// erika is an account with everything that can stand against a change.
func erika(more ...string) ldapserver.Entry {
	a := map[string][]string{"objectClass": {"inetOrgPerson"}, "uid": {"erika"}, "cn": {"Erika"}, "sn": {"M"}, "mail": {"a@example.org", "b@example.org"}}
	for i := 0; i < len(more); i += 2 {
		a[more[i]] = append(a[more[i]], more[i+1])
	}
	return ldapserver.Entry{DN: erikaDN, Attributes: a}
}

func group(name string, members ...string) ldapserver.Entry {
	return ldapserver.Entry{DN: "cn=" + name + ",ou=groups,dc=example,dc=org", Attributes: map[string][]string{
		"objectClass": {"groupOfNames"}, "cn": {name}, "member": members,
	}}
}

const otherDN = "cn=jemand anders,ou=people,dc=example,dc=org"

func reference(e ldapserver.Entry) string { return "entry/" + number(e.DN) }

func (h *changeHarness) open(t *testing.T) connector.Changer {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.Connection())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(connector.Changer)
}

// both rehearses and carries a change out, which must come to the same.
func (h *changeHarness) both(t *testing.T, one connector.Change) connector.Effect {
	t.Helper()
	return connectortest.Both(t, h.open(t), h.Pieces, one)
}

func TestWhatStandsAgainstAChange(t *testing.T) {
	mask := strings.NewReplacer("uid, mail, ", "", "{attributes: [cn]", "{attributes: [cn, uid]", "text: {", `text: {mail: "{key}@example.invalid", `).Replace(maskingPart)
	for _, test := range []struct {
		name    string
		part    string
		entries []ldapserver.Entry
		change  connector.Change
		state   connector.EffectState
		reason  string
	}{
		{"an entry below it", deletingPart, []ldapserver.Entry{erika(), {DN: "cn=gerät," + erikaDN, Attributes: map[string][]string{"objectClass": {"device"}, "cn": {"gerät"}}}},
			connector.Change{Do: connector.CanErase}, connector.Hindered, becauseChildren},
		{"a group that it is the last member of", deletingPart, []ldapserver.Entry{erika(), group("a", otherDN, erikaDN), group("b", erikaDN)}, connector.Change{Do: connector.CanErase}, connector.Hindered, becauseLastMember},
		{"nothing, with two groups", deletingPart, []ldapserver.Entry{erika(), group("a", otherDN, erikaDN), group("b", otherDN, erikaDN)}, connector.Change{Do: connector.CanErase}, connector.Changed, ""},
		{"a group that nobody declared", strings.Replace(deletingPart, "\n", "\n#undeclared\n", 1), []ldapserver.Entry{erika(), group("a", otherDN, erikaDN)}, connector.Change{Do: connector.CanErase}, connector.Hindered, becauseMember},
		{"that all entries stay", "\n  change_bind_dn: cn=writer,dc=example,dc=org\n  change: {keep: [{why: Gesetz}]}\n", []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanErase}, connector.Undeclared, becauseKept},
		{"that nobody said how", "\n  change_bind_dn: cn=writer,dc=example,dc=org\n  change: {erase: delete}\n", []ldapserver.Entry{erika()},
			connector.Change{Do: connector.CanRestrict}, connector.Undeclared, becauseUndeclared},
		{"that there is no account", "\n  change: {erase: delete}\n", []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanErase}, connector.Undeclared, becauseReadOnly},
		{"nothing, to a mask", mask, []ldapserver.Entry{erika("userPassword", hash, "sn;lang-de", "M")}, connector.Change{Do: connector.CanErase}, connector.Changed, ""},
		{"an attribute that a mask forgets", mask, []ldapserver.Entry{erika("street", "Weg 1")}, connector.Change{Do: connector.CanErase}, connector.Undeclared, becauseOpen},
		{"a mask of the name", maskingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanErase}, connector.Hindered, becauseNaming},
		{"what an entry must have", strings.Replace(deletingPart, "rectify: [", "rectify: [sn, ", 1), []ldapserver.Entry{erika()},
			connector.Change{Do: connector.CanRectify, Values: map[string]person.Text{"sn": person.NewText("")}}, connector.Hindered, becauseMust},
		{"a value that is none", deletingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanRectify, Values: map[string]person.Text{"telephoneNumber": person.NewText("1")}}, connector.Undeclared, becauseField},
		{"nothing, to the second value", deletingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanRectify, Values: map[string]person.Text{"mail_2": person.NewText("c@example.org")}}, connector.Changed, ""},
		{"that it would say the same twice", deletingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanRectify, Values: map[string]person.Text{"mail": person.NewText("b@example.org")}}, connector.Hindered, becauseValue},
		{"nothing, to a value less", deletingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanRectify, Values: map[string]person.Text{"mail": person.NewText("")}}, connector.Changed, ""},
		{"nothing, to a mark beside another value", deletingPart, []ldapserver.Entry{erika()}, connector.Change{Do: connector.CanRestrict}, connector.Changed, ""},
		{"another mark, where it is one of two", strings.Replace(deletingPart, "set: gesperrt", "set: gesperrt, free: offen", 1), []ldapserver.Entry{erika("employeeType", "Leihkraft")},
			connector.Change{Do: connector.CanRestrict}, connector.Hindered, becauseOtherMark},
		{"nothing, where it is the one of two", strings.Replace(deletingPart, "set: gesperrt", "set: gesperrt, free: offen", 1), []ldapserver.Entry{erika("employeeType", "offen")},
			connector.Change{Do: connector.CanRestrict}, connector.Changed, ""},
		{"that it is marked already", deletingPart, []ldapserver.Entry{erika("employeeType", "gesperrt")}, connector.Change{Do: connector.CanRestrict}, connector.Changed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newChangeHarness(t, test.part, true)
			if strings.Contains(test.part, "#undeclared") {
				h.file = strings.ReplaceAll(h.file, ", change: {erase: delete}", "")
			}
			h.add(t, test.entries...)
			test.change.Reference = reference(test.entries[0])
			if e := h.both(t, test.change); e.State != test.state || e.Reason != test.reason {
				t.Errorf("got %s %q, want %s %q", e.State, e.Reason, test.state, test.reason)
			}
		})
	}
}

func TestAChangeInBetweenIsNotLost(t *testing.T) {
	for _, test := range []struct {
		name    string
		part    string
		numbers bool
		on      ber.Tag
		do      connector.Ability
	}{
		{"erased, where changes are numbered", deletingPart, true, ldap.ApplicationDelRequest, connector.CanErase},
		{"corrected, where changes are numbered", deletingPart, true, ldap.ApplicationModifyRequest, connector.CanRectify},
		{"corrected, where they are not", deletingPart, false, ldap.ApplicationModifyRequest, connector.CanRectify},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newChangeHarness(t, test.part, test.numbers)
			h.add(t, erika(), group("a", otherDN, erikaDN))
			c, times := h.open(t), 0
			h.wire.mu.Lock()
			h.wire.before = func(tag ber.Tag) {
				if tag == test.on && times == 0 {
					times++
					h.admin(t, "ldapmodify", "dn: "+erikaDN+"\nchangetype: modify\nreplace: mail\nmail: inzwischen@example.org\n")
				}
			}
			h.wire.mu.Unlock()
			e, err := c.Carry(t.Context(), []connector.Change{{Do: test.do, Reference: reference(erika()), Values: map[string]person.Text{"mail": person.NewText("c@example.org")}}})
			if err != nil || e[0].State != connector.Differs || times != 1 {
				t.Fatalf("got %v and %v after %d changes in between, want %s", e, err, times, connector.Differs)
			}
			left := h.Pieces(t)
			if !strings.Contains(left[reference(erika())], "inzwischen@example.org") {
				t.Error("what somebody else wrote is lost")
			}
			if _, there := left["group/"+number(group("a").DN)+"/"+reference(erika())]; !there {
				t.Error("the membership is lost")
			}
		})
	}
}

func TestWhatHangsTogetherGoesInOrder(t *testing.T) {
	h := newChangeHarness(t, deletingPart, true)
	h.rewrite(t, "moduleload back_mdb\n", "moduleload back_mdb\nmoduleload memberof\n")
	h.rewrite(t, "dbnosync\n", "dbnosync\noverlay memberof\n")
	child := ldapserver.Entry{DN: "cn=gerät," + erikaDN, Attributes: map[string][]string{"objectClass": {"inetOrgPerson"}, "cn": {"gerät"}, "sn": {"M"}, "uid": {"erika"}}}
	h.add(t, erika(), child, group("a", otherDN, erikaDN), group("b", otherDN, erikaDN, child.DN))
	var some []connector.Change
	c := h.open(t)
	_, err := c.Find(t.Context(), query("account", "erika"), nil, func(f connector.Finding, _ connector.Cursor) error {
		some = append(some, connector.Change{Do: connector.CanErase, Reference: f.Reference, Seen: f.Fingerprint()})
		return nil
	})
	if err != nil || len(some) != 5 {
		t.Fatalf("got %d records and %v, want two entries and three memberships", len(some), err)
	}
	rehearsed, err := c.Rehearse(t.Context(), some)
	if err != nil {
		t.Fatal(err)
	}
	carried, err := c.Carry(t.Context(), some)
	if err != nil {
		t.Fatal(err)
	}
	for i := range some {
		if carried[i].State != connector.Changed || rehearsed[i].State != connector.Changed || len(carried[i].With) > 0 {
			t.Errorf("%s: got %s (%s) with %v, rehearsed %s", some[i].Reference, carried[i].State, carried[i].Reason, carried[i].With, rehearsed[i].State)
		}
	}
	if left := fmt.Sprint(h.Pieces(t)); strings.Contains(left, "uid=erika") {
		t.Error("something of it is left")
	}
}

// A system that was restored is cleansed while it is listed.
func TestWhatIsListedMayBeErasedMeanwhile(t *testing.T) {
	for _, test := range []struct {
		name string
		open func(*testing.T) (connector.Changer, func() string)
	}{
		{"slapd", func(t *testing.T) (connector.Changer, func() string) {
			h := newChangeHarness(t, deletingPart, true)
			h.add(t, crowdOfTwins()...)
			return h.open(t), func() string { return fmt.Sprint(h.Pieces(t)) }
		}},
		{"in this process", func(t *testing.T) (connector.Changer, func() string) {
			h := newServed(t)
			h.Put(crowdOfTwins()...)
			c, err := Kind{}.Open(t.Context(), h.Connection())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c.(connector.Changer), func() string { return fmt.Sprint(h.Pieces(t)) }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, left := test.open(t)
			err := c.References(t.Context(), func(reference string) error {
				if reference == "entry/"+number(unit("people").DN) {
					return nil
				}
				e, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: reference}})
				if err == nil && e[0].State != connector.Changed {
					t.Errorf("%s: got %s (%s), want %s", reference, e[0].State, e[0].Reason, connector.Changed)
				}
				return err
			})
			if err != nil || strings.Contains(left(), "zwilling") {
				t.Errorf("got %v, and something is left", err)
			}
		})
	}
}

// crowdOfTwins is more than one page of accounts, of which some are in a group.
func crowdOfTwins() (all []ldapserver.Entry) {
	g := group("a", otherDN)
	for i := range pageSize + 20 {
		e := erika()
		e.DN = fmt.Sprintf("cn=zwilling %d,ou=people,dc=example,dc=org", i)
		e.Attributes["cn"] = []string{fmt.Sprintf("zwilling %d", i)}
		delete(e.Attributes, "uid")
		if all = append(all, e); i%40 == 0 {
			g.Attributes["member"] = append(g.Attributes["member"], e.DN)
		}
	}
	return append(all, g)
}

func TestWhatTheAccountMayNot(t *testing.T) {
	h := newChangeHarness(t, deletingPart, true)
	const all = `access to * by dn.exact="cn=writer,dc=example,dc=org" write`
	h.rewrite(t, all, `access to dn.subtree="ou=groups,dc=example,dc=org" by dn.exact="cn=writer,dc=example,dc=org" write by dn.exact="cn=reader,dc=example,dc=org" read
`+strings.Replace(all, " write", " read", 1))
	h.add(t, erika(), group("a", otherDN, erikaDN))
	for _, do := range []connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict} {
		e := h.both(t, connector.Change{Do: do, Reference: reference(erika()), Values: map[string]person.Text{"mail": person.NewText("c@example.org")}})
		if e.State != connector.Denied {
			t.Errorf("%s: got %s, want %s", do, e.State, connector.Denied)
		}
	}
}

func TestAKeyThatNamesSeveral(t *testing.T) {
	h := newChangeHarness(t, strings.Replace(deletingPart, "\n", "\n  key: employeeNumber\n", 1), true)
	twin := erika("employeeNumber", "7")
	twin.DN, twin.Attributes["uid"] = "cn=Erika,ou=people,dc=example,dc=org", []string{"erika2"}
	h.add(t, erika("employeeNumber", "7"), twin)
	if e := h.both(t, connector.Change{Do: connector.CanErase, Reference: "entry/7"}); e.State != connector.Undeclared || e.Reason != becauseAmbiguous {
		t.Errorf("got %s %q, want %s", e.State, e.Reason, connector.Undeclared)
	}
}

func TestAKeyIsTakenToTheLetter(t *testing.T) {
	h := newChangeHarness(t, strings.Replace(deletingPart, "\n", "\n  key: uid\n", 1), true)
	h.add(t, erika())
	for key, want := range map[string]connector.EffectState{"ERIKA": connector.Missing, "erik*": connector.Missing, "dn:" + erikaDN: connector.Missing, "erika": connector.Changed} {
		e, err := h.open(t).Rehearse(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: "entry/" + key}})
		if err != nil || e[0].State != want {
			t.Errorf("%s: got %v and %v, want %s", key, e, err, want)
		}
	}
}

func TestASignInThatFailsIsNoEffect(t *testing.T) {
	h := newChangeHarness(t, strings.Replace(deletingPart, "cn=writer", "cn=niemand", 1), true)
	h.add(t, erika())
	c := h.open(t)
	if a := ask(t, c, query("account", "erika"), nil); len(a.all) != 1 {
		t.Errorf("got %d records, want those that reading shows", len(a.all))
	}
	_, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: reference(erika())}})
	if !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "change_bind_dn") {
		t.Errorf("got %v, want %v at change_bind_dn", err, connector.ErrConfig)
	}
}

func TestWhatMayBeDeclared(t *testing.T) {
	for _, test := range []struct{ name, from, to, want string }{
		{"the account that reads", "cn=writer", "cn=reader", "change_bind_dn"},
		{"an unknown way", "erase: mask", "erase: empty", "change.erase"},
		{"a mask without parts", "empty: [uid, mail, mobile, userPassword, jpegPhoto, sshPublicKey, manager, roomNumber]", "", ""},
		{"a mask that only deletes", "erase: mask", "erase: delete", "change.mask"},
		{"an attribute masked and kept", "{attributes: [cn]", "{attributes: [cn, mail]", "change.mask"},
		{"a mask of the key", "empty: [uid", "empty: [entryUUID, uid", "change.mask"},
		{"an empty text", "sn: gelöscht", `sn: ""`, "change.mask"},
		{"no reason", "why: Benennung des Eintrags", `why: ""`, "change.keep"},
		{"a correction of a secret", "rectify: [mail", "rectify: [userPassword", "change.rectify"},
		{"a correction of the key", "rectify: [mail", "rectify: [entryUUID", "change.rectify"},
		{"a mark without value", "set: gesperrt", `set: ""`, "change.restrict"},
		{"a group that is masked", "member, label: Gruppe, change: {erase: delete}", "member, label: Gruppe, change: {erase: mask}", "reach.0.change"},
		{"no password", "change_password: {env: LDAP_PASSWORD}, ", "", "change_bind_dn"},
	} {
		file := strings.Replace(fmt.Sprintf(changeFile(maskingPart), "ldap://127.0.0.1"), test.from, test.to, 1)
		err := Kind{}.Check(parseConnection(file, readerPassword))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), "ldap."+test.want)) {
			t.Errorf("%s: got %v, want it to name %q", test.name, err, test.want)
		}
	}
	unknown := strings.Replace(fmt.Sprintf(changeFile(maskingPart), "%s"), "rectify: [mail", "rectify: [gibtsnicht", 1)
	h := newChangeHarness(t, maskingPart, true)
	h.file = unknown
	if _, err := (Kind{}).Open(t.Context(), h.Connection()); err == nil || !strings.Contains(err.Error(), "change.rectify.0") {
		t.Errorf("got %v, want it to name the attribute that the schema does not know", err)
	}
	want := []connector.Ability{connector.CanFind, connector.CanPreview, connector.CanErase, connector.CanRectify, connector.CanRestrict}
	if got := (Kind{}).Abilities(newChangeHarness(t, deletingPart, true).Connection()); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzClasses(f *testing.F) {
	for _, s := range []string{
		"( 2.5.6.9 NAME 'groupOfNames' DESC 'RFC2256: a group of names (DNs)' SUP top STRUCTURAL MUST ( member $ cn ) MAY ( businessCategory $ seeAlso ) )",
		"( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) )", "( 1.2 NAME ( 'a' 'b' ) DESC 'MUST ( uid )' SUP ( a $ b ) MUST uid )",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := readClasses(schema{}, []string{s})
		for name, c := range all {
			for _, m := range c.must {
				if !all.must([]string{name}, m) {
					t.Errorf("%s: an attribute that such an entry must have is not", name)
				}
			}
			all.must([]string{name}, "nothing") // ends, also where a class is above itself
		}
	})
}

func TestWhatClassesMustHave(t *testing.T) {
	names := schema{"member": "member", "cn": "cn", "commonname": "cn", "sn": "sn", "surname": "sn"}
	all := readClasses(names, []string{
		"( 2.5.6.9 NAME 'groupOfNames' DESC 'RFC2256: a group, MUST ( description ) and more' SUP top STRUCTURAL MUST ( member $ commonName ) MAY ( businessCategory ) )",
		"( 2.5.6.6 NAME ( 'person' 'human' ) SUP top STRUCTURAL MUST surname )", "( 1.2 NAME 'employee' SUP ( person $ employee ) )",
	})
	for _, test := range []struct {
		class, attribute string
		want             bool
	}{
		{"groupOfNames", "member", true}, {"GROUPOFNAMES", "cn", true}, {"groupOfNames", "businessCategory", false}, {"groupOfNames", "description", false},
		{"employee", "sn", true}, {"human", "sn", true}, {"employee", "member", false}, {"unknown", "sn", false},
	} {
		if got := all.must([]string{"top", test.class}, test.attribute); got != test.want {
			t.Errorf("%s %s: got %v, want %v", test.class, test.attribute, got, test.want)
		}
	}
}
