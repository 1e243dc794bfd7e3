package portal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/postgres/postgrestest"
	"einsicht/internal/procedure/gathering"
	"einsicht/internal/web/reply"
	"einsicht/internal/web/webtest"
)

// seeds are what nobody may find outside the places where it is sealed.
var seeds = map[string]string{
	"name":                  "Zäzilie Quakenbrück-Ölmüller",
	"surname":               "Quakenbrück-Ölmüller",
	"mail":                  "zaezilie.quakenbrueck@example.org",
	"second mail":           "zz-postfach-4711@example.net",
	"phone":                 "0221 4710199",
	"phone, normal form":    "+492214710199",
	"birth date":            "1951-03-29",
	"birth date, German":    "29.03.1951",
	"street":                "Vergissmeinnichtpfad 23b",
	"city":                  "Hinterpfuhl-Zwiesel",
	"former name":           "Zäzilie Zwetschgenmoser",
	"former address":        "Zum alten Zwickel 99, 50667 Köln",
	"account":               "quakzaezi1951",
	"iban":                  "DE89370400440532013000",
	"network address":       "203.0.113.199",
	"concern":               "Ich heiße nicht Quakfrosch, bitte berichtigen.",
	"log: request":          "/suche?q=huehneraugenpflaster",
	"log: broken line":      "abgerissenezeile-von-quakzaezi",
	"record: concern":       "Fragt nach dem Löschwasserteich ihres Großonkels",
	"record: unreadable":    "unlesbar-wegen-zaezilie@example.org",
	"panic":                 "panik um Quendolin Überbein",
	"unit: text":            "Handakte: Widerspruch wegen Katzenklappe",
	"unit: note":            "Fund im Keller bei Herrn Zipfelmütz",
	"unit: file":            "Vermerk zur Person Quakenbrück, streng vertraulich",
	"unit: file name":       "quakenbrueck-handakte.pdf",
	"verified: note":        "kennt die Nummer ihres Hühnerstalls",
	"question":              "Wie lautet der Geburtsname Ihrer Hündin?",
	"doubts":                "Unterschrift weicht ab vom Kaufvertrag Traktor",
	"extension":             "Wegen der Fülle der Eulenbriefe dauert es länger",
	"finding: for the file": "Ermittlung gegen Schwager Quirin läuft",
	"finding: for person":   "Ein Teil betrifft den Imkerverein Oberquatsch",
	"finding: silent":       "sonst wüsste sie von der Wanzensuche",
	"right: for the file":   "Abwägung mit dem Zirkusdirektor fiel knapp aus",
	"right: for person":     "Die Akte des Zirkusses geben wir nicht heraus",
	"gaps":                  "Server steht im Hochwasser der Wupperquelle",
	"proposal":              "Bitte schnell, Frau Q. ruft täglich an",
	"return":                "Schwärzung des Papageien fehlt noch",
	"search":                "Wendelgard Suchmichdochmal",
	"password":              portaltest.Password,
	"wrong password":        "katzenbaum-kraehennest-77",
	"wrong access code":     "QQQQQ-ZZZZZ-YYYYY-XXXXX",
	"request: path":         "pfad-mit-zwiebelfisch-name",
	"request: query":        "frage-nach-ottokar-querulant",
	"request: body":         "koerper-mit-isolde-unbekannt",
	"request: header":       "Zeigefinger/9 (gehoert Kunigunde)",
}

func TestNothingAboutAPersonLiesAnywhereInClear(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{})
	l := &leak{h: h, w: portaltest.NewWork(t, h, "stk-nrw"), found: maps.Clone(seeds)}
	var err error
	if l.db, err = pgx.Connect(ctx, h.Database.Superuser); err != nil {
		t.Fatal(err)
	}
	defer l.db.Close(ctx)
	if len(seeds) < 40 {
		t.Fatalf("only %d seeds", len(seeds))
	}
	l.plant(t)
	l.breakSources(t)
	id := l.file(t)
	l.gather(t, id)
	l.answer(t, id)
	l.knock(t)

	for what, seed := range l.found {
		if len(seed) < 8 {
			t.Fatalf("%s: too short to be searched for", what)
		}
	}
	canary := "Wachtel-Kanarienvogel äöü " + uuid.NewString()
	l.plantCanary(t, canary)
	places := l.places(t)
	for place, trace := range map[string]string{"log of the portal": "job panicked", "log of the database": "violates check constraint"} {
		if !bytes.Contains(places[place], []byte(trace)) {
			t.Errorf("%s: lacks %q: the failure did not happen", place, trace)
		}
	}
	for place, content := range places {
		hay := portaltest.NewHaystack(content)
		if hay.Find(canary) == "" {
			t.Errorf("%s: the string planted in clear was not found among %d bytes: this search finds nothing", place, len(content))
		}
		for what, seed := range l.found {
			if form := hay.Find(seed); form != "" {
				t.Errorf("%s: holds %s, as %s", place, what, form)
			}
		}
	}
}

