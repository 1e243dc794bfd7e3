package landscape

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// gate is the server by which the holders of keys come in: OpenSSH, as rsyslog
// writes it.
var gate = folder{id: "nlq-ssh-vpn-log", authority: "nlq", pattern: "auth.log*", keep: 30 * 24 * time.Hour, write: rotated("auth.log"), fill: func(s *shelf) []entry {
	var all []entry
	s.each(func(p Person, n int, r *rand.Rand) {
		in := s.ago(r, 30)
		pid, port := 2000+len(all), 40000+len(all)
		address := fmt.Sprintf("%s port %d", p.IP, port)
		for _, e := range []struct {
			after time.Duration
			said  string
		}{
			{0, "Accepted publickey for " + p.Account + " from " + address + " ssh2: ED25519 " + p.Fingerprint()},
			{time.Second, "pam_unix(sshd:session): session opened for user " + p.Account + "(uid=1000) by (uid=0)"},
			{time.Duration(5+r.IntN(90)) * time.Minute, "Disconnected from user " + p.Account + " " + address},
		} {
			at := in.Add(e.after)
			text := fmt.Sprintf("%s gate1 sshd[%d]: %s", at.In(berlin).Format("2006-01-02T15:04:05.000000-07:00"), pid, e.said)
			all = append(all, entry{at: at, text: text})
			s.holds(p, line(text))
		}
	})
	return all
}}
