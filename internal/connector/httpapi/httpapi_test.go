package httpapi

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"einsicht/internal/connector"
)

const secret = "geheim-4711"

func connection(t *testing.T) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("c.yaml", []byte("system: s\nkind: k\ntimeout: 5s\nsecrets: {token: {env: T}, password: {env: P}}\nk: {url: x, auth: x, user: x, proxy: x, ca: x, max_answer: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Resolve(func(connector.Ref) (string, error) { return secret + "\n", nil }); err != nil {
		t.Fatal(err)
	}
	return c
}

func client(t *testing.T, s Settings) *Client {
	t.Helper()
	c, err := Open(connection(t), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Settings
		want string // empty: fine
	}{
		{"https", Settings{URL: "https://api.example.org/v1"}, ""},
		{"this machine in clear", Settings{URL: "http://127.0.0.1:8001/3.1"}, ""},
		{"this machine, version six", Settings{URL: "http://[::1]:8001"}, ""},
		{"nothing", Settings{}, "k.url: is missing"},
		{"in clear to elsewhere", Settings{URL: "http://api.example.org"}, "k.url: must start with https://"},
		{"a name that only looks like this machine", Settings{URL: "http://localhost.example.org"}, "k.url: must start with https://"},
		{"another scheme", Settings{URL: "file:///etc/passwd"}, "k.url: must be a full address"},
		{"password in it", Settings{URL: "https://u:" + secret + "@example.org"}, "k.url: must not hold a user or password"},
		{"query in it", Settings{URL: "https://example.org/?t=" + secret}, "k.url: must end with the path"},
		{"basic without a user", Settings{URL: "https://example.org", Auth: "basic"}, "k.user: is missing"},
		{"an unknown way", Settings{URL: "https://example.org", Auth: "digest"}, "k.auth: must be"},
		{"a header without a name", Settings{URL: "https://example.org", Auth: "header:"}, "k.auth: must be"},
		{"a header that breaks the line", Settings{URL: "https://example.org", Auth: "header:X\r\nY"}, "k.auth: must be"},
		{"a proxy with a password", Settings{URL: "https://example.org", Proxy: "http://u:p@proxy:3128"}, "k.proxy: must be"},
		{"certificates where nobody shows one", Settings{URL: "http://127.0.0.1:8001", CA: "/etc/ca.pem"}, "k.ca: is for https://"},
		{"this machine in capital letters", Settings{URL: "http://LOCALHOST:8001"}, "k.url: must start with https://"},
		{"no certificates", Settings{URL: "https://example.org", CA: "/dev/null"}, "k.ca: names a file that holds no certificate"},
	} {
		_, err := Open(connection(t), c.s)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, connector.ErrConfig)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error quotes the file", c.name)
		}
	}
}

func TestItSignsIn(t *testing.T) {
	for _, c := range []struct {
		auth string
		has  func(*http.Request) string
	}{
		{"basic", func(r *http.Request) string { u, p, _ := r.BasicAuth(); return u + ":" + p }},
		{"bearer", func(r *http.Request) string {
			return "u:" + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		}},
		{"header:X-Key", func(r *http.Request) string { return "u:" + r.Header.Get("X-Key") }},
		{"query:key", func(r *http.Request) string { return "u:" + r.URL.Query().Get("key") }},
	} {
		var got, asked string
		base := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got, asked = c.has(r), r.URL.EscapedPath()+" "+r.URL.Query().Get("page")+" "+r.Header.Get("User-Agent")
			fmt.Fprint(w, `{}`)
		})
		var v any
		if _, err := client(t, Settings{URL: base + "/v1/", Auth: c.auth, User: "u"}).JSON(t.Context(), "GET", "/u/{mail}/x", url.Values{"mail": {"a/b@c"}, "page": {"2"}}, nil, nil, &v); err != nil {
			t.Fatal(err)
		}
		if want := "u:" + secret; got != want || asked != "/v1/u/a%2Fb@c/x 2 "+userAgent {
			t.Errorf("%s: got %q at %q", c.auth, got, asked)
		}
	}
}

