package mailman

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Find gives the person's addresses with their accounts and memberships, then
// what waits on any list, then the addresses that are shut out.
func (l *lists) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	w := &walk{lists: l, query: q, yield: yield, answer: connector.Answer{Outcome: connector.Nothing}}
	whose, err := l.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w.whose = connector.NewRecall(whose, q)
	if w.whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	w.to = l.position(from)
	for _, step := range []func(context.Context) error{w.addresses, w.waiting, w.shutOut} {
		if w.to == nil || w.to.Step == w.at.Step {
			if err := step(ctx); err != nil || w.answer.Next != nil {
				return w.answer, err
			}
			w.to = nil
		}
		w.at = spot{Version: w.at.Version, Step: w.at.Step + 1}
	}
	return w.answer, nil
}

// spot is what a cursor says: right after the record of a key or, without one,
// at the start of a page.
type spot struct {
	Version string `json:"v"`
	Step    int    `json:"s"`
	Of      string `json:"o,omitempty"` // address or list
	OfPage  int    `json:"op,omitempty"`
	Part    int    `json:"n,omitempty"`
	Page    int    `json:"p,omitempty"`
	Key     string `json:"k,omitempty"`
	// Known are the person's addresses, while they are read.
	Known []string `json:"w,omitempty"`
}

// position reads a cursor. One that was made with another connection starts
// again: what was found before has the same references.
func (l *lists) position(c connector.Cursor) *spot {
	var s spot
	if json.Unmarshal(c, &s) != nil || s.Version != l.connection.Version {
		return nil
	}
	return &s
}

// walk goes through the records of one question.
type walk struct {
	*lists
	query  connector.Query
	whose  *connector.Recall
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer

	at spot
	to *spot // where to go first; nil once it was there
}

// The parts of an address.
const (
	itself = iota
	account
	memberships
)

// addresses gives each address of the person with what hangs on it.
func (w *walk) addresses(ctx context.Context) error {
	all, err := w.known(ctx)
	if err != nil || w.answer.Next != nil {
		return err
	}
	for _, email := range all {
		if w.to != nil && email < w.to.Of {
			continue
		}
		if w.to != nil && email > w.to.Of {
			w.to = nil // gone since
		}
		w.at = spot{Step: w.at.Step, Of: email, Known: all}
		if err := w.address(ctx, email, all); unreadable(err) {
			w.gap("addresses")
		} else if err != nil || w.answer.Next != nil {
			return err
		}
		w.to = nil
	}
	return nil
}

func (w *walk) address(ctx context.Context, email string, all []string) error {
	byEmail := url.Values{"email": {email}}
	e, ok, err := w.get(ctx, "/addresses/{email}", byEmail)
	if err != nil || !ok {
		return err
	}
	own, _, err := w.get(ctx, "/addresses/{email}/preferences", byEmail)
	if err != nil {
		return err
	}
	if w.to == nil {
		if err := w.give(ctx, addressForm, e, e.text("email"), "", settings(own), nil); err != nil || w.answer.Next != nil {
			return err
		}
	}
	users, err := w.account(ctx, e, all)
	if err != nil || w.answer.Next != nil {
		return err
	}
	w.at.Part = memberships
	path, of := "/addresses/{email}/memberships", byEmail
	if e["user"] == nil { // there Mailman tells no memberships of such an address
		path, of = "/members/find", url.Values{"subscriber": byEmail["email"]}
	}
	return w.collection(ctx, memberForm, path, of, w.count, func(m entry) (string, string, []connector.Field, error) {
		id := m.text("member_id")
		set, _, err := w.get(ctx, "/members/{id}/preferences", url.Values{"id": {id}})
		return id, "", settings(set, own, users), err
	})
}

// account gives the user of an address, once for all of their addresses that
// were asked for, and offers the others. Its preferences come back.
func (w *walk) account(ctx context.Context, address entry, all []string) (entry, error) {
	id := accountOf(address)
	if id == "" {
		return nil, nil
	}
	byID := url.Values{"id": {id}}
	prefs, _, err := w.get(ctx, "/users/{id}/preferences", byID)
	if err != nil || w.to != nil && w.to.Part > itself {
		return prefs, err
	}
	w.at.Part = account
	user, ok, err := w.get(ctx, "/users/{id}", byID)
	if err != nil || !ok {
		return prefs, err
	}
	var others []person.Identifier
	first := true
	record := w.connection.System + "/" + userForm.name + "/" + id
	err = w.pages(ctx, "/users/{id}/addresses", byID, w.count, 1, func(_ int, entries []entry, _ bool) (bool, error) {
		for _, one := range entries {
			email := one.text("email")
			if slices.Contains(all, email) {
				first = first && email >= address.text("email")
			} else if hint, ok := w.whose.Hint(person.Email, email, record); ok {
				others = append(others, hint)
			}
		}
		return len(others) < maxHints, nil
	})
	if err != nil || !first {
		return prefs, err
	}
	// Whose the account is says the address that led to it.
	user["email"] = address["email"]
	return prefs, w.give(ctx, userForm, user, id, "", settings(prefs), func(f *connector.Finding) {
		if f.Confidence != connector.Check { // else the account may be somebody else's
			f.Hints = others
		}
	})
}

