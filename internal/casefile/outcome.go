package casefile

// Outcome is what is answered to one right.
type Outcome string

// The outcomes.
const (
	Undecided     Outcome = ""
	Granted       Outcome = "granted"
	PartlyGranted Outcome = "partly-granted" // also when a system has not answered
	Refused       Outcome = "refused"
	NothingHeld   Outcome = "nothing-held" // only after every system answered
)

// Outcomes lists those that a decision can have; none is chosen, they follow.
var Outcomes = []Outcome{Granted, PartlyGranted, NothingHeld, Refused}

// Refuses says whether the outcome refuses anything, so that the letter needs
// reasons and remedies (Art. 12(4) GDPR).
func (o Outcome) Refuses() bool { return o == PartlyGranted || o == Refused }

// InquiryState is how far one system has come with its answer.
type InquiryState string

// The states of an inquiry. A system that failed has not answered.
const (
	Wanted         InquiryState = "wanted"         // to be asked; the worker knows how
	Asked          InquiryState = "asked"          // a job is on it
	WithUnit       InquiryState = "task"           // staff of the unit are on it
	FoundSome      InquiryState = "found"          // answered
	FoundNothing   InquiryState = "nothing"        // answered
	Unattributable InquiryState = "unattributable" // answered: Art. 11(2) GDPR
	Failed         InquiryState = "failed"         // has not answered; a task for staff is open
)

// Pending says whether an answer may still come by itself or from a unit.
func (s InquiryState) Pending() bool { return s == Wanted || s == Asked || s == WithUnit }

// Answered says whether the system has answered.
func (s InquiryState) Answered() bool {
	return s == FoundSome || s == FoundNothing || s == Unattributable
}
