// Package desk draws the pages at which staff work: the list of cases, a case
// with everything known about it, tasks, and the inventory.
//
// Each page takes a struct shaped like it, strings ready to print.
package desk

import (
	"strconv"

	"github.com/a-h/templ"

	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Form is a form with its fields in order.
type Form struct {
	kern.Form
	Title   string // of what opens it, where it is folded
	Lead    string
	Open    bool
	Fields  []templ.Component
	Buttons []kern.Button
	Shown   bool // false: there is no such form for this member of staff, or not now
}

// Entry is the way in: to sign in, or to choose a password.
type Entry struct {
	frame.Frame
	Heading kern.Heading
	Lead    string
	Errors  Errors
	Form    Form
	Note    string
}

// NewCode is an access code that is shown once, to be printed.
type NewCode struct {
	frame.Frame
	Heading kern.Heading
	Lead    string
	Code    kern.Code
	Print   kern.Button
}

// Errors are what stands above a form that came back.
type Errors struct {
	Title string
	Lines []kern.FieldError
}

// List is the list of cases.
type List struct {
	frame.Frame
	Heading    kern.Heading
	Banner     Banner
	Lights     kern.Filters
	Search     Search
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
	More       kern.Link
	Note       string
	Keys       Keys
}

// Keys says which keys the list knows, and switches them off and on.
type Keys struct {
	On   bool
	Text string
	Form Form
}

// Search is the box above the list. It is sent as a form, because what is typed
// is about a person and may not stand in an address.
type Search struct {
	Form  kern.Form
	Label string
	Hint  string
	Value string
	Go    string
	Key   bool // "/" leads here
	Clear kern.Link
}

// Plain is a page of a table or of nothing.
type Plain struct {
	frame.Frame
	Heading    kern.Heading
	Lead       string
	First      Waiting
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
	More       kern.Link
}

// Waiting is what stands before the table of a page, since it waits for who reads it.
type Waiting struct {
	kern.Section
	Lead  string
	Table kern.Table
	Rest  kern.Section // what follows
}

func itoa(n int) string { return strconv.Itoa(n) }
