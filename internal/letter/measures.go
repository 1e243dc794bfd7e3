package letter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// measures tells, right by right and system by system, what was done, how that was
// made sure of, what stays and why, and until when backups still hold it.
func (w writer) measures(rights []RightAnswer) Section {
	blocks := []Block{Paragraph{w.text("letter.measures.intro")}}
	for _, r := range rights {
		own, others := w.in.Measures.Around(r.Right), w.covering(r)
		if len(own) == 0 && len(others) == 0 {
			continue
		}
		blocks = append(blocks, Heading{3, w.text("letter.right." + string(r.Right))})
		for len(own) > 0 {
			n := slices.IndexFunc(own, func(m disclosure.Measure) bool { return m.System.ID != own[0].System.ID })
			if n < 0 {
				n = len(own)
			}
			blocks = append(blocks, Heading{4, own[0].System.Name})
			blocks = append(blocks, w.system(own[:n])...)
			own = own[n:]
		}
		for _, other := range others {
			blocks = append(blocks, Paragraph{w.text("letter.measures.elsewhere", "right", w.text("letter.right."+string(other)))})
		}
	}
	return Section{Done, w.text("letter.measures.heading"), append(blocks, w.backups()...)}
}

// covers says of which rights the measures do what a right wants as well: data that
// are erased need not be restricted, too.
var covers = map[law.Right][]law.Right{
	law.ConsentWithdrawal: {law.Erasure},
	law.Restriction:       {law.Erasure, law.ConsentWithdrawal},
	law.Objection:         {law.Erasure, law.ConsentWithdrawal, law.Restriction},
}

func (w writer) covering(r RightAnswer) []law.Right {
	if !r.grants() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(covers[r.Right]), func(other law.Right) bool {
		return !slices.ContainsFunc(w.in.Measures.Of(other), func(m disclosure.Measure) bool {
			return m.State != disclosure.MeasureStays || !m.Stay.ByGround()
		})
	})
}

// grants says whether the answer claims that the person's data are changed.
func (r RightAnswer) grants() bool {
	return r.Right.Changes() && (r.Outcome == casefile.Granted || r.Outcome == casefile.PartlyGranted)
}

// carriedOutcome follows from the measures: what was granted must not say more than
// what was done.
func (w writer) carriedOutcome(r RightAnswer) casefile.Outcome {
	if !r.grants() {
		return r.Outcome
	}
	done, left, byStaff := len(w.covering(r)) > 0, false, false
	for _, m := range w.in.Measures.Of(r.Right) {
		done = done || m.State != disclosure.MeasureStays
		left = left || m.State == disclosure.MeasureStays || len(m.Kept) > 0
		byStaff = byStaff || m.State == disclosure.MeasureStays && !m.Stay.ByGround()
	}
	switch {
	case !done && byStaff:
		return casefile.Refused
	case left:
		return casefile.PartlyGranted
	}
	return r.Outcome
}

// stays gives the reasons for which parts of a right stay undone.
func (w writer) stays(right law.Right) []disclosure.Stay {
	var all []disclosure.Stay
	for _, m := range w.in.Measures.Of(right) {
		if m.State == disclosure.MeasureStays {
			all = append(all, m.Stay)
		}
	}
	return all
}

func lacksReasons(s disclosure.Stay) bool { return !s.ByGround() && s.Reason.IsBlank() }
func lacksGround(s disclosure.Stay) bool  { return s.ByGround() && !s.Withheld && s.Citation == "" }

// keepsFields says whether records are erased but for fields of which each has a why.
func (w writer) keepsFields(right law.Right) bool {
	return slices.ContainsFunc(w.in.Measures.Of(right), func(m disclosure.Measure) bool {
		return len(m.Kept) > 0 && !slices.ContainsFunc(m.Kept, func(k disclosure.KeptField) bool { return k.Why == "" })
	})
}

// claims notes what the answer says of the measures for a right and can't.
func (w writer) claims(l *Letter, r RightAnswer) {
	if !r.Right.Changes() {
		return
	}
	all := w.in.Measures.Of(r.Right)
	if slices.ContainsFunc(all, func(m disclosure.Measure) bool { return m.State == disclosure.MeasureOpen }) {
		l.unfinished = append(l.unfinished, r.Right)
	} else if r.grants() && len(all) == 0 && len(w.covering(r)) == 0 {
		l.undone = append(l.undone, r.Right)
	}
}

