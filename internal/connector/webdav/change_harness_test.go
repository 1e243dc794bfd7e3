package webdav

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

const changePart = `
  change_user: schreiber
  change:
    erase: delete
    restrict: {namespace: "urn:einsicht:test", name: restricted, set: "Art. 18 & mehr"}
`

// changeFile is the connection file with changes.
func changeFile(part string) string {
	return strings.Replace(connectionFile, "secrets: {", "secrets: {change_password: {env: X}, ", 1) + strings.TrimPrefix(part, "\n")
}

// Only writers may do more than read.
const rights = `
  <Limit GET HEAD OPTIONS PROPFIND>
    Require valid-user
  </Limit>
  <LimitExcept GET HEAD OPTIONS PROPFIND>
    AuthGroupFile FOLDER/groups
    Require group writers
  </LimitExcept>`

// changeHarness is a share that one account may change.
type changeHarness struct {
	*harness
	mu   sync.Mutex
	left int // halves of questions of that account until the share goes away
}

func newChangeHarness(t *testing.T, part string) *changeHarness {
	t.Helper()
	h := &changeHarness{harness: newHarness(t, "schreiber", rights), left: -1}
	h.grant(t, "schreiber")
	h.connection = parse(t, fmt.Sprintf(changeFile(part), "http://"+h.front.address))
	h.front.lose = h.lose
	return h
}

func (h *changeHarness) grant(t *testing.T, user string) {
	h.put(t, filepath.Join(h.dir, "groups"), "writers: "+user+"\n")
}

func (h *changeHarness) lose(user, _ string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if user != "schreiber" || h.left < 0 {
		return false
	}
	before := h.left
	h.left -= 2
	if before == 0 {
		panic(http.ErrAbortHandler)
	}
	return before == 1
}

func (h *changeHarness) Cut(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = n
}

func TestChanges(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newChangeHarness(t, changePart) })
}

// Plant makes every other file so old that Apache trusts its ETag.
func (h *changeHarness) Plant(t *testing.T, p connectortest.Person, n int) []string {
	t.Helper()
	refs := h.harness.Plant(t, p, n)
	for i, ref := range refs {
		if i%2 == 0 {
			h.age(t, ref)
		}
	}
	return refs
}

func (h *changeHarness) age(t *testing.T, ref string) {
	t.Helper()
	h.date(t, ref, time.Now().Add(-time.Hour))
}

// date says when a file was written.
func (h *changeHarness) date(t *testing.T, ref string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(h.path(ref), time.Time{}, at); err != nil {
		t.Fatal(err)
	}
}

// path is that of a file on the disk.
func (h *changeHarness) path(ref string) string {
	plain, err := url.PathUnescape(ref)
	if err != nil {
		panic(err)
	}
	return filepath.Join(h.root, plain)
}

// set finds properties that say something.
var set = regexp.MustCompile(`:(owner|restricted)>[^<]+<`)

// Pieces are files with their content and what properties say of them.
func (h *changeHarness) Pieces(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(h.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == ".DAV" {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		segments := strings.Split(strings.TrimPrefix(path, h.root+"/"), "/")
		ref := strings.Trim(joinPath(segments), "/")
		said := set.FindAllString(h.ask(t, "PROPFIND", ref, `<D:propfind xmlns:D="DAV:"><D:prop><o:owner xmlns:o="urn:einsicht:test"/><o:restricted xmlns:o="urn:einsicht:test"/></D:prop></D:propfind>`), -1)
		slices.Sort(said)
		all[ref] = string(content) + fmt.Sprint(said)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ask puts a question to Apache itself.
func (h *changeHarness) ask(t *testing.T, method, ref, body string) string {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+h.apache+"/"+ref, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(h.writer, password)
	r.Header.Set("Depth", "0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s: got %s and %v", method, resp.Status, err)
	}
	return string(text)
}

func (h *changeHarness) Correct(string) map[string]string { return nil }

func (h *changeHarness) Alter(t *testing.T, ref string) {
	t.Helper()
	if err := os.WriteFile(h.path(ref), []byte("etwas anderes, länger als zuvor"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (h *changeHarness) Remove(t *testing.T, ref string) {
	t.Helper()
	if err := os.Remove(h.path(ref)); err != nil {
		t.Fatal(err)
	}
}

// Forbid locks a file.
func (h *changeHarness) Forbid(t *testing.T, refs []string) string {
	t.Helper()
	h.lock(t, refs[0])
	return refs[0]
}

func (h *changeHarness) lock(t *testing.T, ref string) {
	h.ask(t, "LOCK", ref, `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`)
}

// Deny takes the account out of those who may write.
func (h *changeHarness) Deny(t *testing.T) { h.grant(t, "niemand") }

func (h *changeHarness) open(t *testing.T) connector.Changer {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(connector.Changer)
}
