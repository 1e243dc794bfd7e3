package desk

import (
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Exam is the page on which one right of a case is held against the law.
type Exam struct {
	frame.Frame
	Heading kern.Heading
	Light   kern.Badge
	Facts   []kern.Item
	Errors  Errors
	Banner  Banner
	Closed  string // why nothing can be changed here

	Requires  Requires
	Claims    Claims
	Offer     Offer
	Known     Known
	Residence Residence
	Checklist Checklist
	Result    Result
}

// Banner is a sentence above a page that leads to what it asks for.
type Banner struct {
	Text string
	Link kern.Link // no Href: there is no banner
}

// Requires is what must be so for the right to exist.
type Requires struct {
	Title string
	Text  string
	Form  Form
	Said  []kern.Item // instead of the form, where nothing can be changed
}

// Claims are the grounds that somebody, or the register, brought up.
type Claims struct {
	Title      string
	Text       string
	All        []Claim
	EmptyTitle string
	EmptyText  string
}

// Claim is one ground with the places where it stands.
type Claim struct {
	ID     string
	Title  string
	Law    Statute
	Note   string
	Places []Place
}

// Place is a ground at one system, or at the whole case.
type Place struct {
	ID    string
	Title string
	Tag   kern.Badge
	Why   []string
	Known []kern.Item // what the register answered
	Links []kern.Link // where else something about it can be settled
	Said  []kern.Item // what staff wrote, where nothing can be changed
	Form  Form
	Drop  Form
}

// Statute is everything the catalogue says about a ground; it opens by a click.
type Statute struct {
	ID            string
	Title         string // the citation
	Items         []kern.Item
	ConditionsAre string
	Conditions    []string
	OnFileIs      string
	OnFile        []string
	Source        kern.Link
}

// Offer is where a further ground is taken up.
type Offer struct {
	ID      string
	Title   string
	Text    string
	Error   string
	Refused []Refusal // what somebody asked for in vain
	Search  Lookup
	Found   Found
	Groups  []OfferGroup
	AllAre  string
	Absent  Refusals
}

// Lookup is a search for a ground; what is typed there is about nobody and may
// stand in an address.
type Lookup struct {
	Action string
	Label  string
	Hint   string
	Value  string
	Go     string
	Clear  kern.Link
}

// Found is what a search brought up.
type Found struct {
	Title    string // empty: nobody searched
	None     string
	Offered  []Offered
	Refusals []Refusal
}

// OfferGroup is the grounds of one act.
type OfferGroup struct {
	ID      string
	Title   string
	Open    bool
	Offered []Offered
}

// Offered is one ground that can be taken up.
type Offered struct {
	ID    string
	Title string
	Text  string
	Law   Statute
	Taken string // where it was taken up already
	Form  Form
}

// Refusals are the grounds that can't be used, with the reason.
type Refusals struct {
	Title string
	Text  string
	All   []Refusal
}

// Refusal says why a ground can't be used, and what to do instead.
type Refusal struct {
	Title     string
	Citation  string
	Reason    string
	InsteadIs string
	Instead   string
}

// Known is what only the case knows about its systems.
type Known struct {
	Title   string
	Text    string
	Which   Form
	Systems []Form
	None    string
}

// Residence is where the person lives, for the remedy.
type Residence struct {
	Title string
	Text  string
	Items []kern.Item
	Form  Form
}

// Checklist is what a complete answer holds.
type Checklist struct {
	Title    string
	Items    []string
	StepsAre string
	Steps    []string
	Note     string
}

// Result is what follows from the answers.
type Result struct {
	Title     string
	Tag       kern.Badge
	Text      string
	MissingIs string
	Missing   []kern.Link
	Warnings  Statements
	Groups    []Statements
	Decided   []kern.Item
	DecidedIs string
	Form      Form
}

// Statements are a list under a heading.
type Statements struct {
	Title string
	All   []Line
}

// Line is a statement with what it rests on.
type Line struct {
	Text   string
	System string
	Cite   string
}

// LawText is the part of the register about the text of the law.
type LawText struct {
	Title string // empty: nothing to compare in this Land
	Text  string
	Tag   kern.Badge
	Items []kern.Item
	Acts  []Act
	Form  Form
}

// Act is a statute to compare with.
type Act struct {
	Title  string
	Source kern.Link
	Read   string
	Exact  string // what was read, as the catalogue says it in English
}
