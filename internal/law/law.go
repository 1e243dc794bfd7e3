// Package law names the rights a person can use and the bodies of law that can
// limit them.
//
// Sources: Regulation (EU) 2016/679 (GDPR, DSGVO); DSG NRW; BDSG; NDSG.
package law

import "fmt"

// Right is a right of the person concerned, as it stands in requests,
// decisions and on the command line.
type Right string

// The rights that can be asked for.
const (
	Access            Right = "access"             // Art. 15 GDPR
	Rectification     Right = "rectification"      // Art. 16
	Erasure           Right = "erasure"            // Art. 17
	Restriction       Right = "restriction"        // Art. 18
	Notification      Right = "notification"       // Art. 19 sentence 2: who the recipients were
	Portability       Right = "portability"        // Art. 20
	Objection         Right = "objection"          // Art. 21
	ConsentWithdrawal Right = "consent-withdrawal" // Art. 7(3)
)

// Rights lists them in the order of the forms.
var Rights = []Right{Access, Rectification, Erasure, Restriction, Notification, Portability, Objection, ConsentWithdrawal}

// ParseRight returns the right of a name.
func ParseRight(s string) (Right, error) {
	for _, r := range Rights {
		if string(r) == s {
			return r, nil
		}
	}
	return "", fmt.Errorf("no such right; one of %v", Rights)
}

// Article cites the right in German: "Art. 15 DSGVO".
func (r Right) Article() string {
	switch r {
	case Access:
		return "Art. 15 DSGVO"
	case Rectification:
		return "Art. 16 DSGVO"
	case Erasure:
		return "Art. 17 DSGVO"
	case Restriction:
		return "Art. 18 DSGVO"
	case Notification:
		return "Art. 19 Satz 2 DSGVO"
	case Portability:
		return "Art. 20 DSGVO"
	case Objection:
		return "Art. 21 DSGVO"
	case ConsentWithdrawal:
		return "Art. 7 Abs. 3 DSGVO"
	}
	return ""
}

// NeedsData says whether the answer to the right consists of the person's data,
// so that the systems must be asked first.
func (r Right) NeedsData() bool { return r == Access || r == Portability }

// Changes says whether to grant the right is to change the person's data in
// systems: to correct or complete, erase or restrict them. An objection that is
// granted ends the processing, so the data are restricted until they are erased,
// Art. 18(1)(d), 21(1) sentence 2; consent withdrawn has them erased unless another
// basis carries them, Art. 17(1)(b).
func (r Right) Changes() bool {
	return r == Rectification || r == Erasure || r == Restriction || r == Objection || r == ConsentWithdrawal
}

// Regime is the body of law on limits of rights that a system falls under.
type Regime string

// The regimes of the shipped authorities.
const (
	DSGNRW        Regime = "dsg_nrw"        // §§ 10, 12 DSG NRW
	BDSGNonPublic Regime = "bdsg_nonpublic" // § 5(5) DSG NRW: §§ 34, 35 BDSG instead
	NDSG          Regime = "ndsg"           // Lower Saxony
)

// Regimes lists them.
var Regimes = []Regime{DSGNRW, BDSGNonPublic, NDSG}
