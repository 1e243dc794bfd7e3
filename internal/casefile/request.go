package casefile

import (
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/person"
)

// Request is what a person asked for, in their words. It is sealed as a whole.
type Request struct {
	Lang     string
	About    About
	Name     person.Text // of the person whose data it is
	Agent    person.Text // who files for somebody else
	Email    person.Text // where news may be sent; only claimed
	Address  person.Text
	Concerns map[law.Right]person.Text
	Answer   AnswerWay
	Consent  Consent

	// Meanwhile are the rights for which the person demands that data be restricted
	// until they are decided, Art. 18(1)(a), (d) GDPR.
	Meanwhile map[law.Right]bool
	// Correction is what the person says about data to be rectified, beside which they
	// are (Concerns).
	Correction Correction
	// Direct is to whom the person wants the data handed directly, Art. 20(2) GDPR.
	Direct Direct

	Residence Residence
}

// Correction is what is right, what shows it, and a statement that completes data
// where they are not rewritten (Art. 16 GDPR).
type Correction struct {
	Right     person.Text
	Evidence  person.Text
	Statement person.Text
}

// Direct is another controller that shall get the data without the person carrying them:
// one that was listed when the request was made, or one that the person named. Neither:
// they take them along themselves.
type Direct struct {
	Listed Controller
	Other  person.Text
}

// To is whom letters to the applicant are for, line by line, the name first.
func (r Request) To() []person.Text {
	var lines []person.Text
	for _, line := range append([]string{r.Name.Reveal()}, strings.Split(r.Address.Reveal(), "\n")...) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, person.NewText(line))
		}
	}
	return lines
}

// About says whose data a request is about.
type About string

// Whose data.
const (
	Self        About = "self"
	Child       About = "child"
	Represented About = "represented"
)

// AnswerWay is how the answer is handed over.
type AnswerWay string

// The ways.
const (
	ByPortal AnswerWay = "portal"
	ByPost   AnswerWay = "post"
)

// Consent is the consent to electronic notification, § 41(2a) VwVfG, kept with
// its time and the text consented to.
type Consent struct {
	Given bool
	At    time.Time
	Text  string
}

// Identifier is what the person can be looked up by. It is claimed until
// somebody verified it and said how.
type Identifier struct {
	ID         uuid.UUID
	Case       uuid.UUID
	Kind       person.IdentifierKind
	Value      person.Text
	Typed      bool   // by the applicant; otherwise taken up by staff
	Record     string // "system/reference" of the finding that names it, if one does
	VerifiedAt time.Time
	VerifiedBy uuid.UUID
	How        VerifiedHow
	Note       person.Text
	Sealed     []byte
}

// Verified says whether somebody made sure of it.
func (i Identifier) Verified() bool { return !i.VerifiedAt.IsZero() }

// Verified says which of the identifiers somebody made sure of.
func Verified(identifiers []Identifier) map[uuid.UUID]bool {
	verified := map[uuid.UUID]bool{}
	for _, d := range identifiers {
		if d.Verified() {
			verified[d.ID] = true
		}
	}
	return verified
}

// VerifiedHow is by which means somebody made sure of an identifier.
type VerifiedHow string

// The means, mildest first (Art. 12(6) GDPR; EDPB Guidelines 01/2022, 65–79).
const (
	ByContact  VerifiedHow = "contact" // a code sent to a contact that stood in a source before the request
	ByFacts    VerifiedHow = "facts"   // two facts that only the file knows
	InPerson   VerifiedHow = "person"  // seen in person; no copy kept
	ByMandate  VerifiedHow = "mandate" // authority of a representative
	ByRegister VerifiedHow = "letter"  // a code by letter to the registered address
	// ByRecord: a record names it to which verified identifiers alone lead. Only
	// what is taken up from such a record is verified so.
	ByRecord VerifiedHow = "record"
)

// VerifiedWays lists those that staff choose from.
var VerifiedWays = []VerifiedHow{ByContact, ByFacts, InPerson, ByMandate, ByRegister}

