package landscape

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// hotline is what the telephone system of the ServiceCenter exports: a file a
// month, in the encoding and with the columns that such systems have.
var hotline = folder{id: "stk-hotline", authority: "stk-nrw", pattern: "*.csv", keep: 90 * 24 * time.Hour, fill: calls, closed: monthEnd, write: func(_ *shelf, entries []entry) map[string]string {
	files := map[string]string{}
	for _, e := range entries {
		name := e.at.In(berlin).Format("2006-01") + ".csv"
		if files[name] == "" {
			files[name] = encoded(callColumns)
		}
		files[name] += e.text
	}
	return files
}}

// monthEnd is when the file of a month was closed; never that of this month.
func monthEnd(name string, now time.Time) time.Time {
	month, err := time.ParseInLocation("2006-01.csv", name, berlin)
	if err != nil || month.AddDate(0, 1, 0).After(now) {
		return time.Time{}
	}
	return month.AddDate(0, 1, 0)
}

var callColumns = []string{"Vorgangsnummer", "Zeitstempel", "Task Typ", "Anrufer/Absender", "Gewählte Adresse", "Eingangsthema", "Verbindungsstatus",
	"Anzahl Kundendatensätze", "Anzahl Kundenverbindungen", "Gebührenpflichtige Verbindungszeit", "Kunden Rufzeit", "Kunden Sprechzeit", "Kunden Haltezeit",
	"Kunden Wartezeit", "Anzahl Rückfragen", "Anzahl Rückfrageverbindungen", "Rückfragesprechzeit", "Gesamte Nachbearbeitungszeit", "Direkte Themeneinwahl",
	"Externer Kontakt", "Inbound Kontakt", "OutCC Kontakt", "Dialer Kontakt", "Sprachnachricht aufgenommen", "Netzwerk Überläufe"}

func calls(s *shelf) []entry {
	var all []entry
	call := func(at time.Time, from string, r *rand.Rand) string {
		id := fmt.Sprintf("T%07d", 1000+len(all))
		all = append(all, entry{at: at, text: encoded([]string{id, at.In(berlin).Format("02.01.2006 15:04:05"), "Anruf", from, "0211 837-1001",
			pick(r, []string{"Bürgertelefon", "Grundsteuer", "Wohngeld"}), pick(r, []string{"angenommen", "aufgelegt"}), "1", "1", fmt.Sprint(r.IntN(600)), fmt.Sprint(r.IntN(40)),
			fmt.Sprint(r.IntN(500)), "0", fmt.Sprint(r.IntN(90)), "0", "0", "0", fmt.Sprint(r.IntN(60)), "nein", "ja", "ja", "nein", "nein",
			pick(r, []string{"nein", "nein", "ja"}), "0"})})
		return "call/" + id
	}
	s.each(func(p Person, n int, r *rand.Rand) {
		at := s.ago(r, 90)
		s.holds(p, call(at, p.spelled(r).Phone, r))
		call(at.Add(time.Hour), pick(r, []string{"anonym", "", "4711"}), r)
	})
	return all
}

// encoded is a row in Windows-1252.
func encoded(cells []string) string {
	var row strings.Builder
	w := csv.NewWriter(&row)
	w.Comma, w.UseCRLF = ';', true
	w.Write(cells) // into memory
	w.Flush()
	text, err := charmap.Windows1252.NewEncoder().String(row.String())
	if err != nil {
		panic(err) // our own words
	}
	return text
}
