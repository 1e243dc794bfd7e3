package ldap

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// record is an entry that is the person's, as far as it may be read.
type record struct {
	*ldap.Entry
	withheld []string // attributes that it has and nobody may read
}

// values gives what an attribute holds, with and without options.
func (r *record) values(name string) []string {
	var all []string
	for _, a := range r.Attributes {
		if strings.EqualFold(a.Name, name) || strings.EqualFold(bare(a.Name), name) {
			all = append(all, a.Values...)
		}
	}
	return all
}

// without leaves attributes out.
func (r *record) without(skip func(name string) bool) *record {
	e := *r.Entry
	e.Attributes = slices.DeleteFunc(slices.Clone(e.Attributes), func(a *ldap.EntryAttribute) bool { return skip(a.Name) })
	return &record{Entry: &e, withheld: r.withheld}
}

func (r *record) first(name string) string {
	if v := r.values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// atOnce is how many entries are read at the same time over one connection.
const atOnce = 4

// readAll reads entries by their names, in this order; one that is gone in the
// meantime is nil.
func (s *session) readAll(dns []string, place string, skip func(attribute string) bool) ([]*record, error) {
	records, failures := make([]*record, len(dns)), make([]error, len(dns))
	var wg sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i, dn := range dns {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			records[i], failures[i] = s.read(dn, place, skip)
		})
	}
	wg.Wait()
	for _, err := range failures {
		if err != nil && !errors.Is(err, errGone) {
			return nil, err
		}
	}
	return records, nil
}

// read reads one entry: first which attributes it has, then the values of those
// that are no secret and that skip does not leave out.
func (s *session) read(dn, place string, skip func(string) bool) (*record, error) {
	m := &s.d.mapping
	names, err := s.one(&ldap.SearchRequest{BaseDN: dn, TypesOnly: true, Filter: "(objectClass=*)", Attributes: []string{"*", "+"}}, place)
	if err != nil {
		return nil, err
	}
	r := &record{}
	var readable []string
	for _, a := range names.Attributes {
		switch {
		case m.isSecret(a.Name):
			r.withheld = append(r.withheld, a.Name)
		case !skip(a.Name):
			readable = append(readable, a.Name)
		}
	}
	if err := s.addHidden(r, dn, place, s.d.secrets); err != nil {
		return nil, err
	}
	if len(readable) == 0 {
		readable = []string{"1.1"} // none (RFC 4511, 4.5.1.8)
	}
	if r.Entry, err = s.one(&ldap.SearchRequest{BaseDN: dn, Filter: "(objectClass=*)", Attributes: readable}, place); err != nil {
		return nil, err
	}
	r.Attributes = slices.DeleteFunc(r.Attributes, func(a *ldap.EntryAttribute) bool { return m.isSecret(a.Name) || skip(a.Name) })
	return r, nil
}

// addHidden asks for secrets that the reader may look for, but not read: the
// right that such an account should have.
func (s *session) addHidden(r *record, dn, place string, secrets []string) error {
	var unseen []string
	for _, name := range secrets {
		if !slices.ContainsFunc(r.withheld, func(w string) bool { return strings.EqualFold(bare(w), name) }) {
			unseen = append(unseen, name)
		}
	}
	if len(unseen) == 0 {
		return nil
	}
	if has, err := s.has(dn, place, unseen...); !has || err != nil {
		return err
	}
	for _, name := range unseen {
		switch has, err := s.has(dn, place, name); {
		case err != nil:
			return err
		case has:
			r.withheld = append(r.withheld, name)
		}
	}
	return nil
}

// has asks whether an entry has any of the attributes.
func (s *session) has(dn, place string, names ...string) (bool, error) {
	var present []string
	for _, name := range names {
		present = append(present, "("+name+"=*)")
	}
	_, err := s.one(&ldap.SearchRequest{BaseDN: dn, Filter: all("|", present), Attributes: []string{"1.1"}}, place)
	if errors.Is(err, errGone) {
		return false, nil
	}
	return err == nil, err
}

// errGone: there is no such entry, or none that a filter holds for.
var errGone = errors.New("entry is gone")

// one asks for a single entry.
func (s *session) one(r *ldap.SearchRequest, place string) (*ldap.Entry, error) {
	r.Scope = ldap.ScopeBaseObject
	res, err := s.search(r, place)
	var f *connector.Failure
	if errors.As(err, &f) && f.Code == code(ldap.LDAPResultNoSuchObject) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	if len(res.Entries) == 0 {
		return nil, errGone
	}
	return res.Entries[0], nil
}

// pageSize is how many entries a directory gives at once (RFC 2696).
const pageSize = 200

// pager goes through the answer to one question page by page. The cookie of a
// page ends with its connection, so a question that goes on later starts at
// the first page.
type pager struct {
	s      *session
	r      *ldap.SearchRequest
	place  string
	paging *ldap.ControlPaging
	gap    func(connector.Gap)
	done   bool
	// elsewhere counts what lies on other servers.
	elsewhere int
}

func (s *session) pages(r *ldap.SearchRequest, place string, gap func(connector.Gap)) *pager {
	p := &pager{s: s, r: r, place: place, paging: ldap.NewControlPaging(pageSize), gap: gap}
	r.Controls = []ldap.Control{p.paging}
	return p
}

// next gives the next page; an empty one may be followed by more.
func (p *pager) next() ([]*ldap.Entry, error) {
	res, err := p.s.search(p.r, p.place)
	var f *connector.Failure
	limited := errors.As(err, &f) && (f.Code == code(ldap.LDAPResultSizeLimitExceeded) || f.Code == code(ldap.LDAPResultAdminLimitExceeded))
	if err != nil && !limited {
		return nil, err
	}
	p.elsewhere += len(res.Referrals) // never followed: they lead to other hosts
	next, ok := ldap.FindControl(res.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
	if p.done = limited || !ok || len(next.Cookie) == 0; !p.done {
		p.paging.SetCookie(next.Cookie)
	}
	if limited {
		p.gap(connector.Gap{Place: p.r.BaseDN, Reason: "connector.gap.ldap_limit", Count: 1})
	}
	if p.done && p.elsewhere > 0 {
		p.gap(connector.Gap{Place: p.r.BaseDN, Reason: "connector.gap.ldap_referral", Count: p.elsewhere})
	}
	return res.Entries, nil
}
