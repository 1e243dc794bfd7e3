package webdav

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// both rehearses and carries a change out, which must come to the same.
func (h *changeHarness) both(t *testing.T, one connector.Change) connector.Effect {
	t.Helper()
	return connectortest.Both(t, h.open(t), h.Pieces, one)
}

func (h *changeHarness) patch(t *testing.T, ref, mark string) {
	h.ask(t, "PROPPATCH", ref, `<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><o:restricted xmlns:o="urn:einsicht:test">`+mark+`</o:restricted></D:prop></D:set></D:propertyupdate>`)
}

func TestWhatStandsAgainstAChange(t *testing.T) {
	const ref = "users/erika/Brief.txt"
	without := func(what string) string { return strings.Replace(changePart, what, "", 1) }
	nothing := func(*testing.T, *changeHarness) {}
	for _, test := range []struct {
		name    string
		part    string
		prepare func(*testing.T, *changeHarness)
		change  connector.Change
		state   connector.EffectState
		reason  string
	}{
		{"nothing", changePart, nothing, connector.Change{Do: connector.CanErase}, connector.Changed, ""},
		{"that it is a folder", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users/erika"}, connector.Missing, ""},
		{"that it is a root", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users"}, connector.Missing, ""},
		{"that it lies in no root", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "oben.txt"}, connector.Missing, ""},
		{"a way up", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users/erika/../../oben.txt"}, connector.Missing, ""},
		{"an escaped way up", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users/%2e%2e/oben.txt"}, connector.Missing, ""},
		{"another spelling", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users/erika/%42rief.txt"}, connector.Missing, ""},
		{"another spelling of its folder", changePart, nothing, connector.Change{Do: connector.CanErase, Reference: "users/%65rika/Brief.txt"}, connector.Missing, ""},
		{"that all files stay", without("erase: delete") + "    keep: [{why: Gesetz}]\n", nothing, connector.Change{Do: connector.CanErase}, connector.Undeclared, becauseKept},
		{"that nobody said how to erase", without("erase: delete"), nothing, connector.Change{Do: connector.CanErase}, connector.Undeclared, becauseUndeclared},
		{"that nobody said how to restrict", strings.Split(changePart, "    restrict")[0], nothing, connector.Change{Do: connector.CanRestrict}, connector.Undeclared, becauseUndeclared},
		{"what it says", changePart, nothing, connector.Change{Do: connector.CanRectify}, connector.Undeclared, becauseContent},
		{"a lock", changePart, func(t *testing.T, h *changeHarness) { h.lock(t, ref) }, connector.Change{Do: connector.CanErase}, connector.Hindered, becauseLocked},
		{"a lock of the folder", changePart, func(t *testing.T, h *changeHarness) { h.lock(t, "users/erika/") }, connector.Change{Do: connector.CanErase}, connector.Hindered, becauseLocked},
		{"another mark", changePart, func(t *testing.T, h *changeHarness) { h.patch(t, ref, "anderes") }, connector.Change{Do: connector.CanRestrict}, connector.Hindered, becauseOtherMark},
		{"that it is marked already", changePart, func(t *testing.T, h *changeHarness) { h.patch(t, ref, "Art. 18 &amp; mehr") }, connector.Change{Do: connector.CanRestrict}, connector.Changed, ""},
		{"that it was never marked", changePart, nothing, connector.Change{Do: connector.CanRestrict, Lift: true}, connector.Changed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newChangeHarness(t, test.part)
			h.put(t, h.path(ref), "Brief")
			h.put(t, h.path("oben.txt"), "oben")
			h.age(t, ref)
			test.prepare(t, h)
			if test.change.Reference == "" {
				test.change.Reference = ref
			}
			if e := h.both(t, test.change); e.State != test.state || e.Reason != test.reason {
				t.Errorf("got %s %q, want %s %q", e.State, e.Reason, test.state, test.reason)
			}
		})
	}
}

func TestAChangeInBetweenIsNotLost(t *testing.T) {
	const ref = "users/erika/Brief.txt"
	for _, test := range []struct {
		name         string
		old          bool
		user, method string
		times        int
		do           connector.Ability
	}{
		{"erased, where the server trusts its ETag", true, "schreiber", http.MethodDelete, 1, connector.CanErase},
		{"marked, where the server trusts its ETag", true, "schreiber", "PROPPATCH", 1, connector.CanRestrict},
		{"erased, where it does not: seen when it is looked at once more", false, "leser", "PROPFIND", 2, connector.CanErase},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newChangeHarness(t, changePart)
			h.put(t, h.path(ref), "Brief")
			if test.old {
				h.age(t, ref)
			} else { // Apache trusts no ETag of a file that is younger than a second
				h.date(t, ref, time.Now().Add(time.Hour))
			}
			c, n := h.open(t), 0
			h.front.lose = func(user, method string) bool {
				if user == test.user && method == test.method {
					if n++; n == test.times {
						h.Alter(t, ref)
						h.age(t, ref)
					}
				}
				return false
			}
			e, err := c.Carry(t.Context(), []connector.Change{{Do: test.do, Reference: ref}})
			if err != nil || e[0].State != connector.Differs || n < test.times {
				t.Fatalf("got %v and %v, want %s", e, err, connector.Differs)
			}
			if content, err := os.ReadFile(h.path(ref)); err != nil || !strings.HasPrefix(string(content), "etwas anderes") {
				t.Errorf("what somebody else wrote is lost: %v", err)
			}
		})
	}
}

// A right of the disk only shows when it is tried.
func TestWhatTheServerMayNot(t *testing.T) {
	h := newChangeHarness(t, changePart)
	if os.Geteuid() != 0 {
		t.Skip("Apache owns the files of the test")
	}
	const ref = "users/erika/Brief.txt"
	h.put(t, h.path(ref), "Brief")
	if err := os.Chown(filepath.Dir(h.path(ref)), 0, 0); err != nil {
		t.Fatal(err)
	}
	e, err := h.open(t).Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: ref}})
	if err != nil || e[0].State != connector.Denied {
		t.Errorf("got %v and %v, want %s", e, err, connector.Denied)
	}
	if _, err := os.Stat(h.path(ref)); err != nil {
		t.Error("the file is gone")
	}
}

