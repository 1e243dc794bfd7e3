// Package matomoserver answers like Matomo, for demonstrations and tests: Matomo
// itself is not in the distribution.
//
// It follows what is documented of the Reporting API and, where that is short,
// Matomo's own code of version 5:
//
//   - https://developer.matomo.org/api-reference/reporting-api: one address,
//     method=Plugin.action, format=json, token_auth as POST parameter,
//     filter_limit, errors as {"result":"error","message":…} with status 200
//   - https://developer.matomo.org/guides/reporting-api-segmentation: segment, with
//     "," for or, ";" for and, "==" and "=@", values encoded once more
//   - plugins/PrivacyManager/API.php and Model/DataSubjects.php: findDataSubjects
//     (401 visits at most, the latest), exportDataSubjects (rows of the log tables
//     as they are stored, binary columns in hexadecimal)
//   - plugins/Live/API.php and Model.php: getLastVisitsDetails with minTimestamp
//     (later than) and filter_sort_order, isVisitorProfileEnabled
//   - the same: deleteDataSubjects deletes from the log tables one by one, with no
//     transaction around them, from log_visit last, and answers with how many rows
//     went of each. Pages (log_action) it leaves to a task that removes unused ones.
//   - SitesManager.getSitesIdWithAdminAccess, API.getMatomoVersion
//
// It counts whatever would delete, and does so for an account of its own only.
package matomoserver

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"einsicht/internal/connector/httpapi/httpserver"
)

// Visit is a visit to a site.
type Visit struct {
	ID, Site  int64
	VisitorID string // 16 hexadecimal figures
	IP        string // in full, or as an anonymiser left it
	UserID    string
	First     time.Time
	Last      time.Time

	Country, City, Device, Browser, System, Referrer string

	Actions []Action
	// More are columns that plugins add to the visit.
	More map[string]string
}

// Action is a page that was opened.
type Action struct {
	At         time.Time
	URL, Title string
}

// Visits are the visits of all sites in the order of their last action. They may
// be made up as they are asked for.
type Visits interface {
	Len() int
	Visit(i int) Visit
}

// Options say what the server holds.
type Options struct {
	Token string
	Sites []int64 // with admin access of the token
	// Changer is the token that deletes; empty: none. ChangerSites are its sites.
	Changer      string
	ChangerSites []int64
	Visits       []Visit
	MadeUp       Visits // instead of Visits
	// Version is 5.1.0 where nothing is said.
	Version string
	// NoProfiles switches the visits log and profiles off.
	NoProfiles bool
	// Gone are visits that are listed still, but stored no more.
	Gone []int64
	// Plugin is what one more plugin exports, without naming visits.
	Plugin []string
	// Held are visits that a plugin keeps from being deleted. Torn lets the database
	// go away before the visit itself is deleted. Idle confirms and does nothing.
	Held       []int64
	Torn, Idle bool
}

// Server is a Matomo that runs.
type Server struct {
	*httpserver.Server
	deletes atomic.Int64
	leaks   atomic.Int64

	mu      sync.Mutex
	options Options
	sorted  []Visit // nil after a change
}

// Start listens on a free port of this machine.
func Start(o Options) (*Server, error) {
	s := &Server{options: o}
	if s.options.Version == "" {
		s.options.Version = "5.1.0"
	}
	var err error
	if s.Server, err = httpserver.Start(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Deletes counts the questions that delete, Leaks those that showed
// the token in an address.
func (s *Server) Deletes() int64 { return s.deletes.Load() }
func (s *Server) Leaks() int64   { return s.leaks.Load() }

// Add adds visits.
func (s *Server) Add(visits ...Visit) {
	s.Change(func(o *Options) { o.Visits = append(o.Visits, visits...) })
}

// Change changes what the server holds.
func (s *Server) Change(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.options)
	s.sorted = nil
}

// All gives the visits, in the order of their last action.
func (s *Server) All() []Visit { return slices.Clone(s.ordered()) }

func (s *Server) ordered() []Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sorted == nil {
		// Of the same second they come in no order that means anything: the later
		// added first.
		s.sorted = slices.Clone(s.options.Visits)
		slices.Reverse(s.sorted)
		slices.SortStableFunc(s.sorted, func(a, b Visit) int { return cmp.Compare(a.Last.Unix(), b.Last.Unix()) })
	}
	return s.sorted
}

// ServeHTTP answers one question.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.URL.Path != "/index.php" || r.Form.Get("module") != "API" {
		http.NotFound(w, r)
		return
	}
	if r.URL.Query().Has("token_auth") {
		s.leaks.Add(1)
	}
	s.mu.Lock()
	o := s.options
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case r.PostForm.Get("token_auth") != o.Token && (o.Changer == "" || r.PostForm.Get("token_auth") != o.Changer):
		fail(w, "Unable to authenticate with the provided token. It is either invalid, expired or is required to be sent as a POST parameter.")
	case r.Form.Get("format") != "json":
		fail(w, "Renderer format not valid.")
	default:
		s.call(w, r.Form, o)
	}
}

func answer(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func fail(w http.ResponseWriter, message string) {
	answer(w, map[string]string{"result": "error", "message": message})
}

func hexIP(s string) string {
	ip, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, x := range ip.AsSlice() {
		b.WriteByte(digits[x>>4])
		b.WriteByte(digits[x&15])
	}
	return b.String()
}
