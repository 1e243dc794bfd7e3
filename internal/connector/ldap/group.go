package ldap

import (
	"slices"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// groups gives the groups of one reach that name an entry: that it belongs to
// them, what they are, and nobody else who does.
func (w *walk) groups(i int, r *record, led [][]uuid.UUID, c connector.Confidence, after string) error {
	to := w.d.mapping.Reach[i]
	named := to.named(r)
	if len(named) == 0 {
		return nil
	}
	var dns []string
	place := "ldap." + reachKey(i, "base")
	gap := func(g connector.Gap) {
		if after == "" { // else it was said with the groups before
			w.answer.Gaps = append(w.answer.Gaps, g)
		}
	}
	request := &ldap.SearchRequest{BaseDN: to.Base, Scope: ldap.ScopeWholeSubtree, Filter: to.holding(named), Attributes: []string{"1.1"}}
	for pages := w.pages(request, place, gap); !pages.done; {
		entries, err := pages.next()
		if err != nil {
			return err
		}
		for _, e := range entries {
			dns = append(dns, e.DN)
		}
		if len(dns) > w.d.sortable {
			gap(connector.Gap{Place: to.Base, Reason: "connector.gap.ldap_limit", Count: 1})
			break
		}
	}
	slices.SortFunc(dns, inOrder)
	if after != "" {
		dns = slices.DeleteFunc(dns, func(dn string) bool { return inOrder(dn, after) <= 0 })
	}
	for part := range slices.Chunk(dns, chunk) {
		records, err := w.readAll(part, place, to.names)
		if err != nil {
			return err
		}
		for _, g := range records {
			if g == nil {
				continue
			}
			f := w.membership(to, g, named[0], "entry/"+w.d.mapping.key(r))
			f.Led, f.Confidence = led, c
			if err := w.give(f, position{DN: r.DN, Reach: i + 1, Group: g.DN}); err != nil {
				return err
			}
		}
	}
	return nil
}

// named is how groups name an entry.
func (r reach) named(entry *record) []string {
	if r.Value == "" {
		return []string{entry.DN}
	}
	return entry.values(r.Value)
}

// holding is a filter for the groups that name one of some values.
func (r reach) holding(named []string) string {
	var names []string
	for _, v := range named {
		names = append(names, "("+r.FilterAttribute+"="+ldap.EscapeFilter(v)+")")
	}
	return all("|", names)
}

// membership is what a group says about itself, and that it names an entry. When
// the group was changed last is left out: mostly it is about somebody else.
func (w *walk) membership(to reach, g *record, named, entry string) connector.Finding {
	m := &w.d.mapping
	own := m.field(to.FilterAttribute, named)
	own.ThirdParty, own.Unmapped = false, false
	f := connector.Finding{
		Reference: "group/" + m.key(g) + "/" + entry, Category: "group", Label: to.Label,
		Fields: connector.DistinctFields(append([]connector.Field{own}, w.fields(g.without(isMoving))...)),
		Origin: connector.Origin{Place: to.Base, Position: g.DN, At: generalizedTime(g.first(m.At)), Mapping: w.d.connection.Version},
	}
	return f
}
