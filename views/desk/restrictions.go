package desk

import (
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Restrictions is the page of what is restricted in a case: what holds, what is
// planned before the decision, and how it ends.
type Restrictions struct {
	frame.Frame
	Heading   kern.Heading
	Errors    Errors
	Lead      string
	Asked     []string // what the person asks for
	Silent    []Silent
	Plans     []BesidePlan
	InForceIs string
	InForce   kern.Table
	None      string
	NoneText  string
	Due       string
	Lift      Form
	Meanwhile Form
}

// BesidePlan is one plan beside that of the decision.
type BesidePlan struct {
	ID       string
	Title    string
	Light    kern.Badge
	Items    []kern.Item
	Blocked  string
	Reasons  []string
	Order    Form
	Measures kern.Table
	Decide   Form
	Drop     Form
}
