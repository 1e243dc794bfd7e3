// Package matomo asks the web statistics of Matomo for the visits of one
// person: which pages somebody opened, when, from where and with what device.
//
// It asks the Reporting API, https://developer.matomo.org/api-reference/reporting-api,
// by methods that read: Live.getLastVisitsDetails tells which visits there are,
// PrivacyManager.exportDataSubjects all that is stored about them. The method that
// deletes visits is called only where the connection declares it, with a token of
// its own.
package matomo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/httpapi"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// Kind is the kind "matomo".
type Kind struct{}

// mapping is the part "matomo" of a connection file.
type mapping struct {
	URL       string `yaml:"url"` // where index.php lies
	CA        string `yaml:"ca"`
	Proxy     string `yaml:"proxy"`
	MaxAnswer int64  `yaml:"max_answer"`

	Sites []int64 `yaml:"sites"` // idSite
	// UserID says what the sites hand over as user id, if they do.
	UserID []string `yaml:"user_id"`
	// Window is how far a visit may be from the time at which a record names
	// the address; ten minutes at most and if nothing is said.
	Window time.Duration `yaml:"window"`
	// Anonymous: nothing is kept that leads to a person.
	Anonymous bool    `yaml:"anonymous"`
	Change    *change `yaml:"change"`
}

// maxAnswer: an export that is larger is asked for in parts. JSON in memory takes
// a multiple of its text.
const maxAnswer = 4 << 20

// Name is what stands under "kind" in a connection file.
func (Kind) Name() string { return "matomo" }

// Abilities lists what can be done.
func (Kind) Abilities(c connector.Connection) []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if s, err := read(c); err == nil && s.mayErase() {
		all = append(all, connector.CanErase)
	}
	return all
}

// Check reads the connection without touching the statistics.
func (Kind) Check(c connector.Connection) error {
	_, err := read(c)
	return err
}

// Open signs in and makes sure that the sites may be exported and tell of
// single visits. Where they do not, Matomo would answer "nothing".
func (Kind) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	s, err := read(c)
	if err != nil {
		return nil, err
	}
	token, ok := c.Secret("token")
	if s.token = strings.TrimSpace(token); !ok || s.token == "" {
		return nil, c.Wrong("url", "secrets.token could not be had")
	}
	if token, _ = c.Secret(changeToken); s.mayErase() {
		if s.changeToken = strings.TrimSpace(token); s.changeToken == "" {
			return nil, c.Wrong("change", "secrets.change_token could not be had")
		}
	}
	if s.client, err = httpapi.Open(c, s.settings()); err != nil {
		return nil, err
	}
	if err := s.look(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// statistics is one Matomo.
type statistics struct {
	connection connector.Connection
	mapping    mapping
	userID     []person.IdentifierKind
	client     *httpapi.Client
	token      string
	// changeToken is that of whoever may delete; empty: nobody.
	changeToken string
}

// Close gives the connections back.
func (s *statistics) Close() error { return s.client.Close() }

// settings sign in with nothing: the token travels in the form, where no log of
// addresses shows it.
func (s *statistics) settings() httpapi.Settings {
	m := s.mapping
	return httpapi.Settings{URL: m.URL, CA: m.CA, Proxy: m.Proxy, MaxAnswer: m.MaxAnswer}
}

func read(c connector.Connection) (*statistics, error) {
	s := &statistics{connection: c}
	if err := c.Decode(&s.mapping); err != nil {
		return nil, err
	}
	m := &s.mapping
	if err := httpapi.Check(c, s.settings()); err != nil {
		return nil, err
	}
	if strings.HasSuffix(m.URL, ".php") {
		return nil, c.Wrong("url", "must be the folder in which index.php lies")
	}
	if _, declared := c.Secrets["token"]; !declared {
		return nil, c.Wrong("url", "needs secrets.token, the token_auth of a user with admin access to the sites")
	}
	if len(m.Sites) == 0 {
		return nil, c.Wrong("sites", "is missing: the numbers (idSite) of the sites")
	}
	for i, site := range m.Sites {
		if site <= 0 || slices.Contains(m.Sites[:i], site) {
			return nil, c.Wrong(fmt.Sprintf("sites.%d", i), "must be a number (idSite), once")
		}
	}
	if wrong := m.checkChange(); wrong != "" {
		return nil, c.Wrong("change", wrong)
	}
	if m.MaxAnswer == 0 {
		m.MaxAnswer = maxAnswer
	}
	var err error
	if m.Window, err = logs.Window(c, m.Window); err != nil {
		return nil, err
	}
	return s, s.checkMatch()
}

func (s *statistics) checkMatch() error {
	c, m := s.connection, s.mapping
	for i, name := range m.UserID {
		switch kind, err := person.ParseIdentifierKind(name); {
		case err != nil:
			return c.Wrong(fmt.Sprintf("user_id.%d", i), err.Error())
		case kind != person.Account && kind != person.Email:
			return c.Wrong(fmt.Sprintf("user_id.%d", i), "must be account or email")
		default:
			s.userID = append(s.userID, kind)
		}
	}
	switch {
	case m.Anonymous && len(c.Match) > 0:
		return c.Wrong("anonymous", "nothing leads to a person, so there is nothing to match")
	case !m.Anonymous && len(c.Match) == 0:
		return c.Wrong("match", "the connection names no identifiers that suffice. Where Matomo works without cookies and with cut addresses, "+
			"nothing leads to a person: say anonymous: true here, and attributable: false in the inventory")
	}
	for _, match := range c.Match {
		for _, k := range match.By {
			if k != person.VisitorID && k != person.IPTime && !slices.Contains(s.userID, k) {
				return c.Wrong("match", "visits are found by visitor-id, by ip+time, and by account or email where user_id says so")
			}
		}
	}
	return nil
}

// look asks for what has to be so.
func (s *statistics) look(ctx context.Context) error {
	var version struct{ Value string }
	if err := s.ask(ctx, "API.getMatomoVersion", nil, &version); err != nil {
		return err
	}
	// Before, visits in ascending order came with those of the last day first.
	major, _, _ := strings.Cut(version.Value, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 5 {
		return connector.Fail(connector.ErrConfig, "API.getMatomoVersion", "needs Matomo 5", nil)
	}
	var may []number
	if err := s.ask(ctx, admins, nil, &may); err != nil {
		return err
	}
	for _, site := range s.mapping.Sites {
		if !slices.Contains(may, number(site)) {
			return connector.Fail(connector.ErrConfig, "sites", "no admin access", nil)
		}
		var enabled struct{ Value truth }
		if err := s.ask(ctx, "Live.isVisitorProfileEnabled", form{"idSite": {strconv.FormatInt(site, 10)}}, &enabled); err != nil {
			return err
		}
		if !bool(enabled.Value) && !s.mapping.Anonymous {
			return connector.Fail(connector.ErrConfig, "sites", "visits log or visitor profile switched off", nil)
		}
	}
	return nil
}