func TestTheSearchFindsEveryForm(t *testing.T) {
	const seed = "Zäzilie <Öl> 08.12."
	around := []byte("vorher …\x00\xff")
	for form, needle := range portaltest.Forms(seed) {
		for pad := range 3 {
			content := slices.Concat(around[:len(around)-pad], needle, around)
			if portaltest.NewHaystack(content).Find(seed) == "" {
				t.Errorf("%s: not found", form)
			}
		}
	}
	for _, content := range []string{`\x` + fmt.Sprintf("%x", "xx"+seed), fmt.Sprintf(`\x%x`, fmt.Sprintf("%x", seed)), strings.ToUpper(seed)} {
		if portaltest.NewHaystack([]byte(content)).Find(seed) == "" {
			t.Errorf("%q: not found", content)
		}
	}
	if form := portaltest.NewHaystack([]byte("Zäzilie trinkt Öl, 08.12.")).Find(seed); form != "" {
		t.Errorf("found as %s where it is not", form)
	}
	if form := portaltest.NewHaystack([]byte("ab12345678cd")).Find("12345678"); form != "" {
		t.Errorf("eight figures within a longer number: found as %s, want nothing", form)
	}
}

// leak is one request of one person with failures on its way.
type leak struct {
	h     *portaltest.House
	w     *portaltest.Work
	db    *pgx.Conn // as superuser
	found map[string]string
	panic atomic.Bool
}

