// Package rest asks a specialist system what it holds about one person through
// the interface that the system offers to other programs: answers in JSON over
// HTTP.
//
// A connection file declares the interface: which paths list which records,
// how a list goes on, where in a record the values stand that tell whose it is,
// and what the others mean. The declaration is data and can only read: GET, or
// a POST that somebody vouches for as a search. Whatever the system was asked
// for, whose a record is gets decided here and not there.
package rest

import (
	"context"
	"sync"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
)

// Kind is the kind "rest".
type Kind struct{}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "rest" }

// Abilities lists what can be done.
func (Kind) Abilities(connector.Connection) []connector.Ability {
	return []connector.Ability{connector.CanFind, connector.CanPreview}
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
	for i := range a.resources {
		if err := a.probe(ctx, &a.resources[i]); err != nil {
			client.Close()
			return nil, err
		}
	}
	return a, nil
}

// api is a declared interface that can be asked.
type api struct {
	connection connector.Connection
	client     *httpapi.Client
	zone       *time.Location // of times without one
	resources  []resource
	told       sync.Map // resources of which some page said whether the list goes on
}

// Close gives the connections back.
func (a *api) Close() error { return a.client.Close() }

// probe asks for the first page of a list.
func (a *api) probe(ctx context.Context, r *resource) error {
	if r.SearchOnly || r.Method == post {
		return nil
	}
	_, err := a.page(ctx, r, question{}, "")
	return err
}
