package letter

import "slices"

// summary says in plain language (Einfache Sprache) what the answer is and what
// can be done about it. It follows from what the person may know of the outcomes
// and from nothing else; how to disagree stands in every answer, so that none is
// known by it.
func (w writer) summary(rights []RightAnswer) Section {
	blocks := paragraphs(w.text("letter.summary.intro", "date", w.date(w.in.Received)))
	var l List
	for _, r := range rights {
		l.Items = append(l.Items, w.text("letter.summary."+string(r.Outcome), "right", w.text("letter.right."+string(r.Right)), "outcome", w.said(r)))
	}
	blocks = append(blocks, l)
	blocks = append(blocks, w.tallies()...)
	do := "letter.summary.do"
	if slices.ContainsFunc(rights, func(r RightAnswer) bool { return r.Outcome == unidentifiable }) {
		do += "_unattributable"
	}
	blocks = append(blocks, paragraphs(w.text(do))...)
	disagree := "letter.summary.disagree"
	if len(unsettled(w.in.Authority, w.in.NonPublic, w.in.CivilServant)) > 0 {
		disagree += "_unsettled"
	}
	blocks = append(blocks, paragraphs(w.text(disagree))...)
	return Section{Summary, w.text("letters.heading.summary"), blocks}
}
