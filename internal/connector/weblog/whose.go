package weblog

import (
	"bytes"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// whose tells whose line a line is.
type whose struct {
	accounts map[string][]lead // normal form → identifiers
	mails    map[string][]lead
	hosts    map[string][]lead // as servers write addresses
	window   time.Duration
	typed    bool // somebody typed an address, which leads nowhere
}

type lead struct {
	id         uuid.UUID
	confidence connector.Confidence
	at         time.Time // of a host
}

func (l *logs) whose(q connector.Query) whose {
	w := whose{accounts: map[string][]lead{}, mails: map[string][]lead{}, hosts: map[string][]lead{}, window: l.mapping.Window}
	for _, m := range l.connection.Match {
		kind := m.By[0]
		for _, id := range q.OfKind(kind) {
			n, err := person.Normal(kind, id.Value.Reveal())
			if err != nil {
				continue
			}
			one := lead{id: id.ID, confidence: m.Reached([]person.Identifier{id})}
			switch kind {
			case person.Account:
				w.accounts[n] = append(w.accounts[n], one)
			case person.Email:
				w.mails[n] = append(w.mails[n], one)
			case person.IPTime:
				if !id.Verified && id.Record == "" {
					w.typed = true
					continue
				}
				w.addHost(n, one)
			}
		}
	}
	return w
}

func (w whose) addHost(value string, one lead) {
	ip, at, err := person.ParseIPTime(value)
	if err != nil {
		return
	}
	one.at = at
	w.hosts[ip.String()] = append(w.hosts[ip.String()], one)
	if ip.Is4() { // as a server writes it that listens on IPv6 only
		w.hosts["::ffff:"+ip.String()] = append(w.hosts["::ffff:"+ip.String()], one)
	}
}

// nobody says that there is nothing to search by.
func (w whose) nobody() bool { return len(w.accounts)+len(w.mails)+len(w.hosts) == 0 }

// leads gives the identifiers that tie a line to the person.
func (w whose) leads(one *line) (led [][]uuid.UUID, c connector.Confidence) {
	c = connector.Check
	add := func(l lead) {
		led = append(led, []uuid.UUID{l.id})
		c = c.Best(l.confidence)
	}
	for _, l := range w.byUser(one.user) {
		add(l)
	}
	if near := w.hosts[string(one.host)]; len(near) > 0 {
		at, ok := one.time()
		for _, l := range near {
			if ok && at.Sub(l.at).Abs() <= w.window {
				add(l)
			}
		}
	}
	return led, c
}

func (w whose) byUser(user []byte) []lead {
	if len(user) == 0 || len(user) == 1 && user[0] == '-' || len(w.accounts)+len(w.mails) == 0 {
		return nil
	}
	name := strings.Trim(string(bytes.ToLower(user)), `"`)
	found := w.accounts[name]
	if len(w.mails) > 0 && (strings.Contains(name, "@") || strings.Contains(name, "%40")) {
		if mail, err := person.Normal(person.Email, name); err == nil {
			found = append(found[:len(found):len(found)], w.mails[mail]...)
		}
	}
	return found
}
