// Package connectorcli asks one system from the command line: the operator
// tries a connection file before it is used for people's requests.
package connectorcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/all"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Resolve reads a secret that a connection file refers to.
type Resolve func(connector.Ref) (string, error)

// Check says whether a connection file is right and its system can be reached,
// and that the system's tables or files are as the file says. It names the fields
// that nobody mapped, as far as the kind knows them without a person, and secrets
// that others on this machine may read.
func Check(ctx context.Context, w io.Writer, file string, resolve Resolve) error {
	c, kind, err := read(file, resolve)
	if err != nil {
		return err
	}
	for _, err := range loose(c) {
		if _, err := fmt.Fprintf(w, "warning: %v\n", err); err != nil {
			return err
		}
	}
	system, err := kind.Open(ctx, c)
	if err != nil {
		return c.Located(err)
	}
	unmapped, err := connector.Unmapped(system), printGaps(ctx, w, system)
	if err := errors.Join(err, system.Close()); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s: %s (%s) answers, mapping %s\n", file, c.System, c.Kind, c.Version); err != nil {
		return err
	}
	return printUnmapped(w, unmapped)
}

// printGaps names files that can't be read, and keys that name several records.
func printGaps(ctx context.Context, w io.Writer, system connector.Connector) error {
	gaps, err := connector.Gaps(ctx, system)
	for _, g := range gaps {
		if _, err := fmt.Fprintf(w, "warning: %s: %s\n", g.Place, wording.Text(wording.English, g.Reason)); err != nil {
			return err
		}
	}
	return err
}

// loose names the secrets whose files others than their owner may read. It is no
// error: what mounts secrets into containers gives them such rights, where there
// is nobody else.
func loose(c connector.Connection) []error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		file := c.Secrets[name].File
		if file == "" {
			continue
		}
		if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
			all = append(all, fmt.Errorf("%s: others may read its file; chmod 600 it", c.Where("secrets."+name)))
		}
	}
	return all
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
		return c.Located(err)
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
		return c.Located(err)
	}
	return print(w, map[string]any{"answer": said(c.System, answer)})
}

func read(file string, resolve Resolve) (connector.Connection, connector.Kind, error) {
	data, err := start(file)
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
	if err := errors.Join(kind.Check(c), c.CheckTimeout()); err != nil {
		return c, nil, err
	}
	c, err = c.Resolve(resolve)
	return c, kind, err
}

// start reads a file as far as connections go, and a little more, so that one
// named by mistake, such as a dump, is refused at once.
func start(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, connector.MaxFile+1))
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
