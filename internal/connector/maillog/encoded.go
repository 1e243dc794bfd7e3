package maillog

import "strings"

// encoded gives the addresses that an address has in it: mailing lists and
// forwarders write the true one into the one that errors go back to.
//
//	bounces+erika=example.org@lists.example.net       VERP
//	liste-bounces+erika=example.org@lists.example.net Mailman
//	SRS0=hhh=tt=example.org=erika@forwarder           SRS
//	SRS1=hhh=first==hhh=tt=example.org=erika@second
//	prvs=0123456789=erika@example.org                 BATV
//
// Anybody can write such an address, so it only leads to a look.
func encoded(address string) (found []string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 || !strings.Contains(address[:i], "=") {
		return nil
	}
	local, domain := address[:i], address[i+1:]
	parts := strings.Split(local, "=")
	n := len(parts)
	if kind := strings.ToLower(parts[0]); kind == "srs0" || kind == "srs1" || strings.HasPrefix(kind, "srs0+") || strings.HasPrefix(kind, "srs0-") ||
		strings.HasPrefix(kind, "srs1+") || strings.HasPrefix(kind, "srs1-") {
		if n >= 5 {
			// A local part may hold = itself.
			for at := 3; at < n-1; at++ {
				if strings.Contains(parts[at], ".") {
					found = append(found, strings.Join(parts[at+1:], "=")+"@"+parts[at])
				}
			}
		}
		return found
	}
	if n == 3 && strings.EqualFold(parts[0], "prvs") {
		return []string{parts[2] + "@" + domain, parts[1] + "@" + domain}
	}
	user, host := strings.Join(parts[:n-1], "="), parts[n-1]
	if !strings.Contains(host, ".") {
		return nil
	}
	// What stands before the user ends with + or -, and users have both as well.
	found = append(found, user+"@"+host)
	for at, c := range user {
		if (c == '+' || c == '-') && at+1 < len(user) {
			found = append(found, user[at+1:]+"@"+host)
		}
	}
	return found
}
