package disclosure

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// Verdict is what was decided about one finding.
type Verdict string

// The verdicts. A finding nobody decided on is Undecided.
const (
	Undecided     Verdict = ""
	Give          Verdict = "give"
	Withhold      Verdict = "withhold"
	NotThisPerson Verdict = "not-this-person" // belongs to somebody else, or to nobody we know
)

// Decision is what a member of staff decided about one finding, and why.
//
// Of its texts only ForPerson ever leaves the house. ForFile is the note that
// § 12(4) s. 2 DSG NRW demands, SilentReason says why the person is not told a
// reason (§ 12(4) s. 1).
type Decision struct {
	Finding uuid.UUID
	Verdict Verdict
	Fields  map[string]FieldVerdict // by name of the field; what is missing follows the field's own mark
	Ground  string                  // id of the ground in the catalogue, for what is kept back
	Law     string                  // SHA-256 of the catalogue it was decided under, in hex

	ForFile      person.Text
	ForPerson    person.Text
	SilentReason person.Text

	// SecretFact: that these data are processed at all is secret (§ 12(2) s. 1
	// no. 3 DSG NRW). The answer reads as if the finding did not exist.
	SecretFact bool

	By uuid.UUID
	At time.Time
}

// FieldVerdict is what was decided about one field of a finding that is given.
// ForPerson says why it is blacked out; where it is empty the decision's stands in.
type FieldVerdict struct {
	BlackOut  bool // false: shown, also where the field is marked as somebody else's
	Ground    string
	ForFile   person.Text
	ForPerson person.Text
}

// Refuses says whether the decision keeps anything from the person.
func (d Decision) Refuses() bool {
	if d.SecretFact || d.Verdict == Withhold {
		return true
	}
	for _, f := range d.Fields {
		if d.Verdict == Give && f.BlackOut {
			return true
		}
	}
	return false
}

// Check says what a decision still lacks, as problem.Invalid with the fields
// verdict, for_file and for_person; nil if nothing.
func (d Decision) Check() error {
	missing := map[string]string{}
	if !slices.Contains([]Verdict{Give, Withhold, NotThisPerson}, d.Verdict) {
		missing["verdict"] = "letter.decision.undecided"
	}
	if d.Refuses() {
		// § 12(4) s. 2 DSG NRW: the grounds of a refusal must be put on file.
		if d.ForFile.IsZero() && !d.everyField(func(f FieldVerdict) bool { return !f.ForFile.IsZero() }) {
			missing["for_file"] = "letter.decision.for_file_missing"
		}
		// s. 1: no reason for the person only as far as it would endanger the
		// purpose. Where the fact itself is secret, no text can go out at all.
		silent := d.SecretFact || !d.SilentReason.IsZero()
		if !silent && d.ForPerson.IsZero() && !d.everyField(func(f FieldVerdict) bool { return !f.ForPerson.IsZero() }) {
			missing["for_person"] = "letter.decision.for_person_missing"
		}
	}
	if len(missing) == 0 {
		return nil
	}
	err := problem.New(problem.Invalid, "letter.decision.incomplete")
	err.Fields = missing
	return err
}

// everyField says whether a given finding has blacked-out fields that all
// carry a text of their own.
func (d Decision) everyField(has func(FieldVerdict) bool) bool {
	if d.Verdict != Give || d.SecretFact {
		return false
	}
	for _, f := range d.Fields {
		if f.BlackOut && !has(f) {
			return false
		}
	}
	return true
}

// Gives says whether the value of a field goes out under the decision on its
// finding. What speaks about somebody else does not until it was weighed
// (Art. 15(4) GDPR), and what never leaves its system does not at all.
func (d Decision) Gives(f connector.Field) bool {
	verdict, decided := d.Fields[f.Name]
	return d.Verdict == Give && !d.SecretFact && !f.Withheld && !verdict.BlackOut && (decided || !f.ThirdParty)
}
