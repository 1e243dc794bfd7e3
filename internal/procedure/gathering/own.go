package gathering

import (
	"regexp"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/person"
)

// offices are the mailboxes by which the inventory says that the authority is
// reached. An office is no other person whose rights Art. 15(4) GDPR protects;
// each address counts by itself and never its domain, since employees are people.
type offices struct {
	addresses []string
	words     []string // that may stand beside an address without naming anybody
}

func officesOf(inv inventory.Inventory) offices {
	var o offices
	a := inv.Authority
	for _, c := range []inventory.Contact{a.Contact, a.DPO} {
		if c.Email != "" && !namesSomebody(c) {
			o.addresses = append(o.addresses, c.Email)
		}
		o.words = append(o.words, wordsOf(c.Name+" "+c.Role)...)
	}
	for _, text := range a.RightsContact {
		o.addresses = append(o.addresses, addressPattern.FindAllString(text, -1)...)
	}
	for _, s := range inv.Systems {
		o.addresses = append(o.addresses, addressPattern.FindAllString(s.Name, -1)...)
	}
	o.words = append(o.words, wordsOf(a.Name+" "+a.Controller)...)
	return o
}

var addressPattern = regexp.MustCompile(`[\pL0-9._+-]+@[\pL0-9.-]+[\pL0-9]`)

// namesSomebody says whether an address is made of the name of the person who
// holds the office: erika.muster@ of Erika Muster.
func namesSomebody(c inventory.Contact) bool {
	local, _, _ := strings.Cut(c.Email, "@")
	parts, name := wordsOf(local), wordsOf(c.Name)
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(part string) bool {
		return !slices.ContainsFunc(name, func(word string) bool { return word == part || len(part) == 1 && strings.HasPrefix(word, part) })
	})
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(person.Fold(s), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127) })
}

// unmark takes the mark of somebody else's data from fields that hold nothing but
// the address of an office.
func (o offices) unmark(f *connector.Finding) {
	for i, field := range f.Fields {
		if field.ThirdParty && o.holds(field.Value.Reveal()) {
			f.Fields = slices.Clone(f.Fields) // the connector may go on with its own
			f.Fields[i].ThirdParty = false
		}
	}
}

// holds says whether a value is one of the addresses, by itself or behind words
// that name the office: whoever wrote from there under a name of their own is
// somebody.
func (o offices) holds(value string) bool {
	beside, address := "", strings.TrimSpace(value)
	if i := strings.LastIndexByte(address, '<'); i >= 0 && strings.HasSuffix(address, ">") {
		beside, address = address[:i], address[i+1:len(address)-1]
	}
	i := slices.IndexFunc(o.addresses, func(own string) bool { return strings.EqualFold(own, address) })
	if i < 0 {
		return false
	}
	known := append(wordsOf(o.addresses[i]), o.words...)
	return !slices.ContainsFunc(wordsOf(beside), func(word string) bool { return !slices.Contains(known, word) })
}
