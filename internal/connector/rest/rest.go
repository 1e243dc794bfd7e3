// Package rest asks a specialist system what it holds about one person through
// the interface that the system offers to other programs: answers in JSON over
// HTTP.
//
// A connection file declares the interface: which paths list which records,
// how a list goes on, where in a record the values stand that tell whose it is,
// and what the others mean. The declaration is data. It reads: GET, or a POST that
// somebody vouches for as a search. Whatever the system was asked for, whose a
// record is gets decided here and not there. And it changes single records by the
// requests that stand under change, with an account of their own.
package rest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// Kind is the kind "rest".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "rest" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	m, err := readMapping(c)
	if err != nil {
		return []connector.Ability{connector.CanFind, connector.CanPreview}
	}
	return m.abilities(c)
}

// Check reads the declaration without touching the system.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open asks each list for its beginning, so that a wrong path or name shows
// before a person's request depends on it.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	client, err := httpapi.Open(c, m.settings())
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil {
		return nil, c.Wrong("time_zone", "is no time zone")
	}
	a := &api{connection: c, client: client, zone: zone, resources: m.Resources}
	if m.mayChange(c) {
		if a.writer, err = httpapi.Open(c, m.settings().Changing(m.ChangeUser)); err != nil {
			client.Close()
			return nil, err
		}
	}
	for i := range a.resources {
		if err := a.probe(ctx, &a.resources[i], fmt.Sprintf("resources.%d.", i)); err != nil {
			_ = a.Close()
			return nil, err
		}
	}
	return a, nil
}

// api is a declared interface that can be asked.
type api struct {
	connection connector.Connection
	client     *httpapi.Client
	writer     *httpapi.Client // of who may change something; nil: nobody
	zone       *time.Location  // of times without one
	resources  []resource
	told       sync.Map // resources of which some page said whether the list goes on
}

// Close gives the connections back.
func (a *api) Close() error {
	if a.writer != nil {
		_ = a.writer.Close()
	}
	return a.client.Close()
}

// probe asks for the first page of a list. A path under match that no record
// knows would lead to nobody, and "nothing" has legal effect.
func (a *api) probe(ctx context.Context, r *resource, at string) error {
	if r.SearchOnly || r.Method == post {
		return nil
	}
	p, err := a.page(ctx, r, question{}, "")
	if err != nil {
		return err
	}
	missing, records := map[string]string{}, 0 // the path of a kind
	for kind, paths := range r.Match {
		for _, path := range paths {
			if !slices.Contains(r.Optional, kind) {
				missing[path] = kind
			}
		}
	}
	p.each(func(entry gjson.Result) bool {
		r.records(entry, nil, func(rec record, err error) bool {
			if err == nil {
				records++
			}
			maps.DeleteFunc(missing, func(path, _ string) bool { return rec.knows(path) })
			return len(missing) > 0
		})
		return len(missing) > 0
	})
	if records == 0 || len(missing) == 0 {
		return nil
	}
	kind := slices.Sorted(maps.Values(missing))[0]
	return a.connection.Wrong(at+"match."+kind, "names a path that no record of the first page has; if records may lack it, add the kind to optional")
}
