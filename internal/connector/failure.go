package connector

import (
	"context"
	"errors"
	"fmt"
)

// What may go wrong. What the caller must do defines the kinds.
var (
	// ErrUnreachable: the system does not answer; try again later.
	ErrUnreachable = errors.New("system does not answer")
	// ErrConfig: the connection is wrong; somebody has to correct it.
	ErrConfig = errors.New("connection is wrong")
	// ErrBroken: the system answered with something unreadable; trying again
	// does not help, staff have to look.
	ErrBroken = errors.New("answer can't be read")
	// ErrBusy: the question was not put, since the system bears no more at the
	// moment; ask again soon. It is no failure, though an ErrUnreachable too, for
	// whoever can't wait.
	ErrBusy = errors.New("system bears no more questions now")
	// ErrManual: people answer for this system; open a task.
	ErrManual = errors.New("people answer for this system")
)

// Failure is an error of a system, stripped of everything the system said:
// messages of drivers quote values of records.
type Failure struct {
	Kind  error  // one of the above
	Place string // table, file, key of the connection; never a value
	Code  string // SQLSTATE or the like; never a value
	// ctx keeps context.Canceled and context.DeadlineExceeded recognisable.
	ctx error
}

// Fail makes a Failure. Of cause only the cancelling of a context is kept.
func Fail(kind error, place, code string, cause error) *Failure {
	f := &Failure{Kind: kind, Place: place, Code: code}
	for _, c := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(cause, c) {
			f.ctx = c
		}
	}
	return f
}

func (f *Failure) Error() string {
	s := f.Kind.Error()
	if f.Place != "" {
		s = f.Place + ": " + s
	}
	if f.Code != "" {
		s += fmt.Sprintf(" (%s)", f.Code)
	}
	if f.ctx != nil {
		s += ": " + f.ctx.Error()
	}
	return s
}

// Unwrap lets errors.Is find the kind and the end of a context.
func (f *Failure) Unwrap() []error {
	if f.ctx != nil {
		return []error{f.Kind, f.ctx}
	}
	return []error{f.Kind}
}
