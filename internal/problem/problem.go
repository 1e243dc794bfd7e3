// Package problem names the few kinds of failure a person can be told about.
//
// The kind is said once, where it is known, and asked for with errors.Is. What
// a person reads is a sentence of package wording, never the error itself.
package problem

import "errors"

// The kinds. What the caller must do defines them.
var (
	// Invalid: the person typed something that can't be used; see Fields.
	Invalid = errors.New("invalid")
	// NotFound: there is no such thing, or it is none of this person's business.
	NotFound = errors.New("not found")
	// Forbidden: this person may not do that.
	Forbidden = errors.New("forbidden")
	// Conflict: the thing changed meanwhile, or its state does not allow that.
	Conflict = errors.New("conflict")
	// Throttled: too many attempts; try again later.
	Throttled = errors.New("throttled")
	// Unavailable: something outside does not answer; try again later.
	Unavailable = errors.New("unavailable")
	// TooLarge: more was sent than this place takes.
	TooLarge = errors.New("too large")
)

// Error is a failure of one kind with the key of the sentence that says what
// to do (package wording) and, for Invalid, the fields concerned.
type Error struct {
	Kind   error
	Key    string            // wording key of the sentence for the person
	Args   []string          // name, value pairs for the sentence; never personal data
	Fields map[string]string // form field → wording key
	Err    error             // what happened, for the log; may be nil
}

// New returns a failure of a kind with the wording key of its sentence.
func New(kind error, key string, args ...string) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// Because adds the cause that the log shall show.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

func (e *Error) Error() string {
	s := e.Kind.Error() + ": " + e.Key
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap lets errors.Is find the kind and errors.As the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
