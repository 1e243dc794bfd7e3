// Package webdav asks a file share what it holds of one person: her files, and
// what stands inside them beside their content, such as where a photo was taken
// or who wrote a document.
//
// It asks with PROPFIND, one folder at a time, and GET, and with nothing else:
// nothing is locked, nothing is changed (RFC 4918). What is to be erased or
// restricted is declared (see change) and done by another account.
package webdav

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
	"einsicht/internal/person"
)

// Kind is the kind "webdav".
type Kind struct{}

// mapping is the part "webdav" of a connection file.
type mapping struct {
	URL   string `yaml:"url"`
	CA    string `yaml:"ca"`
	Auth  string `yaml:"auth"`
	User  string `yaml:"user"`
	Proxy string `yaml:"proxy"`

	Roots    []string `yaml:"roots"` // folders below url
	Label    string   `yaml:"label"` // what a file of this share is, for people
	Category string   `yaml:"category"`
	Owner    owner    `yaml:"owner"`

	// ChangeUser is the account that changes what Change says, where auth is basic.
	ChangeUser string  `yaml:"change_user"`
	Change     *change `yaml:"change"`
}

// owner is how a file is tied to a person; one way suffices.
type owner struct {
	Folders    []string   `yaml:"folders"` // templates such as /users/{account}/
	Properties []property `yaml:"properties"`
	// Authors looks into each picture and document of the roots for the
	// person's name. What is found that way is to be checked.
	Authors bool `yaml:"authors"`
}

// property is one of a file that names its owner.
type property struct {
	Namespace string `yaml:"namespace"`
	Name      string `yaml:"name"`
	Holds     string `yaml:"holds"` // kind of identifier
}

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "webdav" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	var m mapping
	if c.Decode(&m) != nil {
		m = mapping{} // Check says what is wrong
	}
	return m.abilities(c)
}

// Check reads the connection without touching the share.
func (Kind) Check(c connector.Connection) error {
	_, err := read(c)
	return err
}

// Open signs in and makes sure that the roots are folders.
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	s, err := read(c)
	if err != nil {
		return nil, err
	}
	// A folder of a million files takes longer than one question may: the
	// timeout is kept here, as that of the system's silence.
	patient := c
	patient.Timeout = time.Hour
	if s.client, err = httpapi.Open(patient, s.mapping.settings()); err != nil {
		return nil, err
	}
	if s.mapping.Change != nil && s.mapping.mayChange(c) {
		if s.writer, err = httpapi.Open(c, s.mapping.settings().Changing(s.mapping.ChangeUser)); err != nil {
			_ = s.Close()
			return nil, err
		}
	}
	for _, root := range s.roots {
		if err := s.isFolder(ctx, root); err != nil {
			_ = s.Close()
			return nil, err
		}
	}
	return s, nil
}

// share is one file share.
type share struct {
	connection connector.Connection
	mapping    mapping
	roots      []string // escaped, with a slash at both ends
	templates  []template
	holds      []person.IdentifierKind // of the properties
	client     *httpapi.Client
	writer     *httpapi.Client // nil: nobody may change anything
}

// Close gives the connections back.
func (s *share) Close() error {
	if s.writer != nil {
		_ = s.writer.Close()
	}
	return s.client.Close()
}

// maxListing is how many bytes one folder may take: about a million files.
const maxListing = 1 << 30

func (m mapping) settings() httpapi.Settings {
	return httpapi.Settings{URL: m.URL, CA: m.CA, Auth: m.Auth, User: m.User, Proxy: m.Proxy, MaxAnswer: maxListing}
}

func read(c connector.Connection) (*share, error) {
	s := &share{connection: c}
	if err := c.Decode(&s.mapping); err != nil {
		return nil, err
	}
	m := s.mapping
	if err := httpapi.Check(c, m.settings()); err != nil {
		return nil, err
	}
	if len(m.Roots) == 0 {
		return nil, c.Wrong("roots", "is missing")
	}
	for i, root := range m.Roots {
		segments, ok := cutPath(root)
		if !ok {
			return nil, c.Wrong(fmt.Sprintf("roots.%d", i), "must be a folder below url, such as /users/")
		}
		s.roots = append(s.roots, joinPath(segments))
	}
	for i, a := range s.roots {
		for j, b := range s.roots {
			if i != j && strings.HasPrefix(a, b) {
				return nil, c.Wrong(fmt.Sprintf("roots.%d", i), "lies within another root: its files would be found twice")
			}
		}
	}
	if err := s.readOwner(); err != nil {
		return nil, err
	}
	if err := s.checkMatch(); err != nil {
		return nil, err
	}
	return s, m.checkChange(c)
}

func (s *share) readOwner() error {
	c, o := s.connection, s.mapping.Owner
	if len(o.Folders)+len(o.Properties) == 0 && !o.Authors {
		return c.Wrong("owner", "must name folders, properties or authors: how a file is tied to a person")
	}
	for i, text := range o.Folders {
		key := fmt.Sprintf("owner.folders.%d", i)
		t, err := parseTemplate(text)
		if err != nil {
			return c.Wrong(key, err.Error())
		}
		if !slices.ContainsFunc(s.roots, t.meets) {
			return c.Wrong(key, "lies in none of the roots")
		}
		s.templates = append(s.templates, t)
	}
	for i, p := range o.Properties {
		key := fmt.Sprintf("owner.properties.%d", i)
		if !isName(p.Name) || p.Namespace == "" || strings.ContainsAny(p.Namespace, "<>&\"") {
			return c.Wrong(key+".name", "namespace and name of a property are needed, such as DAV: and owner")
		}
		kind, err := person.ParseIdentifierKind(p.Holds)
		if err != nil {
			return c.Wrong(key+".holds", err.Error())
		}
		s.holds = append(s.holds, kind)
	}
	return nil
}

// checkMatch makes sure that what suffices can be had.
func (s *share) checkMatch() error {
	c := s.connection
	had := slices.Clone(s.holds)
	for _, t := range s.templates {
		had = append(had, t.kinds()...)
	}
	if s.mapping.Owner.Authors {
		had = append(had, person.Name)
	}
	if len(c.Match) == 0 {
		return c.Wrong("match", "the connection names no identifiers that suffice")
	}
	for _, m := range c.Match {
		for _, k := range m.By {
			if !slices.Contains(had, k) {
				return c.Wrong("match", fmt.Sprintf("nothing under owner tells the %s of a file", k))
			}
		}
	}
	return nil
}

// isFolder asks for the folder alone.
func (s *share) isFolder(ctx context.Context, root string) error {
	folder := false
	err := s.propfind(ctx, root, root, "0", func(e entry) error {
		folder = folder || e.Dir
		return nil
	})
	switch code(err) {
	case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return connector.Fail(connector.ErrConfig, root, "no such folder, or no WebDAV", nil)
	}
	if err == nil && !folder {
		return connector.Fail(connector.ErrConfig, root, "no folder", nil)
	}
	return err
}
