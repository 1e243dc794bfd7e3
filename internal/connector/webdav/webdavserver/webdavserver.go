// Package webdavserver is a file share for demonstrations and tests: it speaks
// WebDAV on this machine, holds made-up files, and refuses to change any.
package webdavserver

import (
	"crypto/subtle"
	"errors"
	"iter"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/webdav"

	"einsicht/internal/connector/httpapi/httpserver"
)

// Options say what the share holds. With a User it asks for name and password.
type Options struct {
	User, Password string
	// Files by path, such as "/users/erika/Lebenslauf.pdf". Folders come from
	// the paths.
	Files map[string]File
	// Folders by path are made up as they are asked for.
	Folders map[string]Folder
	// Forbidden are paths that nobody may look into.
	Forbidden []string
	// Links are paths of folders that show another folder, as a link does.
	Links map[string]string
}

// File is a file of the share. Owner is told as DAV:owner and as owner-id of
// ownCloud and Nextcloud.
type File struct {
	Content  []byte
	Owner    string
	Modified time.Time
}

// Folder makes up files; names must not repeat.
type Folder interface {
	Names() iter.Seq[string]
	File(name string) (File, bool)
}

// Server is a share that runs.
type Server struct {
	*httpserver.Server
	handler http.Handler
	writes  atomic.Int64

	mu      sync.Mutex
	options Options
}

// Start listens on a free port of this machine.
func Start(o Options) (*Server, error) {
	s := &Server{options: o}
	s.handler = &webdav.Handler{FileSystem: files{s}, LockSystem: webdav.NewMemLS()}
	var err error
	if s.Server, err = httpserver.Start(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Writes counts the questions that would have changed something.
func (s *Server) Writes() int64 { return s.writes.Load() }

// Put adds or changes a file.
func (s *Server) Put(path string, f File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.Files == nil {
		s.options.Files = map[string]File{}
	}
	s.options.Files[path] = f
}

// ServeHTTP asks who it is and lets only readers in. Like a careful server it
// lists no tree at once.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); s.options.User != "" &&
		(user != s.options.User || subtle.ConstantTimeCompare([]byte(password), []byte(s.options.Password)) != 1) {
		w.Header().Set("WWW-Authenticate", `Basic realm="share"`)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	switch {
	case r.Method != "PROPFIND" && r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
		s.writes.Add(1)
		http.Error(w, "read only", http.StatusMethodNotAllowed)
	case r.Method == "PROPFIND" && r.Header.Get("Depth") != "0" && r.Header.Get("Depth") != "1":
		http.Error(w, "no infinite depth", http.StatusForbidden)
	case s.forbidden(r.URL.Path):
		http.Error(w, "forbidden", http.StatusForbidden)
	default:
		s.handler.ServeHTTP(w, r)
	}
}

func (s *Server) forbidden(path string) bool {
	for _, f := range s.options.Forbidden {
		if path == f || strings.HasPrefix(path, strings.TrimSuffix(f, "/")+"/") {
			return true
		}
	}
	return false
}

var errReadOnly = errors.New("read only")
