package drupal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/sql/sqltest"
	"einsicht/internal/person"
	"einsicht/internal/pgserver"
)

const connectionFile = `
system: itnrw-drupal
kind: drupal
concurrency: 8
timeout: 10m
secrets:
  password: {env: PASSWORD}
match:
  - {by: [email], confidence: sure}
  - {by: [account], confidence: sure}
  - {by: [name, birthdate], confidence: sure}
  - {by: [phone], confidence: likely}
  - {by: [name], confidence: check}
drupal:
  dsn: "%s"
  prefix: site_
  version: 10
  fields:
    field_phone: {kind: phone, label: Telefon, category: Kontaktdaten}
    field_geburtsdatum: {kind: birthdate, label: Geburtsdatum}
    field_vorname: {label: Vorname}
    field_nachname: {label: Nachname}
  name: [field_vorname, field_nachname]
  webforms:
    email: [email, e_mail_adresse]
    name: [name, person.first person.last]
`

var (
	postgresql *sqltest.Postgres
	maria      *sqltest.MariaDB
)

func everywhere(t *testing.T, test func(t *testing.T, e sqltest.Engine)) {
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgresql) })
	t.Run("MariaDB", func(t *testing.T) { test(t, maria) })
}

func TestMain(m *testing.M) {
	sqltest.Main(m, func(ctx context.Context, dir string) (sqltest.Private, error) {
		return pgserver.Start(ctx, pgserver.Options{Data: dir, Name: "source", Bare: true, Settings: sqltest.Settings})
	}, func(p *sqltest.Postgres, e *sqltest.MariaDB) { postgresql, maria = p, e })
}

func TestConformance(t *testing.T) {
	everywhere(t, func(t *testing.T, e sqltest.Engine) {
		connectortest.Run(t, func(t *testing.T) connectortest.Harness { return newHarness(t, e) })
	})
}

// harness is a site of its own for each test.
type harness struct {
	sqltest.Engine
	connection connector.Connection
	database   string
	uid        int
}

func newHarness(t *testing.T, e sqltest.Engine) *harness {
	t.Helper()
	h := &harness{Engine: e, database: e.Create(t, schema(e, "site_")), uid: 1}
	e.Grant(t, h.database)
	// Drupal's own: the guest and the administrator.
	h.insert(t, "users_field_data", "0, 'de', 'de', NULL, '', NULL, NULL, '', 0, 1, 1, 0, 0, NULL, 1")
	h.insert(t, "users_field_data", "1, 'de', 'de', NULL, 'admin', 'x', 'admin@example.org', '', 1, 1, 1, 0, 0, NULL, 1")
	h.insert(t, "sessions", "0, 'gast', '192.0.2.200', 1, 'x'")
	h.connection = h.parse(t, connectionFile)
	return h
}

