package letter

import (
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Sample is a case that nobody lived through, to look at text blocks with: Erika
// Mustermann asks and Max Beispiel answers.
func Sample(k Kind, l wording.Lang, a inventory.Authority) Notice {
	n := Notice{
		Kind: k, Lang: l, Authority: a, To: sampleAddress("Erika Mustermann", "Heidestraße 17", "51147 Köln"),
		FileNumber: "MUSTER-2026-1", Received: sampleDay(11, 3), Date: sampleDay(11, 6), InCharge: "Max Beispiel",
		Rights: []law.Right{law.Access, law.Erasure}, Values: map[string]string{}, Words: map[string]person.Text{}, Body: assess.OfLand,
	}
	if k.ToOthers() {
		n.To = sampleAddress("Musterstelle", "Beispielweg 1", "12345 Musterstadt")
		n.Rights = []law.Right{law.Rectification}
	}
	for _, name := range k.Values() {
		n.Values[name] = sampleValues[name]
	}
	for _, name := range k.Words() {
		n.Words[name] = person.NewText(sampleWords[l][name])
	}
	return n
}

var sampleValues = map[string]string{
	"due": "2026-12-03", "old_due": "2026-11-30", "until": "2026-11-20", "asked": "2026-11-05", "done": "2026-11-05", "from": "2026-12-01",
	"since": "2026-11-05", "days": "27", "page": "https://einsicht.example/status", "recipient": "Musterstelle, Beispielweg 1, 12345 Musterstadt",
}

var sampleWords = map[wording.Lang]map[string]string{
	wording.German: {
		"reasons":     "Hier stehen die Gründe, die im Einzelfall tragen.\nSie können mehrere Zeilen haben.",
		"question":    "Hier steht die Frage, zum Beispiel: Unter welchem Kundenzeichen haben Sie uns geschrieben?",
		"content":     "Hier steht, um welche Daten oder Unterlagen es geht, und nicht mehr als nötig.",
		"outstanding": "Hier steht, was noch fehlt, zum Beispiel die Einträge der Telefonanlage.",
	},
	wording.English: {
		"reasons":     "Here stand the reasons that hold in the case.\nThey can have several lines.",
		"question":    "Here stands the question, for example: under which customer number did you write to us?",
		"content":     "Here stands which data or records this is about, and no more than needed.",
		"outstanding": "Here stands what is missing, for example the entries of the telephone system.",
	},
}

// SampleAnswer is an answer about the same person, with a right granted in part,
// one refused and some data.
func SampleAnswer(l wording.Lang, a inventory.Authority) (Input, error) {
	german := l == wording.German
	say := func(de, en string) string {
		if german {
			return de
		}
		return en
	}
	orders := inventory.System{
		ID: "sample-orders", Name: say("Bestellungen (Beispiel)", "Orders (example)"), Purpose: say("Versand von Broschüren", "Sending brochures"),
		LegalBasis: []string{"Art. 6 Abs. 1 Buchst. e DSGVO"}, Regime: a.Regime, Fields: []string{"Name"}, Recipients: []string{},
		Retention: inventory.Retention{Text: say("drei Monate nach Versand", "three months after sending")}, Attributable: true,
	}
	logs := orders
	logs.ID, logs.Name, logs.RotationDays = "sample-logs", say("Zugriffsprotokoll (Beispiel)", "Access log (example)"), 30
	asked := time.Date(2026, 11, 4, 8, 0, 0, 0, time.UTC)
	finding := disclosure.Finding{ID: uuid.NewSHA1(uuid.Nil, []byte("sample")), Finding: connector.Finding{
		Reference: "4711", Label: say("Bestellung", "Order"),
		Fields: []connector.Field{{Name: "name", Label: say("Name", "Name"), Value: person.NewText("Erika Mustermann")}},
	}}
	findings := func(system string) iter.Seq2[disclosure.Finding, error] {
		return func(yield func(disclosure.Finding, error) bool) {
			if system == orders.ID {
				yield(finding, nil)
			}
		}
	}
	d, err := disclosure.Apply(l, findings,
		map[uuid.UUID]disclosure.Decision{finding.ID: {Finding: finding.ID, Verdict: disclosure.Give}},
		[]disclosure.SystemAnswer{
			{System: orders, Outcome: disclosure.Found, AskedAt: asked}, {System: logs, Outcome: disclosure.Nothing, AskedAt: asked},
		})
	if err != nil {
		return Input{}, err
	}
	n := Sample(KindReceipt, l, a)
	return Input{
		Lang: l, Authority: a, To: n.To, FileNumber: n.FileNumber, Received: n.Received, Date: n.Date, InCharge: n.InCharge,
		Disclosed: d, Confirmed: map[string]bool{orders.ID: true, logs.ID: true}, Measures: sampleMeasures(l, orders, logs),
		Rights: []RightAnswer{
			{Right: law.Access, Outcome: casefile.Granted},
			{Right: law.Erasure, Outcome: casefile.PartlyGranted,
				Done: []Promise{{Text: say("Die Sicherung des Zugriffsprotokolls spielen wir nicht zurück. Die Sicherung wird nach 30 Tagen überschrieben.", "We do not restore the backup of the access log. The backup is overwritten after 30 days.")}},
				Limits: []Limit{{
					System: orders.Name, Citation: "Art. 17 Abs. 3 Buchst. b DSGVO", Norm: "§ 147 Abs. 3 AO", Effect: "not-apply",
					Title: say("Rechtliche Pflicht zur Aufbewahrung", "Legal duty to keep the data"), Until: time.Date(2034, 12, 31, 0, 0, 0, 0, time.UTC),
					ForPerson: person.NewText(say("Die Rechnung zu Ihrer Bestellung müssen wir acht Jahre aufbewahren.", "We must keep the invoice of your order for eight years.")),
					Instead:   say("Bis dahin sperren wir den Zugriff.", "Until then we block access."),
				}}},
			{Right: law.Portability, Outcome: casefile.Refused, Systems: []SystemLine{
				{System: orders.Name, Why: say("Die Verarbeitung beruht weder auf einer Einwilligung noch auf einem Vertrag.", "The processing rests neither on consent nor on a contract."), Citation: "Art. 20 Abs. 1 Buchst. a DSGVO"},
				{System: logs.Name, Why: say("Die Verarbeitung dient einer öffentlichen Aufgabe.", "The processing serves a public task."), Citation: "Art. 20 Abs. 3 Satz 2 DSGVO"},
			}},
		},
	}, nil
}

// sampleMeasures erased a line of the log, and left the order.
func sampleMeasures(l wording.Lang, orders, logs inventory.System) disclosure.Measures {
	at := time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)
	measure := func(state casefile.MeasureState, n string) casefile.Measure {
		return casefile.Measure{Right: law.Erasure, Do: connector.CanErase, State: state, Finding: uuid.NewSHA1(uuid.Nil, []byte(n)), ActedAt: at, DoneAt: at}
	}
	title := map[wording.Lang]string{wording.German: "Rechtliche Pflicht zur Aufbewahrung", wording.English: "Legal duty to keep the data"}
	return disclosure.Carried(l, []disclosure.Taken{
		{System: logs, Measure: measure(casefile.Done, "4712"), Text: casefile.MeasureText{Reference: "4712", Proof: casefile.Proof{ReadAt: at, Gone: true, Searched: true}}},
		{System: orders, Measure: measure(casefile.Stays, "4711"), Text: casefile.MeasureText{Reference: "4711"}, Stay: disclosure.Stay{
			Title: title[l], Citation: "Art. 17 Abs. 3 Buchst. b DSGVO", Norm: "§ 147 Abs. 3 AO", Until: time.Date(2034, 12, 31, 0, 0, 0, 0, time.UTC),
		}},
	})
}

func sampleAddress(lines ...string) []person.Text {
	var to []person.Text
	for _, l := range lines {
		to = append(to, person.NewText(l))
	}
	return slices.Clip(to)
}

func sampleDay(month time.Month, d int) time.Time {
	return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC)
}