func TestASignInThatFailsMayNothing(t *testing.T) {
	h := newChangeHarness(t, strings.Replace(changePart, "schreiber", "niemand", 1))
	const ref = "users/erika/Brief.txt"
	h.put(t, h.path(ref), "Brief")
	if all, _, err := ask(t, h.connection, erika()); err != nil || len(all) != 1 {
		t.Errorf("got %d files and %v, want those that reading shows", len(all), err)
	}
	for _, do := range []connector.Ability{connector.CanErase, connector.CanRestrict} {
		if e := h.both(t, connector.Change{Do: do, Reference: ref}); e.State != connector.Denied {
			t.Errorf("%s: got %s, want %s", do, e.State, connector.Denied)
		}
	}
}

// An answer with several statuses is no success by itself.
func TestWhatAnswersMean(t *testing.T) {
	const ref = "users/erika/a.txt"
	multi := func(status string) string {
		return `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/users/erika/a.txt</D:href><D:status>HTTP/1.1 ` + status + `</D:status></D:response></D:multistatus>`
	}
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   connector.EffectState
		fails  bool
	}{
		{"no content", 204, "", connector.Changed, false},
		{"several, one locked", 207, multi("423 Locked"), connector.Hindered, false},
		{"several, one forbidden", 207, multi("403 Forbidden"), connector.Denied, false},
		{"several, all fine", 207, multi("204 No Content"), connector.Changed, false},
		{"several, none", 207, `<D:multistatus xmlns:D="DAV:"/>`, connector.Hindered, false},
		{"several, unreadable", 207, `<D:multistatus`, "", true},
		{"gone", 410, "", connector.Missing, false},
		{"a conflict", 409, "", connector.Hindered, false},
		{"that it is a folder", 0, "", connector.Missing, false},
		{"something odd", 418, "", "", true},
		{"out of order", 503, "", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodDelete:
					w.WriteHeader(test.status)
					fmt.Fprint(w, test.body)
				case strings.HasSuffix(r.URL.Path, "a.txt") && r.Method == "PROPFIND":
					w.WriteHeader(http.StatusMultiStatus)
					if test.status == 0 {
						fmt.Fprint(w, listing(folder("/users/erika/a.txt/")))
						return
					}
					fmt.Fprint(w, listing(file("/users/erika/a.txt")))
				case r.Method == "PROPFIND":
					w.WriteHeader(http.StatusMultiStatus)
					fmt.Fprint(w, listing(folder(r.URL.Path)))
				default:
					fmt.Fprint(w, "abc")
				}
			}))
			t.Cleanup(s.Close)
			c, err := Kind{}.Open(t.Context(), parse(t, strings.Replace(fmt.Sprintf(homes, s.URL), "roots:", "change: {erase: delete}, roots:", 1)))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			e, err := c.(connector.Changer).Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: ref}})
			if test.fails != (err != nil) || err == nil && e[0].State != test.want {
				t.Errorf("got %v and %v, want %s", e, err, test.want)
			}
		})
	}
}

