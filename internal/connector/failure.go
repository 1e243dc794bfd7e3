package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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
	Means string // what the code means, in words
	Host  string // host:port that was asked, as the connection names it
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

// By adds who was asked and what the code means, where that is known.
func (f *Failure) By(host, means string) *Failure {
	f.Host, f.Means = host, means
	return f
}

func (f *Failure) Error() string {
	s := f.Kind.Error()
	if f.Place != "" {
		s = f.Place + ": " + s
	}
	code := f.Code
	if f.Means != "" {
		code = strings.TrimPrefix(code+": "+f.Means, ": ")
	}
	if f.Host != "" {
		code = strings.TrimPrefix(code+", "+f.Host, ", ")
	}
	if code != "" {
		s += " (" + code + ")"
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

// lacksRight are the codes by which systems say that they know the account, and that it
// may not: those of SQL, of HTTP, of LDAP (RFC 4511, A.1), IMAP (RFC 5530) and Matomo.
var lacksRight = []string{
	"42501", "1044", "1142", "1143", "1227", "1370", "403", "LDAP 50", "NOPERM", "token or access",
}

// LacksRight says whether a system refused since the account of the connection may not
// do what was asked: whoever runs the system has to let it.
func LacksRight(err error) bool {
	var f *Failure
	return errors.As(err, &f) && slices.Contains(lacksRight, f.Code)
}

// Located adds to a failure of a system file, line and key of the connection that
// it is about, as far as they can be told: the key that it names, the value that
// stands there, or else what leads to the system. Other errors stay as they are:
// what a kind finds wrong in the file has its line already.
func (c Connection) Located(err error) error {
	var f *Failure
	if c.root == nil || !errors.As(err, &f) {
		return err
	}
	key, line := c.about(f)
	switch {
	case line == 0:
		return fmt.Errorf("%s: %w", c.File, err)
	case key == f.Place:
		return fmt.Errorf("%s:%d: %w", c.File, line, err)
	}
	return fmt.Errorf("%s:%d: %s: %w", c.File, line, key, err)
}

// about gives the key that a failure is about, and its line; 0 if nobody can tell.
func (c Connection) about(f *Failure) (key string, line int) {
	if own, ok := strings.CutPrefix(f.Place, c.Kind+"."); ok {
		if n, depth := walk(c.node, own); depth > 0 {
			return f.Place, n.Line
		}
	}
	if n, depth := walk(c.root, f.Place); depth > 1 { // such as secrets.password
		return f.Place, n.Line
	}
	if refused := f.Code == "401" || f.Place == "sign in"; refused && len(c.Secrets) > 0 {
		return "secrets", valueOf(c.root, "secrets").Line
	}
	if n := valueOf(orEmpty(c.node), f.Place); n != nil {
		return c.Kind + "." + f.Place, n.Line
	}
	if path, n := holding(c.node, f.Place); n != nil {
		return c.Kind + path, n.Line
	}
	leads := []string{"url", "dsn", "files"}
	if f.Code == Certificate { // whose is not known, which is what ca is for
		leads = slices.Insert(leads, 0, "ca")
	}
	for _, key := range leads {
		if n := valueOf(orEmpty(c.node), key); n != nil {
			return c.Kind + "." + key, n.Line
		}
	}
	return "", 0
}

func orEmpty(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	return n
}

// holding finds the value that a failure names: a table, a folder, a path.
func holding(n *yaml.Node, value string) (path string, at *yaml.Node) {
	if n == nil || value == "" {
		return "", nil
	}
	if n.Kind == yaml.ScalarNode && n.Value == value {
		return "", n
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if rest, at := holding(child, value); at != nil {
			part := fmt.Sprint(i)
			if n.Kind == yaml.MappingNode {
				part = n.Content[i-1].Value
			}
			return "." + part + rest, at
		}
	}
	return "", nil
}
