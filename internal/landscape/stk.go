package landscape

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// stk are those of the Staatskanzlei.
var stk = []database{
	{id: "stk-citizen-service", authority: "stk-nrw", record: citizenService, tables: []table{
		{"citizen", 1, "citizen_id salutation last_name first_name email street house_number postcode city phone created_at"},
		{"ticket", 1, "ticket_id citizen_id number subject state channel opened_at last_entry_at"},
		{"message", 1, "message_id ticket_id reply_to direction body sent_at username ip_address"},
		{"ticket_topic", 2, "ticket_id topic_code assigned_at"},
	}},
	{id: "stk-callbacks", authority: "stk-nrw", record: callback, tables: []table{
		{"caller", 1, "caller_id salutation last_name first_name email street house_number postcode city phone"},
		{"callback", 1, "callback_id caller_id taken_at concern forwarded_to done_at"},
		{"attempt", 2, "callback_id attempt_no tried_at result"},
	}},
	{id: "stk-brochures", authority: "stk-nrw", record: brochureOrder, tables: []table{
		{"customer", 1, "customer_no salutation first_name last_name company street house_number address_extra postcode city state country phone mobile fax email bookseller"},
		{"bank_account", 1, "customer_no iban holder bic bank"},
		{"customer_order", 1, "order_no customer_no placed_at username ip_address dispatched_on"},
		{"order_item", 2, "order_no article_no quantity"},
	}},
	{id: "stk-offline-orders", authority: "stk-nrw", record: offlineOrder, tables: []table{
		{"offline_order", 2, "year number name gender address email phone channel taken_at appointment_at delivery_note"},
		{"order_line", 3, "year number line article quantity"},
		{"payment", 2, "year number method amount paid_on"},
	}},
	{id: "stk-newsletter", authority: "stk-nrw", record: portalNewsletter, tables: []table{
		{"subscriber", 1, "subscriber_id email username consented_at"},
		{"subscription", 2, "subscriber_id newsletter_code since"},
	}},
	{id: "stk-accreditation", authority: "stk-nrw", record: accreditation, tables: []table{
		{"journalist", 1, "journalist_id first_name last_name born_on birthplace medium editorial_office street_and_number postcode city phone email role"},
		{"accreditation", 2, "event_code journalist_id applied_at decision decided_on"},
		{"participation", 3, "event_code journalist_id item_no"},
		{"shuttle", 3, "event_code journalist_id direction pickup_point"},
	}},
}

// collectiveFile is the ticket that belongs to nobody; the schema brings it.
const collectiveFile = 1

func citizenService(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r).partly(r)
	opened := s.ago(r, 900)
	citizen, ticket := s.next("citizen"), s.next("ticket")
	s.add("citizen", citizen, w.Salutation, w.Last, w.First, w.Email, w.Street, w.House, w.Postcode, w.City, w.Phone, opened)
	subject := pick(r, []string{"Frage zur Grundsteuer", "Beschwerde über die Zugverbindung", "Ehrenamtskarte", "Auskunft nach DSGVO",
		"Förderung für unseren Verein", "Lob für den NRW-Tag"})
	entries := 1 + r.IntN(3)
	s.add("ticket", ticket, citizen, fmt.Sprintf("%d-%06d", opened.Year(), ticket), subject, pick(r, []string{"offen", "erledigt"}),
		pick(r, []string{"Formular", "E-Mail"}), opened, opened.Add(time.Duration(entries-1)*9*time.Minute))
	var first any
	for i := range entries {
		message := s.next("message")
		at := opened.Add(time.Duration(i) * 9 * time.Minute)
		if i%2 == 0 {
			s.add("message", message, ticket, first, "eingehend", "Guten Tag,\n\nich habe ein Anliegen: "+subject+
				". Bitte melden Sie sich.\n\nMit freundlichen Grüßen\n"+w.First+" "+w.Last, at, p.Account, s.from(w, at))
		} else {
			s.add("message", message, pick(r, []int64{ticket, collectiveFile}), first, "ausgehend", "Vielen Dank für Ihre Nachricht. Wir haben sie an die zuständige Stelle "+
				"weitergeleitet.\n\nServiceCenter Nordrhein-Westfalen direkt", at, "sc-"+fmt.Sprint(10+r.IntN(30)), nil)
		}
		first = message
	}
	for _, topic := range some(r, "steuern", "verkehr", "ehrenamt", "datenschutz", "kultur") {
		s.add("ticket_topic", ticket, topic, opened)
	}
}

