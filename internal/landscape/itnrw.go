package landscape

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// itnrw are the sources of IT.NRW with a database.
var itnrw = []database{
	{id: "itnrw-recruiting", authority: "it-nrw", record: application, tables: []table{
		{"applicant", 1, "applicant_id salutation first_name last_name born_on email phone street house_number postcode city"},
		{"applicant_skill", 2, "applicant_id skill_code level"},
		{"application", 1, "application_id applicant_id vacancy_no received_at state"},
		{"document", 1, "document_id application_id kind file_name uploaded_at"},
		{"interview", 2, "application_id round held_at panel"},
		{"assessment", 3, "application_id round assessor points remark"},
	}},
	{id: "itnrw-events", authority: "it-nrw", record: registration, tables: []table{
		{"participant", 1, "participant_id salutation first_name last_name organisation street house_number postcode city email phone"},
		{"registration", 2, "event_code participant_id registered_at catering"},
		{"guest", 3, "event_code participant_id guest_no guest_name"},
	}},
	{id: "itnrw-newsletter", authority: "it-nrw", record: newsletter, tables: []table{
		{"subscriber", 1, "subscriber_id email title first_name last_name form_url signup_ip signed_up_at confirm_ip confirmed_at"},
		{"list_member", 2, "list_code subscriber_id since"},
		{"bounce", 1, "bounce_id subscriber_id kind server_reply bounced_at"},
	}},
	{id: "itnrw-unsubscribed", authority: "it-nrw", record: unsubscription, tables: []table{
		{"unsubscription", 2, "list_code email unsubscribed_at"},
		{"unsubscription_mail", 3, "list_code email mail_no delivered"},
	}},
	{id: "itnrw-publications", authority: "it-nrw", record: publicationOrder, tables: []table{
		{"customer", 1, "customer_id first_name last_name street house_number postcode city phone email"},
		{"publication_order", 1, "order_id customer_id ordered_at remark"},
		{"order_publication", 2, "order_id publication_no copies"},
	}},
	{id: "itnrw-statistics-database", authority: "it-nrw", record: statisticsAccount, tables: []table{
		{"account", 1, "account_id title last_name first_name company street house_number postcode city email phone category_code opened_at password_hash"},
		{"account_dataset", 2, "account_id dataset_code granted_at"},
		{"invoice", 2, "year invoice_no account_id issued_on total"},
		{"invoice_item", 3, "year invoice_no position dataset_code price"},
	}},
}

func application(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	if r.IntN(3) == 0 {
		w.Email = "" // on paper
	}
	applicant := s.next("applicant")
	s.add("applicant", applicant, w.Salutation, w.First, w.Last, date(p.Birth), w.Email, w.Phone, w.Street, w.House, w.Postcode, w.City)
	for _, skill := range some(r, "java", "go", "linux", "projektleitung") {
		s.add("applicant_skill", applicant, skill, 1+r.IntN(5))
	}
	id, received := s.next("application"), s.ago(r, 150)
	s.add("application", id, applicant, pick(r, []string{"2026-014", "2026-031", "2026-052"}), received, pick(r, []string{"eingegangen", "eingeladen", "abgesagt"}))
	for _, kind := range some(r, "Anschreiben", "Lebenslauf", "Zeugnis") {
		s.add("document", s.next("document"), id, kind, strings.ToLower(kind)+"_"+plain.Replace(p.Last)+".pdf", received)
	}
	if r.IntN(2) == 0 {
		return
	}
	s.add("interview", id, 1, received.AddDate(0, 0, 20), "Fachbereich 23, Personalrat, Gleichstellung")
	for _, assessor := range some(r, "M. Sommer", "T. Winter") {
		s.add("assessment", id, 1, assessor, 1+r.IntN(15), pick(r, []string{"überzeugend", "fachlich gut, wenig Erfahrung", ""}))
	}
}

