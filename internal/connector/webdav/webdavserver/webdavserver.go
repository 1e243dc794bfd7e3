// Package webdavserver is a file share for demonstrations and tests: it speaks
// WebDAV on this machine and holds made-up files. One account may delete them and
// set properties of theirs; nobody changes what they say.
package webdavserver

import (
	"crypto/subtle"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
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
	// Writer and WriterPassword are of the account that may delete files and set
	// properties; empty: nobody may.
	Writer, WriterPassword string
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

	properties map[xml.Name][]byte // that somebody set, as XML
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

// Delete takes a file away.
func (s *Server) Delete(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.options.Files, path)
}

// ServeHTTP asks who it is and lets only readers in. Like a careful server it
// lists no tree at once.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	is := func(name, secret string) bool {
		return name != "" && user == name && subtle.ConstantTimeCompare([]byte(password), []byte(secret)) == 1
	}
	writes := is(s.options.Writer, s.options.WriterPassword)
	if s.options.User != "" && !writes && !is(s.options.User, s.options.Password) {
		w.Header().Set("WWW-Authenticate", `Basic realm="share"`)
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	switch {
	case r.Method != "PROPFIND" && r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions:
		s.writes.Add(1)
		s.change(w, r, writes)
	case r.Method == "PROPFIND" && r.Header.Get("Depth") != "0" && r.Header.Get("Depth") != "1":
		http.Error(w, "no infinite depth", http.StatusForbidden)
	case s.forbidden(r.URL.Path):
		http.Error(w, "forbidden", http.StatusForbidden)
	default:
		s.handler.ServeHTTP(w, r)
	}
}

// change lets the account that may change something do so, on the condition that it
// names (RFC 9110, 13.1.1), which the library does not heed.
func (s *Server) change(w http.ResponseWriter, r *http.Request, writes bool) {
	condition := r.Header.Get("If-Match")
	switch {
	case !writes || !slices.Contains([]string{http.MethodDelete, "PROPPATCH", "LOCK", "UNLOCK"}, r.Method):
		http.Error(w, "read only", http.StatusMethodNotAllowed)
	case s.forbidden(r.URL.Path):
		http.Error(w, "forbidden", http.StatusForbidden)
	case condition != "" && condition != s.etag(r.URL.Path):
		http.Error(w, "changed", http.StatusPreconditionFailed)
	default:
		s.handler.ServeHTTP(w, r)
	}
}

// etag is that of the library.
func (s *Server) etag(path string) string {
	i, err := files{s}.look(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(`"%x%x"`, i.ModTime().UnixNano(), i.Size())
}

// Files gives what the share holds by path, and of each what stands in a property
// that somebody set.
func (s *Server) Files(namespace, name string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]string{}
	for path, f := range s.options.Files {
		all[path] = string(f.properties[xml.Name{Space: namespace, Local: name}])
	}
	return all
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
