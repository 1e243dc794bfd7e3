package webdav

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/webdav/webdavserver"
)

// TestChangesInProcess puts the share of the demonstration through the suite.
func TestChangesInProcess(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness {
		s := serve(t, webdavserver.Options{User: "leser", Password: password, Writer: "schreiber", WriterPassword: password, Folders: map[string]webdavserver.Folder{
			"/users": empty{}, "/mail": empty{}, "/shared": empty{},
		}})
		return &served{Server: s, files: map[string]string{}}
	})
}

type empty struct{ crowd }

func (empty) File(string) (webdavserver.File, bool) { return webdavserver.File{}, false }

// served is a harness of a share in this process.
type served struct {
	*webdavserver.Server
	planted int
	files   map[string]string // what was written where
}

func (h *served) Kind() connector.Kind { return Kind{} }

func (h *served) Connection() connector.Connection {
	file, _, _ := strings.Cut(changeFile(changePart), "    properties:")
	_, rest, _ := strings.Cut(changePart, "\n")
	c, err := connector.ParseConnection("share.yaml", fmt.Appendf(nil, file+rest, h.URL()))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return password, nil })
	}
	if err != nil {
		panic(err)
	}
	return c
}

func (h *served) write(path, content string) {
	h.files[path] = content
	h.Put(path, webdavserver.File{Content: []byte(content), Modified: time.Date(2026, 11, 1, 0, 0, len(content), 0, time.UTC)})
}

func (h *served) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	for i := range n {
		h.planted++
		path := fmt.Sprintf("/users/%s/Ämter & Co/%d.txt", p.Account, h.planted)
		if i%3 == 0 {
			path = fmt.Sprintf("/mail/%s/%d.txt", p.Email, h.planted)
		}
		h.write(path, "Inhalt")
		refs = append(refs, strings.Trim(joinPath(strings.Split(path[1:], "/")), "/"))
	}
	return refs
}

func (h *served) Pieces(*testing.T) map[string]string {
	all := map[string]string{}
	for path, mark := range h.Files("urn:einsicht:test", "restricted") {
		all[strings.Trim(joinPath(strings.Split(path[1:], "/")), "/")] = h.files[path] + " " + mark
	}
	return all
}

func (h *served) Fingerprint(t *testing.T) string { return fmt.Sprint(h.Pieces(t)) }

func (h *served) Break(t *testing.T) func() {
	h.Stop()
	return func() {
		if err := h.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *served) Correct(string) map[string]string { return nil }

func (h *served) Alter(t *testing.T, ref string) { h.write(path(t, ref), "etwas anderes") }

func (h *served) Remove(t *testing.T, ref string) { h.Delete(path(t, ref)) }

func path(t *testing.T, ref string) string {
	plain, err := url.PathUnescape(ref)
	if err != nil {
		t.Fatal(err)
	}
	return "/" + plain
}
