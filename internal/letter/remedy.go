package letter

import (
	"slices"
	"strings"

	"einsicht/internal/law/court"
	"einsicht/internal/wording"
)

// automated speaks of Art. 15(1)(h) and (2).
func (w writer) automated() Section {
	or := func(text, key string) string {
		if text != "" {
			return text
		}
		return w.text(key)
	}
	return Section{Automated, w.text("letter.automated.heading"), []Block{
		Paragraph{w.text("letter.automated.automated", "text", or(w.in.Automated, "letter.automated.not_recorded"))},
		Paragraph{w.text("letter.automated.transfers", "text", or(w.in.Transfers, "letter.automated.transfers_not_recorded"))},
	}}
}

// moreRights lists the rights of Art. 15(1)(e).
func (w writer) moreRights() Section {
	return Section{MoreRights, w.text("letter.rights.heading"), []Block{
		Paragraph{w.text("letter.rights.intro")},
		List{[]string{w.text("letter.rights.rectification"), w.text("letter.rights.erasure"), w.text("letter.rights.restriction")}},
		Paragraph{w.text("letter.rights.objection")},
	}}
}

// complaint names the supervisory authority, Art. 12(4), 15(1)(f), 77 GDPR. It
// does not offer to hand the answer to that authority instead: § 12 DSG NRW
// knows no such thing, unlike § 34(3) BDSG.
func (w writer) complaint() Section {
	s := w.in.Authority.Complaints()
	if s.Name == "" || !s.Reachable() {
		return Section{Part: Complaint, Heading: w.text("letter.complaint.heading")}
	}
	basis := "letter.complaint.basis." + string(w.in.Authority.Land)
	if !wording.Has(basis) {
		basis = "letter.complaint.basis"
	}
	lines := append([]string{s.Name}, s.Address()...)
	if s.Phone != "" {
		lines = append(lines, w.text("letter.complaint.phone", "phone", s.Phone))
	}
	blocks := []Block{Paragraph{w.text("letter.complaint.text", "basis", w.text(basis))}, List{lines}}
	if s.Email != "" {
		blocks = append(blocks, Link{s.Email, "mailto:" + s.Email})
	}
	if s.Web != "" {
		blocks = append(blocks, Link{s.Web, "https://" + strings.TrimPrefix(s.Web, "https://")})
	}
	// LDI NRW: a complaint does not stop the period of the court.
	return Section{Complaint, w.text("letter.complaint.heading"), append(blocks, Paragraph{w.text("letter.complaint.no_effect")})}
}

// remedy instructs about going to court: remedy, form, court, seat and period,
// § 58(1), § 81(1) VwGO, and nothing more; a wrong word makes the month a year
// (§ 58(2)). There is no Vorverfahren (§ 110(1) JustG NRW, § 80 NJG). It stands in
// every answer and speaks of "as far as", because an answer about secret
// processing must not be known by its remedy.
//
// Which court it is follows from where the person lives (§ 52 no. 3 s. 2, 5
// VwGO); until staff confirmed it, the letter names the rule and the court of the
// authority's seat, because § 58(1) VwGO wants a court and its seat named. Where
// the remedy itself is not settled, the authority's own text takes its place, and
// without one the part stays empty.
func (w writer) remedy() Section {
	sec := Section{Part: Remedy, Heading: w.text("letter.remedy.heading")}
	seat := join(" ", w.in.Authority.Contact.Zip, w.in.Authority.Contact.City)
	pairs := []string{"court", w.in.Court, "seat", seat, "authority", w.in.Authority.Name}
	own := unsettled(w.in.Authority, w.in.NonPublic, w.in.CivilServant)
	for _, block := range own {
		sec.Blocks = append(sec.Blocks, paragraphs(w.text("letter."+block, pairs...))...)
	}
	switch {
	case len(own) > 0:
	case w.in.Court != "":
		sec.Blocks = paragraphs(w.text("letter.remedy.court", pairs...))
	case w.seatCourt() != "":
		sec.Blocks = paragraphs(w.text("letter.remedy.rule", "court", w.seatCourt(), "seat", seat))
	}
	return sec
}

// seatCourt names the court in whose district the authority sits.
func (w writer) seatCourt() string {
	c, _ := court.Seat{Land: w.in.Authority.Land, District: w.in.Authority.SeatDistrict}.Court()
	return c.Name()
}

// unsettled names the text blocks that the remedy waits for.
func (w writer) unsettled() []string {
	return slices.DeleteFunc(unsettled(w.in.Authority, w.in.NonPublic, w.in.CivilServant), func(block string) bool {
		return w.in.Texts.template(w.in.Lang, "letter."+block) != ""
	})
}
