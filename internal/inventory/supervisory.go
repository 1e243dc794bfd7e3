package inventory

import (
	"slices"

	"einsicht/internal/law/calendar"
)

// Supervision is the supervisory authority people can complain to, Art. 77 GDPR.
type Supervision struct {
	Contact
	Stated     bool // the authority's own notice names it with an address
	Unverified bool // nobody has checked the address against the authority's own page yet
}

// supervisors are the supervisory authorities by law: § 25 DSG NRW, § 18 NDSG.
// The address of the LDI NRW is the one that two of the notices give. That of
// the LfD Niedersachsen is from an undated copy of its own page.
var supervisors = map[calendar.Land]Supervision{
	calendar.NW: {Contact: Contact{
		Name:   "Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen",
		Street: "Kavalleriestr. 2-4", Zip: "40213", City: "Düsseldorf", POBox: "Postfach 20 04 44", POZip: "40102",
		Phone: "0211 38424-0", Fax: "0211 38424-10", Email: "poststelle@ldi.nrw.de", Web: "www.ldi.nrw.de",
	}},
	calendar.NI: {Unverified: true, Contact: Contact{
		Name:   "Landesbeauftragter für den Datenschutz Niedersachsen",
		Street: "Prinzenstraße 5", Zip: "30159", City: "Hannover", Email: "poststelle@lfd.niedersachsen.de",
	}},
}

// Complaints returns where people can complain: the authority that the inventory
// names with its address or else the one that the law of the Land names.
func (a Authority) Complaints() Supervision {
	if a.SupervisoryContact.Reachable() {
		return Supervision{Contact: a.SupervisoryContact, Stated: !slices.Contains(a.InferredKeys, "supervisory")}
	}
	return supervisors[a.Land]
}
