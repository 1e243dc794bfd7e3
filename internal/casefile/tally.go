package casefile

// Tally counts what the person may know of the measures of a plan.
type Tally struct {
	Deed    string // a disclosure.Deed; empty: what stays as it is
	Whole   bool   // all that systems hold: nobody knows how many records
	Records int
	Systems int
}