// plant brings the person into some systems.
func (l *leak) plant(t *testing.T) {
	s := seeds
	inSource(t, l.h, "stk-callbacks", fmt.Sprintf(`
		insert into caller values (900001, 'Frau', '%s', 'Zäzilie', '%s', 'Vergissmeinnichtpfad', '23b', '50667', '%s', '%s');
		insert into callback values (900001, 900001, now() - interval '10 days', '%s', '%s', null)`,
		s["surname"], s["mail"], s["city"], s["phone"], s["record: concern"], s["unit: note"]))
	inSource(t, l.h, "stk-newsletter", fmt.Sprintf(`insert into subscriber values (900001, '%s', '%s', now() - interval '90 days')`, s["mail"], s["account"]))
	inSource(t, l.h, "stk-brochures", fmt.Sprintf(`insert into customer (customer_no, first_name, last_name, email, street, house_number, postcode, city)
		values (900001, 'Zäzilie', '%s', '%s', 'Vergissmeinnichtpfad', '23b', '50667', '%s')`, s["surname"], s["mail"], s["city"]))
	file, err := os.OpenFile(filepath.Join(l.h.Connections, "stk-weblog", "access.log"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fmt.Fprintf(file, "%s - %s [%s] \"GET %s HTTP/1.1\" 200 512 \"-\" \"Quaxomat/7.3\"\n", s["network address"], s["account"],
		time.Now().Add(-time.Minute).Format("02/Jan/2006:15:04:05 -0700"), s["log: request"])
	fmt.Fprintf(file, "%s - %s [gestern] \"%s\n", s["network address"], s["account"], s["log: broken line"])
}

// breakSources makes one source go down, one quote what it can't read, one
// connector panic, and the portal's own database refuse a row.
func (l *leak) breakSources(t *testing.T) {
	t.Helper()
	if err := l.h.Landscape.StopSource(ctx, "stk-accreditation"); err != nil {
		t.Fatal(err)
	}
	inSource(t, l.h, "stk-offline-orders", `
		create function unreadable() returns boolean language plpgsql as $$ begin raise exception 'invalid value: "`+seeds["record: unreadable"]+`"'; end $$;
		alter table offline_order enable row level security;
		create policy unreadable on offline_order using (unreadable())`)
	l.panic.Store(true)
	l.h.Steps.Gathering.Sources = panicking{l.h.Steps.Gathering.Sources, &l.panic}
	l.sql(t, "alter table finding add constraint broken check (system_id <> 'stk-newsletter')")
}

// healSources undoes it.
func (l *leak) healSources(t *testing.T) {
	t.Helper()
	if err := l.h.Landscape.StartSource(ctx, "stk-accreditation"); err != nil {
		t.Fatal(err)
	}
	inSource(t, l.h, "stk-offline-orders", "alter table offline_order disable row level security")
	l.panic.Store(false)
	l.sql(t, "alter table finding drop constraint broken")
}

// panicking panics with a value about a person, as a faulty connector might.
type panicking struct {
	inner interface {
		Has(system string) bool
		Open(ctx context.Context, system string) (connector.Connector, error)
	}
	on *atomic.Bool
}

func (p panicking) Has(system string) bool { return p.inner.Has(system) }

func (p panicking) Open(ctx context.Context, system string) (connector.Connector, error) {
	if system == "stk-brochures" && p.on.Load() {
		panic(seeds["panic"])
	}
	return p.inner.Open(ctx, system)
}

// file files the request in a browser and looks at its status.
func (l *leak) file(t *testing.T) uuid.UUID {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	page := b.Get("/stk-nrw/antrag")
	street, house, _ := strings.Cut(seeds["street"], " ")
	for _, typed := range []url.Values{
		{"rights": {"access", "rectification"}}, {"concern-rectification": {seeds["concern"]}}, {"about": {"self"}},
		{"name": {seeds["name"]}, "email": {seeds["mail"]}, "born-day": {"29"}, "born-month": {"03"}, "born-year": {"1951"},
			"street": {street + " " + house}, "zip": {"50667"}, "city": {seeds["city"]}, "phone": {seeds["phone"]}, "more-email": {seeds["second mail"]},
			"former-name": {seeds["former name"]}, "former-address": {seeds["former address"]}, "account": {seeds["account"]}, "iban": {seeds["iban"]},
			"ip": {seeds["network address"]}, "ip-date-day": {"20"}, "ip-date-month": {"11"}, "ip-date-year": {"2025"}, "ip-time": {"10:15"}},
		{"answer": {"portal"}, "consent": {"yes"}}, nil,
	} {
		f := page.Form("")
		maps.Copy(f.Values, typed)
		if page = b.Submit(f); page.Status >= 400 {
			t.Fatalf("%s: got status %d: %s", page.Path, page.Status, page.Text())
		}
	}
	groups := regexp.MustCompile(`\b[0-9A-Z]{5}( [0-9A-Z]{5}){3}\b`).FindString(b.Follow(page).Text())
	code := strings.ReplaceAll(groups, " ", "-")
	var id uuid.UUID
	var number string
	if err := l.db.QueryRow(ctx, "select id, file_number from casefile").Scan(&id, &number); err != nil || code == "" {
		t.Fatalf("no case or no code: %v", err)
	}
	l.found["access code"], l.found["access code without groups"] = code, strings.ReplaceAll(groups, " ", "")
	status := b.Get("/stk-nrw/stand").Form("")
	if page := b.Submit(status.With("number", number).With("code", seeds["wrong access code"])); page.Status < 400 {
		t.Errorf("a wrong code: got status %d", page.Status)
	}
	time.Sleep(1100 * time.Millisecond) // guessing is slowed down
	own := b.Follow(b.Submit(status.With("number", number).With("code", code)))
	if own.Status != http.StatusOK {
		t.Fatalf("own case: got status %d", own.Status)
	}
	l.found["session"] = b.Cookie("__Host-session")
	return id
}

// gather lets every failure happen, then heals the sources.
func (l *leak) gather(t *testing.T, id uuid.UUID) {
	t.Helper()
	l.w.Start(t, id)
	portaltest.Wait(t, "failures", time.Minute, func() (bool, error) {
		asked, _ := l.w.Inquiries(t, id)
		var failed int
		err := l.db.QueryRow(ctx, "select count(*) from river_job where kind = 'system-gather' and cardinality(errors) > 0").Scan(&failed)
		for _, q := range asked {
			if q.State == casefile.Failed {
				failed++
			}
		}
		return failed >= 4, err
	})
	l.healSources(t)
	portaltest.Wait(t, "machines answer", time.Minute, func() (bool, error) {
		l.sql(t, "update river_job set state = 'available', scheduled_at = now() where state = 'retryable'")
		time.Sleep(200 * time.Millisecond)
		return len(l.w.Waiting(t, id)) == 0, nil
	})
}

// answer works the case to its end, with a word at every place for one.
func (l *leak) answer(t *testing.T, id uuid.UUID) {
	t.Helper()
	w, steps, now := l.w, l.h.Steps, l.h.Now
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v %v", err, portaltest.ReasonsOf(err))
		}
	}
	b := l.signIn(t)
	ok(steps.Identification.Ask(ctx, w.Clerk, w.Authority.Land, id, text(seeds["question"]), text(seeds["doubts"]), now()))
	ok(steps.Identification.Answered(ctx, w.Clerk, w.Authority.Land, id, now()))
	l.found["contact code"] = w.ProveEmail(t, id, seeds["mail"])
	o := w.Open(t, id)
	for _, d := range o.Identifiers {
		if d.Kind != person.IPTime && !d.Verified() {
			ok(steps.Identification.Verify(ctx, w.Clerk, id, d.ID, casefile.ByFacts, text(seeds["verified: note"]), now()))
		}
	}
	l.upload(t, b, id, o.Identifiers[0].ID)
	w.AnswerTasks(t, id, gathering.ManualAnswer{Nothing: true, Note: text(seeds["unit: note"])})
	w.WaitFor(t, id, casefile.Review)
	ok(steps.Correspondence.Extend(ctx, w.Clerk, w.Authority.Land, id, text(seeds["extension"]), w.Case(t, id).Received, now()))
	if page := b.Get("/desk/vorgang/" + id.String()); page.Status != http.StatusOK || !strings.Contains(page.Text(), seeds["surname"]) {
		t.Errorf("case at the desk: got status %d", page.Status)
	}
	given := 0
	for _, s := range w.Open(t, id).Systems {
		for i, f := range s.Findings {
			given++
			d := disclosure.Decision{Verdict: disclosure.Give}
			if i > 0 || !f.Verified {
				d = disclosure.Decision{Verdict: disclosure.Withhold, ForFile: text(seeds["finding: for the file"]), ForPerson: text(seeds["finding: for person"]), SilentReason: text(seeds["finding: silent"])}
			}
			w.Decide(t, id, []uuid.UUID{f.ID}, d)
		}
	}
	if given < 4 {
		t.Errorf("only %d findings: this checks little", given)
	}
	w.ConfirmAll(t, id)
	refusal := casefile.RightText{ForFile: text(seeds["right: for the file"]), ForPerson: text(seeds["right: for person"])}
	w.DecideAccess(t, id, casefile.PartlyGranted, refusal)
	ok(steps.Review.DecideRight(ctx, w.Clerk, id, law.Rectification, casefile.Refused, refusal, now()))
	l.sql(t, "alter table happening add constraint broken check (kind <> 'gaps-accepted')")
	if err := steps.Review.AcceptGaps(ctx, w.Clerk, id, text(seeds["gaps"]), now()); err == nil {
		t.Error("the database refused a row: got no error")
	} else if portaltest.NewHaystack([]byte(err.Error())).Find(seeds["gaps"]) != "" {
		t.Error("an error quotes a reason")
	}
	l.sql(t, "alter table happening drop constraint broken")
	ok(steps.Review.AcceptGaps(ctx, w.Clerk, id, text(seeds["gaps"]), now()))
	ok(steps.Review.Propose(ctx, w.Clerk, id, text(seeds["proposal"]), now()))
	ok(steps.Review.Return(ctx, w.Approver, id, text(seeds["return"]), now()))
	w.Release(t, id)
	w.WaitForPackage(t, id)
	if letter := w.Fetch(t, id)["Auskunft.html"]; !bytes.Contains(letter, []byte(seeds["right: for person"])) {
		t.Error("the answer lacks what is said to the person: this checks nothing")
	}
}

