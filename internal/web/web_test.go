package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"einsicht/assets"
	"einsicht/internal/problem"
	"einsicht/internal/web"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// routes is a small portal: what citizens and staff will bring, in miniature.
func routes() []reply.Route {
	form := func(c *fiber.Ctx) error {
		f := reply.Frame(c, "Formular")
		return reply.Page(c, fiber.StatusOK, within(f, kern.Post(kern.Form{Action: c.Path(), CSRF: reply.CSRF(c)})))
	}
	echo := func(c *fiber.Ctx) error { return c.SendString(c.FormValue("name")) }
	get := func(path string, auth reply.Auth, h fiber.Handler) reply.Route {
		return reply.Route{Method: "GET", Path: path, Class: reply.PageClass, Auth: auth, Handler: h}
	}
	post := func(path string, h fiber.Handler) reply.Route {
		return reply.Route{Method: "POST", Path: path, Class: reply.FormClass, Auth: reply.Public, Handler: h}
	}
	return []reply.Route{
		get("/t/form", reply.Public, form),
		post("/t/form", echo),
		post("/t/enter", func(c *fiber.Ctx) error {
			s := reply.SessionOf(c)
			s.Set(reply.StaffID, "42")
			s.SetUntil(reply.FreshCode, "geheim", reply.Now(c).Add(5*time.Minute))
			s.Renew()
			return reply.Redirect(c, "/t/inside")
		}),
		post("/t/leave", func(c *fiber.Ctx) error {
			reply.SessionOf(c).End()
			return reply.Redirect(c, "/")
		}),
		{Method: "GET", Path: "/t/inside", Class: reply.PageClass, Auth: reply.Staff, Door: "/t/form", Handler: func(c *fiber.Ctx) error {
			return c.SendString(reply.SessionOf(c).Get(reply.StaffID) + reply.SessionOf(c).Get(reply.FreshCode))
		}},
		get("/t/nodoor", reply.Citizen, form),
		get("/t/broken", reply.Public, func(*fiber.Ctx) error { return errors.New("dial tcp 10.1.2.3: refused") }),
		get("/t/panic", reply.Public, func(*fiber.Ctx) error { panic("Erika Mustermann") }),
		get("/t/said", reply.Public, func(*fiber.Ctx) error {
			return problem.New(problem.Conflict, "problem.throttled").Because(errors.New("secret"))
		}),
		{Method: "POST", Path: "/t/upload", Class: reply.UploadClass, Auth: reply.Public, MaxBody: 100 << 10, Handler: func(c *fiber.Ctx) error {
			parts, err := reply.Upload(c)
			if err != nil {
				return err
			}
			part, err := parts.NextPart()
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, part)
			return errors.Join(err, c.SendString(fmt.Sprint(part.FileName(), " ", n)))
		}},
		{Method: "GET", Path: "/t/download", Class: reply.DownloadClass, Auth: reply.Public, Handler: func(c *fiber.Ctx) error {
			fails := c.Query("fails") != ""
			return reply.Download(c, reply.File{Name: "Auskunft ä.zip", Type: "application/zip", Size: -1}, func(_ context.Context, w io.Writer) error {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 100_000)); err != nil || !fails {
					return err
				}
				return errors.New("source gone")
			})
		}},
	}
}

