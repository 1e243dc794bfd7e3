package desk

import (
	"github.com/a-h/templ"

	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Letters is what was written in a case.
type Letters struct {
	Title      string
	Text       string
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
	New        kern.Button // no Href: nobody may write here
	Post       Form        // for letters that wait to be posted
}

// LetterKinds is the page on which staff choose what to write.
type LetterKinds struct {
	frame.Frame
	Back    kern.Link
	Heading kern.Heading
	Lead    string
	Groups  []KindGroup
}

// KindGroup is the letters to the person, or to others.
type KindGroup struct {
	ID    string
	Title string
	Kinds []KindChoice
}

// KindChoice is one kind of letter in plain words; without Href it is not
// possible now, and Why says why.
type KindChoice struct {
	ID      string
	Title   string
	Article string
	Text    string
	Href    string
	Label   string // of the link, or that there is none
	Why     string
}

// NewLetter is the page on which staff write a letter.
type NewLetter struct {
	frame.Frame
	Back    kern.Link
	Heading kern.Heading
	Lead    string
	Errors  Errors
	Form    Form
	Preview Preview
}

// Preview is the letter as it will leave.
type Preview struct {
	Title   string // empty: nobody asked for it yet
	Missing Errors
	Lead    string
	Letter  templ.Component
}

// OneLetter is the page of a letter that was written.
type OneLetter struct {
	frame.Frame
	Back    kern.Link
	Errors  Errors
	Heading kern.Heading
	Facts   []kern.Item
	Files   []kern.Button
	NoPDF   string
	Preview Preview
}
