package catalogue

import (
	"slices"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
)

// Ground is one rule that limits a right, or asks or ends something on the way.
type Ground struct {
	ID          string          `yaml:"id"`
	Citation    string          `yaml:"citation"`
	Citations   Bodies          `yaml:"citations"` // of other bodies than those of the Land
	Title       Sentence        `yaml:"title"`
	Rights      []law.Right     `yaml:"rights"`
	Lands       []calendar.Land `yaml:"lands"`   // none: all
	Regimes     []law.Regime    `yaml:"regimes"` // none: all
	Reach       Reach           `yaml:"reach"`
	Effect      Effect          `yaml:"effect"`
	Ends        string          `yaml:"ends"` // for the effect ends: the ground that no longer holds
	Decision    Decision        `yaml:"decision"`
	Conditions  []Condition     `yaml:"conditions"` // all must be met
	OnFile      []Sentence      `yaml:"on_file"`
	OnFileUnder string          `yaml:"on_file_under"` // rule that orders it; empty: Art. 5(2) GDPR only
	Reasons     Reasons         `yaml:"reasons_withholdable"`
	SecretFact  Sentence        `yaml:"secret_fact"` // asks whether the fact of processing is secret too
	Review      bool            `yaml:"review"`      // "soweit und solange": needs a day to look again
	Replacement Sentence        `yaml:"replacement"` // what happens instead, for staff
	ForLetter   Sentence        `yaml:"for_letter"`  // what the person is told of it; empty: nothing
	Mandatory   bool            `yaml:"mandatory"`   // the statute itself orders the replacement
	Task        Task            `yaml:"task"`
	Unusable    Sentence        `yaml:"unusable"` // why nobody may use it; empty: it can be used
	Verified    bool            `yaml:"verified"`
	Unverified  string          `yaml:"unverified"` // what is not verified
	ValidFrom   calendar.Date   `yaml:"valid_from"` // no date: as the act
	ValidTo     calendar.Date   `yaml:"valid_to"`   // no date: still
	Note        Sentence        `yaml:"note"`       // for staff

	// Confirm is set by Book.On: on that day nobody has compared this text with the
	// one in force, or it is not verified. Staff confirm it once, not at each case.
	Confirm bool `yaml:"-"`
	// Source is set by reading: where the text of the act stands.
	Source string `yaml:"-"`

	readUntil calendar.Date
	questions []Condition
}

// Condition is a question that must be answered yes for a ground to hold.
type Condition struct {
	ID       string `yaml:"id"`
	Fact     Fact   `yaml:"fact"` // known from the file, so that nobody is asked; empty: staff answer
	Sentence `yaml:",inline"`
}

// Bodies are citations for bodies to which another rule of the same content
// applies; empty: the one of all.
type Bodies struct {
	Municipal string `yaml:"municipal"`
	Other     string `yaml:"other"`
}

// Reasons says whether the person need not be told why.
type Reasons struct {
	Under string   `yaml:"under"` // citation; empty: never
	If    Sentence `yaml:"if"`    // the question that must be answered yes
}

// Allowed says whether reasons can be withheld at all.
func (r Reasons) Allowed() bool { return r.Under != "" }

// Usable says whether the ground may be used at all.
func (g Ground) Usable() bool { return g.Unusable.IsZero() }

// Limits says whether the ground limits the right.
func (g Ground) Limits(right law.Right) bool { return slices.Contains(g.Rights, right) }

// Applies says whether the ground is law in the Land under the regime.
func (g Ground) Applies(land calendar.Land, regime law.Regime) bool {
	return (len(g.Lands) == 0 || slices.Contains(g.Lands, land)) &&
		(len(g.Regimes) == 0 || regime == "" || slices.Contains(g.Regimes, regime))
}

// CitationFor cites the ground for a kind of body: land, municipal or other.
func (g Ground) CitationFor(body string) string {
	switch {
	case body == "municipal" && g.Citations.Municipal != "":
		return g.Citations.Municipal
	case body == "other" && g.Citations.Other != "":
		return g.Citations.Other
	}
	return g.Citation
}

// Questions lists the conditions and, where the statute says "may", the
// exercise of discretion, which is one more thing that can be missing. The list
// is shared; nobody writes to it.
func (g Ground) Questions() []Condition { return g.questions }

// DiscretionExercised is the question that every ground under discretion has.
const DiscretionExercised = "discretion"

