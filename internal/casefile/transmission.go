package casefile

import (
	"time"

	"github.com/google/uuid"
)

// Controller is another controller to whom the authority can hand data directly
// (Art. 20(2) GDPR), as its operator has listed it.
type Controller struct {
	ID   string
	Name string
}

// Transmission is one package to take along on its way to another controller.
type Transmission struct {
	ID      uuid.UUID
	Case    uuid.UUID
	State   TransmissionState
	MadeAt  time.Time
	MadeBy  uuid.UUID
	EndedAt time.Time
	Sealed  []byte // TransmissionText
}

// TransmissionState is how far a transmission has come.
type TransmissionState string

// The states of a transmission.
const (
	Transmitting TransmissionState = "sending"  // a job is on it
	Transmitted  TransmissionState = "received" // the other side signed for it
	NotReceived  TransmissionState = "failed"   // staff have to look
)

// TransmissionStates lists them.
var TransmissionStates = []TransmissionState{Transmitting, Transmitted, NotReceived}

// TransmissionText is what is said about a transmission; sealed.
type TransmissionText struct {
	Controller Controller
	Size       int64  // bytes
	SHA256     string // hexadecimal
	Location   string // where the other side takes it
	Receipt    string // JWS, as it was signed
	Reason     string // wording key: why it was not received
}

// What is noted of transmissions beside the events.
const (
	NoteTransmitted    = "transmitted"
	NoteNotTransmitted = "not-transmitted"
)
