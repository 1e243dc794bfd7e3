// Package procedure holds what all steps of the administrative procedure share:
// how a case moves from state to state, with its event, its ledger entry and
// its jobs in one transaction, and how what is said about it is sealed.
//
// The steps are the folders below. No step imports another; they meet through
// the case's state and through jobs. Machinery (database, keys, queue)
// satisfies the interfaces declared here; programs join them.
package procedure

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/ledger"
)

// House is what steps work with.
type House struct {
	Units       Units
	Cases       Cases
	Findings    Findings
	Plans       Plans
	Inventories Inventories
	Letters     Letters
	Transmitted Transmissions
	Statutes    Statutes
	Law         catalogue.Book
	Keys        Keys
	Blobs       Blobs
	Ledger      Recorder
	Queue       Queue
	Permission  Permission
}

// Units runs transactions for one authority; everything else here is called
// inside one.
type Units interface {
	InTx(ctx context.Context, authority uuid.UUID, f func(context.Context) error) error
	View(ctx context.Context, authority uuid.UUID, f func(context.Context) error) error
}

// Cases keeps cases with rights, identifiers and history.
type Cases interface {
	Create(ctx context.Context, c casefile.Case, tokenHash, accessMAC []byte) error
	ByToken(ctx context.Context, tokenHash []byte) (casefile.Case, error)
	Credentials(ctx context.Context, fileNumber string) (id uuid.UUID, accessMAC []byte, err error)
	SetCredentials(ctx context.Context, id uuid.UUID, accessMAC []byte) error
	Case(ctx context.Context, id uuid.UUID) (casefile.Case, error)
	Lock(ctx context.Context, id uuid.UUID) (casefile.Case, error)
	Save(ctx context.Context, c casefile.Case) error
	List(ctx context.Context, open bool, only []uuid.UUID, limit int) ([]casefile.Case, error)
	InState(ctx context.Context, states ...casefile.State) ([]casefile.Case, error)
	Forget(ctx context.Context, id uuid.UUID) error

	PutRights(ctx context.Context, caseID uuid.UUID, rights []casefile.Right) error
	Rights(ctx context.Context, cases ...uuid.UUID) (map[uuid.UUID][]casefile.Right, error)

	PutIdentifiers(ctx context.Context, identifiers []casefile.Identifier) error
	SaveIdentifier(ctx context.Context, d casefile.Identifier) error
	Identifiers(ctx context.Context, caseID uuid.UUID) ([]casefile.Identifier, error)
	PutContactCheck(ctx context.Context, c casefile.ContactCheck) error
	ContactCheck(ctx context.Context, id uuid.UUID) (casefile.ContactCheck, error)
	ContactChecks(ctx context.Context, caseID uuid.UUID, now time.Time) ([]casefile.ContactCheck, error)

	PutSearchTokens(ctx context.Context, caseID uuid.UUID, kind string, hashes [][]byte) error
	ByTokens(ctx context.Context, hashes [][]byte) ([]uuid.UUID, error)

	Happened(ctx context.Context, h casefile.Happening) error
	History(ctx context.Context, caseID uuid.UUID) ([]casefile.Happening, error)
}

// Findings keeps what systems were asked and what they gave, tasks and packages.
type Findings interface {
	PutInquiries(ctx context.Context, inquiries []casefile.Inquiry) error
	Inquiry(ctx context.Context, id uuid.UUID) (casefile.Inquiry, error)
	Inquiries(ctx context.Context, caseID uuid.UUID) ([]casefile.Inquiry, error)

	FindingIDs(ctx context.Context, caseID uuid.UUID, system string, references [][]byte) (map[string]uuid.UUID, error)
	PutFindings(ctx context.Context, findings []casefile.Finding) (replaced []uuid.UUID, err error)
	Finding(ctx context.Context, caseID, id uuid.UUID) (casefile.Finding, error)
	Findings(ctx context.Context, caseID uuid.UUID) ([]casefile.Finding, error)
	// Bodies reads the numbers of all contents that findings of a case name.
	Bodies(ctx context.Context, caseID uuid.UUID) ([]uuid.UUID, error)
	// FindingsOf reads the findings of a system in the order of their ids, after
	// one of them, at most limit.
	FindingsOf(ctx context.Context, caseID uuid.UUID, system string, after uuid.UUID, limit int) ([]casefile.Finding, error)
	FindingCounts(ctx context.Context, caseID uuid.UUID) (map[string]int, error)
	Decide(ctx context.Context, f casefile.Finding) error
	// Deciders are those who decided a finding of a case.
	Deciders(ctx context.Context, caseID uuid.UUID) ([]uuid.UUID, error)
	ShredFindings(ctx context.Context, caseID uuid.UUID) error

	PutTasks(ctx context.Context, tasks []casefile.Task) error
	// RemindTask notes that its unit was reminded.
	RemindTask(ctx context.Context, id uuid.UUID, now time.Time) error
	FinishTask(ctx context.Context, caseID uuid.UUID, kind casefile.TaskKind, system string, by uuid.UUID, now time.Time) error
	Tasks(ctx context.Context, caseID uuid.UUID) ([]casefile.Task, error)

	PutPackage(ctx context.Context, p casefile.Package) error
	Packages(ctx context.Context, caseID uuid.UUID) ([]casefile.Package, error)
}

