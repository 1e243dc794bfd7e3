package inventory

import "einsicht/internal/law/calendar"

// Accessibility holds the facts of the accessibility statement (Erklärung zur
// Barrierefreiheit, Directive (EU) 2016/2102, § 10b BGG NRW, § 9b NBGG).
type Accessibility struct {
	Name        string
	Law         string   // the Land's act
	Feedback    Contact  // where barriers are reported
	Enforcement Contact  // who helps if the authority does not answer
	Gaps        []string // wording keys of what has to be added or checked before use
}

// Accessibility returns what is known for the authority's statement.
func (a Authority) Accessibility() Accessibility {
	s := enforcement[a.Land]
	s.Name, s.Feedback = a.Name, a.Contact
	// Nobody has checked the bodies' details against their own pages of today.
	s.Gaps = append(a.contactGaps(), "inventory.gap.accessibility_unverified")
	return s
}

// enforcement holds the bodies by law: §§ 10d, 10e BGG NRW, § 9d NBGG. The one in
// North Rhine-Westphalia is from its own page; its mail address from a notice of
// IT.NRW of January 2020.
var enforcement = map[calendar.Land]Accessibility{
	calendar.NW: {Law: "BGG NRW, BITVNRW", Enforcement: Contact{
		Name:  "Ombudsstelle für barrierefreie Informationstechnik des Landes Nordrhein-Westfalen",
		Email: "ombudsstelle-barrierefreie-it@mags.nrw.de", Web: "www.lbbp.nrw.de/ombudsstelle",
	}},
	calendar.NI: {Law: "NBGG", Enforcement: Contact{
		Name: "Schlichtungsstelle nach § 9d NBGG bei der Landesbeauftragten für Menschen mit Behinderungen, Hannover",
	}},
}