const (
	maxHints = 1000
	// maxKnown bounds what a cursor holds.
	maxKnown = 1000
)

// known lists the person's addresses on this server, verified. The server
// compares without regard to case, but takes a tag after + for part of the
// address, and finds by a pattern only those that are on a list. So all
// addresses are read, once: what was found stands in the cursor. Without the
// list of all of them, the rest is found still.
func (w *walk) known(ctx context.Context) ([]string, error) {
	if w.to != nil && w.to.Of != "" {
		return w.to.Known, nil
	}
	all, many, from := map[string]bool{}, false, 1
	take := func(e entry) {
		switch led, _ := w.whose.Leads(whose(e)); {
		case len(led) == 0 || all[e.text("email")]:
		case len(all) == maxKnown:
			many = true
		default:
			all[e.text("email")] = true
		}
	}
	sorted := func() []string { return slices.Sorted(maps.Keys(all)) }
	if w.to != nil {
		from = w.to.Page
		for _, email := range w.to.Known {
			all[email] = true
		}
		w.to = nil
	} else if err := w.asked(ctx, take); err != nil {
		return nil, err
	}
	err := w.pages(ctx, "/addresses", nil, w.count, from, func(n int, entries []entry, more bool) (bool, error) {
		for _, e := range entries {
			take(e)
		}
		if more && !many && w.query.Paused(time.Now()) {
			w.at.Page, w.at.Known = n+1, sorted()
			w.answer.Next = w.cursor()
		}
		return !many && w.answer.Next == nil, nil
	})
	if many {
		w.say("addresses", "connector.gap.mailman_many")
	}
	if unreadable(err) {
		w.gap("addresses")
		err = nil
	}
	return sorted(), err
}

// asked takes the addresses that the server finds when asked for one. A pattern
// may find too much: what is taken is verified.
func (w *walk) asked(ctx context.Context, take func(entry)) error {
	for _, id := range w.whose.Identifiers(person.Email) {
		normal, err := person.Stored(person.Email, id.Value.Reveal())
		if err != nil {
			continue
		}
		for _, email := range slices.Compact(append([]string{strings.TrimSpace(id.Value.Reveal())}, normal...)) {
			switch e, ok, err := w.get(ctx, "/addresses/{email}", url.Values{"email": {email}}); {
			case err != nil:
				return err
			case ok:
				take(e)
			}
		}
		local, domain, _ := strings.Cut(normal[0], "@")
		err = w.pages(ctx, "/members/find", url.Values{"subscriber": {local + "+*@" + domain}}, w.count, 1, func(_ int, entries []entry, _ bool) (bool, error) {
			for _, e := range entries {
				take(e)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// give hands on a record, if it is the person's.
func (w *walk) give(ctx context.Context, s form, e entry, key, list string, more []connector.Field, change func(*connector.Finding)) error {
	led, confidence := w.whose.Leads(whose(e))
	if len(led) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, s.name, "", ctx.Err())
	}
	if s.name == userForm.name {
		delete(e, "email") // of the address that led here, and no field of the account
	}
	f := w.finding(named{s, list, key}, e, more)
	f.Led, f.Confidence = led, confidence
	if change != nil {
		change(&f)
	}
	w.answer.Outcome = connector.Found
	at := w.cursor()
	if err := w.yield(f, at); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = at
	}
	return nil
}

// finding makes a record of an entry.
func (l *lists) finding(n named, e entry, more []connector.Field) connector.Finding {
	return connector.Finding{
		Reference: n.reference(), Category: n.name, Fields: connector.DistinctFields(append(n.fieldsOf(e), more...)),
		Origin: connector.Origin{Place: n.name, Position: n.key, At: readTime(e.text(n.at)), Mapping: l.connection.Version},
	}
}

func (w *walk) cursor() connector.Cursor {
	s := w.at
	s.Version = w.connection.Version
	c, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers and strings only
	}
	return c
}

// gap counts what could not be read.
func (w *walk) gap(place string) { w.say(place, "connector.gap.mailman") }

func (w *walk) say(place, reason string) {
	for i, g := range w.answer.Gaps {
		if g.Place == place && g.Reason == reason {
			w.answer.Gaps[i].Count++
			return
		}
	}
	w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: place, Reason: reason, Count: 1})
}
