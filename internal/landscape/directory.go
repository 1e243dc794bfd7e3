package landscape

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"

	"github.com/google/uuid"

	"einsicht/internal/connector/ldap/ldapserver"
)

// directories are the accounts and keys of those who may sign in.
var directories = []served{
	directory("mhkbd-accounts", "mhkbd-it-fortbildung", []string{"kursverwaltung", "newsletter"}, false),
	directory("nlq-accounts", "nlq", []string{"lehrkraefte", "schulleitungen", "medienberatung"}, false),
	directory("nlq-ssh-vpn-holders", "nlq", []string{"ssh", "vpn"}, true),
}

const (
	reader = "cn=auskunft,dc=landscape,dc=example"
	writer = "cn=aenderung,dc=landscape,dc=example"
)

func directory(id, authority string, groups []string, keys bool) served {
	like := "directory"
	if keys {
		like = ""
	}
	return served{id: id, authority: authority, like: like, serve: func(s *shelf) (server, map[string]string, error) {
		entries := []ldapserver.Entry{{DN: "dc=landscape,dc=example", Attributes: map[string][]string{"objectClass": {"dcObject", "organization"}, "dc": {"landscape"}, "o": {"Beispiel"}}}}
		members := map[string][]string{}
		have := map[string]bool{}
		s.each(func(p Person, n int, r *rand.Rand) {
			if have[p.ID] { // one account each
				return
			}
			have[p.ID] = true
			w := p.spelled(r)
			dn := "uid=" + p.Account + ",ou=people,dc=landscape,dc=example"
			number := uuid.NewSHA1(uuid.NameSpaceX500, []byte(s.id+dn)).String()
			one := map[string][]string{
				"objectClass": {"inetOrgPerson"}, "entryUUID": {number}, "uid": {p.Account}, "cn": {w.Name()}, "givenName": {w.First}, "sn": {w.Last},
				"mail": {w.Email}, "modifyTimestamp": {s.ago(r, 600).Format("20060102150405Z")}, "userPassword": {"{SSHA}" + base64.StdEncoding.EncodeToString([]byte(p.ID))},
			}
			if keys {
				one["objectClass"] = append(one["objectClass"], "ldapPublicKey")
				one["sshPublicKey"] = []string{publicKey(p)}
				one["telephoneNumber"], one["postalAddress"] = []string{w.Phone}, []string{w.Address()}
			}
			entries = append(entries, ldapserver.Entry{DN: dn, Attributes: one})
			s.holds(p, "entry/"+number)
			for _, g := range some(r, groups...) {
				members[g] = append(members[g], dn)
				s.holds(p, "group/"+groupNumber(s.id, g)+"/entry/"+number)
			}
		})
		for _, g := range groups {
			entries = append(entries, ldapserver.Entry{DN: "cn=" + g + ",ou=groups,dc=landscape,dc=example", Attributes: map[string][]string{
				"objectClass": {"groupOfNames"}, "entryUUID": {groupNumber(s.id, g)}, "cn": {g}, "member": members[g]}})
		}
		running, err := ldapserver.Start(ldapserver.Options{BindDN: reader, Password: password, ChangeBindDN: writer, ChangePassword: password, Entries: entries})
		if err != nil {
			return nil, nil, err
		}
		return quiet{running}, map[string]string{"url": running.URL(), "reader": reader, "writer": writer}, nil
	}}
}

func groupNumber(system, group string) string {
	return uuid.NewSHA1(uuid.NameSpaceX500, []byte(system+"/"+group)).String()
}

// publicKey is the SSH key of a person, as it stands in authorized_keys.
func publicKey(p Person) string {
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(keyBlob(p)) + " " + p.Account
}

// Fingerprint is how logs name the key of a person.
func (p Person) Fingerprint() string {
	sum := sha256.Sum256(keyBlob(p))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// keyBlob is a public key on the wire (RFC 8709, section 4).
func keyBlob(p Person) []byte {
	seed := sha256.Sum256([]byte("ssh " + p.ID))
	public := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	var blob []byte
	for _, part := range [][]byte{[]byte("ssh-ed25519"), public} {
		blob = append(binary.BigEndian.AppendUint32(blob, uint32(len(part))), part...)
	}
	return blob
}