func (h *harness) parse(t *testing.T, file string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("drupal.yaml", []byte(strings.ReplaceAll(file, "%s", h.DSN(h.database))))
	if err == nil {
		c, err = c.Resolve(func(connector.Ref) (string, error) { return sqltest.Password, nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *harness) Kind() connector.Kind             { return Kind{} }
func (h *harness) Connection() connector.Connection { return h.connection }

func (h *harness) Fingerprint(t *testing.T) string { return h.Engine.Fingerprint(t, h.database) }

func (h *harness) Break(t *testing.T) func() { return h.Stop(t, h.database) }

func (h *harness) insert(t *testing.T, table, values string, args ...any) {
	t.Helper()
	h.Exec(t, h.database, "INSERT INTO site_"+table+" VALUES ("+values+")", args...)
}

// Plant makes an account with everything that hangs on it, a comment and a
// form as guest, and the rest as lines of the log.
func (h *harness) Plant(t *testing.T, p connectortest.Person, n int) (refs []string) {
	t.Helper()
	h.uid++
	uid, at := h.uid, p.At.Unix()
	add := func(table, key, values string, args ...any) {
		t.Helper()
		h.insert(t, table, values, args...)
		refs = append(refs, "site_"+table+"/"+key)
	}
	first, last, _ := strings.Cut(p.Name, " ")
	if family, given, comma := strings.Cut(p.Name, ", "); comma {
		first, last = given, family
	}
	add("users", fmt.Sprint(uid), "?, ?, 'de'", uid, fmt.Sprint("uuid-", uid))
	for i, lang := range []string{"de", "en"} {
		add("users_field_data", fmt.Sprintf("%d/%s", uid, lang), "?, ?, 'de', NULL, ?, '$S$Ehash', ?, 'Europe/Berlin', 1, ?, ?, 0, 0, ?, ?", uid, lang, p.Account, p.Email, at, at, p.Email, 1-i)
	}
	field := func(table string, delta int, value string) {
		t.Helper()
		add(table, fmt.Sprintf("%d/0/%d/de", uid, delta), "'user', 0, ?, ?, 'de', ?, ?", uid, uid, delta, value)
	}
	field("user__roles", 0, "redaktion")
	field("user__roles", 1, "leitung")
	field("user__field_phone", 0, p.Phone)
	field("user__field_vorname", 0, first)
	field("user__field_nachname", 0, last)
	field("user__field_geburtsdatum", 0, p.Birthdate)
	field("user__field_hobby", 0, "Chor")
	sid := fmt.Sprint("hash-of-a-cookie-", uid)
	add("sessions", fmt.Sprintf("%x", sha256.Sum256([]byte(sid))), "?, ?, ?, ?, 'csrf'", uid, sid, p.IP, at)
	add("users_data", fmt.Sprintf("%d/tfa/seed", uid), "?, 'tfa', 'seed', 'geheim', 0", uid)
	add("flagging", fmt.Sprint(uid), "?, 'lesezeichen', ?, '7'", uid, uid)
	h.forms(t, p, uid, add)
	cid := 100 + uid // as guest, whose comment names the address only
	add("comment_field_data", fmt.Sprint(cid, "/de"), "?, 'comment', 'de', 1, 0, NULL, 7, 'Lob', 'Gast', ?, NULL, ?, ?, ?, '01/', 'node', 'comment', 1", cid, p.Email, p.IP, at, at)
	add("comment__comment_body", fmt.Sprint(cid, "/0/0/de"), "'comment', 0, ?, ?, 'de', 0, 'Gut gemacht', 'plain'", cid, cid)
	rest := max(1, n-len(refs))
	wid := uid * 10_000_000
	h.Exec(t, h.database, fmt.Sprintf("INSERT INTO site_watchdog SELECT %d + seq, %d, 'user', 'Anmeldung', '', 5, '', 'https://site.example/', '', '', 1 FROM %s", wid, uid, h.Series(rest)))
	for i := 1; i <= rest; i++ {
		refs = append(refs, fmt.Sprint("site_watchdog/", wid+i))
	}
	return refs
}

// forms sends one in with the account and one without.
func (h *harness) forms(t *testing.T, p connectortest.Person, uid int, add func(table, key, values string, args ...any)) {
	t.Helper()
	for i, by := range []int{uid, 0} {
		sid := 10*uid + i
		add("webform_submission", fmt.Sprint(sid), "?, 'kontakt', ?, 'de', 1, 'token', '/kontakt', ?, ?, ?, 0, NULL, ?, ?, NULL, NULL, 0, 0, NULL", sid, fmt.Sprint("uuid-", sid), p.At.Unix(), p.At.Unix(), p.At.Unix(), p.IP, by)
		entry := func(name, property string, delta int, value string) {
			t.Helper()
			add("webform_submission_data", fmt.Sprintf("%d/%s/%s/%d", sid, name, property, delta), "'kontakt', ?, ?, ?, ?, ?", sid, name, property, delta, value)
		}
		entry("nachricht", "", 0, "Bitte rufen Sie zurück.")
		entry("themen", "", 0, "Bauen")
		entry("themen", "", 1, "Verkehr")
		if by == 0 {
			entry("e_mail_adresse", "", 0, p.Email)
			entry("person", "first", 0, p.Name)
		}
	}
	add("webform_submission_log", fmt.Sprint(uid), "?, 'kontakt', ?, NULL, 1, 'sent', 'gesendet', 'x', ?", uid, 10*uid+1, p.At.Unix())
}

// Hint makes an account of which the mail address is not known.
func (h *harness) Hint(t *testing.T, p connectortest.Person) (string, person.Identifier) {
	t.Helper()
	h.uid++
	h.insert(t, "users_field_data", "?, 'fr', 'de', NULL, ?, '$S$Ehash', 'zweite@example.org', '', 1, 1, 1, 0, 0, NULL, 1", h.uid, p.Account)
	return fmt.Sprintf("site_users_field_data/%d/fr", h.uid), person.Identifier{Kind: person.Email, Value: person.NewText("zweite@example.org")}
}

// Mix makes an account of p whose profile names the stranger, in a field that the
// connection says is about others.
func (h *harness) Mix(t *testing.T, p, stranger connectortest.Person) []string {
	t.Helper()
	h.uid++
	h.insert(t, "users_field_data", "?, 'fr', 'de', NULL, ?, '$S$Ehash', ?, '', 1, 1, 1, 0, 0, NULL, 1", h.uid, p.Account, p.Email)
	h.insert(t, "user__field_hobby", "'user', 0, ?, ?, 'fr', 0, ?", h.uid, h.uid, stranger.Name)
	h.connection = h.parse(t, strings.Replace(connectionFile, "  name: [", "    field_hobby: {label: Vertretung, third_party: true}\n  name: [", 1))
	return []string{fmt.Sprintf("site_user__field_hobby/%d/0/0/fr", h.uid)}
}

// Spoil replaces a table by a view that fails.
func (h *harness) Spoil(t *testing.T, _ connectortest.Person) {
	t.Helper()
	failing := h.Failing(t, h.database)
	h.Exec(t, h.database, "ALTER TABLE site_comment_field_data RENAME TO old")
	columns := "cid, comment_type, langcode, status, uid, pid, entity_id, subject, name, mail, homepage, hostname, created, changed, thread, entity_type, field_name, default_langcode"
	h.Exec(t, h.database, "CREATE VIEW site_comment_field_data AS SELECT "+strings.Replace(columns, "subject", strings.ReplaceAll(failing, "sender", "mail")+" AS subject", 1)+" FROM old")
	h.Grant(t, h.database)
}
