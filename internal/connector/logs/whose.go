package logs

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// MaxWindow is how far a line may be from the time at which a record names its
// address, at most and if nothing is said: addresses change hands.
const MaxWindow = 10 * time.Minute

// Window reads the key "window" of a connection.
func Window(c connector.Connection, declared time.Duration) (time.Duration, error) {
	if declared == 0 {
		return MaxWindow, nil
	}
	if declared < 0 || declared > MaxWindow {
		return 0, c.Wrong("window", "must be 10m at most")
	}
	return declared, nil
}

// Whose tells whose line a line is: by what it names, as Connection.Whose
// compares it, and by its address at a time that a record of the person names.
type Whose struct {
	whose   connector.Whose
	near    []address
	window  time.Duration
	typed   bool
	needles []Needle
	every   bool // no needles can be told
}

type address struct {
	value string // of the identifier
	ip    netip.Addr
	at    time.Time
}

// NewWhose prepares the comparison for a question. Addresses that are neither
// verified nor named by a record lead nowhere.
func NewWhose(c connector.Connection, q connector.Query, window time.Duration) (Whose, error) {
	w := Whose{window: window}
	byAddress := slices.ContainsFunc(c.Match, func(m connector.Match) bool { return slices.Contains(m.By, person.IPTime) })
	var may []person.Identifier
	for _, id := range q.Identifiers {
		if id.Kind == person.IPTime && !id.Verified && id.Record == "" {
			w.typed = w.typed || byAddress
			continue
		}
		may = append(may, id)
	}
	q.Identifiers = may
	var err error
	if w.whose, err = c.Whose(q); err != nil {
		return w, err
	}
	for _, kind := range person.IdentifierKinds {
		for _, id := range w.whose.Identifiers(kind) {
			w.add(kind, id.Value.Reveal())
		}
	}
	return w, nil
}

func (w *Whose) add(kind person.IdentifierKind, value string) {
	needle, fold := "", true
	if kind == person.IPTime {
		ip, at, err := person.ParseIPTime(value)
		if err != nil {
			return
		}
		w.near = append(w.near, address{value: value, ip: ip, at: at})
		needle, fold = ip.String(), ip.Is6()
	} else if n, err := person.Normal(kind, value); err == nil {
		needle, fold = steady(n), kind != person.SSHFingerprint
	}
	n, ok := NewNeedle(needle, fold)
	if !ok {
		w.every = true
	}
	w.needles = append(w.needles, n)
}

// steady is the longest part of a value that each server writes in the same
// way, but for capital letters: without what is percent-encoded or escaped.
// The part in front of an @ tells more than the domain.
func steady(value string) string {
	local, _, _ := strings.Cut(value, "@")
	for _, part := range []string{local, value} {
		best := ""
		for _, run := range strings.FieldsFunc(part, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.:", r))
		}) {
			if len(run) > len(best) {
				best = run
			}
		}
		if len(best) >= 3 {
			return best
		}
	}
	return ""
}

// Nobody says that there is nothing to search by.
func (w Whose) Nobody() bool { return w.whose.Nobody() }

// Reason is what an answer says: why nothing can be told where somebody only
// typed an address; rest, the kind's own sentence, where there is something to
// search by.
func (w Whose) Reason(rest string) string {
	switch {
	case w.typed:
		return "connector.logs.typed_address"
	case w.Nobody():
		return "connector.no_identifier"
	}
	return rest
}

// Needles are strings of which a line of the person holds one; none where that
// can't be told, and each line has to be looked at. They are for kinds that
// compare Email, Account, IPTime, SSHFingerprint and the like, not for text
// that the kind decodes first.
func (w Whose) Needles() []Needle {
	if w.every {
		return nil
	}
	return w.needles
}

// Leads gives the identifiers that tie a line to the person, by what it names
// and by its address, empty where it has none, at its time.
func (w Whose) Leads(v connector.Values, host string, at time.Time) (led [][]uuid.UUID, c connector.Confidence) {
	if near := w.nearby(host, at); len(near) > 0 {
		if v == nil {
			v = connector.Values{}
		}
		v[person.IPTime] = near
	}
	if len(v) == 0 {
		return nil, connector.Check
	}
	return w.whose.Leads(v)
}

// nearby gives the identifiers whose address a line has at about their time.
func (w Whose) nearby(host string, at time.Time) (values []string) {
	if len(w.near) == 0 || host == "" || at.IsZero() {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	ip = ip.Unmap().WithZone("")
	for _, a := range w.near {
		if a.ip == ip && at.Sub(a.at).Abs() <= w.window {
			values = append(values, a.value)
		}
	}
	return values
}

// Identifiers lists the identifiers of a kind that take part in any set.
func (w Whose) Identifiers(k person.IdentifierKind) []person.Identifier {
	return w.whose.Identifiers(k)
}

// User puts a name that somebody signed in with where it can lead: it is an
// account, and where it looks like one, a mail address.
func User(name string) connector.Values {
	name = strings.Trim(name, `"`)
	if name == "" || name == "-" {
		return nil
	}
	v := connector.Values{person.Account: {name}}
	if strings.Contains(name, "@") || strings.Contains(name, "%40") {
		v[person.Email] = []string{name}
	}
	return v
}

// Text reads bytes of a log as text: UTF-8 or, where they can't be that, the
// Western European charset that older programs write.
func Text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(s)
}