// discretion: § 39(1) sentence 3 VwVfG NRW wants the considerations shown.
var discretion = Condition{ID: DiscretionExercised, Sentence: Sentence{
	DE: "Hat die Stelle ihr Ermessen ausgeübt und sich dafür entschieden?",
	EN: "Has the authority exercised its discretion and decided to do so?",
}}

// Reach says how much of a case one answer to a ground covers.
type Reach string

// From the whole case to one field of one finding.
const (
	Case    Reach = "case"
	System  Reach = "system"
	Finding Reach = "finding"
	Field   Reach = "field"
)

var reaches = []Reach{Case, System, Finding, Field}

// Effect says what a ground does to the right.
type Effect string

// The effects. A new one needs code in package assess.
const (
	Defer           Effect = "defer"            // not yet
	Partial         Effect = "partial"          // what can be done is done
	Withhold        Effect = "withhold"         // this is not given
	BlackOut        Effect = "black-out"        // the document is given, parts unreadable
	RestrictInstead Effect = "restrict-instead" // restriction takes the place of erasure
	NotApply        Effect = "not-apply"        // the right does not exist so far and so long
	Refuse          Effect = "refuse"
	Fee             Effect = "fee"
	Clarify         Effect = "clarify" // no limit: the person is asked, the clock may rest
	Ends            Effect = "ends"    // no limit: ends another ground
)

var effects = []Effect{Defer, Partial, Withhold, BlackOut, RestrictInstead, NotApply, Refuse, Fee, Clarify, Ends}

// IsLimit says whether the person gets less than asked for.
func (e Effect) IsLimit() bool { return e != Clarify && e != Ends }

// Whole says whether nothing of what the ground covers is left of the right.
func (e Effect) Whole() bool {
	return slices.Contains([]Effect{Defer, Withhold, RestrictInstead, NotApply, Refuse}, e)
}

// Decision says whether staff have a choice.
type Decision string

// Bound: the statute decides. Discretion: "kann". Balancing: interests are
// weighed, and the result binds.
const (
	Bound      Decision = "bound"
	Discretion Decision = "discretion"
	Balancing  Decision = "balancing"
)

var decisions = []Decision{Bound, Discretion, Balancing}

// Fact is something the register of systems, or the file, says by itself.
type Fact string

// The facts. Package assess knows how each is found.
const (
	Paper               Fact = "paper"                  // non-automated processing
	BackupOnly          Fact = "backup-only"            // kept for backup or data protection control alone
	RetentionOnly       Fact = "retention-only"         // kept only because of a retention rule
	StatutoryRetention  Fact = "statutory-retention"    // a norm, not an internal schedule
	RetentionRuns       Fact = "retention-runs"         // and its end is not reached
	ArchiveDutyLasts    Fact = "archive-duty-lasts"     // § 4(5) sentence 1 ArchivG NRW has not ended it
	ArchiveDutyCanEnd   Fact = "archive-duty-can-end"   // not for municipal bodies: § 10(5) ArchivG NRW
	ArchiveSixMonths    Fact = "archive-six-months"     // since the offer
	NoConsentOrContract Fact = "no-consent-or-contract" // Art. 20(1)(a)
	NotAutomated        Fact = "not-automated"          // Art. 20(1)(b)
	NotProvided         Fact = "not-provided"           // not by the person
	PublicTask          Fact = "public-task"            // Art. 6(1)(e), at an authority also (f)
	NoPublicTask        Fact = "no-public-task"         // neither of them
	NoConsent           Fact = "no-consent"             // Art. 6(1)(a), 9(2)(a)
)

var facts = []Fact{
	Paper, BackupOnly, RetentionOnly, StatutoryRetention, RetentionRuns, ArchiveDutyLasts, ArchiveDutyCanEnd, ArchiveSixMonths,
	NoConsentOrContract, NotAutomated, NotProvided, PublicTask, NoPublicTask, NoConsent,
}

// Task is work that a ground opens. None of them stops the clock by itself.
type Task string

// The tasks.
const (
	Consultation  Task = "consultation"  // ask a security authority for its consent
	ArchiveOffer  Task = "archive-offer" // offer to the archive, await its decision
	IdentityCheck Task = "identity-question"
	Clarification Task = "clarification-question"
)

var tasks = []Task{Consultation, ArchiveOffer, IdentityCheck, Clarification}
