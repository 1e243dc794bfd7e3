package court

import "einsicht/internal/law/calendar"

// Seat is where an authority sits, and how far it reaches.
type Seat struct {
	Land     calendar.Land
	District string // in which its seat lies, as in Districts
	// InsideOneDistrict: its competence lies within the district of one court, as
	// that of the krz in Lemgo. Otherwise it reaches over several.
	InsideOneDistrict bool
}

// Court returns the court in whose district the seat lies.
func (s Seat) Court() (Court, bool) { return Find(s.Land, s.District) }

// Residence is where the person lives, as staff confirmed it.
type Residence struct {
	District string // as in Districts of the authority's Land
	Outside  bool   // outside the area for which the authority is competent
	Unknown  bool   // no address; an empty District says the same
}

// Rule is the rule by which the competent court is found.
type Rule string

// The rules.
const (
	// BySeat: the act was issued in that district, by an authority that reaches no
	// further.
	BySeat Rule = "seat"
	// ByResidence: the authority reaches over several districts.
	ByResidence Rule = "residence"
	// ByDefendant: it does, and the person lives outside all of them.
	ByDefendant Rule = "defendant"
	// Unsettled: it does, and nobody knows where the person lives. The letter
	// names ByResidence, ByDefendant and the court of the seat.
	Unsettled Rule = "unsettled"
)

// Citation names the rule. Sentence 5 takes sentences 1 and 2 to actions for an
// act that was refused.
func (r Rule) Citation() string {
	switch r {
	case BySeat:
		return "§ 52 Nr. 3 Satz 1 VwGO i. V. m. § 52 Nr. 3 Satz 5 VwGO"
	case ByResidence:
		return "§ 52 Nr. 3 Satz 2 VwGO i. V. m. § 52 Nr. 3 Satz 5 VwGO"
	case ByDefendant:
		return "§ 52 Nr. 3 Satz 3 VwGO i. V. m. § 52 Nr. 5 VwGO"
	case Unsettled:
		return "§ 52 Nr. 3 Satz 2 VwGO und § 52 Nr. 5 VwGO"
	}
	return ""
}

// Competent returns the court before which a refusal is challenged, and by which
// rule. There is no court, so that the letter names the rule, where the rule is
// Unsettled or the authority's seat is no district of its Land.
//
// Not asked here: § 52 no. 4 VwGO, which has rules of its own for civil servants
// in matters of their service.
func Competent(seat Seat, r Residence) (Court, Rule) {
	atSeat, _ := seat.Court()
	switch {
	case seat.InsideOneDistrict:
		return atSeat, BySeat
	case r.Unknown:
		return Court{}, Unsettled
	case r.Outside:
		return atSeat, ByDefendant
	}
	c, ok := Find(seat.Land, r.District)
	if !ok {
		return Court{}, Unsettled
	}
	return c, ByResidence
}