// Plans keeps what decisions change in systems, and whom that is told.
type Plans interface {
	PutPlan(ctx context.Context, p casefile.Plan) error
	// Plan reads that of the decision; PlansBeside reads the others, the oldest first.
	Plan(ctx context.Context, caseID uuid.UUID) (casefile.Plan, error)
	PlansBeside(ctx context.Context, caseID uuid.UUID) ([]casefile.Plan, error)
	// Unordered lists the cases with a plan beside the decision that nobody has ordered.
	Unordered(ctx context.Context) ([]uuid.UUID, error)
	DropPlan(ctx context.Context, caseID, id uuid.UUID) error
	// Restricted lists the cases in which something was restricted, also if it is lifted.
	Restricted(ctx context.Context) ([]uuid.UUID, error)
	PutMeasures(ctx context.Context, measures []casefile.Measure) error
	DropMeasures(ctx context.Context, caseID uuid.UUID, ids []uuid.UUID) error
	// Measures reads those of all plans of a case.
	Measures(ctx context.Context, caseID uuid.UUID) ([]casefile.Measure, error)

	PutNotices(ctx context.Context, notices []casefile.Notice) error
	Notices(ctx context.Context, caseID uuid.UUID) ([]casefile.Notice, error)
	Notice(ctx context.Context, id uuid.UUID) (casefile.Notice, error)
	// MailedNotices reads those that were mailed and wait to be read.
	MailedNotices(ctx context.Context) ([]casefile.Notice, error)
	// TryNotice counts an attempt at a number; an unknown one gives no notice.
	// NoticeEntered gives an attempt back that turned out to be right.
	TryNotice(ctx context.Context, number string) (casefile.Notice, error)
	NoticeEntered(ctx context.Context, id uuid.UUID) error
	DropNotices(ctx context.Context, caseID uuid.UUID, ids []uuid.UUID) error
}

// Inventories keeps the versions of an authority's inventory and who confirmed
// what in it was inferred.
type Inventories interface {
	Current(ctx context.Context) (uuid.UUID, inventory.Inventory, error)
	Version(ctx context.Context, id uuid.UUID) (inventory.Inventory, error)
	Confirm(ctx context.Context, system string, fingerprint []byte, by uuid.UUID, at time.Time) error
	// Confirmations gives what was confirmed by system, the newest last.
	Confirmations(ctx context.Context) (map[string][]Confirmation, error)
}

// Letters keeps what was written in cases.
type Letters interface {
	// PutLetter adds a letter, or changes its dates and its PDF.
	PutLetter(ctx context.Context, l casefile.Letter) error
	Letter(ctx context.Context, id uuid.UUID) (casefile.Letter, error)
	// Letters reads those of a case, the oldest first.
	Letters(ctx context.Context, caseID uuid.UUID) ([]casefile.Letter, error)
}

// Statutes keeps what an authority said about the catalogue of law, and its own
// words for letters.
type Statutes interface {
	ConfirmLaw(ctx context.Context, c Confirmation) error
	// LawConfirmed finds who confirmed the catalogue with that hash; none: zero.
	LawConfirmed(ctx context.Context, sum []byte) (Confirmation, error)
	PutTexts(ctx context.Context, source string, c Confirmation) error
	// Texts reads the authority's newest words; none: empty.
	Texts(ctx context.Context) (source string, c Confirmation, err error)
}

// Confirmation is who of the authority confirmed what was inferred, and when.
type Confirmation struct {
	Fingerprint []byte
	By          uuid.UUID
	At          time.Time
}

// Keys seals what is about people.
type Keys interface {
	NewCase(ctx context.Context, authority, caseID uuid.UUID) error
	Seal(ctx context.Context, slot casefile.Slot, plain []byte) ([]byte, error)
	Open(ctx context.Context, slot casefile.Slot, sealed []byte) ([]byte, error)
	// SealToCase seals with the public key of the case: who gathers can't read.
	SealToCase(ctx context.Context, slot casefile.Slot, plain []byte) ([]byte, error)
	OpenFromCase(ctx context.Context, slot casefile.Slot, sealed []byte) ([]byte, error)
	// SealStream and OpenStream do so with files of any size. What is given out before
	// the end is verified piece by piece; only the end without error proves the whole.
	SealStream(ctx context.Context, slot casefile.Slot, w io.Writer) (io.WriteCloser, error)
	OpenStream(ctx context.Context, slot casefile.Slot, r io.Reader) (io.Reader, error)
	Shred(ctx context.Context, authority, caseID uuid.UUID) error
	Token(ctx context.Context, authority uuid.UUID, kind, value string) ([]byte, error)
	CodeMAC(ctx context.Context, code string) ([]byte, error)
}

// Blobs keeps sealed files by key; what is being written is not there yet.
type Blobs interface {
	Put(ctx context.Context, key string, write func(io.Writer) error) error
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	Delete(ctx context.Context, key string) error
}

// Recorder adds to the ledger, in the transaction of what it records.
type Recorder interface {
	Record(ctx context.Context, kind ledger.Kind, caseID uuid.UUID, actor casefile.Actor, details map[string]string, now time.Time) error
}

// Queue adds jobs, in the transaction of what they follow from.
type Queue interface {
	Enqueue(ctx context.Context, authority, object uuid.UUID, jobs ...casefile.Job) error
}

// Permission says who may do what.
type Permission interface {
	May(actor casefile.Actor, action casefile.Action, authority uuid.UUID) error
}
