// Package casefile is the case (Vorgang) as one table: in which state it is,
// what can happen to it, what must hold for that, which state follows and which
// job the program does next.
//
// A request is one case, whatever number of rights it names. The table is the
// way through the house; a test prints it into docs/architecture.md.
package casefile

import (
	"errors"
	"slices"

	"einsicht/internal/problem"
)

// State is where a case stands.
type State string

// The states.
const (
	Received     State = "received"     // opened; identity may still be open
	Gathering    State = "gathering"    // systems are being asked
	Review       State = "review"       // findings and rights are being decided
	Proposed     State = "proposed"     // decided; waits for a second person
	Fulfilling   State = "fulfilling"   // released; systems are being changed
	Released     State = "released"     // released and carried out; the package is being built
	Ready        State = "ready"        // provided for retrieval or for posting
	Delivered    State = "delivered"    // handed over
	Undelivered  State = "undelivered"  // not fetched in time; deliver otherwise
	Closed       State = "closed"       // done; the package is gone
	Withdrawn    State = "withdrawn"    // taken back by the applicant
	Unidentified State = "unidentified" // ended under Art. 11(2), 12(2) GDPR
)

// States lists them in the order of a case's life.
var States = []State{Received, Gathering, Review, Proposed, Fulfilling, Released, Ready, Delivered, Undelivered, Closed, Withdrawn, Unidentified}

// Over says whether nothing more happens to a case but forgetting it.
func (s State) Over() bool { return s == Closed || s == Withdrawn || s == Unidentified }

// Answered says whether the clock of Art. 12(3) GDPR no longer runs.
func (s State) Answered() bool {
	return s.Over() || s == Ready || s == Delivered || s == Undelivered
}

// Event is something that happens to a case and moves it.
type Event string

// The events.
const (
	Submit       Event = "submit"
	Gather       Event = "gather"        // ask the systems, also again
	AskAgain     Event = "ask-again"     // ask one system again, whatever the others do
	Settle       Event = "settle"        // every system answered or became a task that is done
	Propose      Event = "propose"       // ready for the second person
	Return       Event = "return"        // the second person sends it back
	Release      Event = "release"       // the second person lets it go out
	Order        Event = "order"         // the second person lets the plan be carried out
	Fulfil       Event = "fulfil"        // the plan is carried out
	Build        Event = "build"         // the package is finished
	Fetch        Event = "fetch"         // the person downloaded it
	Post         Event = "post"          // staff sent it on paper
	EndProvision Event = "end-provision" // ten days unfetched, § 41(2a) VwVfG
	Close        Event = "close"         // the data's thirty days are over
	Withdraw     Event = "withdraw"
	GiveUp       Event = "give-up" // identity never settled
)

// Job is work for the program that follows from an event.
type Job string

// The jobs. Each works on one object of one authority and may run twice.
const (
	JobReceipt   Job = "receipt-send"      // object: case
	JobAskEarly  Job = "systems-ask-early" // object: case; systems that forget soon
	JobAsk       Job = "systems-ask"       // object: case
	JobGather    Job = "system-gather"     // object: inquiry
	JobRehearse  Job = "plan-rehearse"     // object: inquiry
	JobCarryOut  Job = "plan-carry-out"    // object: case
	JobChange    Job = "system-change"     // object: inquiry
	JobBuild     Job = "package-build"     // object: case
	JobTransmit  Job = "package-transmit"  // object: transmission
	JobNotify    Job = "answer-notify"     // object: case
	JobShred     Job = "findings-shred"    // object: case
	JobCode      Job = "code-send"         // object: contact check
	JobNews      Job = "news-send"         // object: case
	JobLetter    Job = "letter-print"      // object: letter; makes its PDF
	JobNotice    Job = "notice-mail"       // object: notice to a recipient
	JobDropBlobs Job = "package-drop"      // object: case
	JobForget    Job = "case-forget"       // object: case
	JobRemind    Job = "unit-remind"       // object: case
	JobTry       Job = "connection-try"    // object: trial of a connection
)

// Jobs lists them.
var Jobs = []Job{JobReceipt, JobAskEarly, JobAsk, JobGather, JobRehearse, JobCarryOut, JobChange, JobBuild, JobTransmit, JobNotify, JobShred, JobCode, JobNews, JobLetter, JobNotice, JobDropBlobs, JobForget, JobRemind, JobTry}

// Step is one row of the table.
type Step struct {
	From   State // "" for a case that does not exist yet
	Event  Event
	Guards []Guard
	To     State
	Jobs   []Job
}