func callback(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r).partly(r)
	caller, id := s.next("caller"), s.next("callback")
	taken := s.ago(r, 200)
	s.add("caller", caller, w.Salutation, w.Last, w.First, w.Email, w.Street, w.House, w.Postcode, w.City, w.Phone)
	s.add("callback", id, caller, taken, pick(r, []string{"Bittet um Rückruf wegen Wohngeld", "Frage zum Führerscheinumtausch",
		"Möchte mit dem Fachreferat sprechen"}), pick(r, []string{"Referat III B 2", "Bezirksregierung Köln", ""}), s.past(taken.Add(26*time.Hour)))
	for n := range 1 + r.IntN(3) {
		s.add("attempt", id, n+1, taken.Add(time.Duration(n+1)*15*time.Minute), pick(r, []string{"nicht erreicht", "besetzt", "gesprochen"}))
	}
}

func brochureOrder(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r).partly(r)
	customer := s.next("customer")
	s.add("customer", customer, w.Salutation, w.First, w.Last, w.Company, w.Street, w.House, "", w.Postcode, w.City,
		"Nordrhein-Westfalen", "Deutschland", w.Phone, "", "", w.Email, w.Company != "")
	if r.IntN(2) == 0 {
		s.add("bank_account", customer, grouped(w.IBAN), w.First+" "+w.Last, "BEISDEXXXXX", "Beispielbank")
	}
	for range 1 + r.IntN(2) {
		order := s.next("customer_order")
		placed := s.ago(r, 85)
		s.add("customer_order", order, customer, placed, p.Account, s.from(w, placed), s.past(date(placed.AddDate(0, 0, 1))))
		for _, article := range some(r, "B-0815", "B-1946", "B-2024", "B-3001") {
			s.add("order_item", order, article, 1+r.IntN(5))
		}
	}
}

func offlineOrder(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r).partly(r)
	taken := s.ago(r, 85)
	if !s.fresh && r.IntN(3) == 0 {
		taken = taken.AddDate(-1, 0, 0) // and not delivered yet
	}
	year := taken.Year()
	number := s.nextOf(year, "offline_order")
	gender := map[string]string{"Frau": "weiblich", "Herr": "männlich"}[p.Salutation]
	address := ""
	if w.Street != "" {
		address = w.Street + " " + w.House + ", " + w.Postcode + " " + w.City
	}
	s.add("offline_order", year, number, w.Last+", "+w.First, gender, address, w.Email, w.Phone, pick(r, []string{"Telefon", "Brief", "mündlich"}),
		taken, taken.AddDate(0, 0, 14), pick(r, []string{"beim Nachbarn abgeben", ""}))
	for line := range 1 + r.IntN(3) {
		s.add("order_line", year, number, line+1, pick(r, []string{"Verfassung für das Land NRW", "Wandkarte", "Einladung Bürgerfest"}), 1+r.IntN(3))
	}
	if r.IntN(2) == 0 {
		s.add("payment", year, number, pick(r, []string{"bar", "Überweisung"}), float64(r.IntN(4000))/100, date(taken))
	}
}

func portalNewsletter(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	id, at := s.next("subscriber"), s.ago(r, 1500)
	account := ""
	switch r.IntN(3) {
	case 0:
		account = p.Account
	case 1: // subscribed with an address that nobody names in a request
		account, w.Email = p.Account, strings.Replace(p.Email, "@", ".alt@", 1)
	}
	s.add("subscriber", id, w.Email, account, at)
	for _, letter := range some(r, "landesportal", "europa", "medien", "sport") {
		s.add("subscription", id, letter, date(at))
	}
}

func accreditation(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	if r.IntN(3) == 0 {
		w.Email = "redaktion@example.org" // of a whole office; name and birth date decide
	}
	id := s.next("journalist")
	s.add("journalist", id, w.First, w.Last, date(p.Birth), p.Birthplace, pick(r, []string{"Rheinbote", "Radio Ruhr", "freie Presse"}),
		pick(r, []string{"Politik", "Lokales", "Bild"}), w.Street+" "+w.House, w.Postcode, w.City, w.Phone, w.Email, pick(r, []string{"Redakteurin", "Fotograf", "Technik"}))
	for _, event := range some(r, "nrw-tag", "ordensverleihung") {
		applied := s.ago(r, 40)
		s.add("accreditation", event, id, applied, pick(r, []string{"zugelassen", "abgelehnt", "offen"}), date(applied.AddDate(0, 0, 3)))
		for _, item := range some(r, 1, 2, 3) {
			s.add("participation", event, id, item)
		}
		if r.IntN(2) == 0 {
			s.add("shuttle", event, id, pick(r, []string{"hin", "zurück"}), "Düsseldorf Hbf")
		}
	}
}

// some picks one at least.
func some[T any](r *rand.Rand, from ...T) []T {
	from = slices.Clone(from)
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	return from[:1+r.IntN(len(from))]
}

// date cuts the time of day off.
func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// grouped writes an IBAN in groups of four.
func grouped(iban string) string {
	var groups []string
	for ; len(iban) > 4; iban = iban[4:] {
		groups = append(groups, iban[:4])
	}
	return strings.Join(append(groups, iban), " ")
}