// RightText is what is said about one right; sealed.
type RightText struct {
	ForPerson person.Text // stands in the letter
	ForFile   person.Text // never leaves the house
	Silent    person.Text // why ForPerson says nothing, § 12 Abs. 4 Satz 1 DSG NRW

	Exam   Exam
	Limits []Limit // what held when it was decided
	Law    string  // SHA-256 of the catalogue it was decided under, in hex
}

// InquiryText is what a system said beyond its findings; sealed.
type InquiryText struct {
	Cursor     []byte      // where to go on; what was said about the part before stands below
	Question   []byte      // hash of the identifiers that the cursor belongs to
	KeptAt     time.Time   // when something was last kept, while the system is asked
	Failures   int         // attempts in vain, since it was asked
	Trouble    Trouble     // the last of them; none once the system answered
	Reason     string      // wording key
	Note       person.Text // of the unit that answered by hand
	GoneBefore time.Time   // what is older had already been removed by rule
	Gaps       []Gap       // what could not be read: the answer is partial
	// Tries are attempts in vain to rehearse or to change there what a plan says.
	Tries map[Job]Tries `json:",omitempty"`
}

// Tries are attempts in vain to do something in a system.
type Tries struct {
	Since   time.Time // of the first
	Count   int       // 0: staff let it begin anew
	Trouble Trouble   // of the last
}

// Trouble is why a system did not answer when it was last tried.
type Trouble struct {
	At    time.Time // zero: there was none
	Kind  TroubleKind
	Place string    // table, file or key of the connection; never a value
	Code  string    // such as an SQLSTATE; never a value
	Next  time.Time // when it is tried again; zero: not by itself
}

// TroubleKind is what kept a system from answering.
type TroubleKind string

// The kinds of trouble.
const (
	Unreachable TroubleKind = "unreachable" // it does not answer
	Misentered  TroubleKind = "refused"     // the connection is wrong, or the sign-in was refused
	Unreadable  TroubleKind = "broken"      // it answered with something that can't be read
	Lost        TroubleKind = "lost"        // the attempt broke off on our side
	Silent      TroubleKind = "silent"      // the unit that searches by hand did not answer
)

// TroubleOf says why an attempt was in vain. What kept the same system from being
// asked before is named by the caller.
func TroubleOf(cause error, at time.Time) Trouble {
	t := Trouble{At: at, Kind: Lost}
	var said *connector.Failure
	if errors.As(cause, &said) {
		t.Place, t.Code = said.Place, said.Code
	}
	switch {
	case errors.Is(cause, connector.ErrConfig):
		t.Kind = Misentered
	case errors.Is(cause, connector.ErrBroken):
		t.Kind = Unreadable
	case errors.Is(cause, connector.ErrUnreachable):
		t.Kind = Unreachable
	}
	return t
}

// Pauses stand between the attempts to ask a system: eight in about 17 hours.
var Pauses = []time.Duration{
	5 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour,
}

// Gap is a part of a system that could not be read.
type Gap struct {
	Place  string
	Reason string // wording key
	Count  int
}

// PackageText is what is known of a finished package; sealed.
type PackageText struct {
	SHA256  string
	Size    int64
	Records int
	Done    []Tally // what was done in systems, and what stays
	Entries []PackageEntry
}

// PackageEntry is one file of a package.
type PackageEntry struct {
	Name   string
	Size   int64
	SHA256 string
	Offset int64 `json:",omitempty"` // where its bytes begin in the package, if they stand there as they are
}

// HappeningText is what a happening says in words; sealed.
type HappeningText struct {
	ForPerson person.Text
	ForFile   person.Text
	Ref       uuid.UUID
	Asked     string   // the system that was asked again
	Missing   []string // systems that did not answer, when no more answers were waited for
	Partial   []string // systems that answered in part only
}

// IsZero says whether there is nothing to seal.
func (t HappeningText) IsZero() bool {
	return t.ForPerson.IsZero() && t.ForFile.IsZero() && t.Ref == uuid.Nil && t.Asked == "" && len(t.Missing)+len(t.Partial) == 0
}
