// Package lettertest holds one answer with everything that can happen in it, for
// the tests of the rooms that make, show and pack answers.
package lettertest

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Planted stands in every text that must not leave the house.
const Planted = "PLANTED-FOR-THE-FILE"

// SecretSystem is the system whose processing can be made secret: with Secret it
// holds findings that nobody may know of, without it holds nothing.
const SecretSystem = "stk-reports"

// Options vary the answer.
type Options struct {
	Lang   wording.Lang
	Secret bool // SecretSystem holds secret findings
	Lines  int  // lines of the access log; 2 if zero
	Done   bool // data were changed in systems, see carryOut
}

// Now is when the package is written.
var Now = time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)

// Input returns the answer as input of letter.Answer.
func Input(o Options) (letter.Input, error) {
	findings, decisions := o.findings()
	d, err := disclosure.Apply(o.Lang, Slices(findings), decisions, o.answers())
	if err != nil {
		return letter.Input{}, err
	}
	in := letter.Input{
		Lang: o.Lang, Authority: Authority(), FileNumber: "STK-NRW-2026-7K3Q9XWD4",
		To:       []person.Text{person.NewText("Erika Mustermann"), person.NewText("Heidestraße 17"), person.NewText("51147 Köln")},
		Received: day(11, 3), Date: day(12, 1), InCharge: "Frau Sommer",
		Rights: []letter.RightAnswer{
			{Right: law.Access, Outcome: casefile.PartlyGranted},
			{
				Right: law.Erasure, Outcome: casefile.Refused, Citation: "Art. 17 Abs. 3 Buchst. b DSGVO",
				ForPerson: person.NewText("Ihre Bestellung vom 3. März 2026 müssen wir noch aufbewahren.\nDanach löschen wir sie."),
			},
		},
		Disclosed: d, Confirmed: map[string]bool{},
	}
	for _, s := range d.Systems {
		in.Confirmed[s.ID] = true
	}
	if o.Done {
		o.carryOut(&in)
	}
	return in, nil
}

