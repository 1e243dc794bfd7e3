package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/connector"
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
	"recipient":             "Versandhaus Zwirbelmeier & Söhne",
	"recipient: mail":       "datenschutz@zwirbelmeier.example",
	"recipient: notice":     "Lochkarte 4711 zur Person Quakenbrück: gelöscht",
	"recipient: answer":     "Bei uns lag noch eine Kopie im Heizungskeller",
	"request: path":         "pfad-mit-zwiebelfisch-name",
	"request: query":        "frage-nach-ottokar-querulant",
	"request: body":         "koerper-mit-isolde-unbekannt",
	"request: header":       "Zeigefinger/9 (gehoert Kunigunde)",
}

func TestNothingAboutAPersonLiesAnywhereInClear(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
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
	l.tell(t, id)
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
	file, err := os.OpenFile(filepath.Join(filepath.Dir(l.h.Landscape.Connection("stk-weblog")), "stk-weblog", "access.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) // missing in the first minutes of a day
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
		Has(ctx context.Context, authority uuid.UUID, system string) (bool, error)
		Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error)
	}
	on *atomic.Bool
}

func (p panicking) Has(ctx context.Context, authority uuid.UUID, system string) (bool, error) {
	return p.inner.Has(ctx, authority, system)
}

func (p panicking) Open(ctx context.Context, authority uuid.UUID, system string) (connector.Connector, error) {
	if system == "stk-brochures" && p.on.Load() {
		panic(seeds["panic"])
	}
	return p.inner.Open(ctx, authority, system)
}

func (l *leak) sql(t *testing.T, sql string) {
	t.Helper()
	if _, err := l.db.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}
