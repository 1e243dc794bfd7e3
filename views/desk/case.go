package desk

import (
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Case is the page of a case.
type Case struct {
	frame.Frame
	Heading  kern.Heading
	Light    kern.Badge
	Facts    []kern.Item // beside the light: state, due date
	Errors   Errors
	Next     Next
	Contents string // label of the list of sections
	Anchors  []kern.Link

	Overview   Overview
	Identity   Identity
	Systems    Systems
	Findings   Findings
	Decision   Decision
	Fulfilment Fulfilment
	Release    Release
	Letters    Letters
	Tasks      Tasks
	History    History
	Reckoning  Reckoning
}

// Next is the box that says what to do next.
type Next struct {
	Title   string
	Text    string
	Hint    Hint
	Button  kern.Button // empty: nothing to do
	Form    Form        // of the button, if it acts at once
	Blocked string      // sentence above the reasons
	Reasons []kern.Link
	More    []kern.Button
}

// Hint is what must be seen before the next step, and where it is settled; it keeps
// nobody from the step.
type Hint struct {
	Title string // empty: there is none
	Text  string
	Link  kern.Link
}

// Overview is the request in the applicant's words.
type Overview struct {
	Title  string
	Items  []kern.Item
	Rights []RightAsked
}

// RightAsked is one right with what the applicant wrote about it.
type RightAsked struct {
	Name    string
	Article string
	Words   string
	Due     string
}

// Identity is who is asking and what they can be looked up by.
type Identity struct {
	Title  string
	Text   string
	Table  kern.Table
	Hints  Hints
	Forms  []Form
	Resume Form
	Rests  string
}

// Hints are further search terms that findings named.
type Hints struct {
	Title string
	Text  string
	All   []Form
}

// Systems is how far the question to the systems has come.
type Systems struct {
	Title      string
	Progress   kern.Progress
	Running    string // said while a machine is at it
	Poll       string // address of the page that shows only this; empty: nothing changes by itself
	Reload     kern.Link
	Table      kern.Table
	EmptyTitle string
	EmptyText  string
	Ask        Form
	One        Form // asks a single system again
}

// Findings are the records, system by system.
type Findings struct {
	Title      string
	Text       string
	Hidden     string
	Systems    []System
	EmptyTitle string
	EmptyText  string
}

// System is what one system gave.
type System struct {
	ID      string
	Title   string
	Open    bool
	Notes   []string
	GiveAll Form
	Look    string // how many records GiveAll leaves to be looked at
	Bulk    Form
	Records []Finding
	Pages   kern.Pages
}

// Finding is one record.
type Finding struct {
	ID       string
	Preline  string
	Title    string
	Tags     []kern.Badge
	Warning  string
	Fields   []kern.Item
	Files    []kern.Link // that the record is or brings
	Source   string
	Decision []kern.Item
	Form     Form
	Ask      kern.Link // opens the form; no Href: it stands here, or there is none
}

// Decision is what is answered to each right.
type Decision struct {
	Title  string
	Text   string
	Rights []RightDecision
	Answer kern.Button // the answer as it would leave; no Href: it can't be looked at yet
	Gaps   Form
	Given  string // gaps are accepted
}

// RightDecision is one right with its decision.
type RightDecision struct {
	ID    string
	Title string
	Tag   kern.Badge
	Items []kern.Item
	Begun []string    // how far the examination is
	Open  kern.Button // to the page on which it is examined and decided
}

// Release is what the second person does, and what goes out.
type Release struct {
	Title   string
	Text    string
	Hint    Hint
	Forms   []Form
	Package kern.Button // download; no Href: there is none
	Posted  Form
	Facts   []kern.Item
	NotYet  Said // why the case can't end for want of identity
}

// Said is a sentence under a title.
type Said struct{ Title, Text string }

// Tasks are what people have to do for the case.
type Tasks struct {
	Title      string
	Open       []Task
	DoneTitle  string
	Done       []kern.Item
	EmptyTitle string
	EmptyText  string
}

// Task is one open task.
type Task struct {
	ID    string
	Title string
	Text  string
	Form  Form
	Href  kern.Link // where it is done, if not here
}

// History is what happened, in words.
type History struct {
	Title  string
	Events []kern.Event
}

// Reckoning is how the deadline was counted.
type Reckoning struct {
	Title    string
	Items    []kern.Item
	Steps    []string
	Flags    []string
	FlagsAre string
	StepsAre string
	Other    string
	Readings kern.Table
	Waits    Waits
	Extend   Form
	Clarify  Form
}

// Waits is what a resting clock waits for, and what may be done if nothing comes.
type Waits struct {
	Title string // empty: it runs
	Items []kern.Item
	Text  string
}

// Stand is the page that shows only how far the systems are.
type Stand struct {
	frame.Frame
	Heading kern.Heading
	Systems Systems
}

// Register is the inventory of the authority with its gaps.
type Register struct {
	frame.Frame
	Heading   kern.Heading
	Lead      string
	Errors    Errors
	Law       LawText
	OpenTitle string
	Open      []Entered
	DoneTitle string
	Done      []Entered
	None      string
}

// Entered is one system of the inventory.
type Entered struct {
	ID    string
	Name  string
	Tag   kern.Badge
	Items []kern.Item
	Gaps  []string
	GapIs string
	Ours  []string
	OurIs string
	Form  Form
}
