// Package review decides on findings and rights; somebody else lets the decision
// out.
//
// Every refusal has two texts: for the file, always (§ 12 Abs. 4 Satz 2 DSG NRW),
// and for the person, empty only with a noted reason (Satz 1). Nobody who
// decided anything of a case may release it.
package review

import "einsicht/internal/procedure"

// Review decides cases.
type Review struct{ *procedure.House }
