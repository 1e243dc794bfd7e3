// Package connectorcli asks one system from the command line: the operator
// tries a connection file before it is used for people's requests.
package connectorcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/person"
)

// Resolve reads a secret that a connection file refers to.
type Resolve func(connector.Ref) (string, error)

// Check says whether a connection file is right and its system can be reached,
// and that the system's tables or files are as the file says. It names the fields
// that nobody mapped, as far as the kind knows them without a person.
func Check(ctx context.Context, w io.Writer, file string, resolve Resolve) error {
	c, kind, err := read(file, resolve)
	if err != nil {
		return err
	}
	system, err := kind.Open(ctx, c)
	if err != nil {
		return err
	}
	unmapped := connector.Unmapped(system)
	if err := system.Close(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s: %s (%s) answers, mapping %s\n", file, c.System, c.Kind, c.Version); err != nil {
		return err
	}
	return printUnmapped(w, unmapped)
}

// printUnmapped lists fields that would come back marked, since nobody has said
// what they mean.
func printUnmapped(w io.Writer, all []connector.Sort) error {
	for _, s := range all {
		for _, f := range s.Fields {
			if _, err := fmt.Fprintf(w, "not mapped: %s.%s\n", s.Category, f.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Find asks one system for a person and prints a line of JSON for each finding
// and one for the answer, values included: whoever calls it has asked for just
// that. A subject is kind=value, as in email=erika@example.org; verified:
// in front of it says that it is no mere claim.
func Find(ctx context.Context, w io.Writer, file string, subjects []string, resolve Resolve) error {
	q, err := parse(subjects)
	if err != nil {
		return err
	}
	c, kind, err := read(file, resolve)
	if err != nil {
		return err
	}
	system, err := kind.Open(ctx, c)
	if err != nil {
		return err
	}
	defer system.Close()
	names := map[uuid.UUID]string{}
	for _, id := range q.Identifiers {
		names[id.ID] = string(id.Kind)
	}
	answer, err := system.Find(ctx, q, nil, func(f connector.Finding, _ connector.Cursor) error {
		return print(w, found(c.System, f, names))
	})
	if err != nil {
		return err
	}
	return print(w, map[string]any{"answer": answerLine{
		System: c.System, Outcome: answer.Outcome, Reason: answer.Reason, Partial: answer.Partial(), Gaps: answer.Gaps, From: answer.From, Until: answer.Until,
	}})
}

func read(file string, resolve Resolve) (connector.Connection, connector.Kind, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return connector.Connection{}, nil, err
	}
	c, err := connector.ParseConnection(file, data)
	if err != nil {
		return c, nil, err
	}
	kind, err := all.Kind(c)
	if err != nil {
		return c, nil, err
	}
	if err := kind.Check(c); err != nil {
		return c, nil, err
	}
	c, err = c.Resolve(resolve)
	return c, kind, err
}

func parse(subjects []string) (connector.Query, error) {
	q := connector.Query{ReceivedAt: time.Now()}
	if len(subjects) == 0 {
		return q, errors.New("nobody to look for: name --subject email=erika@example.org, several times if need be")
	}
	for i, s := range subjects {
		s, verified := strings.CutPrefix(s, "verified:")
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return q, fmt.Errorf("subject %d: must be kind=value, such as email=erika@example.org", i+1)
		}
		kind, err := person.ParseIdentifierKind(name)
		if err != nil {
			return q, fmt.Errorf("subject %d: %w", i+1, err)
		}
		if _, err := person.Normal(kind, value); err != nil {
			return q, fmt.Errorf("subject %d (%s): %w", i+1, kind, err)
		}
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: kind, Value: person.NewText(value), Verified: verified})
	}
	return q, nil
}

// print writes a line of JSON with the values in it.
func print(w io.Writer, v any) error {
	line, err := person.Encode(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}