func TestFailuresSayWhatToDoAndNothingElse(t *testing.T) {
	const value = "erika@example.org"
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no "+r.URL.Path, code) }
	}
	for _, c := range []struct {
		name   string
		path   string
		answer http.HandlerFunc
		want   error
		says   string
	}{
		{"a server in trouble", "/u/{mail}", status(503), connector.ErrUnreachable, "/u/{mail}: system does not answer (503, HOST)"},
		{"too many questions", "/u/{mail}", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Retry-After", "3600"); status(429)(w, r) }, connector.ErrUnreachable, "(429: it wants fewer questions, HOST)"},
		{"a wrong password", "/u/{mail}", status(401), connector.ErrConfig, "(401: the sign-in is refused: wrong user, password or token, HOST)"},
		{"no right", "/u/{mail}", status(403), connector.ErrConfig, "(403: signed in, but without the right to read this, HOST)"},
		{"a declared path that is none", "/u", status(404), connector.ErrConfig, "(404: there is no such path below url, HOST)"},
		{"a record that is none", "/u/{mail}", status(404), connector.ErrBroken, "(404)"},
		{"a question it does not understand", "/u", status(422), connector.ErrBroken, "(422)"},
		{"HTML instead of JSON", "/u", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>"+value) }, connector.ErrBroken, "/u: answer can't be read"},
		{"another charset", "/u", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{\"a\":\"M\xfcller\"}") }, connector.ErrBroken, "not UTF-8"},
		{"another charset, declared", "/u", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-16")
			fmt.Fprint(w, "{}")
		}, connector.ErrBroken, "not UTF-8"},
		{"too much", "/u", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"a":"%s"}`, strings.Repeat("x", 100<<10))
		}, connector.ErrBroken, "answer too large"},
		{"cut in the middle", "/u", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"a":`)
			panic(http.ErrAbortHandler)
		}, connector.ErrUnreachable, "/u: system does not answer (HOST)"},
		{"sent to another host", "/u", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:1/"+value, 302)
		}, connector.ErrConfig, "(redirect: it sends to another address, HOST)"},
		{"sent round and round", "/u", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/u?x=1", 302) }, connector.ErrConfig, "redirect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v any
			base := serve(t, c.answer)
			_, err := client(t, Settings{URL: base, MaxAnswer: 64 << 10}).JSON(t.Context(), "GET", c.path, url.Values{"mail": {value}}, nil, nil, &v)
			says := strings.Replace(c.says, "HOST", strings.TrimPrefix(base, "http://"), 1)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), value) {
				t.Errorf("got %v, want %v with %q", err, c.want, says)
			}
			if got, want := NotFound(err), c.name == "a record that is none"; got != want {
				t.Errorf("not found: got %v, want %v", got, want)
			}
		})
	}
}

func TestItWaitsALittleAndAsksAgain(t *testing.T) {
	asked := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if asked++; asked < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
			return
		}
		fmt.Fprintf(w, "%q", b)
	})
	var got string
	if _, err := client(t, Settings{URL: base}).JSON(t.Context(), "POST", "/search", nil, nil, strings.NewReader("frage"), &got); err != nil || got != "frage" || asked != 3 {
		t.Errorf("got %q and %v after %d questions, want the same question a third time", got, err, asked)
	}
}

func TestNobodyAsksAfterTheEnd(t *testing.T) {
	asked := make(chan struct{}, 8)
	hold := make(chan struct{})
	base := serve(t, func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-hold })
	defer close(hold)
	c := client(t, Settings{URL: base})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := c.Do(ctx, "GET", "/x", nil, nil, nil); !errors.Is(err, context.Canceled) || !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if _, err := c.Do(ctx, "GET", "/x", nil, nil, nil); !errors.Is(err, context.Canceled) || len(asked) > 0 {
		t.Errorf("got %v and %d questions, want none", err, len(asked))
	}
}

