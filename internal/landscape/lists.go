package landscape

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"time"

	"einsicht/internal/connector/mailman/mailmanserver"
)

// mailingLists are the lists of IT.NRW.
var mailingLists = []served{{id: "itnrw-mailinglists", authority: "it-nrw", serve: func(s *shelf) (server, map[string]string, error) {
	o := mailmanserver.Options{User: "auskunft", Password: password, Lists: []string{"geodaten.lists.example.org", "linux.lists.example.org", "open-data.lists.example.org"}}
	have := map[string]bool{}
	s.each(func(p Person, n int, r *rand.Rand) {
		if have[p.ID] {
			return
		}
		have[p.ID] = true
		account, at, small := number(s.id, p.ID), s.ago(r, 900), strings.ToLower(p.Email)
		o.Addresses = append(o.Addresses, mailmanserver.Address{Email: p.Email, DisplayName: p.Name(), Registered: at, Verified: at.Add(5 * time.Minute), User: account})
		o.Users = append(o.Users, mailmanserver.User{ID: account, DisplayName: p.Name(), Created: at, Password: "$6$" + account})
		s.holds(p, "addresses/"+small, "users/"+account)
		for _, list := range some(r, o.Lists...) {
			m := mailmanserver.Member{ID: number(s.id, p.ID+list), List: list, Email: p.Email, DisplayName: p.Name(), Role: "member", DeliveryMode: "regular"}
			o.Members = append(o.Members, m)
			s.holds(p, "members/"+m.ID)
		}
	})
	running, err := mailmanserver.Start(o)
	if err != nil {
		return nil, nil, err
	}
	return quiet{running}, map[string]string{"url": running.URL()}, nil
}}}

// number is 32 figures that stand for something.
func number(what ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(what, "\x00")))
	return hex.EncodeToString(sum[:16])
}
