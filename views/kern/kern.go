// Package kern draws the building blocks of every page, in the look that German
// authorities share (KERN UX): buttons, fields, alerts, tables, lists.
//
// Each block takes a small struct with strings ready to print. Where KERN has no
// block (pagination, breadcrumb, timeline, upload, side navigation), one is built
// here once, in its spirit, with classes that begin with "ein-".
package kern

import (
	"strconv"
	"strings"
)

// Kind colours an alert, a badge or a light. Colour never stands alone: each
// kind has its icon, and the word comes from the caller.
type Kind string

// The kinds that KERN knows.
const (
	Info    Kind = "info"
	Success Kind = "success"
	Warning Kind = "warning"
	Danger  Kind = "danger"
)

// Field is what every form field has. ID is the target of the error summary; it
// is Name where it is empty.
type Field struct {
	Name     string
	ID       string
	Label    string
	Hint     string
	Error    string
	Optional string // the word that marks a field as optional: "freiwillig"
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// describedBy ties hint and error to the field for screen readers.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f Field) invalid() string { return strconv.FormatBool(f.Error != "") }

func itoa(n int) string { return strconv.Itoa(n) }