// system tells of the measures for one right in one system. What came to the same
// is told once.
func (w writer) system(all []disclosure.Measure) []Block {
	var blocks []Block
	searched := false
	for len(all) > 0 {
		first, n := w.told(all[0]), 0
		var rest []disclosure.Measure
		for _, m := range all {
			if w.told(m) == first {
				n++
			} else {
				rest = append(rest, m)
			}
		}
		blocks = append(blocks, w.measure(all[0], n, w.along(all, first))...)
		searched = searched || all[0].Deed == disclosure.Erased && all[0].Proof == disclosure.SearchedAgain
		all = rest
	}
	if searched {
		blocks = append(blocks, Paragraph{w.text("letter.measures.searched")})
	}
	return blocks
}

// told is what makes two measures the same to tell.
func (w writer) told(m disclosure.Measure) string {
	s := m.Stay
	parts := []string{string(m.State), string(m.Deed), strconv.FormatBool(m.Whole), w.date(m.ActedAt), w.date(m.ReadAt), string(m.Proof),
		m.Statement.Reveal(), strings.Join(m.Fields, "\x00"), s.Title, s.Citation, s.Norm, w.date(s.Until), w.date(s.LookAgain), s.Reason.Reveal(),
		strconv.FormatBool(s.Withheld), string(m.Meanwhile), w.date(m.LiftedAt)}
	for _, k := range m.Kept {
		parts = append(parts, k.Label, k.Why)
	}
	return strings.Join(parts, "\x00")
}

func (w writer) along(all []disclosure.Measure, told string) int {
	n := 0
	for _, m := range all {
		if m.Along > 0 && w.told(m) == told {
			n += m.Along
		}
	}
	return n
}

// measure tells of n records alike, in one paragraph and what belongs to it.
func (w writer) measure(m disclosure.Measure, n, along int) []Block {
	records := w.records(n, m.Whole)
	switch {
	case m.Meanwhile != "":
		return w.meanwhile(m, records)
	case m.State == disclosure.MeasureOpen:
		return []Block{Paragraph{w.text("letter.measures.open."+string(m.Deed), "records", records)}}
	case m.State == disclosure.MeasureStays:
		return w.stay(w.text("letter.measures.stays."+string(m.Deed), "records", records), m.Stay)
	case m.Proof == disclosure.Stated:
		said := w.text("letter.measures.stated."+string(m.Deed), "records", records, "date", w.date(m.ReadAt))
		return []Block{Paragraph{join(" ", said, w.fields(m.Fields), w.text("letter.measures.statement"))}, Words{m.Statement}}
	}
	said := w.text("letter.measures.done."+string(m.Deed), "records", records, "date", w.date(m.ActedAt), "read", w.date(m.ReadAt))
	if along > 0 {
		said = join(" ", said, w.text("letter.measures.along", "n", strconv.Itoa(along)))
	}
	said = join(" ", said, w.fields(m.Fields))
	if len(m.Kept) == 0 {
		return []Block{Paragraph{said}}
	}
	var kept List
	for _, k := range m.Kept {
		kept.Items = append(kept.Items, join(": ", cmp.Or(k.Label, w.text("letter.measures.field")), k.Why))
	}
	return []Block{Paragraph{join(" ", said, w.text("letter.measures.kept"))}, kept}
}

// meanwhile tells of what was restricted until the decision, and what becomes of that:
// the history that the person reads says that it was restricted.
func (w writer) meanwhile(m disclosure.Measure, records string) []Block {
	becomes := w.text("letter.measures.meanwhile."+string(m.Meanwhile), "date", w.date(m.LiftedAt))
	said := join(" ", w.text("letter.measures.meanwhile.restricted", "records", records, "date", w.date(m.ActedAt), "read", w.date(m.ReadAt)), becomes)
	blocks := []Block{Paragraph{said}}
	if m.Proof == disclosure.Stated {
		said = join(" ", w.text("letter.measures.meanwhile.stated", "records", records, "date", w.date(m.ReadAt)), becomes, w.text("letter.measures.statement"))
		blocks = []Block{Paragraph{said}, Words{m.Statement}}
	}
	switch {
	case m.State != disclosure.MeasureStays:
		return blocks
	case m.Meanwhile == disclosure.Remains:
		return append(blocks, w.stay(w.text("letter.measures.meanwhile.not_for_this"), m.Stay)...)
	}
	return append(blocks, w.stay(w.text("letter.measures.meanwhile.no_longer"), m.Stay)...)
}

