package landscape

import (
	"math/rand/v2"
)

// mhkbd are the databases of the ministry's training courses.
var mhkbd = []database{
	{id: "mhkbd-registrations", authority: "mhkbd-it-fortbildung", record: courseRegistration, tables: []table{
		{"attendee", 1, "attendee_no first_name last_name office email"},
		{"course_registration", 2, "course_no attendee_no registered_at message"},
		{"certificate", 3, "course_no attendee_no issue issued_on"},
	}},
}

func courseRegistration(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	attendee := s.next("attendee")
	s.add("attendee", attendee, w.First, w.Last, pick(r, []string{"Stadt Hagen", "Kreis Lippe", "Bezirksregierung Münster", w.Company}), w.Email)
	for _, course := range some(r, "EXC-2", "LIN-1", "DSG-4") {
		at := s.ago(r, 700)
		s.add("course_registration", course, attendee, at, pick(r, []string{"Bitte einen Platz vorn: ich höre schlecht.", "Vegetarisches Essen", ""}))
		if r.IntN(2) == 0 {
			s.add("certificate", course, attendee, 1, date(at.AddDate(0, 0, 2)))
		}
	}
}
