// Package assess says what follows for a request: what is due, what may be
// limited, what must still be asked, what must be put on file and what happens
// instead, each with its citation.
//
// Everything is an argument: the law of the day (catalogue), what the register
// knows about the systems, and what staff have answered. Nothing is decided here
// that the statute leaves to a person; where it says "may", staff are asked.
package assess

import (
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// Facts are what is known about a request for one right.
type Facts struct {
	Right       law.Right
	Land        calendar.Land
	Body        Body
	Day         calendar.Date // of the decision
	MonthOneEnd calendar.Date // last day for a complete refusal; no date: not known
	Systems     []System
	Answers     map[Question]bool
	Claimed     map[Place]bool // somebody has taken the ground up; an answer to it says the same
	Entire      map[Place]bool // the ground covers all that the system holds, not only parts
}

// Body is the kind of public body: it decides about the archive's silence.
type Body string

// The kinds of bodies.
const (
	OfLand    Body = "land"
	Municipal Body = "municipal" // municipalities and their associations, such as krz
	OtherBody Body = "other"     // other legal persons of public law
)

// System is one system as far as the law asks about it.
type System struct {
	ID        string
	Name      string
	Regime    law.Regime
	Bases     []Basis
	Form      Form
	Backup    bool // kept for backup or data protection control alone
	Rotation  int  // days after which a backup is overwritten; 0: not known
	Provided  Known
	Retention Retention
	Offered   calendar.Date // to the archive; no date: not yet
	State     State
}

// Basis is a legal basis of Art. 6(1) GDPR, by its letter.
type Basis string

// The legal bases.
const (
	Consent            Basis = "a"
	Contract           Basis = "b"
	LegalObligation    Basis = "c"
	VitalInterest      Basis = "d"
	PublicTask         Basis = "e"
	LegitimateInterest Basis = "f" // not for authorities in their tasks: Art. 6(1) subpara. 2
)

// Form says how data are processed.
type Form string

// The forms; none: not known.
const (
	Automated Form = "automated"
	Paper     Form = "paper"
)

// Known is a fact that can also be unknown.
type Known int8

// The three values.
const (
	Unknown Known = iota
	Yes
	No
)

// Retention is a rule that data must stay.
type Retention struct {
	Norm  string        // citation of the statute; an internal schedule has none
	Until calendar.Date // last day of the duty
	Only  bool          // the data are kept for no other reason
}

// State says what a system has answered to the search.
type State string

// The states of the search.
const (
	Pending State = "pending"
	Nothing State = "nothing"
	Held    State = "held"
)

// Place is where a ground is claimed. A ground about the whole case names no system.
type Place struct{ Ground, System string }

// Question is a condition at a place. A condition of the right itself stands at
// the place Place{Ground: string(right)}.
type Question struct {
	Place
	Condition string
}

// Conditions that every ground of their kind has.
const (
	ReasonsEndanger = "reasons"     // yes: the reasons can be withheld, where the statute allows it
	FactSecret      = "secret-fact" // yes: the letter must not even show that data are held
)

// Result is what follows.
type Result struct {
	Outcome   Outcome
	Checks    []Check // every ground that was looked at, with how it stands
	Limits    []Limit // those that limit the right
	Due       []Line  // what the person gets
	Instead   []Line  // what happens in place of what they do not get
	AskStaff  []Asked
	MayAsk    []Asked // of grounds that hold; the outcome does not wait for it
	AskPerson []Line  // asking can stop the clock
	Tasks     []Opened
	OnFile    []Line
	Notes     []Line   // for staff
	Confirm   []string // grounds used whose current text staff must confirm once
	Neutral   bool     // the letter reads as if nothing were held
}

// Outcome is the decision that the answers lead to.
type Outcome string

// The outcomes.
const (
	Open        Outcome = "open"
	Granted     Outcome = "granted"
	Partly      Outcome = "partly"
	Refused     Outcome = "refused"
	NothingHeld Outcome = "nothing-held"
)

// Check is a ground at a place and how it stands.
type Check struct {
	Place
	Standing Standing
	Failed   []string // conditions answered no
	Missing  []string // conditions not answered
}

// Standing says how a ground stands.
type Standing string

// The standings.
const (
	Holds    Standing = "holds"
	Fails    Standing = "fails"
	Awaits   Standing = "awaits"   // somebody has begun to answer
	Possible Standing = "possible" // nobody has claimed it
	Foreign  Standing = "foreign"  // claimed, but no law here or not against this right
	Unusable Standing = "unusable" // claimed, but its text is not known
)

// Limit is a ground that holds.
type Limit struct {
	Place
	Citation        string
	Effect          catalogue.Effect
	Whole           bool // nothing of the right is left at this place
	ReasonsWithheld bool
	SecretFact      bool
	Review          bool // needs a day to look again
}

// Asked is a question that staff must, or may, still answer.
type Asked struct {
	Question
	About About
	Text  catalogue.Sentence
}

// About says what a question is about.
type About string

// What questions are about. The last two come once a ground holds, and only as
// MayAsk.
const (
	AboutRight      About = "right"      // does the right itself exist?
	AboutCondition  About = "condition"  // one of those that must all be met
	AboutDiscretion About = "discretion" // the statute says "may": was it exercised?
	AboutReasons    About = "reasons"    // can the reasons be withheld from the person?
	AboutSecretFact About = "secret-fact"
)

// Opened is work that a ground opens.
type Opened struct {
	Place
	Task catalogue.Task
}

// Assess applies the law of a day to the facts. Same arguments, same result.
func Assess(e catalogue.Edition, f Facts) Result {
	a := assessment{edition: e, facts: f, limited: map[string]bool{}}
	a.requirements()
	a.grounds()
	a.claimedElsewhere()
	a.systems()
	a.r.Outcome = a.outcome()
	a.remarks()
	return a.r
}

type assessment struct {
	edition  catalogue.Edition
	facts    Facts
	r        Result
	limited  map[string]bool // systems of which nothing is left; "": the whole case
	notMet   bool            // the right itself does not exist
	anything bool            // less is given than was asked for
}

// requirements asks what must be so for the right to exist.
func (a *assessment) requirements() {
	right, ok := a.edition.Right(a.facts.Right)
	if !ok {
		return
	}
	at := Place{Ground: string(right.Right)}
	for _, c := range right.Requires {
		q := Question{at, c.ID}
		answer, given := a.facts.Answers[q]
		switch {
		case !given:
			a.r.AskStaff = append(a.r.AskStaff, Asked{q, AboutRight, c.Sentence})
		case !answer:
			a.notMet = true
			a.r.Instead = append(a.r.Instead, Line{Citation: right.Citation, Key: "law.instead.not_met", Sentence: c.Sentence})
		}
	}
}

func (a *assessment) outcome() Outcome {
	if a.limited[""] { // nobody searches for a request that is refused as such
		return Refused
	}
	held, whole := 0, 0
	for _, s := range a.facts.Systems {
		switch s.State {
		case Nothing:
		case Held:
			held++
			if a.limited[s.ID] {
				whole++
			}
		default: // "nothing held" may be said only after every system has answered
			return Open
		}
	}
	switch {
	case len(a.facts.Systems) > 0 && held == 0:
		return NothingHeld
	case a.notMet:
		return Refused
	case len(a.r.AskStaff) > 0 || len(a.r.AskPerson) > 0:
		return Open
	case held > 0 && whole == held:
		return Refused
	case a.anything:
		return Partly
	}
	return Granted
}
