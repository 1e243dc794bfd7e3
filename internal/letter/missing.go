package letter

import (
	"slices"
	"strings"

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
	check(l.InCharge != "" || plans[l.Kind].automatic, "in_charge")
	check(l.Subject != "", "subject")
	for _, p := range l.mandatory() {
		switch {
		case l.has(p) || p == Remedy && len(l.unsettled) > 0:
		case wording.Has("letter.missing." + string(p)):
			check(false, string(p))
		default:
			check(false, "part", "part", wording.Text(wording.German, "letters.heading."+string(p)))
		}
	}
	for _, r := range l.noReasons {
		check(false, "no_reasons", "right", wording.Text(wording.German, "letter.right."+string(r)))
	}
	for _, r := range l.noGround {
		check(false, "ground", "right", wording.Text(wording.German, "letter.right."+string(r)))
	}
	for _, r := range l.undone {
		check(false, "undone", "right", wording.Text(wording.German, "letter.right."+string(r)))
	}
	for _, r := range l.unfinished {
		check(false, "unfinished", "right", wording.Text(wording.German, "letter.right."+string(r)))
	}
	for _, name := range l.lacks {
		check(false, "entry."+name)
	}
	for _, block := range l.unsettled {
		check(false, "unsettled."+strings.TrimPrefix(block, "remedy."), "block", block)
	}
	for _, name := range l.unconfirmed {
		check(false, "inferred", "system", name)
	}
	return missing
}

// mandatory lists the parts that this letter must have: those of its kind and, in
// an answer, those that follow from what was asked and decided.
func (l Letter) mandatory() []Part {
	parts := l.Kind.Mandatory()
	if l.asksAccess {
		parts = append(parts, Confirmation, Searched, MoreRights, Automated)
	}
	if l.refuses && !slices.Contains(parts, Remedy) {
		parts = append(parts, Remedy)
	}
	return parts
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