func registration(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	switch r.IntN(3) {
	case 0:
		w.Email = ""
	case 1:
		w.Phone = ""
	}
	id := s.next("participant")
	s.add("participant", id, w.Salutation, w.First, w.Last, w.Company, w.Street, w.House, w.Postcode, w.City, w.Email, w.Phone)
	for _, event := range some(r, "it-forum", "geodaten-tag", "zensus-werkstatt") {
		s.add("registration", event, id, s.ago(r, 55), pick(r, []string{"vegetarisch", "alles", ""}))
		if r.IntN(3) == 0 {
			s.add("guest", event, id, 1, pick(r, women)+" "+pick(r, families))
		}
	}
}

func newsletter(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	id, at := s.next("subscriber"), s.ago(r, 700)
	// Not confirmed, it is kept for 14 days only.
	var confirmIP, confirmed any
	if r.IntN(6) > 0 || at.Before(s.now.AddDate(0, 0, -13)) {
		t := at.Add(time.Duration(2+r.IntN(30)) * time.Minute)
		confirmIP, confirmed = s.from(w, t), t
	}
	s.add("subscriber", id, w.Email, pick(r, []string{"", "", "Dr."}), w.First, w.Last, "https://www.it.nrw.example/newsletter", s.from(w, at), at, confirmIP, confirmed)
	for _, list := range some(r, "statistik", "presse", "geodaten") {
		s.add("list_member", list, id, at)
	}
	if r.IntN(4) == 0 {
		s.add("bounce", s.next("bounce"), id, pick(r, []string{"Soft-Bounce", "Hard-Bounce"}), "452 4.2.2 mailbox full", s.ago(r, 30))
	}
}

// unsubscription has the mail address as its key: what names a record is
// itself about a person here.
func unsubscription(s *sheet, p Person, r *rand.Rand) {
	mailbox, host, _ := strings.Cut(p.Email, "@")
	email := fmt.Sprintf("%s+%06x@%s", mailbox, r.IntN(1<<24), host)
	at := s.ago(r, 13)
	list := pick(r, []string{"statistik", "presse", "geodaten"})
	s.add("unsubscription", list, email, at)
	s.add("unsubscription_mail", list, email, 1, r.IntN(5) > 0)
}

func publicationOrder(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	switch r.IntN(3) {
	case 0:
		w.Email = ""
	case 1:
		w.Street, w.House, w.Postcode, w.City = "", "", "", ""
	}
	customer := s.next("customer")
	s.add("customer", customer, w.First, w.Last, w.Street, w.House, w.Postcode, w.City, w.Phone, w.Email)
	for range 1 + r.IntN(2) {
		order := s.next("publication_order")
		s.add("publication_order", order, customer, s.ago(r, 300), pick(r, []string{"", "bitte zweisprachig"}))
		for _, number := range some(r, "Z051", "A181", "K113") {
			s.add("order_publication", order, number, 1+r.IntN(3))
		}
	}
}

func statisticsAccount(s *sheet, p Person, r *rand.Rand) {
	w := p.spelled(r)
	if r.IntN(3) == 0 {
		w.Email = "bibliothek@example.org" // of an institute; name and address decide
	}
	id, opened := s.next("account"), s.ago(r, 1000)
	s.add("account", id, pick(r, []string{"", "Dr.", "Prof. Dr."}), w.Last, w.First, w.Company, w.Street, w.House, w.Postcode, w.City, w.Email, w.Phone,
		pick(r, []string{"wissenschaft", "wirtschaft", "privat"}), opened, fmt.Sprintf("$argon2id$v=19$m=65536,t=3,p=4$%016x", r.Uint64()))
	datasets := some(r, "12411", "21311", "61111")
	for _, d := range datasets {
		s.add("account_dataset", id, d, opened)
	}
	if r.IntN(2) == 0 {
		year := opened.Year()
		number := s.nextOf(year, "invoice")
		s.add("invoice", year, number, id, date(opened), float64(len(datasets))*25)
		for i, d := range datasets {
			s.add("invoice_item", year, number, i+1, d, 25.0)
		}
	}
}
