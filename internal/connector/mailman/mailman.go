// Package mailman asks a server of mailing lists what it holds about one
// person: addresses and accounts, on which lists they stand in which role and
// with which settings, and what waits there for somebody's decision.
//
// It speaks the REST interface of GNU Mailman 3 core. What an address that was
// asked for leads to is given; other addresses of the same account are offered
// as further search terms, and nothing more: an account can be shared. What the
// connection declares is changed, record by record.
package mailman

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
	"einsicht/internal/person"
)

// Kind is the kind "mailman".
type Kind struct{}

// mapping is the part "mailman" of a connection file.
type mapping struct {
	URL       string `yaml:"url"` // with the version of the interface: https://lists.example.org:8001/3.1
	CA        string `yaml:"ca"`
	Auth      string `yaml:"auth"` // basic where the file says nothing
	User      string `yaml:"user"`
	Proxy     string `yaml:"proxy"`
	MaxAnswer int64  `yaml:"max_answer"`
	Count     int    `yaml:"count"` // records of one answer; 500 where the file says nothing
	// Change says what may be changed. Mailman has one account for its interface, so
	// it is the one that asks that changes, and this file that tells whether.
	Change *Change `yaml:"change"`
}

func (m mapping) settings() httpapi.Settings {
	return httpapi.Settings{URL: m.URL, CA: m.CA, Auth: m.Auth, User: m.User, Proxy: m.Proxy, MaxAnswer: m.MaxAnswer}
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "mailman" }

// Abilities lists what can be done. What the connection does not declare, can't.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	m, err := readMapping(c)
	if err != nil || m.Change == nil {
		return all
	}
	for _, do := range []connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict} {
		if len(m.Change.of(do)) > 0 {
			all = append(all, do)
		}
	}
	return all
}

// Check reads the connection without touching the server.
func (Kind) Check(c connector.Connection) error {
	_, err := readMapping(c)
	return err
}

// Open signs in.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	m, err := readMapping(c)
	if err != nil {
		return nil, err
	}
	client, err := httpapi.Open(c, m.settings())
	if err != nil {
		return nil, err
	}
	var versions map[string]json.RawMessage
	if _, err := client.JSON(ctx, http.MethodGet, "/system/versions", nil, nil, nil, &versions); err != nil {
		client.Close()
		return nil, err
	}
	if _, ok := versions["mailman_version"]; !ok {
		client.Close()
		return nil, connector.Fail(connector.ErrConfig, "/system/versions", "not Mailman", nil)
	}
	return &lists{connection: c, client: client, count: m.Count, change: m.Change}, nil
}

// lists is a server of mailing lists that can be asked.
type lists struct {
	connection connector.Connection
	client     *httpapi.Client
	count      int
	change     *Change // nil: nothing
}

// Close gives the connections back.
func (l *lists) Close() error { return l.client.Close() }

func readMapping(c connector.Connection) (mapping, error) {
	var m mapping
	if err := c.Decode(&m); err != nil {
		return m, err
	}
	if m.Auth == "" {
		m.Auth = "basic"
	}
	if err := httpapi.Check(c, m.settings()); err != nil {
		return m, err
	}
	if m.Count == 0 {
		m.Count = 500
	}
	if m.Count < 1 || m.Count > 10_000 {
		return m, c.Wrong("count", "must be 1 to 10000")
	}
	if len(c.Match) == 0 {
		return m, c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, match := range c.Match {
		if !slices.Contains(match.By, person.Email) {
			return m, c.Wrong("match", "mailing lists know people by their mail address: each set needs email")
		}
	}
	return m, m.checkChange(c)
}
