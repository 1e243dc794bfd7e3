package casefile

import "time"

// Backlog is what plans of an authority wait for, for the operator. It names no case.
type Backlog struct {
	Drafts  int       // plans that nobody has ordered
	Ordered int       // plans that are ordered and not carried out
	Oldest  time.Time // when the first of these was ordered; zero: there is none
	Waits   []Waiting
}

// Waiting is how many measures of ordered plans are in a state in which a system, or
// people, have yet to act.
type Waiting struct {
	System   string
	State    MeasureState
	Measures int
}