func start(t *testing.T) *webtest.Portal {
	return webtest.Start(t, web.Deps{Routes: routes(), HTTPS: true})
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	}
	check := func(method, path string, asset bool) {
		page := b.Do(method, path, "", nil)
		for k, v := range want {
			if got := page.Header.Get(k); got != v {
				t.Errorf("%s %s (%d): %s: got %q, want %q", method, path, page.Status, k, got, v)
			}
		}
		if page.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s %s: no Permissions-Policy", method, path)
		}
		cache := "no-store"
		if asset && page.Status == http.StatusOK {
			cache = "public, max-age=31536000, immutable"
		}
		if got := page.Header.Get("Cache-Control"); got != cache {
			t.Errorf("%s %s (%d): Cache-Control: got %q, want %q", method, path, page.Status, got, cache)
		}
		if page.Header.Get("Server") != "" {
			t.Errorf("%s %s: says what it runs on: %q", method, path, page.Header.Get("Server"))
		}
	}
	table := p.App.Routes()
	if len(table) <= len(routes()) {
		t.Fatalf("%d routes in the table, want more than the %d of this test", len(table), len(routes()))
	}
	for _, r := range table {
		check(r.Method, strings.NewReplacer("*", "kern/nothing.css", ":", "x").Replace(r.Path), false)
		check("PATCH", strings.NewReplacer("*", "x", ":", "x").Replace(r.Path), false)
	}
	for _, a := range assets.Names() {
		check("GET", a, true)
	}
	check("GET", "/nowhere/at/all", false)
	check("PUT", "/", false)
}

func TestCookiesAreForThisHostOnly(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	form := b.Get("/t/form?lang=en")
	entered := b.Submit(webtest.Form{Action: "/t/enter", Values: form.Form("").Values})
	cookies := append(form.Header["Set-Cookie"], entered.Header["Set-Cookie"]...)
	if len(cookies) != 3 {
		t.Fatalf("got cookies %q, want language, token and session", cookies)
	}
	for _, c := range cookies {
		low := strings.ToLower(c)
		for _, must := range []string{"__host-", "secure", "httponly", "path=/", "samesite=lax"} {
			if !strings.Contains(low, must) {
				t.Errorf("cookie %s lacks %s", strings.SplitN(c, "=", 2)[0], must)
			}
		}
		if strings.Contains(low, "domain=") {
			t.Errorf("a __Host- cookie must not name a domain")
		}
	}
	if start := p.Browser(t).Get("/"); len(start.Header["Set-Cookie"]) != 0 {
		t.Errorf("the start page sets cookies: %q", start.Header["Set-Cookie"])
	}
}

func TestAFormNeedsItsToken(t *testing.T) {
	p := start(t)
	for name, c := range map[string]struct {
		change func(b *webtest.Browser, f webtest.Form) webtest.Form
		want   int
	}{
		"as shown":                 {func(_ *webtest.Browser, f webtest.Form) webtest.Form { return f }, 200},
		"without token":            {func(_ *webtest.Browser, f webtest.Form) webtest.Form { f.Values.Del("_csrf"); return f }, 403},
		"with another token":       {func(_ *webtest.Browser, f webtest.Form) webtest.Form { return f.With("_csrf", "x") }, 403},
		"with the cookie as token": {func(b *webtest.Browser, f webtest.Form) webtest.Form { return f.With("_csrf", b.Cookie("__Host-csrf")) }, 403},
		"from another website": {func(b *webtest.Browser, f webtest.Form) webtest.Form {
			b.Header.Set("Sec-Fetch-Site", "cross-site")
			return f
		}, 403},
		"from a sibling host": {func(b *webtest.Browser, f webtest.Form) webtest.Form {
			b.Header.Set("Sec-Fetch-Site", "same-site")
			return f
		}, 403},
		"from another origin": {func(b *webtest.Browser, f webtest.Form) webtest.Form {
			b.Header.Set("Origin", "http://evil.example")
			return f
		}, 403},
		"from our origin":            {func(b *webtest.Browser, f webtest.Form) webtest.Form { b.Header.Set("Origin", p.URL); return f }, 200},
		"from an origin without one": {func(b *webtest.Browser, f webtest.Form) webtest.Form { b.Header.Set("Origin", "null"); return f }, 403},
	} {
		b := p.Browser(t)
		f := b.Get("/t/form").Form("")
		if got := b.Submit(c.change(b, f)); got.Status != c.want {
			t.Errorf("%s: got %d, want %d", name, got.Status, c.want)
		}
	}
	b := p.Browser(t)
	first := b.Get("/t/form").Form("")
	second := b.Get("/t/form").Form("")
	if b.Submit(first).Status != 200 || b.Submit(second).Status != 200 {
		t.Error("two tabs: one of the forms was refused")
	}
	if got := p.Browser(t).Submit(first).Status; got != 403 {
		t.Errorf("a token in another browser: got %d, want 403", got)
	}
}