func TestItsOwnTimeIsUp(t *testing.T) {
	hold := make(chan struct{})
	base := serve(t, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	conn := connection(t)
	conn.Timeout = 100 * time.Millisecond
	c, err := Open(conn, Settings{URL: base})
	if err != nil {
		t.Fatal(err)
	}
	// The end of our own limit is not that of the caller's time.
	_, err = c.Do(t.Context(), "GET", "/x", nil, nil, nil)
	if !errors.Is(err, connector.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("got %v, want a system that does not answer in time", err)
	}
}

func TestWhatChangesSomethingIsAskedOnce(t *testing.T) {
	asked := 0
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
	})
	c := client(t, Settings{URL: base})
	resp, err := c.Do(Once(t.Context()), "DELETE", "/x", nil, nil, nil)
	if err != nil || resp.StatusCode != http.StatusTemporaryRedirect || asked != 1 {
		t.Fatalf("got %v and %v after %d questions, want the redirect itself", resp, err, asked)
	}
	resp.Body.Close()
	for status, want := range map[int]int{409: 409, 401: 401, 500: 500, 429: 0, 408: 0} {
		refusing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if _, err := client(t, Settings{URL: refusing}).Do(Once(t.Context()), "DELETE", "/x", nil, nil, nil); Status(err) != want {
			t.Errorf("%d: got %d, want %d", status, Status(err), want)
		}
	}
	if got := Status(connector.Fail(connector.ErrUnreachable, "/x", "timeout", nil)); got != 0 {
		t.Errorf("no answer: got %d", got)
	}
}

func TestWhoeverChangesHasASecretOfTheirOwn(t *testing.T) {
	for auth, want := range map[string]string{"": "", "basic": "change_password", "bearer": "change_token", "header:X": "change_token"} {
		if got := (Settings{URL: "https://example.org", Auth: auth, User: "u"}).Changing("v"); got.Secret() != want || got.User != "v" {
			t.Errorf("%s: got %q of %s, want %q", auth, got.Secret(), got.User, want)
		}
	}
	if _, err := Open(connection(t), Settings{URL: "https://example.org", Auth: "bearer"}.Changing("")); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("got %v, want that change_token is missing", err)
	}
}

func TestTheNextPageIsOfTheSameSystem(t *testing.T) {
	c := client(t, Settings{URL: "https://api.example.org/v1", Auth: "query:key"})
	from := "https://api.example.org/v1/suppliers?page=1"
	for _, x := range []struct{ name, ref, want string }{
		{"relative", "?page=2", "https://api.example.org/v1/suppliers?page=2"},
		{"full", "https://API.example.org/v1/suppliers?page=2", "https://API.example.org/v1/suppliers?page=2"},
		{"with the secret in it", "?key=" + secret + "&page=2", "https://api.example.org/v1/suppliers?page=2"},
		{"another host", "https://evil.example.org/v1/suppliers", ""},
		{"another host, short", "//evil.example.org/v1/suppliers", ""},
		{"in clear", "http://api.example.org/v1/suppliers", ""},
		{"above the base", "/admin", ""},
		{"above the base by dots", "../../admin", ""},
		{"a user in it", "https://x@api.example.org/v1/suppliers", ""},
		{"a name that starts the same", "/v1evil", ""},
		{"nonsense", "%zz", ""},
	} {
		got, err := c.Next("/suppliers", from, x.ref)
		if got != x.want || (err == nil) != (x.want != "") {
			t.Errorf("%s: got %q and %v, want %q", x.name, got, err, x.want)
		}
	}
}

func TestLibrariesGetTheSameLimits(t *testing.T) {
	const value = "erika@example.org"
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok {
			t.Error("a library asks without signing in")
		}
		http.NotFound(w, r)
	})
	c := client(t, Settings{URL: base, Auth: "basic", User: "u"})
	ask := func(address string) error {
		resp, err := c.HTTPClient().Get(address)
		if err == nil {
			resp.Body.Close()
		}
		return Failure("folder", err)
	}
	if err := ask(base + "/" + value); !NotFound(err) || strings.Contains(err.Error(), value) {
		t.Errorf("got %v, want not found and no value", err)
	}
	if err := ask(base); !errors.Is(err, connector.ErrConfig) {
		t.Errorf("the base is not there: got %v, want %v", err, connector.ErrConfig)
	}
	if err := ask("http://localhost:1/" + value); !errors.Is(err, connector.ErrConfig) || strings.Contains(err.Error(), value) {
		t.Errorf("another host: got %v, want %v", err, connector.ErrConfig)
	}
}