func FuzzWorst(f *testing.F) {
	f.Add(`<D:multistatus xmlns:D="DAV:"><D:response><D:status>HTTP/1.1 423 Locked</D:status></D:response></D:multistatus>`)
	f.Add(`<multistatus><response><propstat><status>HTTP/1.1 200 OK</status></propstat><propstat><status>x</status></propstat></response></multistatus>`)
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := worst(strings.NewReader(s)); err == nil && n/100 == 2 && n != http.StatusMultiStatus && !strings.Contains(s, fmt.Sprint(n)) {
			t.Errorf("got %d, which nobody said", n)
		}
	})
}

func TestWhatMayBeDeclared(t *testing.T) {
	for _, test := range []struct{ name, from, to, want string }{
		{"the account that reads", "change_user: schreiber", "change_user: leser", "change_user"},
		{"no password", "change_password: {env: X}, ", "", "change_user"},
		{"no account", "  change_user: schreiber\n", "", "change_user"},
		{"a mask", "erase: delete", "erase: mask", "change.erase"},
		{"erased and kept", "erase: delete", "erase: delete\n    keep: [{why: Gesetz}]", "change.keep"},
		{"kept for no reason", "erase: delete", `keep: [{why: ""}]`, "change.keep"},
		{"nothing", "change:\n    erase: delete\n    restrict: {namespace: \"urn:einsicht:test\", name: restricted, set: \"Art. 18 & mehr\"}", "change: {}", "change"},
		{"a property of the server", `namespace: "urn:einsicht:test", name: restricted`, `namespace: "DAV:", name: getetag`, "change.restrict.name"},
		{"the property of the owner", "name: restricted", "name: owner", "change.restrict.name"},
		{"no value", `set: "Art. 18 & mehr"`, `set: ""`, "change.restrict.set"},
		{"nothing wrong", "", "", ""},
	} {
		err := Kind{}.Check(parse(t, strings.Replace(fmt.Sprintf(changeFile(changePart), "http://127.0.0.1"), test.from, test.to, 1)))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), "webdav."+test.want)) {
			t.Errorf("%s: got %v, want it to name %q", test.name, err, test.want)
		}
	}
	for file, want := range map[string][]connector.Ability{
		changeFile(changePart): {connector.CanFind, connector.CanPreview, connector.CanErase, connector.CanRestrict},
		connectionFile:         {connector.CanFind, connector.CanPreview},
		strings.NewReplacer("change_password: {env: X}, ", "", "  change_user: schreiber\n", "").Replace(changeFile(changePart)): {connector.CanFind, connector.CanPreview},
	} {
		if got := (Kind{}).Abilities(parse(t, fmt.Sprintf(file, "http://127.0.0.1"))); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
