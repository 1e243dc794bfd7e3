package letter

import (
	"slices"

	"einsicht/internal/inventory"
	"einsicht/internal/law/assess"
)

// Kind is what a letter is for.
type Kind string

// The kinds. KindAnswer is the decision, which Answer writes; Write writes the
// others.
const (
	KindAnswer           Kind = "answer"
	KindReceipt          Kind = "receipt"
	KindIdentity         Kind = "identity-question"      // Art. 12(6) GDPR
	KindClarification    Kind = "clarification-question" // § 12(1) DSG NRW, recital 63
	KindReminder         Kind = "reminder"
	KindExtension        Kind = "extension" // Art. 12(3) s. 2, 3
	KindInterim          Kind = "interim"
	KindNotCompetent     Kind = "not-competent"
	KindRecipientsNotice Kind = "recipients-notice" // Art. 19 s. 1, to a recipient
	KindLiftingNotice    Kind = "lifting-notice"    // Art. 18(3)
	KindLiftingDropped   Kind = "lifting-dropped"   // after it: the restriction stays
	KindSuspended        Kind = "suspended"
	KindResumed          Kind = "resumed"
	KindClosing          Kind = "closing"       // Art. 11(2), 12(2)
	KindConsultation     Kind = "consultation"  // § 12(3) DSG NRW, to a security authority
	KindArchiveOffer     Kind = "archive-offer" // §§ 4, 10 ArchivG NRW, to the archive
)

// Kinds lists those that Write can write.
var Kinds = []Kind{
	KindReceipt, KindIdentity, KindClarification, KindReminder, KindExtension, KindInterim, KindNotCompetent, KindRecipientsNotice,
	KindLiftingNotice, KindLiftingDropped, KindSuspended, KindResumed, KindClosing, KindConsultation, KindArchiveOffer,
}

// Words names the free texts that staff write for the letter, in its order.
func (k Kind) Words() []string {
	var names []string
	for _, p := range plans[k].pieces {
		for _, i := range p.items {
			if i.words != "" {
				names = append(names, i.words)
			}
		}
	}
	return names
}

// Values names the dates and names that the letter needs.
func (k Kind) Values() []string {
	var names []string
	for _, v := range plans[k].values {
		names = append(names, v.name)
	}
	return names
}

// Needs says whether the letter can't be finished without the words or the value
// of that name. The day on which an archive's silence counts is needed only where
// the law knows one.
func (k Kind) Needs(name string) bool {
	for _, p := range plans[k].pieces {
		if slices.ContainsFunc(p.items, func(i item) bool { return i.words == name && !i.optional }) {
			return true
		}
	}
	return slices.ContainsFunc(plans[k].values, func(v value) bool { return v.name == name && !v.sometimes })
}

// IsDate says whether the value of that name is a day, written 2026-01-31.
func (k Kind) IsDate(name string) bool {
	return slices.ContainsFunc(plans[k].values, func(v value) bool { return v.name == name && v.date })
}

// ToOthers says that the letter goes to somebody else than the applicant.
func (k Kind) ToOthers() bool { return plans[k].toOthers }

// Mandatory lists the parts without which the letter must not leave.
func (k Kind) Mandatory() []Part {
	if k == KindAnswer || k == "" {
		return []Part{Summary, Outcome, Complaint}
	}
	var parts []Part
	for _, p := range plans[k].pieces {
		if p.mandatory {
			parts = append(parts, p.part)
		}
	}
	return parts
}

// plan is of what a kind of letter consists.
type plan struct {
	toOthers bool
	// automatic: the program itself sends it, nobody is in charge of it.
	automatic bool
	values    []value
	derived   []string // placeholders that follow from the case: basis, action
	pieces    []piece
}

// value is a date or a name that stands in the sentences of a kind.
type value struct {
	name      string
	date      bool
	sometimes bool // not every variant of the letter needs it
}

// piece is one part of a letter and what it says, in this order.
type piece struct {
	part      Part
	mandatory bool
	items     []item
	build     func(writer) Section // the program itself writes this part
}

// item is one of: a text block, words of staff, something from the case.
type item struct {
	block    string // "period" of the kind "receipt" is the text block "receipt.period"
	variants []string
	variant  func(Notice) string // which of them; empty: there is none
	words    string
	optional bool // own texts, or staff, may leave it out
	fromCase func(*filling) []Block
}

func must(p Part, items ...item) piece { return piece{part: p, mandatory: true, items: items} }
func may(p Part, items ...item) piece  { return piece{part: p, items: items} }

func text(block string) item  { return item{block: block} }
func hint(block string) item  { return item{block: block, optional: true} }
func words(name string) item  { return item{words: name} }
func day(name string) value   { return value{name: name, date: true} }
func named(name string) value { return value{name: name} }

// complaint and remedy: Art. 12(4) GDPR demands both where nothing is done on a
// request; in other letters they help.
var (
	complaintDue   = piece{part: Complaint, mandatory: true, build: writer.complaint}
	complaintHelps = piece{part: Complaint, build: writer.complaint}
	remedyDue      = piece{part: Remedy, mandatory: true, build: writer.remedy}
)

var (
	byLand    = func(n Notice) string { return string(n.Authority.Land) }
	lands     = []string{"NW", "NI"}
	archives  = []string{"land", "municipal", "other", "NI"}
	byArchive = func(n Notice) string {
		switch {
		case n.Authority.Land == "NI":
			return "NI"
		case n.Body == "":
			return string(assess.OfLand)
		}
		return string(n.Body)
	}
)