func (w writer) fields(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return w.text("letter.measures.fields", "fields", strings.Join(labels, ", "))
}

// stay gives the reasons: the ground in words with its citation, or those of staff.
func (w writer) stay(said string, s disclosure.Stay) []Block {
	if s.Withheld {
		return []Block{Paragraph{join(" ", said, w.text("letter.outcome.no_reasons"))}}
	}
	if ground := join(" – ", join(", ", s.Citation, s.Norm), s.Title); ground != "" {
		said = join(" ", said, w.text("letter.outcome.ground", "ground", ground)+".")
	}
	if !s.Until.IsZero() {
		said = join(" ", said, w.text("letter.limit.until", "date", w.date(s.Until)))
	}
	if !s.LookAgain.IsZero() {
		said = join(" ", said, w.text("letter.limit.look_again", "date", w.date(s.LookAgain)))
	}
	if s.Reason.IsBlank() || s.Reason.Reveal() == s.Title {
		return []Block{Paragraph{said}}
	}
	return []Block{Paragraph{said}, Words{s.Reason}}
}

// backups says of the systems in which something was erased until when backups
// still hold it, as far as the inventory knows.
func (w writer) backups() []Block {
	var told List
	var unknown []string
	last := map[string]calendar.Date{}
	var systems []inventory.System
	for _, m := range w.in.Measures.All {
		if m.State != disclosure.MeasureDone || m.Deed != disclosure.Erased && m.Deed != disclosure.Masked {
			continue
		}
		if _, known := last[m.System.ID]; !known {
			systems = append(systems, m.System)
		}
		at := m.ActedAt
		if at.IsZero() {
			at = m.ReadAt
		}
		if day := calendar.DateOf(at); day.After(last[m.System.ID]) {
			last[m.System.ID] = day
		}
	}
	for _, s := range systems {
		days := s.RotationDays
		if days == 0 {
			days = w.in.BackupDays
		}
		if days == 0 {
			unknown = append(unknown, s.Name)
			continue
		}
		over := last[s.ID].AddDays(days).Time()
		told.Items = append(told.Items, w.text("letter.measures.backup", "system", s.Name, "days", strconv.Itoa(days), "date", w.date(over)))
	}
	if len(unknown) > 0 {
		told.Items = append(told.Items, w.text("letter.measures.backup_unknown", "systems", strings.Join(unknown, ", ")))
	}
	if len(told.Items) == 0 {
		return nil
	}
	return []Block{Heading{3, w.text("letter.measures.backups")}, told}
}

// tallies say in numbers what was done and what stays.
func (w writer) tallies() []Block {
	var l List
	for _, t := range w.in.Measures.Tallies() {
		l.Items = append(l.Items, TallyText(w.in.Lang, t))
	}
	if len(l.Items) == 0 {
		return nil
	}
	return []Block{Paragraph{w.text("letter.measures.count")}, l}
}

// TallyText says how much was done, or stays: "Gelöscht: 12 Einträge in 3 Verfahren."
func TallyText(l wording.Lang, t casefile.Tally) string {
	records := wording.Text(l, "letter.measures.records.all")
	if !t.Whole {
		records = counted(l, "letter.measures.records", t.Records)
	}
	return wording.Text(l, "letter.measures.count."+cmp.Or(t.Deed, "stays"), "records", records, "systems", counted(l, "letter.measures.systems", t.Systems))
}

func (w writer) records(n int, whole bool) string {
	if whole {
		return w.text("letter.measures.records.whole")
	}
	return counted(w.in.Lang, "letter.measures.records", n)
}

func counted(l wording.Lang, key string, n int) string {
	if n == 1 {
		key += ".one"
	}
	return wording.Text(l, key, "n", strconv.Itoa(n))
}
