package landscape

import (
	"fmt"
	"math/rand/v2"

	"einsicht/internal/connector/matomo/matomoserver"
)

// statistics are web statistics that keep visits.
var statistics = []served{{id: "itnrw-matomo", authority: "it-nrw", serve: func(s *shelf) (server, map[string]string, error) {
	var visits []matomoserver.Visit
	s.each(func(p Person, n int, r *rand.Rand) {
		first := s.ago(r, 20)
		v := matomoserver.Visit{ID: int64(1000 + len(visits)), Site: 1, VisitorID: p.Visitor(), IP: "198.51.0.0", First: first, Last: first.Add(3 * 60e9),
			Country: "Deutschland", City: p.City, Device: pick(r, []string{"Desktop", "Smartphone"}), Browser: "Firefox", System: "GNU/Linux",
			Actions: []matomoserver.Action{{At: first, URL: "https://www.it.nrw.example/", Title: "Startseite"},
				{At: first.Add(60e9), URL: "https://www.it.nrw.example" + pick(r, pages), Title: "Seite"}}}
		visits = append(visits, v)
		s.holds(p, fmt.Sprintf("visits/%d/%d", v.Site, v.ID))
	})
	file, err := s.changeToken()
	if err != nil {
		return nil, nil, err
	}
	running, err := matomoserver.Start(matomoserver.Options{Token: password, Sites: []int64{1}, Changer: changeToken, ChangerSites: []int64{1}, Visits: visits})
	if err != nil {
		return nil, nil, err
	}
	return quiet{running}, map[string]string{"url": running.URL(), "change_token": file}, nil
}}}

// Visitor is the number in the cookie of web statistics.
func (p Person) Visitor() string { return number("visitor", p.ID)[:16] }