// Table is the way of a case through the house.
var Table = []Step{
	{"", Submit, nil, Received, []Job{JobReceipt, JobAskEarly}},

	{Received, Gather, nil, Gathering, []Job{JobAsk}},
	{Review, Gather, nil, Gathering, []Job{JobAsk}},
	{Gathering, AskAgain, []Guard{SomethingSettled}, Gathering, []Job{JobAsk}},
	{Review, AskAgain, []Guard{SomethingSettled}, Gathering, []Job{JobAsk}},
	{Gathering, Settle, []Guard{NothingPending}, Review, nil},

	{Received, Propose, append([]Guard{NothingToGather, PlanReady}, lawful...), Proposed, nil},
	{Review, Propose, append([]Guard{PlanReady}, answerable...), Proposed, nil},
	{Proposed, Return, nil, Review, nil},
	{Proposed, Release, append([]Guard{SecondPerson, NothingToCarryOut}, answerable...), Released, []Job{JobBuild}},
	{Proposed, Order, append([]Guard{SecondPerson, PlanReady, SomethingToCarryOut}, answerable...), Fulfilling, []Job{JobCarryOut}},
	{Fulfilling, Fulfil, []Guard{NothingToCarryOut}, Released, []Job{JobBuild}},
	{Released, Build, nil, Ready, []Job{JobNotify}},

	{Ready, Fetch, nil, Delivered, nil},
	{Ready, Post, nil, Delivered, nil},
	{Ready, EndProvision, []Guard{SomethingRefused}, Undelivered, nil},
	{Undelivered, Post, nil, Delivered, nil},
	{Undelivered, Fetch, nil, Undelivered, nil},
	{Delivered, Fetch, nil, Delivered, nil},
	{Ready, Close, []Guard{ThirtyDaysOver}, Closed, []Job{JobDropBlobs}},
	{Delivered, Close, []Guard{ThirtyDaysOver}, Closed, []Job{JobDropBlobs}},
	{Undelivered, Close, []Guard{ThirtyDaysOver}, Closed, []Job{JobDropBlobs}},

	{Received, Withdraw, nil, Withdrawn, []Job{JobShred}},
	{Gathering, Withdraw, nil, Withdrawn, []Job{JobShred}},
	{Review, Withdraw, nil, Withdrawn, []Job{JobShred}},
	{Proposed, Withdraw, nil, Withdrawn, []Job{JobShred}},

	{Received, GiveUp, []Guard{IdentityOpen}, Unidentified, []Job{JobShred, JobNews}},
	{Gathering, GiveUp, []Guard{IdentityOpen}, Unidentified, []Job{JobShred, JobNews}},
	{Review, GiveUp, []Guard{IdentityOpen}, Unidentified, []Job{JobShred, JobNews}},
}

// lawful holds for every decision, answerable for whatever leaves the house.
var (
	lawful     = []Guard{RightsDecided, PersonKnown, GroundsHold, OutcomesFollow, LawCompared, ResidenceConfirmed, RemedySettled}
	answerable = append([]Guard{NothingPending, FindingsDecided, OnlyVerified, BasesConfirmed, GapsAccepted}, lawful...)
)

// Next says which step follows when an event happens to a case in a state. It
// fails with problem.Conflict when the event is not possible in that state or a
// guard refuses; the error then carries every reason (see Reasons).
func Next(from State, event Event, facts Facts) (Step, error) {
	i := slices.IndexFunc(Table, func(s Step) bool { return s.From == from && s.Event == event })
	if i < 0 {
		return Step{}, problem.New(problem.Conflict, "case.not_now", "state", string(from), "event", string(event))
	}
	if reasons := Table[i].refusedBy(facts); len(reasons) > 0 {
		return Step{}, &Refusal{Reasons: reasons}
	}
	return Table[i], nil
}

// Guarded says whether a step has guards, so that its facts are worth gathering.
func Guarded(from State, event Event) bool {
	i := slices.IndexFunc(Table, func(s Step) bool { return s.From == from && s.Event == event })
	return i >= 0 && len(Table[i].Guards) > 0
}

// Reasons says why an event is not possible in a state; nil if it is.
func Reasons(from State, event Event, facts Facts) []Reason {
	var refusal *Refusal
	if _, err := Next(from, event, facts); errors.As(err, &refusal) {
		return refusal.Reasons
	}
	return nil
}

// Possible lists the events that a state knows, guards apart.
func Possible(from State) []Event {
	var events []Event
	for _, s := range Table {
		if s.From == from {
			events = append(events, s.Event)
		}
	}
	return events
}

func (s Step) refusedBy(facts Facts) []Reason {
	var reasons []Reason
	for _, guard := range s.Guards {
		reasons = append(reasons, guard.refuses(facts)...)
	}
	return reasons
}