// signIn comes to the desk after a wrong password, and searches.
func (l *leak) signIn(t *testing.T) *webtest.Browser {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	form := b.Get("/desk/anmelden").Form("/desk/anmelden").With("authority", "stk-nrw").With("name", "Karla Sommer")
	if page := b.Submit(form.With("password", seeds["wrong password"])); page.Status < 400 {
		t.Errorf("a wrong password: got status %d", page.Status)
	}
	time.Sleep(1100 * time.Millisecond) // guessing is slowed down
	desk := b.Follow(b.Submit(form.With("password", seeds["password"])))
	for _, search := range []string{seeds["search"], seeds["mail"]} {
		if page := b.Submit(desk.Form("/desk").With("search", search)); page.Status != http.StatusOK {
			t.Errorf("search: got status %d", page.Status)
		}
	}
	l.found["session of staff"] = b.Cookie("__Host-session")
	return b
}

// upload answers a task at the desk with a file.
func (l *leak) upload(t *testing.T, b *webtest.Browser, id, led uuid.UUID) {
	t.Helper()
	path := "/desk/vorgang/" + id.String()
	csrf := b.Get(path).Form("/desk/abmelden").Values.Get("_csrf")
	asked, _ := l.w.Inquiries(t, id)
	system := ""
	for _, q := range asked {
		if q.State == casefile.WithUnit {
			system = q.System
		}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("_csrf", csrf)
	for name, value := range map[string]string{"task": system, "text": seeds["unit: text"], "note": seeds["unit: note"], "led": led.String()} {
		form.WriteField(name, value)
	}
	part, err := form.CreateFormFile("file", seeds["unit: file name"])
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte(seeds["unit: file"]))
	form.Close()
	if page := b.Do(http.MethodPost, path+"/aufgabe", form.FormDataContentType(), &body); page.Status != http.StatusSeeOther {
		t.Fatalf("upload: got status %d: %s", page.Status, page.Text())
	}
}

