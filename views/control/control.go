// Package control draws the pages at which an authority's operator connects its
// systems: the list of them, one with its text and the steps to turn it on, and
// what a test person would get.
//
// Each page takes a struct shaped like it, strings ready to print.
package control

import (
	"github.com/a-h/templ"

	"einsicht/views/frame"
	"einsicht/views/kern"
)

// List is the systems of the authority.
type List struct {
	frame.Frame
	Heading kern.Heading
	Lead    string
	// Strangers warns of connection files of systems that no inventory knows.
	Strangers    kern.Alert
	StrangersAre string
	Filters      kern.Filters
	Table        kern.Table
	EmptyTitle   string
	EmptyText    string
	All          kern.Link // from an empty part to the whole
}

// System is one system, from its text to its being in use.
type System struct {
	frame.Frame
	Back     kern.Link
	Done     string // what was just done
	Errors   Errors
	Heading  kern.Heading
	State    kern.Badge
	Lead     string
	Warnings []string
	Facts    Facts // beside: how it stands
	Register Facts // beside: what the register says
	Text     Text
	Secrets  Secrets
	Steps    Steps
}

// Errors are what stands above a form that came back.
type Errors struct {
	Title string
	Lines []kern.FieldError
}

// Facts are words with what they stand for, under a heading.
type Facts struct {
	ID    string
	Title string
	Items []kern.Item
}

// Form is a form with its fields in order.
type Form struct {
	kern.Form
	Fields  []templ.Component
	Buttons []kern.Button
	Shown   bool // false: there is no such form for this member of staff, or not now
}

// Text is the connection as it is written.
type Text struct {
	Title   string
	Lead    string
	Begin   string // above links to texts to begin with
	Begins  []kern.Link
	Form    Form
	Excerpt kern.Source // around a line that is wrong
	Stored  Stored      // what somebody else saved meanwhile
	Read    kern.Source // for who may read only
}

// Stored is a text that opens by a click.
type Stored struct {
	Title string
	Text  kern.Source
}

// Secrets are what a connection signs in with.
type Secrets struct {
	Title      string
	Lead       string
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
	FormTitle  string
	Open       bool
	Form       Form
}

// Steps are what follows the text, in order. While a worker is at it, htmx
// exchanges them.
type Steps struct {
	Poll string
	All  []Step
}

// Step is one of them; without form and link it is not possible now, and Why
// says why.
type Step struct {
	ID       string
	Title    string
	State    kern.Badge
	When     string
	Text     string
	Running  Running
	Fault    Fault
	Unmapped kern.Table
	Note     string
	Why      string
	Link     kern.Button
	Forms    []Form
}

// Running says how long a worker has been at it.
type Running struct {
	Text     string // empty: nothing runs
	Progress kern.Progress
	Late     string
	Reload   kern.Link
}

// Fault is why a system gave nothing.
type Fault struct {
	Title string
	Text  string // what to do
	Place string // where, for who knows the system
}

// Trial asks for a test person.
type Trial struct {
	frame.Frame
	Back    kern.Link
	Errors  Errors
	Heading kern.Heading
	Lead    string
	Hint    kern.Alert
	HintIs  string
	Form    Form
	More    string // opens the fields that this system does not look for
	Open    bool
	Others  []templ.Component
}

// Result is what a test person would get.
type Result struct {
	frame.Frame
	Back     kern.Link
	Heading  kern.Heading
	Lead     string // how long it is kept
	Poll     string
	Running  Running
	Outcome  kern.Alert // empty: a worker is still at it
	OutcomeI string     // more about it
	Fault    Fault
	Counts   Facts
	Unmapped kern.Alert // empty: everything is mapped
	ToDo     string
	ToDoList []string
	Gaps     Gaps
	Sorts    []Sort
	Again    kern.Button
	Next     kern.Button
}

// Gaps are parts that could not be read.
type Gaps struct {
	Title string
	Lines []string
}

// Sort is one category of records.
type Sort struct {
	ID       string
	Title    string
	Text     string
	Table    kern.Table
	Examples Examples
}

// Examples are records that were found, with their values.
type Examples struct {
	Title   string
	ID      string
	Note    string
	Records []Record
}

// Record is one of them.
type Record struct {
	Title string
	Tags  []kern.Badge
	Items []kern.Item
	Notes []string
}
