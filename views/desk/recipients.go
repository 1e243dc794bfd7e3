package desk

import (
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// Recipients is the page of those who received data that were changed, and of what
// became of telling them.
type Recipients struct {
	frame.Frame
	Heading    kern.Heading
	Errors     Errors
	Lead       string
	Asked      string
	Form       Form // of the one recipient that is being told, or answered
	Plans      []RecipientsOf
	EmptyTitle string
	EmptyText  string
}

// RecipientsOf are the recipients of one plan.
type RecipientsOf struct {
	ID      string
	Title   string
	Note    string
	Table   kern.Table
	None    string
	RuleOut Form
	Add     Form
}