func TestEachRequestWaitsForItsTurn(t *testing.T) {
	var asked, waited int
	base := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 2 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if waited != asked {
			t.Errorf("got %d turns at question %d", waited, asked)
		}
		fmt.Fprint(w, "1")
	})
	turn := func(context.Context) error { waited++; return nil }
	conn := connection(t).Paced(func(ctx context.Context) error { return turn(ctx) })
	c, err := Open(conn, Settings{URL: base})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var v int
	for range 3 {
		if _, err := c.JSON(t.Context(), "GET", "/x", nil, nil, nil, &v); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 4 || waited != 4 {
		t.Errorf("got %d questions and %d turns, want 4: one was put twice", asked, waited)
	}
	others := errors.Join(connector.Fail(connector.ErrUnreachable, "s", "rate", nil), connector.ErrBusy)
	turn = func(context.Context) error { return others }
	_, err = c.JSON(t.Context(), "GET", "/x", nil, nil, nil, &v)
	if !errors.Is(err, connector.ErrBusy) || asked != 4 {
		t.Errorf("got %v and %d questions, want that it bears no more and was not asked", err, asked)
	}
}

func TestItsOwnAuthority(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "1") }))
	defer s.Close()
	s.Config.ErrorLog = nil
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	var v int
	if _, err := client(t, Settings{URL: s.URL, CA: file}).JSON(t.Context(), "GET", "", nil, nil, nil, &v); err != nil || v != 1 {
		t.Errorf("trusted: got %v", err)
	}
	_, port, _ := strings.Cut(s.Listener.Addr().String(), ":")
	for _, c := range []struct {
		name string
		s    Settings
		want string
	}{
		{"not trusted", Settings{URL: s.URL}, "GET /x: connection is wrong (certificate: signed by an authority that is not trusted; ca names the file of an own one, 127.0.0.1:" + port + ")"},
		{"another name", Settings{URL: "https://localhost:" + port, CA: file}, "(certificate: made for another name than that in the address, localhost:" + port + ")"},
	} {
		if _, err := client(t, c.s).JSON(t.Context(), "GET", "/x", nil, nil, nil, &v); !errors.Is(err, connector.ErrConfig) || !strings.HasSuffix("GET "+err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct{ name, url, want string }{
		{"nobody there", "http://127.0.0.1:1", "/x: system does not answer (connection refused, 127.0.0.1:1)"},
		{"no TLS there", strings.Replace(plain, "http", "https", 1), "/x: system does not answer (no TLS spoken there, " + strings.TrimPrefix(plain, "http://") + ")"},
	} {
		if _, err := client(t, Settings{URL: c.url}).JSON(t.Context(), "GET", "/x", nil, nil, nil, &v); !errors.Is(err, connector.ErrUnreachable) || err.Error() != c.want {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTheEnvironmentNamesNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if c := client(t, Settings{URL: "https://api.example.org"}); c.wire.Proxy != nil {
		t.Error("a proxy was taken that nobody declared")
	}
	if c := client(t, Settings{URL: "https://api.example.org", Proxy: "http://proxy.example.org:3128"}); c.wire.Proxy == nil {
		t.Error("the declared proxy was not taken")
	}
}

func TestNothingClimbsOutOfATemplate(t *testing.T) {
	for _, value := range []string{"", ".", ".."} {
		if _, err := client(t, Settings{URL: "http://127.0.0.1:1"}).Address("/u/{id}", url.Values{"id": {value}}); !errors.Is(err, connector.ErrConfig) {
			t.Errorf("%q: got %v, want a refusal", value, err)
		}
	}
}
