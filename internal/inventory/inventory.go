// Package inventory holds, for each authority, the list of its processing
// (Verfahren): what is kept about people, for what purpose, on which legal
// basis, how long, and who receives it.
//
// It is written as YAML from the authority's own privacy notice (Art. 13 GDPR)
// and read strictly. What the notice does not say stays empty and shows as a
// gap (Gaps). What is ours and not the authority's shows as to be confirmed by
// the authority (ToConfirm); nobody may show it as the authority's own statement
// before that. The keys are explained in docs/inventory.md.
package inventory

import (
	"crypto/sha256"

	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
)

// Inventory is an authority (Verantwortlicher) and its systems, in one version.
type Inventory struct {
	Authority Authority
	Systems   []System

	source []byte
}

// Authority is the controller, Art. 4(7) GDPR. An empty text or list means that
// the notice is silent.
type Authority struct {
	ID                 string // "stk-nrw", as in addresses
	Name               string
	Controller         string        // legal person and its representation, if not the name
	Land               calendar.Land // holidays, state law, supervisory authority
	Regime             law.Regime
	Body               Body   // decides about the archive's silence, § 4(5) ArchivG NRW
	SeatDistrict       string // Kreis or Stadt of the seat, as courts are found by it; ours, like connector
	OneDistrict        bool   // its competence lies within the district of one court, § 52 no. 3 VwGO
	Source             string // which notice this was read from
	Contact            Contact
	DPO                Contact
	Supervisory        string // short name as in the notice: "LDI NRW"
	SupervisoryContact Contact
	Rights             []law.Right // the ones the notice lists; also Information and Complaint
	RightsByLaw        []law.Right // apply although the notice does not list them
	RightsContact      map[law.Right]string
	Recipients         []string // for all systems; a system's own come on top
	Processors         []string
	ProcessorContacts  []Contact
	InferredKeys       []string // keys of the authority that the notice does not support
	Note               string   // for staff
}

// Body is the kind of public body.
type Body string

// The kinds. None: not known, and what depends on it waits.
const (
	OfLand    Body = "land"
	Municipal Body = "municipal" // municipalities and their associations
	OtherBody Body = "other"     // other legal persons of public law
)

// Bodies lists them.
var Bodies = []Body{OfLand, Municipal, OtherBody}

// Form is how a system keeps its records.
type Form string

// The forms. None: not known, so staff are asked where a rule depends on it.
const (
	Automated Form = "automated"
	Paper     Form = "paper"
)

// Forms lists them.
var Forms = []Form{Automated, Paper}

// Rights that a notice lists but nobody files a request for.
const (
	Information law.Right = "information" // Art. 13, 14 GDPR
	Complaint   law.Right = "complaint"   // Art. 77
)

// System is one registered place that may hold personal data.
type System struct {
	ID                string
	Name              string
	Purpose           string   // Art. 15(1)(a)
	LegalBasis        []string // article, letter and national provision
	Inferred          bool     // the notice does not state the basis, or part of it, for this system
	InferredKeys      []string // other keys that are ours: "regime"
	Regime            law.Regime
	Fields            []string // in the notice's order and words
	FieldsInferred    []string // what such a system has or usually has, unsaid in the notice
	Retention         Retention
	Recipients        []string // Art. 15(1)(c); nil: not named, empty: there are none
	Processor         string   // Art. 28, if not the authority itself
	FurtherProcessors []string
	Identifiers       []person.IdentifierKind // empty: no look-up possible
	Portable          bool                    // Art. 20(1): automated, and consent or contract
	Attributable      bool                    // false: Art. 11(2), or not held by the authority at all
	Connector         string                  // kind of source behind it, one of Connectors
	Form              Form                    // Art. 20(1)(b), § 10(2) DSG NRW
	BackupOnly        bool                    // kept for backup or data protection control alone, § 12(2) s. 2 DSG NRW
	RotationDays      int                     // after which a backup is overwritten; 0: not known
	Provided          *bool                   // by the person, Art. 20(1); nil: not known
	StatutoryDuty     string                  // citation of the statute that keeps the data, Art. 17(3)(b)
	RetentionOnly     bool                    // kept for no other reason than that
	Explanation       string                  // for the person, where Attributable is false
	Note              string                  // for staff: our reading, contradictions in the notice

	english *translation
}

// Connectors lists the words for kinds of sources. Portal is this portal.
var Connectors = []string{
	"applog", "authlog", "cdr", "drupal", "imap", "ldap", "maillog", "mailman", "manual", "matomo",
	Portal, "rest", "sql", "webdav", "weblog",
}

// Portal is the connector word of the system that this program itself is.
const Portal = "portal"

// Lands lists the Länder whose law, holidays and supervisory authority the
// program knows.
var Lands = []calendar.Land{calendar.NW, calendar.NI}

// regimesOf says which bodies of law can apply in a Land.
var regimesOf = map[calendar.Land][]law.Regime{
	calendar.NW: {law.DSGNRW, law.BDSGNonPublic},
	calendar.NI: {law.NDSG},
}

// System returns the system with the id.
func (inv Inventory) System(id string) (System, bool) {
	for _, s := range inv.Systems {
		if s.ID == id {
			return s, true
		}
	}
	return System{}, false
}

// Portal returns the system that the portal itself is.
func (inv Inventory) Portal() (System, bool) {
	for _, s := range inv.Systems {
		if s.Connector == Portal {
			return s, true
		}
	}
	return System{}, false
}

// Source returns the canonical text: what Parse reads to give this inventory
// again. Line ends are LF, lines end without blanks.
func (inv Inventory) Source() []byte { return append([]byte(nil), inv.source...) }

// SHA256 names the version: the hash of the canonical text. A case remembers it.
func (inv Inventory) SHA256() [sha256.Size]byte { return sha256.Sum256(inv.source) }
