package ledger

// Kind is what happened. It is part of the entry's bytes: a kind is never
// renamed, and a kind that is no longer used stays in the list.
type Kind string

// The kinds.
const (
	// The case and its clock.
	Submitted      Kind = "submitted"
	Withdrawn      Kind = "withdrawn"
	ClockSuspended Kind = "clock.suspended"
	ClockResumed   Kind = "clock.resumed"
	ClockExtended  Kind = "clock.extended"
	Closed         Kind = "closed"
	Shredded       Kind = "shredded" // the keys of the case are destroyed

	// Who looked (Einsichtnahme). A page with several names is one entry.
	Opened   Kind = "opened"   // a case
	Listed   Kind = "listed"   // a list that shows names
	Searched Kind = "searched" // by a name or another identifier

	// Who is asking.
	IdentifierVerified Kind = "identifier.verified"
	IdentifierRejected Kind = "identifier.rejected"
	CodeReplaced       Kind = "code.replaced"
	CodeRefused        Kind = "code.refused" // wrong access code for a case

	// What the systems hold.
	SystemAsked    Kind = "system.asked"
	SystemAnswered Kind = "system.answered"
	SystemFailed   Kind = "system.failed"
	TaskAnswered   Kind = "task.answered"
	TaskReminded   Kind = "task.reminded"
	FindingsShred  Kind = "findings.shredded" // identity was never settled

	// What is decided.
	FindingDecided Kind = "finding.decided"
	RightDecided   Kind = "right.decided"
	RightExamined  Kind = "right.examined"
	Proposed       Kind = "proposed" // for release
	Returned       Kind = "returned" // not released
	Released       Kind = "released"

	// What is changed in systems.
	PlanMade        Kind = "plan.made"
	PlanFixed       Kind = "plan.fixed" // with its hash
	MeasureDecided  Kind = "measure.decided"
	MeasureDone     Kind = "measure.done"
	MeasureStopped  Kind = "measure.stopped"
	Fulfilled       Kind = "fulfilled"
	ErasureRepeated Kind = "erasure.repeated" // in a system that was restored
	PlanEnded       Kind = "plan.ended"       // one beside that of the decision
	PlanDropped     Kind = "plan.dropped"     // before it was fixed
	NoticeDecided   Kind = "notice.decided"   // which recipient is told, and how; or why not
	NoticeSent      Kind = "notice.sent"      // a recipient was told, Art. 19 GDPR
	NoticeAnswered  Kind = "notice.answered"

	// What goes out.
	PackageBuilt   Kind = "package.built"
	Notified       Kind = "notified" // that the answer is ready
	Downloaded     Kind = "downloaded"
	ProvisionEnded Kind = "provision.ended" // § 41(2a) s. 4 VwVfG
	Delivered      Kind = "delivered"       // otherwise, such as by post
	Message        Kind = "message"         // to or from the applicant

	// A package that goes to another controller, Art. 20(2) GDPR.
	TransmissionBegun    Kind = "transmission.begun"
	TransmissionReceived Kind = "transmission.received"
	TransmissionFailed   Kind = "transmission.failed"

	// The house itself.
	SignedIn           Kind = "signed.in"
	SignedOut          Kind = "signed.out"
	SignInRefused      Kind = "signin.refused"
	StaffAdded         Kind = "staff.added"
	StaffRemoved       Kind = "staff.removed"
	InventoryImported  Kind = "inventory.imported"
	InventoryConfirmed Kind = "inventory.confirmed"
	LawConfirmed       Kind = "law.confirmed" // staff compared the catalogue with the text in force
	TextsImported      Kind = "texts.imported"
	ConnectionSaved    Kind = "connection.saved"
	ConnectionTried    Kind = "connection.tried"  // with or without a test person
	ConnectionViewed   Kind = "connection.viewed" // records that a search for a test person brought
	ConnectionOn       Kind = "connection.on"
	ConnectionOff      Kind = "connection.off"
	SecretSealed       Kind = "secret.sealed" // of a source system
)

// Kinds lists all of them.
var Kinds = []Kind{
	Submitted, Withdrawn, ClockSuspended, ClockResumed, ClockExtended, Closed, Shredded,
	Opened, Listed, Searched,
	IdentifierVerified, IdentifierRejected, CodeReplaced, CodeRefused,
	SystemAsked, SystemAnswered, SystemFailed, TaskAnswered, TaskReminded, FindingsShred,
	FindingDecided, RightDecided, RightExamined, Proposed, Returned, Released,
	PlanMade, PlanFixed, MeasureDecided, MeasureDone, MeasureStopped, Fulfilled, ErasureRepeated,
	PlanEnded, PlanDropped, NoticeDecided, NoticeSent, NoticeAnswered,
	PackageBuilt, Notified, Downloaded, ProvisionEnded, Delivered, Message,
	TransmissionBegun, TransmissionReceived, TransmissionFailed,
	SignedIn, SignedOut, SignInRefused, StaffAdded, StaffRemoved, InventoryImported, InventoryConfirmed, LawConfirmed, TextsImported,
	ConnectionSaved, ConnectionTried, ConnectionViewed, ConnectionOn, ConnectionOff, SecretSealed,
}
