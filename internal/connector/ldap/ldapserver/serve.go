package ldapserver

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"net"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// client is one connection.
type client struct {
	*Server
	in     *bufio.Reader
	out    *bufio.Writer
	signed bool
	writes bool
	rest   int // how many entries it may still get
	list   []attribute
}

// serve answers one client until it leaves or says something odd.
func (s *Server) serve(c net.Conn) {
	if s.options.TLS != nil && !s.options.StartTLS {
		c = tls.Server(c, s.options.TLS)
	}
	cl := &client{Server: s, in: bufio.NewReader(c), out: bufio.NewWriter(c), signed: s.options.BindDN == ""}
	for {
		p, err := ber.ReadPacket(cl.in)
		if err != nil || len(p.Children) < 2 {
			return
		}
		id, ok := p.Children[0].Value.(int64)
		if !ok {
			return
		}
		switch op := p.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			cl.bind(id, op)
		case ldap.ApplicationSearchRequest:
			s.searches.Add(1)
			cl.search(id, op, p.Children[2:])
		case ldap.ApplicationExtendedRequest:
			if s.options.TLS == nil || !s.options.StartTLS {
				cl.done(id, ldap.ApplicationExtendedResponse, ldap.LDAPResultUnwillingToPerform)
				break
			}
			cl.done(id, ldap.ApplicationExtendedResponse, ldap.LDAPResultSuccess)
			if cl.out.Flush() != nil {
				return
			}
			c = tls.Server(c, s.options.TLS)
			cl.in, cl.out = bufio.NewReader(c), bufio.NewWriter(c)
		case ldap.ApplicationUnbindRequest:
			return
		case ldap.ApplicationAbandonRequest:
		case ldap.ApplicationModifyRequest:
			cl.done(id, op.Tag+1, cl.modify(op, p.Children[2:]))
		case ldap.ApplicationDelRequest:
			cl.done(id, ldap.ApplicationDelResponse, cl.remove(text(op), p.Children[2:]))
		default:
			cl.done(id, op.Tag+1, ldap.LDAPResultUnwillingToPerform)
		}
		if cl.out.Flush() != nil {
			return
		}
	}
}

func (cl *client) bind(id int64, op *ber.Packet) {
	o := cl.options
	result := uint16(ldap.LDAPResultInvalidCredentials)
	is := func(dn, password string) bool {
		return len(op.Children) == 3 && strings.EqualFold(text(op.Children[1]), dn) && text(op.Children[2]) == password
	}
	if cl.writes = o.ChangeBindDN != "" && is(o.ChangeBindDN, o.ChangePassword); cl.writes || is(o.BindDN, o.Password) {
		result, cl.signed = ldap.LDAPResultSuccess, true
	}
	cl.done(id, ldap.ApplicationBindResponse, result)
}

// text gives the bytes of a primitive, whatever its tag.
func text(p *ber.Packet) string { return p.Data.String() }

func (cl *client) done(id int64, tag ber.Tag, result uint16, controls ...ldap.Control) {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(result), ""))
	p.AppendChild(octets("")) // the name that matched
	p.AppendChild(octets("")) // a text for people: none, since it would quote
	cl.send(id, p, controls...)
}

func (cl *client) send(id int64, op *ber.Packet, controls ...ldap.Control) {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	if len(controls) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, c := range controls {
			list.AppendChild(c.Encode())
		}
		p.AppendChild(list)
	}
	_, _ = cl.out.Write(p.Bytes()) // Flush tells
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// search answers a search request (RFC 4511, 4.5.1).
func (cl *client) search(id int64, op *ber.Packet, more []*ber.Packet) {
	finish := func(result uint16, controls ...ldap.Control) {
		cl.done(id, ldap.ApplicationSearchResultDone, result, controls...)
	}
	if !cl.signed {
		finish(ldap.LDAPResultInsufficientAccessRights)
		return
	}
	if len(op.Children) < 8 {
		finish(ldap.LDAPResultProtocolError)
		return
	}
	scope, _ := op.Children[1].Value.(int64)
	namesOnly, _ := op.Children[5].Value.(bool)
	want := selection(op.Children[7])
	base, filter := strings.ToLower(text(op.Children[0])), op.Children[6]
	give := func(e Entry) { cl.entry(id, e, want, namesOnly) }
	entries := *cl.held.Load()
	if base == "" && scope == ldap.ScopeBaseObject {
		give(Entry{Attributes: map[string][]string{"objectClass": {"top"}, "supportedControl": {assertion}}})
		finish(ldap.LDAPResultSuccess)
		return
	}
	if at, ok := entries.Find(base); scope == ldap.ScopeBaseObject {
		if !ok {
			finish(ldap.LDAPResultNoSuchObject)
			return
		}
		if e := entries.Entry(at); holds(filter, e) {
			give(e)
		}
		finish(ldap.LDAPResultSuccess)
		return
	} else if !ok {
		finish(ldap.LDAPResultNoSuchObject)
		return
	}
	page := pageOf(more)
	start := 0
	if page != nil && len(page.Cookie) == 8 {
		start = int(binary.BigEndian.Uint64(page.Cookie))
	} else {
		cl.rest = cl.options.SizeLimit
		cl.refer(id)
	}
	given := 0
	for i := start; i < entries.Len(); i++ {
		e := entries.Entry(i)
		if !below(strings.ToLower(e.DN), base, scope) || !holds(filter, e) {
			continue
		}
		if page != nil && given == int(page.PagingSize) {
			finish(ldap.LDAPResultSuccess, &ldap.ControlPaging{Cookie: binary.BigEndian.AppendUint64(nil, uint64(i))})
			return
		}
		if cl.options.SizeLimit > 0 && cl.rest == 0 {
			finish(ldap.LDAPResultSizeLimitExceeded)
			return
		}
		cl.rest--
		given++
		give(e)
	}
	if page != nil {
		finish(ldap.LDAPResultSuccess, &ldap.ControlPaging{})
		return
	}
	finish(ldap.LDAPResultSuccess)
}

func (cl *client) refer(id int64) {
	if cl.options.Referral == "" {
		return
	}
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
	p.AppendChild(octets(cl.options.Referral))
	cl.send(id, p)
}

// entry gives an entry (RFC 4511, 4.5.2).
func (cl *client) entry(id int64, e Entry, want func(string) bool, namesOnly bool) {
	list := cl.list[:0]
	for name, values := range e.Attributes {
		if !want(name) {
			continue
		}
		if namesOnly {
			values = nil
		}
		list = append(list, attribute{name, values})
	}
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	if _, numbered := e.Attributes[entryUUID]; !numbered && want(entryUUID) {
		a := attribute{name: entryUUID}
		if !namesOnly {
			a.values = values(e, entryUUID)
		}
		list = append(list, a)
	}
	cl.list = list
	writeEntry(cl.out, id, e.DN, list) // Flush tells
}

func pageOf(more []*ber.Packet) *ldap.ControlPaging {
	for _, list := range more {
		for _, c := range list.Children {
			decoded, err := ldap.DecodeControl(c)
			if p, ok := decoded.(*ldap.ControlPaging); err == nil && ok {
				return p
			}
		}
	}
	return nil
}

func below(dn, base string, scope int64) bool {
	if scope == ldap.ScopeSingleLevel {
		return parent(dn) == base
	}
	return dn == base || strings.HasSuffix(dn, ","+base)
}
