package ldap

import (
	"slices"
	"strings"
)

// secrets are attributes of directories in use that hold passwords, keys or
// what they can be guessed from. Their values are never asked for, whatever a
// connection file says.
var secrets = []string{
	"userPassword", "authPassword", "userPKCS12", "pwdHistory", // RFC 4519, 3112, 2798; draft-behera-ldap-password-policy
	"unicodePwd", "dBCSPwd", "ntPwdHistory", "lmPwdHistory", "supplementalCredentials", // Active Directory
	"msDS-ManagedPassword", "ms-Mcs-AdmPwd", "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory",
	"initialAuthIncoming", "initialAuthOutgoing", "trustAuthIncoming", "trustAuthOutgoing",
	"sambaNTPassword", "sambaLMPassword", "sambaPasswordHistory", "sambaClearTextPassword", "sambaPreviousClearTextPassword",
	"krbPrincipalKey", "krbMKey", "krbPwdHistory", "krb5Key", "ipaNTHash", "ipaNTTrustAuthOutgoing", "ipaNTTrustAuthIncoming",
	"ipatokenOTPkey", "oathSecret", "oathEncKey", "goSambaPassword", "radiusPassword", "mozillaSecret",
	"nsds5ReplicaCredentials", "nsMultiplexorCredentials", "olcRootPW", "olcSyncrepl", "sshPrivateKey",
	"sunKeyValue", "orclPassword", "passwordHistory", "ibm-pwdHistory", "sambaTrustPassword",
}

// secretEndings give away the secrets of a schema that nobody here has heard of.
var secretEndings = []string{"password", "passwd", "pwd", "pwdhistory", "passwordhistory", "passwordhash", "pwdhash", "secret", "secretkey", "privatekey"}

// isSecret says whether the value of an attribute must stay where it is.
func (m *mapping) isSecret(name string) bool {
	name = bare(name)
	same := func(s string) bool { return strings.EqualFold(s, name) }
	if slices.ContainsFunc(secrets, same) || slices.ContainsFunc(m.Withhold, same) {
		return true
	}
	lower := strings.ToLower(name)
	return slices.ContainsFunc(secretEndings, func(e string) bool { return strings.HasSuffix(lower, e) })
}

// known lists the secrets that an entry may be asked about by name, with those
// of the connection. A directory that tells its schema is asked for no others
// than it knows.
func (m *mapping) known(s schema) []string {
	all := append(slices.Clone(secrets), m.Withhold...)
	for _, name := range s {
		if m.isSecret(name) {
			all = append(all, name)
		}
	}
	if len(s) > 0 {
		all = slices.DeleteFunc(all, func(name string) bool { _, known := s[strings.ToLower(bare(name))]; return !known })
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(all, strings.EqualFold)
}

// others are attributes that name other people.
var others = []string{
	"manager", "secretary", "owner", "seeAlso", "roleOccupant", "managedBy", "directReports", "assistant", "associatedName", "documentAuthor",
	"member", "uniqueMember", "memberUid", "msExchCoManagedByLink", "publicDelegates", "creatorsName", "modifiersName",
}

// speaksOfOthers says whether an attribute names somebody else.
func speaksOfOthers(name string) bool {
	return slices.ContainsFunc(others, func(s string) bool { return strings.EqualFold(s, bare(name)) })
}

// members are attributes that name the members of a group. Only the person's
// own membership is theirs.
var members = []string{"member", "uniqueMember", "memberUid", "memberNisNetgroup", "nisNetgroupTriple", "roleOccupant", "mgrpRFC822MailMember", "rfc822MailMember", "memberURL"}

func (r reach) names(attribute string) bool {
	name := bare(attribute)
	return strings.EqualFold(name, r.FilterAttribute) || slices.ContainsFunc(members, func(s string) bool { return strings.EqualFold(s, name) })
}