func TestBodiesAreBoundedBeforeTheyAreRead(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	token := b.Get("/t/form").Form("").Values.Get("_csrf")
	form := "application/x-www-form-urlencoded"
	fill := func(n int) string {
		s := "_csrf=" + token + "&name="
		return s + strings.Repeat("a", n-len(s))
	}
	for name, c := range map[string]struct {
		method, path, kind string
		body               io.Reader
		want               int
	}{
		"a form of 64 KiB":             {"POST", "/t/form", form, strings.NewReader(fill(64 << 10)), 200},
		"a form one byte longer":       {"POST", "/t/form", form, strings.NewReader(fill(64<<10 + 1)), 413},
		"a form of unknown length":     {"POST", "/t/form", form, io.MultiReader(strings.NewReader(fill(100))), 411},
		"a form that is multipart":     {"POST", "/t/form", "multipart/form-data; boundary=x", strings.NewReader("--x--"), 415},
		"a page asked for with a body": {"GET", "/t/form", form, strings.NewReader("a=b"), 413},
		"an upload beyond its limit":   {"POST", "/t/upload", "multipart/form-data; boundary=x", strings.NewReader(fill(100<<10 + 1)), 413},
		"an upload of unknown length":  {"POST", "/t/upload", "multipart/form-data; boundary=x", io.MultiReader(strings.NewReader("--x--")), 411},
		"an upload that is a form":     {"POST", "/t/upload", form, strings.NewReader(fill(100)), 415},
		"an upload without token":      {"POST", "/t/upload", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n1\r\n--x--"), 403},
		"an upload to nowhere":         {"POST", "/t/nowhere", form, strings.NewReader(fill(1000)), 404},
	} {
		if got := b.Do(c.method, c.path, c.kind, c.body); got.Status != c.want {
			t.Errorf("%s: got %d, want %d", name, got.Status, c.want)
		}
	}
}

func TestAnUploadStreamsAfterItsToken(t *testing.T) {
	b := start(t).Browser(t)
	token := b.Get("/t/form").Form("").Values.Get("_csrf")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("_csrf", token); err != nil {
		t.Fatal(err)
	}
	f, err := w.CreateFormFile("file", "ausweis.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 90_000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	page := b.Do("POST", "/t/upload", w.FormDataContentType(), &body)
	if got := string(page.Body); page.Status != 200 || got != "ausweis.pdf 90000" {
		t.Errorf("got %d %q", page.Status, got)
	}
}

// TestWhatIsLeftOfABodyIsNotTheNextRequest: fasthttp drops the stream of an
// unread body and would read its rest as a request of whoever comes next on the
// connection of a proxy.
func TestWhatIsLeftOfABodyIsNotTheNextRequest(t *testing.T) {
	p := start(t)
	smuggled := "GET /t/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	body := strings.Repeat("a", 70_000) + smuggled
	for name, head := range map[string]string{
		"too long":                fmt.Sprintf("POST /t/form HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body)),
		"to nowhere":              fmt.Sprintf("POST /t/nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body)),
		"no route for the method": fmt.Sprintf("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body)),
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(conn, head+body) }()
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(conn)
		answers := 0
		for {
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				break
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				break
			}
			answers++
		}
		if answers > 1 {
			t.Errorf("%s: %d answers on one connection, want 1", name, answers)
		}
		conn.Close()
	}
	if strings.Contains(p.Log.String(), "smuggled") {
		t.Error("the rest of a body was taken for a request")
	}
}

func TestAConnectionLivesOnAfterAForm(t *testing.T) {
	b := start(t).Browser(t)
	f := b.Get("/t/form").Form("").With("name", "Erika")
	for range 3 {
		if got := b.Submit(f); string(got.Body) != "Erika" || got.Header.Get("Connection") == "close" {
			t.Fatalf("got %d %q, connection %q", got.Status, got.Body, got.Header.Get("Connection"))
		}
	}
}

func TestProblemsShowASentenceAndNothingElse(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	for name, c := range map[string]struct {
		path   string
		status int
		want   string
		never  string
	}{
		"an unknown error":     {"/t/broken", 500, "Bei uns ist ein Fehler aufgetreten", "10.1.2.3"},
		"a panic":              {"/t/panic", 500, "Bei uns ist ein Fehler aufgetreten", "Mustermann"},
		"a sentence of ours":   {"/t/said", 409, "Bitte warten Sie einen Augenblick", "secret"},
		"an unknown page":      {"/wo/bin/ich", 404, "Diese Seite gibt es nicht", "Cannot GET"},
		"a door that is shut":  {"/t/nodoor", 403, "Dafür fehlt die Berechtigung", "forbidden"},
		"a path with a double": {"//evil.example/x", 404, "Diese Seite gibt es nicht", `"//evil`},
	} {
		page := b.Get(c.path)
		if page.Status != c.status || !strings.Contains(page.Text(), c.want) {
			t.Errorf("%s: got %d %q", name, page.Status, page.Text())
		}
		if strings.Contains(string(page.Body), c.never) {
			t.Errorf("%s: the page shows %q", name, c.never)
		}
		if !strings.Contains(page.Text(), "Kennnummer für Rückfragen:") {
			t.Errorf("%s: no reference", name)
		}
	}
	log := p.Log.String()
	if strings.Contains(log, "Mustermann") || strings.Contains(log, "/wo/bin/ich") || strings.Contains(log, "127.0.0.1:") {
		t.Errorf("the log holds a panic's value or an address:\n%s", log)
	}
	if !strings.Contains(log, "route=/t/panic") || !strings.Contains(log, "10.1.2.3") {
		t.Errorf("the log lacks route or cause:\n%s", log)
	}
}

func TestASessionEndsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		steps []time.Duration
		want  int
	}{
		"at once":                      {[]time.Duration{0}, 200},
		"29 minutes without a request": {[]time.Duration{29 * time.Minute}, 200},
		"30 minutes without a request": {[]time.Duration{30 * time.Minute}, 303},
		"never idle for 9 h 40":        {many(29, 20*time.Minute), 200},
		"never idle for 10 hours":      {many(30, 20*time.Minute), 303},
	} {
		p := start(t)
		b := enter(t, p)
		var page *webtest.Page
		for _, step := range c.steps {
			p.Clock.Forward(step)
			page = b.Get("/t/inside")
		}
		if page.Status != c.want {
			t.Errorf("%s: got %d, want %d", name, page.Status, c.want)
		}
		if gone := len(p.Sessions.Rows()) == 0; gone != (c.want == 303) {
			t.Errorf("%s: session deleted from the store: %v", name, gone)
		}
	}
}

func TestAValueOfASessionEndsBeforeIt(t *testing.T) {
	p := start(t)
	b := enter(t, p)
	if got := string(b.Get("/t/inside").Body); got != "42geheim" {
		t.Fatalf("got %q", got)
	}
	p.Clock.Forward(5 * time.Minute)
	if got := string(b.Get("/t/inside").Body); got != "42" {
		t.Errorf("after its time: got %q, want 42 alone", got)
	}
}

func TestASessionHasANewIDAfterSignIn(t *testing.T) {
	p := start(t)
	b := enter(t, p)
	before := b.Cookie("__Host-session")
	thief := p.Browser(t)
	thief.Header.Set("Cookie", "__Host-session="+before)
	if got := thief.Get("/t/inside").Status; got != 200 {
		t.Fatalf("the id before sign-in: got %d, want 200", got)
	}
	b.Submit(webtest.Form{Action: "/t/enter", Values: b.Get("/t/form").Form("").Values})
	if after := b.Cookie("__Host-session"); after == before || after == "" {
		t.Error("the id did not change")
	}
	if got := thief.Get("/t/inside").Status; got != 303 {
		t.Errorf("the old id after sign-in: got %d, want to be sent to the door", got)
	}
	if got := b.Get("/t/inside").Status; got != 200 {
		t.Errorf("the new id: got %d", got)
	}
	if n := len(p.Sessions.Rows()); n != 1 {
		t.Errorf("%d sessions in the store, want 1", n)
	}
}

func TestSignOutForgets(t *testing.T) {
	p := start(t)
	b := enter(t, p)
	id := b.Cookie("__Host-session")
	b.Submit(webtest.Form{Action: "/t/leave", Values: b.Get("/t/form").Form("/t/form").Values})
	if b.Cookie("__Host-session") != "" || len(p.Sessions.Rows()) != 0 {
		t.Error("cookie or row are still there")
	}
	old := p.Browser(t)
	old.Header.Set("Cookie", "__Host-session="+id)
	if got := old.Get("/t/inside").Status; got != 303 {
		t.Errorf("the old id: got %d", got)
	}
}

func TestTheStoreHoldsNoSessionIDAndNoValueInClear(t *testing.T) {
	p := start(t)
	id := enter(t, p).Cookie("__Host-session")
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(p.Sessions.Rows()) != 1 {
		t.Fatalf("id %d bytes, %v; %d sessions", len(raw), err, len(p.Sessions.Rows()))
	}
	for _, secret := range []string{id, string(raw), hex.EncodeToString(raw), "geheim"} {
		for hash, row := range p.Sessions.Rows() {
			if strings.Contains(hash+string(row.Sealed), secret) {
				t.Errorf("%d bytes of id or value stand in clear in the store", len(secret))
			}
		}
		if strings.Contains(p.Log.String(), secret) {
			t.Error("id or value stand in the log")
		}
	}
}

func TestWhatTheStoreKnowsOpensNoSession(t *testing.T) {
	p := start(t)
	enter(t, p)
	for hash, row := range p.Sessions.Rows() {
		for _, known := range []string{hash, hex.EncodeToString([]byte(hash)), base64.RawURLEncoding.EncodeToString([]byte(hash))} {
			if _, err := (webtest.Sealer{}).SessionOpen(known, row.Sealed); err == nil {
				t.Error("a session opens with the hash that stands beside it")
			}
		}
	}
}

func TestAnIDThatTheVisitorInventedIsNotTaken(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	invented := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	f := b.Get("/t/form").Form("")
	b.Header.Set("Cookie", "__Host-session="+invented+"; __Host-csrf="+b.Cookie("__Host-csrf"))
	page := b.Submit(webtest.Form{Action: "/t/enter", Values: f.Values})
	if page.Status != 303 || strings.Contains(strings.Join(page.Header["Set-Cookie"], ""), invented) {
		t.Errorf("got %d with cookies %q", page.Status, page.Header["Set-Cookie"])
	}
}

func TestLanguages(t *testing.T) {
	p := start(t)
	for name, c := range map[string]struct {
		accept, query, want string
	}{
		"nothing said":           {"", "", "de"},
		"English browser":        {"en-GB,en;q=0.9", "", "en"},
		"French browser":         {"fr", "", "de"},
		"French, then English":   {"fr;q=0.9,en;q=0.5", "", "en"},
		"Austrian browser":       {"de-AT", "", "de"},
		"chosen over browser":    {"de", "?lang=en", "en"},
		"unknown choice":         {"en", "?lang=tlh", "en"},
		"a header that is wrong": {"%%%", "", "de"},
	} {
		b := p.Browser(t)
		b.Header.Set("Accept-Language", c.accept)
		if got := b.Get("/" + c.query).Header.Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Errorf("%s: got %s", name, got)
		}
		page := b.Get("/") // the choice lasts
		if got := lang(page); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestStartPagesListTheAuthorities(t *testing.T) {
	b := start(t).Browser(t)
	for path, want := range map[string]string{
		"/": "/stk-nrw", "/impressum": "/stk-nrw/impressum", "/datenschutz": "/stk-nrw/datenschutz", "/barrierefreiheit": "/stk-nrw/barrierefreiheit",
	} {
		page := b.Get(path)
		if page.Status != 200 || !contains(page.Links(), want) || strings.Contains(page.Text(), "[start.") {
			t.Errorf("%s: got %d with links %q, want %s", path, page.Status, page.Links(), want)
		}
		for _, legal := range []string{"/impressum", "/datenschutz", "/barrierefreiheit"} {
			if !contains(page.Links(), legal) {
				t.Errorf("%s: the footer lacks %s", path, legal)
			}
		}
	}
}

func TestADownloadStreamsAndIsCutWhenItFails(t *testing.T) {
	p := start(t)
	page := p.Browser(t).Get("/t/download")
	if len(page.Body) != 100_000 || page.Header.Get("Content-Disposition") != `attachment; filename*=utf-8''Auskunft%20%C3%A4.zip` {
		t.Errorf("got %d bytes, %q", len(page.Body), page.Header.Get("Content-Disposition"))
	}
	res, err := http.Get(p.URL + "/t/download?fails=1")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("half a download looks like a whole one")
	}
	if !strings.Contains(p.Log.String(), "source gone") {
		t.Error("the log does not say why")
	}
}

func TestReadiness(t *testing.T) {
	var broken error
	p := webtest.Start(t, web.Deps{Ready: func(context.Context) error { return broken }})
	b := p.Browser(t)
	if got := b.Get("/readyz").Status; got != 200 {
		t.Errorf("ready: got %d", got)
	}
	broken = errors.New("schema is older than the program")
	if page := b.Get("/readyz"); page.Status != 503 || strings.Contains(string(page.Body), "schema") {
		t.Errorf("not ready: got %d %q", page.Status, page.Body)
	}
	if got := b.Get("/healthz").Status; got != 200 {
		t.Errorf("healthy: got %d", got)
	}
}

func TestAssetsAreCompressedForWhoCanReadIt(t *testing.T) {
	p := start(t)
	b := p.Browser(t)
	b.Header.Set("Accept-Encoding", "identity")
	plain := b.Get(assets.Path("einsicht.css"))
	if !bytes.Contains(plain.Body, []byte("@font-face")) || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: got %q", plain.Header.Get("Content-Encoding"))
	}
	b.Header.Set("Accept-Encoding", "gzip")
	packed := b.Get(assets.Path("einsicht.css"))
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) >= len(plain.Body) {
		t.Errorf("gzip: got %q, %d bytes", packed.Header.Get("Content-Encoding"), len(packed.Body))
	}
}

func enter(t *testing.T, p *webtest.Portal) *webtest.Browser {
	t.Helper()
	b := p.Browser(t)
	page := b.Submit(webtest.Form{Action: "/t/enter", Values: b.Get("/t/form").Form("").Values})
	if got := b.Follow(page); got.Status != 200 {
		t.Fatalf("enter: got %d", got.Status)
	}
	return b
}

func lang(p *webtest.Page) string {
	for n := range p.Doc.Descendants() {
		if n.Data == "html" {
			for _, a := range n.Attr {
				if a.Key == "lang" {
					return a.Val
				}
			}
		}
	}
	return ""
}

func many(n int, d time.Duration) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = d
	}
	return all
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func within(f frame.Frame, inner templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return frame.Page(f).Render(templ.WithChildren(ctx, inner), w)
	})
}
