package desk

import (
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Fulfilment is, on the page of a case, what its decision changes in systems.
type Fulfilment struct {
	Title   string // empty: it changes nothing
	Text    string
	Missing []string
	Counts  []kern.Badge
	Open    []kern.Button
}

// Plan is the page of what a decision changes in systems, measure by measure.
type Plan struct {
	frame.Frame
	Heading kern.Heading
	Lead    string
	Errors  Errors
	Next    Next
	Fixed   Fixed
	Stand   PlanStand
	Correct Correct
	Systems []PlanSystem
}

// Fixed says who fixed a plan, and by which sum it can be known again.
type Fixed struct {
	Title string // empty: it can still change
	Items []kern.Item
	SumIs string
	Sum   string
	Proof kern.Button
}

// PlanStand is how far the systems are.
type PlanStand struct {
	Title      string
	Progress   kern.Progress
	Running    string // said while a machine is at it
	Poll       string // address of the page that shows only this; empty: nothing changes by itself
	Reload     kern.Link
	Silent     []Silent
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
}

// Silent is a system for which measures wait, since it was asked in vain.
type Silent struct {
	Title string
	Lines []string
	Form  Form // lets it be tried at once
}

// PlanStanding is the page that shows only how far the systems are.
type PlanStanding struct {
	frame.Frame
	Heading kern.Heading
	Stand   PlanStand
}

// Correct is where staff say what is right instead of what is wrong.
type Correct struct {
	Title   string // empty: nobody asked for it
	Text    string
	Said    []kern.Item // by the person
	Records []kern.Link // each opens the form of a record
	None    string
	Pages   kern.Pages
	Form    Form
}

// PlanSystem is one system with its measures.
type PlanSystem struct {
	ID       string
	Title    string
	Measures []Measure
	Pages    kern.Pages
	Task     kern.Link // to what people have to do there
	Decide   Form
}

// Measure is what happens to one record, or to all that a system holds.
type Measure struct {
	ID      string
	Preline string
	Title   string
	Light   kern.Badge
	Tags    []kern.Badge
	Reason  string
	Items   []kern.Item
	Fields  kern.Table // before and after
}

// PlanTask is the page of what people have to do in a system.
type PlanTask struct {
	frame.Frame
	Heading    kern.Heading
	Errors     Errors
	Next       Next // what is settled first; no title: nothing
	Lead       []string
	Facts      []kern.Item
	ListIs     string
	Measures   []Measure
	EmptyTitle string
	EmptyText  string
	Wait       string // why it can't be answered
	Form       Form
}

// PlanProof is the page that says of each record what was done and how it is known.
type PlanProof struct {
	frame.Frame
	Heading    kern.Heading
	Lead       string
	Print      kern.Button
	Fixed      Fixed
	Systems    []Proven
	EmptyTitle string
	EmptyText  string
}

// Proven is the proof of one system.
type Proven struct {
	ID    string
	Title string
	Table kern.Table
}
