package matomo

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// question is one selection of visits that Matomo is asked for; what it gives
// is compared again here.
type question struct {
	segment string // https://developer.matomo.org/api-reference/reporting-api-segmentation
	date    string
	ids     []uuid.UUID
	probe   string // a segment of cut addresses that might be the person's
}

// always is the date range that Matomo's own search for data subjects uses.
const always = "1998-01-01,today"

// plan is what to ask for a person.
type plan struct {
	questions []question
	first     map[uuid.UUID]int // the question that gives the visits of an identifier
	hosts     []host
	typed     bool // somebody typed an address, which leads nowhere
	cut       bool // an address that looks cut leads nowhere either
}

// host is an address that a record names at a time.
type host struct {
	ip    netip.Addr
	at    time.Time
	value string
}

// visitorID is what the cookie _pk_id starts with.
var visitorID = regexp.MustCompile(`^[0-9a-fA-F]{16}$`)

// usable leaves out what leads nowhere: addresses that somebody only typed, since
// who had one at a time is told by a record or by nobody, and addresses that
// look cut.
func (s *statistics) usable(q connector.Query) (usable connector.Query, typed, cut bool) {
	usable = q
	usable.Identifiers = slices.DeleteFunc(slices.Clone(q.Identifiers), func(id person.Identifier) bool {
		if id.Kind != person.IPTime {
			return id.Kind == person.VisitorID && !visitorID.MatchString(strings.TrimSpace(id.Value.Reveal()))
		}
		ip, _, err := person.ParseIPTime(id.Value.Reveal())
		switch {
		case !id.Verified && id.Record == "":
			typed = true
		case err == nil && isCut(ip):
			cut = true
		default:
			return false
		}
		return true
	})
	return usable, typed, cut
}

func (s *statistics) plan(w connector.Whose) plan {
	p := plan{first: map[uuid.UUID]int{}}
	all := question{date: always}
	var either []string
	add := func(id person.Identifier, condition string) {
		either = append(either, condition)
		all.ids = append(all.ids, id.ID)
	}
	for _, id := range w.Identifiers(person.VisitorID) {
		add(id, "visitorId=="+strings.TrimSpace(id.Value.Reveal()))
	}
	for _, kind := range s.userID {
		for _, id := range w.Identifiers(kind) {
			n, err := person.Normal(kind, id.Value.Reveal())
			if err != nil {
				continue
			}
			operator := "=="
			if kind == person.Email { // the system may have stored it with a tag, or encoded
				n, operator = n[:strings.LastIndexByte(n, '@')], "=@"
			}
			// Matomo decodes the values of a segment once more.
			add(id, "userId"+operator+url.QueryEscape(n))
		}
	}
	if len(either) > 0 {
		all.segment = strings.Join(either, ",")
		p.questions = append(p.questions, all)
	}
	for _, id := range w.Identifiers(person.IPTime) {
		ip, at, err := person.ParseIPTime(id.Value.Reveal())
		if err != nil {
			continue
		}
		p.hosts = append(p.hosts, host{ip: ip, at: at, value: person.FormatIPTime(ip, at)})
		var cut []string
		for _, c := range cuts(ip) {
			cut = append(cut, "visitIp=="+c.String())
		}
		p.questions = append(p.questions, question{
			segment: "visitIp==" + ip.String(), probe: strings.Join(cut, ","), ids: []uuid.UUID{id.ID},
			// Days are those of the site's time zone: one more at both ends.
			date: at.UTC().AddDate(0, 0, -1).Format(time.DateOnly) + "," + at.UTC().AddDate(0, 0, 1).Format(time.DateOnly),
		})
	}
	for i, q := range p.questions {
		for _, id := range q.ids {
			p.first[id] = i
		}
	}
	return p
}

// values are what a visit says about whom it concerns. A visit lasts: an
// address leads to it where the visit was going on within the window.
func (s *statistics) values(p plan, v visit) connector.Values {
	values := connector.Values{}
	if v.VisitorID != "" {
		values[person.VisitorID] = []string{string(v.VisitorID)}
	}
	for _, kind := range s.userID {
		if v.UserID != "" {
			values[kind] = []string{string(v.UserID)}
		}
	}
	ip, err := netip.ParseAddr(string(v.IP))
	if err != nil || isCut(ip) {
		return values
	}
	for _, h := range p.hosts {
		if h.ip == ip.Unmap().WithZone("") && v.during(h.at, s.mapping.Window) {
			values[person.IPTime] = append(values[person.IPTime], h.value)
		}
	}
	return values
}

// isCut says that Matomo's anonymiser may have made an address: the last byte
// of IPv4 or the last eight of IPv6 are nought.
func isCut(ip netip.Addr) bool { return slices.Contains(cuts(ip), ip.Unmap()) }

// cuts are what the anonymiser makes of an address: of IPv4 it takes one, two or
// three bytes, of IPv6 all but 64, 48 or 24 bits (PrivacyManager/IPAnonymizer).
func cuts(ip netip.Addr) []netip.Addr {
	ip = ip.Unmap().WithZone("")
	bits := []int{24, 16, 8}
	if ip.Is6() {
		bits = []int{64, 48, 24}
	}
	var all []netip.Addr
	for _, b := range bits {
		if p, err := ip.Prefix(b); err == nil && !slices.Contains(all, p.Addr()) {
			all = append(all, p.Addr())
		}
	}
	return all
}