// knock comes to every route with personal data where none belongs.
func (l *leak) knock(t *testing.T) {
	t.Helper()
	b := (&webtest.Portal{URL: l.h.Address()}).Browser(t)
	b.Header.Set("User-Agent", seeds["request: header"])
	b.Header.Set("Referer", "https://example.org/"+seeds["request: header"])
	n := 0
	for _, r := range l.h.App().Routes() {
		path := regexp.MustCompile(`:\w+|\*`).ReplaceAllString(strings.Replace(r.Path, ":authority", "stk-nrw", 1), seeds["request: path"])
		kind := "application/x-www-form-urlencoded"
		if r.Class == reply.UploadClass {
			kind = "multipart/form-data; boundary=b"
		}
		for _, path := range []string{path, path + "/" + seeds["request: path"]} {
			b.Do(r.Method, path+"?q="+seeds["request: query"]+"&_csrf="+seeds["request: query"], kind, strings.NewReader("name="+seeds["request: body"]))
			n++
		}
	}
	if n < 30 {
		t.Errorf("only %d requests: this checks little", n)
	}
}

func (l *leak) sql(t *testing.T, sql string) {
	t.Helper()
	if _, err := l.db.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

// plantCanary writes a string in clear into every place, each time in another
// form.
func (l *leak) plantCanary(t *testing.T, canary string) {
	t.Helper()
	forms := portaltest.Forms(canary)
	l.h.Log.Warn("planted", "form", string(forms["json escapes"]))
	if _, err := l.db.Exec(ctx, "select $1::text::uuid", canary); err == nil {
		t.Error("no error for the server's log")
	}
	if _, err := l.db.Exec(ctx, "insert into session (hash, sealed, created_at, seen_at) values ('\\x00', $1, now(), now())", forms["base64 at 2"]); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.Exec(ctx, "update river_job set metadata = jsonb_build_object('planted', $1::text) where id = (select min(id) from river_job)", string(forms["percent"])); err != nil {
		t.Fatal(err)
	}
	for dir, form := range map[string]string{"blobs": "latin-1", "outbox": "hex"} {
		if err := os.WriteFile(filepath.Join(l.h.Data, dir, "planted"), append([]byte("\x00\xfe"), forms[form]...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// places are everything that outlives a request.
func (l *leak) places(t *testing.T) map[string][]byte {
	t.Helper()
	places := map[string][]byte{
		"dump":              l.dump(t),
		"dump with inserts": l.dump(t, "--inserts"),
		"river_job":         l.table(t, "river_job"),
		"sessions":          l.table(t, "session"),
	}
	for place, dir := range map[string]string{"blobs": filepath.Join(l.h.Data, "blobs"), "outbox": filepath.Join(l.h.Data, "outbox"),
		"log of the portal": l.h.LogFile, "log of the database": postgrestest.Log()} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			places[place] = slices.Concat(places[place], []byte("\n"+filepath.Base(path)+"\n"), content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return places
}

func (l *leak) table(t *testing.T, name string) []byte {
	t.Helper()
	rows, err := l.db.Query(ctx, "select r::text from "+name+" r union all select to_jsonb(r)::text from "+name+" r")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.Join(all, "\n"))
}

// dump is pg_dump as superuser, who sees all rows.
func (l *leak) dump(t *testing.T, more ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("pg_dump")
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); len(found) > 0 {
		program, err = found[len(found)-1], nil
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"--dbname", l.h.Database.Superuser}, more...)...)
	out, err := cmd.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		t.Fatalf("pg_dump: %s", ended.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
