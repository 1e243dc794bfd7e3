package casefile

import "github.com/google/uuid"

// Role is what somebody may be towards a case.
type Role string

// The roles. Applicant, Recipient and System are no staff.
const (
	Clerk     Role = "clerk"     // Sachbearbeitung: works the case
	Approver  Role = "approver"  // Freigabe: releases what somebody else decided
	Officer   Role = "officer"   // Datenschutzbeauftragte: advises, reads (Art. 39 GDPR)
	Operator  Role = "operator"  // runs the program; sees no case
	Applicant Role = "applicant" // holds file number and access code
	Recipient Role = "recipient" // holds number and code of one notice, Art. 19 GDPR
	System    Role = "system"    // the program itself, in a job
)

// StaffRoles lists the roles that a member of staff can hold.
var StaffRoles = []Role{Clerk, Approver, Officer, Operator}

// Actor is who does something: a member of staff, the applicant of one case, the
// recipient of one notice or the program.
type Actor struct {
	ID        uuid.UUID // staff id; of an applicant the case id, of a recipient that of the notice; of the program uuid.Nil
	Role      Role
	Authority uuid.UUID
}