// byQuestion: whoever was only asked for details is answered without them; whom
// nobody can identify is not.
func byQuestion(n Notice) string {
	switch n.About {
	case KindIdentity:
		return "identity"
	case KindClarification:
		return "clarification"
	}
	return "either"
}

// disagree ends the summary of a letter that a court can look at.
var disagree = item{block: "disagree", variants: []string{"court", "unsettled"}, variant: func(n Notice) string {
	if courtSettled(n) == "" {
		return "unsettled"
	}
	return "court"
}}

var plans = map[Kind]plan{
	KindReceipt: {automatic: true, values: []value{day("due"), named("page")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), item{fromCase: rightsAsked}),
		must(Period, text("period")),
		must(Status, text("status"), item{fromCase: statusPage}, hint("status_without_code")),
		may(Next, hint("next")),
	}},
	KindIdentity: {values: []value{day("until")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Question, text("question"), words("question")),
		must(Ways, text("ways"), text("id_copy")),
		must(Suspension, text("suspension")),
		must(Consequence, text("consequence")),
	}},
	KindClarification: {values: []value{day("until")}, derived: []string{"basis"}, pieces: []piece{
		must(Summary, text("summary")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Question, text("question"), words("question")),
		must(Insist, text("insist")),
		may(Ways, hint("ways")),
		must(Suspension, text("suspension")),
	}},
	KindReminder: {values: []value{day("asked"), day("until")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Question, text("question"), words("question")),
		may(Ways, hint("ways")),
		must(Consequence, item{block: "consequence", variants: []string{"identity", "clarification", "either"}, variant: byQuestion}),
	}},
	KindExtension: {values: []value{day("old_due"), day("due")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Period, text("period")),
		complaintHelps,
		may(Waiting, item{block: "waiting", optional: true, variants: []string{"court"}, variant: courtSettled}),
	}},
	KindInterim: {values: []value{day("due")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Outstanding, text("outstanding"), words("outstanding"), text("no_decision")),
		complaintHelps,
	}},
	KindNotCompetent: {values: []value{named("recipient")}, pieces: []piece{
		must(Summary, text("summary"), disagree),
		must(Reasons, text("reasons"), words("reasons")),
		must(Pointer, text("pointer")),
		must(Forwarding, text("forwarding")),
		complaintDue, remedyDue,
	}},
	KindRecipientsNotice: {toOthers: true, values: []value{day("done")}, derived: []string{"action"}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Duty, text("duty"), text("purpose")),
	}},
	KindLiftingNotice: {values: []value{day("from")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Period, text("period")),
		complaintHelps,
	}},
	KindLiftingDropped: {values: []value{day("from")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Period, text("period")),
		complaintHelps,
	}},
	KindSuspended: {values: []value{day("since"), named("days")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Period, text("period")),
		must(Reasons, text("reasons"), words("reasons")),
		must(Question, text("question"), words("question")),
		may(Ways, hint("ways")),
	}},
	KindResumed: {values: []value{day("since"), day("due")}, pieces: []piece{
		must(Summary, text("summary")),
		must(Period, text("period")),
	}},
	KindClosing: {pieces: []piece{
		must(Summary, text("summary"), disagree),
		must(Outcome, text("outcome"), item{fromCase: rightsAsked}),
		must(Reasons, text("reasons"), words("reasons")),
		must(Supply, text("supply"), text("objection")),
		complaintDue, remedyDue,
	}},
	KindConsultation: {toOthers: true, values: []value{day("until"), day("due")}, derived: []string{"basis"}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Question, text("question")),
		must(Period, text("period")),
		must(Consequence, text("consequence")),
	}},
	KindArchiveOffer: {toOthers: true, values: []value{{name: "until", date: true, sometimes: true}}, derived: []string{"basis"}, pieces: []piece{
		must(Summary, text("summary")),
		must(Message, text("message"), words("content")),
		must(Lawful, text("lawful")),
		must(Period, item{block: "period", variants: archives, variant: byArchive}),
		must(Meanwhile, text("meanwhile")),
	}},
}

// bases says from which text block a kind takes the provision it rests on.
var bases = map[Kind]item{
	KindClarification: {block: "basis", variants: lands, variant: byLand},
	KindConsultation:  {block: "basis", variants: lands, variant: byLand},
	KindArchiveOffer:  {block: "basis", variants: archives, variant: byArchive},
}

// courtSettled: where the remedy is not settled, nobody is told to go to the
// administrative court either.
func courtSettled(n Notice) string {
	if len(unsettled(n.Authority, n.NonPublic, n.CivilServant)) > 0 {
		return ""
	}
	return "court"
}

// unsettled names the text blocks on going to court that an authority must have
// written itself. For bodies under § 5(5) DSG NRW and for civil servants of Lower
// Saxony (§ 54(2) BeamtStG) no source says which way is open.
func unsettled(a inventory.Authority, nonPublic, civilServant bool) []string {
	var blocks []string
	if nonPublic {
		blocks = append(blocks, "remedy.bdsg_nonpublic")
	}
	if civilServant && a.Land == "NI" {
		blocks = append(blocks, "remedy.civil_servant_ni")
	}
	return blocks
}
