// Package citizen draws the pages that the public sees: the start page of an
// authority, its legal notices, the form, the confirmation and a person's own
// case.
//
// Each page is a struct shaped like the page, with strings ready to print;
// sentences that are always the same stand in the templates as wording keys.
package citizen

import (
	"github.com/a-h/templ"

	"einsicht/internal/wording"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

func say(f frame.Frame, key string, pairs ...string) string {
	return wording.Text(f.Lang, "citizen."+key, pairs...)
}

// Address is a body and the ways to reach it.
type Address struct {
	Name  string
	Lines []string
	Gap   string // what is missing, said openly
}

// Start is the start page of an authority.
type Start struct {
	Frame   frame.Frame
	Rights  []kern.Card
	Steps   []kern.Event
	Ways    Address
	Begin   string
	Status  string
	Privacy string
}

// Document is a notice in parts: imprint, privacy, accessibility.
type Document struct {
	Frame frame.Frame
	Title string
	Lead  string
	Parts []Part
}

// Part is one headed part of a notice.
type Part struct {
	ID     string
	Title  string
	Blocks []Block
}

// Block is a paragraph, the lines of an address below it, and a list.
type Block struct {
	Text  string
	Lines []string
	Items []string
	Gap   bool // something that the authority has to add
}

// Form is one step of the form.
type Form struct {
	Frame    frame.Frame
	Title    string
	Lead     string
	Progress kern.Progress
	Errors   []kern.FieldError
	Action   string
	CSRF     string
	State    string // what was typed so far, sealed
	Parts    []FormPart
	WhyTitle string
	Why      string // why this is asked
	Privacy  string
	Buttons  []kern.Button
}

// Fields are the fields of a part of a form.
type Fields []templ.Component

// FormPart is some fields with or without a heading; folded where few need it.
type FormPart struct {
	ID     string
	Title  string
	Text   string
	Folded bool
	Open   bool
	Fields Fields
}

// Over says that something can't be continued, and what can be done instead.
type Over struct {
	Frame  frame.Frame
	Title  string
	Text   string
	Again  string
	Status string
}

// Confirmation is the page after a request was sent.
type Confirmation struct {
	Frame      frame.Frame
	Title      string
	FileNumber kern.Code
	Code       *kern.Code // nil once it was noted
	Due        string
	Reckoning  []string
	Next       []string
	Receipt    string
	Status     string
	Privacy    string
	Noted      string
	CSRF       string
}

// Status asks for file number and access code.
type Status struct {
	Frame  frame.Frame
	Title  string
	Errors []kern.FieldError
	Action string
	CSRF   string
	Number kern.Input
	Code   kern.Input
	Home   string
}

// Notice is what a recipient of data reads, and confirms.
type Notice struct {
	Frame     frame.Frame
	Preline   string
	Title     string
	Lead      string
	Body      templ.Component
	Lang      string // of the letter
	File      string
	Said      kern.Area
	Confirmed string // empty: not yet
	Answer    string // what the recipient said then
	Action    string
	SignOut   string
	CSRF      string
}

// Case is a person's own case.
type Case struct {
	Frame      frame.Frame
	Title      string
	FileNumber string
	Standing   string
	Errors     []kern.FieldError
	Question   string // what we still need to know, in staff's words
	Asked      string // where the letter with that question stands
	Code       *kern.Input
	CodeAction string
	Package    *Package
	Due        string
	Reckoning  []string
	Rights     []string
	Timeline   []kern.Event
	Letters    []LetterLine
	Contact    Address
	Officer    Address
	Complaint  Address
	Withdraw   string
	SignOut    string
	CSRF       string
	Home       string
}

// LetterLine is one of our letters in the list of a person's case.
type LetterLine struct {
	ID      string
	Subject string
	Lang    string // of the subject, where it is not the page's
	What    string // in plain words
	When    string
	Machine string // the day as YYYY-MM-DD
	Href    string
	PDF     string // empty: there is none, or not yet
	Open    bool   // it waits for an answer
	Effect  string // what opening it does, where it does anything
}

// Letter is one of our letters, opened.
type Letter struct {
	Frame frame.Frame
	Title string
	What  string
	Back  string
	Files []kern.Button
	Body  templ.Component
}

// Package is the answer as it can be fetched.
type Package struct {
	Href   string
	Button string
	Until  string
	Effect string   // what the download does, where it does anything
	Done   []string // what was done in systems, and what stays, in numbers
	SHA256 string
	Files  kern.Table
	Sums   []kern.Item
}

// Withdraw asks whether a request is really to be taken back.
type Withdraw struct {
	Frame      frame.Frame
	Title      string
	FileNumber string
	Action     string
	Back       string
	CSRF       string
}
