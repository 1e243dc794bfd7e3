package letter

import (
	"einsicht/internal/disclosure"
	"einsicht/internal/wording"
)

// Missing says in sentences for staff what a letter must not leave without.
func Missing(l Letter) []string {
	var missing []string
	check := func(ok bool, part string, pairs ...string) {
		if !ok {
			missing = append(missing, wording.Text(wording.German, "letter.missing."+part, pairs...))
		}
	}
	check(l.Authority != "", "authority")
	check(len(l.To) > 0 && !l.To[0].IsZero(), "to")
	check(!l.Date.IsZero(), "date")
	check(l.FileNumber != "", "file_number")
	check(l.InCharge != "", "in_charge")
	check(l.Subject != "", "subject")
	check(l.has(Outcome), "outcome")
	for _, r := range l.noReasons {
		check(false, "reasons", "right", wording.Text(wording.German, "letter.right."+string(r)))
	}
	if l.asksAccess {
		check(l.has(Confirmation), "confirmation")
		check(l.has(Searched), "searched")
		check(l.has(MoreRights), "rights")
		check(l.has(Automated), "automated")
	}
	check(l.has(Complaint), "complaint")
	check(l.has(Remedy) || !l.refuses, "remedy")
	for _, name := range l.unconfirmed {
		check(false, "inferred", "system", name)
	}
	return missing
}

// has says whether a part is there and says something.
func (l Letter) has(p Part) bool {
	s, ok := l.Section(p)
	return ok && len(s.Blocks) > 0
}

// unconfirmed names the systems that answered and whose entries hold what is
// ours and not the authority's.
func (w writer) unconfirmed() []string {
	var names []string
	for _, s := range w.in.Disclosed.Systems {
		answered := s.Outcome != disclosure.Failed && s.Outcome != disclosure.NotAsked
		if answered && len(s.ToConfirm()) > 0 && !w.in.Confirmed[s.ID] {
			names = append(names, s.Name)
		}
	}
	return names
}

// gaps says what Art. 15(1) wants told and the inventory does not know.
func (w writer) gaps() []string {
	var gaps []string
	add := func(missing bool, part string, pairs ...string) {
		if missing {
			gaps = append(gaps, wording.Text(wording.German, "letter.missing."+part, pairs...))
		}
	}
	for _, s := range w.shown() {
		add(s.Purpose == "", "purpose", "system", s.Name)
		add(len(s.LegalBasis) == 0, "basis", "system", s.Name)
		add(len(s.Fields) == 0, "categories", "system", s.Name)
		add(s.Recipients == nil, "recipients", "system", s.Name)
		add(w.retention(s.System) == "", "retention", "system", s.Name)
	}
	add(w.in.Automated == "", "automated")
	add(w.in.Transfers == "", "transfers")
	return gaps
}
