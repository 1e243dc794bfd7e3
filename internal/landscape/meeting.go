package landscape

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// meetings are the logs of video conferences.
var meetings = []folder{
	jitsi("stk-jitsi", "stk-nrw", 90*24*time.Hour),
	jitsi("itnrw-jitsi", "it-nrw", 42*24*time.Hour),
	{id: "itnrw-join", authority: "it-nrw", pattern: "join.log*", keep: 28 * 24 * time.Hour, write: rotated("join.log"), fill: joined},
}

// jitsi is a videobridge. It names addresses, and names that anybody can choose:
// lines are somebody's only where a record of the authority names the address at
// that time.
func jitsi(id, authority string, keep time.Duration) folder {
	return folder{id: id, authority: authority, like: "jitsi", pattern: "jvb.log*", keep: keep, write: rotated("jvb.log"), fill: func(s *shelf) []entry {
		var all []entry
		visit := func(at time.Time, address, name string) {
			var references []string
			endpoint := number(id, fmt.Sprint(len(all)))[:8]
			for i, said := range []string{
				"Endpoint.init: Created new endpoint.",
				"IceTransport.startConnectivityEstablishment: Adding allowed address: " + address + ":50000/udp",
				"Endpoint.expire: Expired.",
			} {
				text := fmt.Sprintf("JVB %s INFO: [%d] [confId=%s conf_name=raum-%d@muc.meet.example epId=%s stats_id=%s] %s", at.Add(time.Duration(i)*time.Minute).In(berlin).Format("2006-01-02 15:04:05.000"),
					20+i, number(endpoint)[:12], len(all)%5, endpoint, name, said)
				all = append(all, entry{at: at.Add(time.Duration(i) * time.Minute), text: text})
				references = append(references, line(text))
			}
			for _, p := range s.People { // two who share a home share its address
				if slices.ContainsFunc(s.state.Contacts[authority][p.ID], func(c contact) bool {
					return c.IP.String() == address && c.At.Sub(at.Add(time.Minute)).Abs() <= 10*time.Minute
				}) {
					s.holds(p, references...)
				}
			}
		}
		for _, p := range s.People {
			for _, c := range s.state.Contacts[authority][p.ID] {
				if s.options.Now.Sub(c.At) < keep && len(all) < 3000 {
					visit(c.At.Add(-time.Minute), c.IP.String(), "Gast")
				}
			}
		}
		for i := range 40 { // guests of whom nothing is known
			r := random(s.options.Seed, id, "guest", fmt.Sprint(i))
			visit(s.ago(r, 20), fmt.Sprintf("203.0.113.%d", 30+i), "Erika")
		}
		return all
	}}
}

// joined is the log of a conference system to which people give their address.
func joined(s *shelf) []entry {
	var all []entry
	s.each(func(p Person, n int, r *rand.Rand) {
		in := s.ago(r, 28)
		meeting, call := fmt.Sprintf("4711-%d", r.IntN(40)), number(s.id, fmt.Sprint(len(all)))[:6]
		for _, e := range []struct {
			after time.Duration
			said  string
		}{
			{0, fmt.Sprintf("event=joined name=%q mail=%s address=%s", p.Name(), p.Email, p.IP)},
			{time.Duration(10+r.IntN(60)) * time.Minute, "event=left duration=1800"},
		} {
			at := in.Add(e.after)
			text := fmt.Sprintf("%s join1 join: conference=%s call=%s %s", at.In(berlin).Format(time.RFC3339), meeting, call, e.said)
			all = append(all, entry{at: at, text: text})
			s.holds(p, line(text))
		}
	})
	return all
}
