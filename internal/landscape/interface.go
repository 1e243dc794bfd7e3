package landscape

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"einsicht/internal/connector/rest/restserver"
)

// interfaces are systems that answer by a JSON interface.
var interfaces = []served{
	{id: "itnrw-procurement", authority: "it-nrw", serve: procurement},
	{id: "itnrw-servicekonto", authority: "it-nrw", serve: serviceAccount},
}

// procurement are suppliers with the people to speak to, two at least.
func procurement(s *shelf) (server, map[string]string, error) {
	var suppliers, orders restserver.Records
	s.each(func(p Person, n int, r *rand.Rand) {
		w := p.spelled(r)
		id, at := 1000+len(suppliers), s.ago(r, 900)
		own, other := fmt.Sprintf("%d-1", id), fmt.Sprintf("%d-2", id)
		firm := w.Company
		if firm == "" {
			firm = pick(r, []string{"Bürobedarf Beispiel GmbH", "Netzwerk & Kabel KG", "Druckerei Muster e. K."})
		}
		suppliers = append(suppliers, object(map[string]any{"id": id, "firm": firm, "created": at.Format(time.RFC3339), "contacts": []any{
			map[string]any{"id": own, "first": w.First, "last": w.Last, "mail": w.Email, "phone": w.Phone, "role": pick(r, []string{"Vertrieb", "Geschäftsführung"}), "blocked": false},
			map[string]any{"id": other, "first": "Kim", "last": "Beispiel", "mail": fmt.Sprintf("kim.%d@example.com", id), "phone": "", "role": "Buchhaltung", "blocked": false},
		}}))
		reference := fmt.Sprintf("contacts/%d/%s", id, own)
		s.holds(p, reference)
		for i := range 1 + r.IntN(2) {
			number := fmt.Sprintf("%d-%d", id, 500+i)
			orders = append(orders, object(map[string]any{"contact": own, "number": number, "subject": pick(r, []string{"Drucker", "Netzwerkkarten", "Schulung"}),
				"placed": at.AddDate(0, 0, i+1).Format(time.RFC3339)}))
			s.holds(p, reference+"/orders/"+number)
		}
		orders = append(orders, object(map[string]any{"contact": other, "number": fmt.Sprintf("%d-900", id), "subject": "Rechnungskorrektur", "placed": at.Format(time.RFC3339)}))
	})
	const ofContact = "/contacts/{contact}/orders"
	return s.answer(restserver.Options{Resources: map[string]restserver.Source{"/suppliers": suppliers, ofContact: orders}, Singles: map[string]restserver.Single{
		"/suppliers/{id}":                              {List: "/suppliers"},
		"/suppliers/{id}/contacts/{contacts.id}":       {List: "/suppliers", Inside: "contacts", Below: map[string][2]string{ofContact: {"contact", "id"}}},
		"/suppliers/{id}/contacts/{contacts.id}/block": {List: "/suppliers", Inside: "contacts", Mark: "blocked"},
		ofContact + "/{number}":                        {List: ofContact},
	}})
}

// serviceAccount are accounts with the sessions that are open.
func serviceAccount(s *shelf) (server, map[string]string, error) {
	var accounts, sessions restserver.Records
	have := map[string]bool{}
	s.each(func(p Person, n int, r *rand.Rand) {
		if have[p.ID] {
			return
		}
		have[p.ID] = true
		id := 7000 + len(accounts)
		accounts = append(accounts, object(map[string]any{"id": id, "user": p.Account, "level": pick(r, []string{"Benutzername und Passwort", "eID"}),
			"opened": s.ago(r, 900).Format(time.RFC3339), "secret": "geheim", "locked": false}))
		s.holds(p, fmt.Sprintf("accounts/%d", id))
		for i := range 1 + r.IntN(2) {
			session := fmt.Sprintf("%08x%08x", r.Uint32(), r.Uint32())
			sessions = append(sessions, object(map[string]any{"account": fmt.Sprint(id), "session": session, "begun": s.ago(r, 2).Format(time.RFC3339), "device": i + 1}))
			s.holds(p, fmt.Sprintf("accounts/%d/sessions/%s", id, session))
		}
	})
	const ofAccount = "/accounts/{account}/sessions"
	return s.answer(restserver.Options{Resources: map[string]restserver.Source{"/accounts": accounts, ofAccount: sessions}, Singles: map[string]restserver.Single{
		"/accounts/{id}":         {List: "/accounts", Below: map[string][2]string{ofAccount: {"account", "id"}}, Cascade: true},
		ofAccount + "/{session}": {List: ofAccount},
	}})
}

// answer starts a system, and keeps the token of whoever may change something apart.
func (s *shelf) answer(o restserver.Options) (server, map[string]string, error) {
	o.Token, o.Changer = password, changeToken
	file, err := s.changeToken()
	if err != nil {
		return nil, nil, err
	}
	running, err := restserver.Start(o)
	if err != nil {
		return nil, nil, err
	}
	return quiet{running}, map[string]string{"url": running.URL(), "change_token": file}, nil
}

// changeToken is that of the accounts by which connectors change something.
const changeToken = "einsicht pflegt"

func (s *shelf) changeToken() (file string, err error) {
	file = filepath.Join(s.options.Dir, "change-token")
	return file, os.WriteFile(file, []byte(changeToken), 0o600)
}

func object(v map[string]any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return text
}
