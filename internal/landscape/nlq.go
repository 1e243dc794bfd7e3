package landscape

import (
	"math/rand/v2"
	"time"
)

// nlq are the databases of the Bildungsportal.
var nlq = []database{
	{id: "nlq-contacts", authority: "nlq", record: contactRequest, tables: []table{
		{"contact_request", 1, "request_no name email phone subject details received_at ip_address"},
		{"reply", 2, "request_no reply_no replied_at body staff"},
	}},
	{id: "nlq-consent-log", authority: "nlq", record: consentEntry, tables: []table{
		{"consent", 2, "year consent_no name email given_at way text_version"},
		{"withdrawal", 2, "year consent_no withdrawn_at"},
	}},
}

func contactRequest(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	if r.IntN(3) == 0 {
		w.Email = "" // by telephone
	}
	id, at := s.next("contact_request"), s.ago(r, 400)
	s.add("contact_request", id, w.Last+", "+w.First, w.Email, w.Phone, pick(r, []string{"Fortbildung", "Medienzentrum", "Zugang vergessen"}),
		pick(r, []string{"Ich bin Lehrerin an einer Grundschule.", "Bitte nur vormittags anrufen.", ""}), at, s.from(w, at))
	for n := range r.IntN(3) {
		s.add("reply", id, n+1, at.Add(time.Duration(n+1)*20*time.Minute), "Vielen Dank für Ihre Anfrage. Sie finden alles im Bildungsportal.", pick(r, []string{"n-101", "n-117"}))
	}
}

func consentEntry(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	at := s.ago(r, 900)
	no := s.nextOf(at.Year(), "consent")
	s.add("consent", at.Year(), no, w.First+" "+w.Last, w.Email, at, pick(r, []string{"Website", "E-Mail", "Fax", "Telefon"}), pick(r, []string{"2018-05", "2023-01"}))
	if r.IntN(2) == 0 {
		s.add("withdrawal", at.Year(), no, s.now.Add(-time.Minute).Truncate(time.Second))
	}
}