// Slices reads findings from memory.
func Slices(findings map[string][]disclosure.Finding) disclosure.Findings {
	return func(system string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			for _, f := range findings[system] {
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

// Authority is a shipped one in short.
func Authority() inventory.Authority {
	return inventory.Authority{
		ID: "stk-nrw", Name: "Staatskanzlei des Landes Nordrhein-Westfalen", Land: "NW", Regime: law.DSGNRW, SeatDistrict: "Stadt Düsseldorf",
		Contact: inventory.Contact{Street: "Horionplatz 1", Zip: "40213", City: "Düsseldorf", Phone: "0211 837-01", Email: "poststelle@stk.nrw.de"},
		DPO:     inventory.Contact{Name: "Behördlicher Datenschutzbeauftragter", Email: "datenschutz@stk.nrw.de"},
	}
}

func (o Options) answers() []disclosure.SystemAnswer {
	asked := time.Date(2026, 11, 4, 8, 15, 0, 0, time.UTC)
	system := func(id, name, purpose, retention string) inventory.System {
		return inventory.System{
			ID: id, Name: name, Purpose: purpose, LegalBasis: []string{"Art. 6(1)(e) DSGVO", "§ 3 Abs. 1 DSG NRW"}, Inferred: true,
			Regime: law.DSGNRW, Fields: []string{"Name", "E-Mail-Adresse", "Zeitstempel"}, Retention: inventory.Retention{Text: retention},
			Recipients: []string{"ServiceCenter Nordrhein-Westfalen direkt"}, Processor: "IT.NRW", Attributable: true, Connector: "sql",
		}
	}
	secret := disclosure.SystemAnswer{System: system(SecretSystem, "Hinweise", "Bearbeitung von Hinweisen", "ein Jahr"), Outcome: disclosure.Nothing, AskedAt: asked}
	if o.Secret {
		secret.Outcome, secret.Reason = disclosure.Found, "letter.reason.partial"
	}
	device := system("stk-cookies", "Technisch notwendige Cookies", "Auswahl der Cookies merken", "100 Tage")
	device.Attributable = false
	return []disclosure.SystemAnswer{
		{System: system("stk-brochures", "Online-Broschüren-Service", "Abwicklung der Bestellung und des Versands", "drei Monate nach Versand"), Outcome: disclosure.Found, AskedAt: asked},
		{System: system("stk-weblog", "Logdateien Land.NRW", "Abwehr und Analyse von Angriffen auf das Portal", "bis zu 48 Stunden"), Outcome: disclosure.Found, AskedAt: asked,
			Gone: disclosure.Gone{Before: day(11, 2), Rule: "bis zu 48 Stunden direkt zugänglich"}},
		secret,
		{System: system("stk-hotline", "Hotline – Telefonieprotokoll", "Hotlines und Serviceangebote", "nicht genannt"), Outcome: disclosure.Failed, AskedAt: asked},
		{System: device, Outcome: disclosure.NotAsked, Reason: "letter.reason.on_device"},
		{System: system("stk-chat", "Chat", "Beantwortung von Fragen", "ein Monat"), Outcome: disclosure.Unattributable, AskedAt: asked},
	}
}

func (o Options) findings() (map[string][]disclosure.Finding, map[uuid.UUID]disclosure.Decision) {
	findings := map[string][]disclosure.Finding{}
	decisions := map[uuid.UUID]disclosure.Decision{}
	add := func(system, ref, label string, d disclosure.Decision, fields ...connector.Field) {
		id := uuid.NewSHA1(uuid.Nil, []byte(system+ref))
		d.Finding = id
		findings[system] = append(findings[system], disclosure.Finding{ID: id, Finding: connector.Finding{Reference: ref, Label: label, Fields: fields}})
		decisions[id] = d
	}
	give := disclosure.Decision{Verdict: disclosure.Give, ForFile: planted("give")}
	add("stk-brochures", "orders/4711", "Bestellung", give,
		field("ordered_at", "Bestellt am", "2026-03-03T10:15:00Z"), field("email", "E-Mail-Adresse", "erika@mustermann.example"),
		field("title", "Broschüre", "Grundgesetz\nLandesverfassung"), field("note", "Bemerkung", `=HYPERLINK("http://example.org";"<b>hier</b>")`),
		field("phone", "Telefonnummer", "+49 221 0000000"), field("fax", "Faxnummer", ""),
		connector.Field{Name: "clerk", Label: "Bearbeitet von", Value: person.NewText("Max Kollege"), ThirdParty: true},
		connector.Field{Name: "password", Label: "Passwort (Prüfwert)", Value: person.NewText("$argon2id$HASH"), Withheld: true})
	add("stk-brochures", "orders/4800", "Bestellung", disclosure.Decision{
		Verdict: disclosure.Give, ForFile: planted("black"), ForPerson: person.NewText("Die Bemerkung betrifft eine andere Person."),
		Fields: map[string]disclosure.FieldVerdict{"note": {BlackOut: true, ForFile: planted("field")}},
	}, field("ordered_at", "Bestellt am", "2026-05-04T11:00:00Z"), field("note", "Bemerkung", "WITHHELD Nachbar Schmitz"))
	add("stk-brochures", "orders/9000", "Hinweis", disclosure.Decision{
		Verdict: disclosure.Withhold, ForFile: planted("withhold"), ForPerson: person.NewText("Der Eintrag enthält Angaben eines Hinweisgebers, deren Schutz überwiegt."),
	}, field("note", "Hinweis", "WITHHELD Anzeige"))
	add("stk-brochures", "orders/9001", "Hinweis", disclosure.Decision{
		Verdict: disclosure.Withhold, ForFile: planted("silent"), SilentReason: planted("reason"),
	}, field("note", "Hinweis", "WITHHELD Ermittlung"))
	add("stk-brochures", "orders/1", "Bestellung", disclosure.Decision{Verdict: disclosure.NotThisPerson, ForFile: planted("other")},
		field("note", "Bemerkung", "WITHHELD Namensschwester"))
	for i := range max(o.Lines, 2) {
		add("stk-weblog", fmt.Sprintf("access.log/%d", i+1), "Zugriff", give,
			field("time", "Zeitpunkt", "2026-11-02T18:00:00Z"), field("request", "Anfrage", "GET /"+strings.Repeat("broschueren/", 4)+" HTTP/1.1"), field("status", "Status", "200"))
	}
	if o.Secret {
		secret := disclosure.Decision{Verdict: disclosure.Withhold, SecretFact: true, ForFile: planted("secret"), SilentReason: planted("secret"), ForPerson: planted("never told")}
		add(SecretSystem, "reports/1", "Meldung", secret, field("text", "Text", "WITHHELD Meldung"))
		add(SecretSystem, "reports/2", "Meldung", secret, field("text", "Text", "WITHHELD Meldung"))
	}
	return findings, decisions
}

func field(name, label, value string) connector.Field {
	return connector.Field{Name: name, Label: label, Value: person.NewText(value)}
}

func planted(where string) person.Text { return person.NewText(Planted + " " + where) }

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }
