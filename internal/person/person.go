// Package person knows how people are named and found: names, addresses, mail
// addresses, telephone numbers and birth dates, their spellings, and when two
// of them mean the same person.
//
// A value about a person is a Text, which prints as a placeholder wherever a
// program prints things by itself. Who needs the value says so: Reveal.
package person

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Placeholder stands in logs, errors and pages where a value about a person
// was about to be printed.
const Placeholder = "[personal data]"

// hidden is the placeholder in JSON: an object, so that nothing a person types
// can look like it and so that it never decodes as a value.
const hidden = `{"hidden":"personal data"}`

// Text is a value about a person. It can't be compared with ==: use Equal.
type Text struct {
	_ [0]func()
	// A pointer, because fmt prints unexported fields without asking their
	// methods: it shows an address then, not the value.
	value *string
	open  bool // set on the copies that Encode makes
}

// NewText wraps a value about a person.
func NewText(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{value: &s}
}

// Reveal gives the value. Each call is a place to look at in a review.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero says whether there is no value.
func (t Text) IsZero() bool { return t.value == nil }

// IsBlank says whether nothing but space stands there.
func (t Text) IsBlank() bool { return strings.TrimSpace(t.Reveal()) == "" }

// Equal says whether two values are the same, letter by letter.
func (t Text) Equal(u Text) bool { return t.Reveal() == u.Reveal() }

func (t Text) String() string {
	if t.IsZero() {
		return ""
	}
	return Placeholder
}

// GoString keeps %#v silent.
func (t Text) GoString() string { return t.String() }

// Format keeps every other verb silent.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// LogValue keeps slog silent.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText keeps XML, YAML and all that goes by text silent.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText takes a value, unless it is the placeholder: that would mean
// that a value was lost on the way.
func (t *Text) UnmarshalText(b []byte) error {
	if string(b) == Placeholder {
		return errHidden
	}
	*t = NewText(string(b))
	return nil
}

var errHidden = errors.New("person: this is the placeholder, the value was lost; use Encode to write it")
