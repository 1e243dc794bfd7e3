// Package intake receives a request on any channel and opens the case.
//
// Whatever number of rights a request names, it is one case with one file
// number. The clock of Art. 12(3) GDPR starts on the day it arrives.
package intake

import "einsicht/internal/procedure"

// Intake opens cases.
type Intake struct{ *procedure.House }
