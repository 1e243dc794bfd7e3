package inventory

import "strings"

// Imprint holds the facts of the provider's identification (Impressum, § 5 DDG).
type Imprint struct {
	Name        string
	Controller  string // legal person and representation as the notice puts it; empty: not said
	Contact     Contact
	Supervisory Supervision
	Gaps        []string // wording keys of what the authority still has to add
}

// Imprint returns what is known for the authority's imprint.
func (a Authority) Imprint() Imprint {
	i := Imprint{Name: a.Name, Controller: a.Controller, Contact: a.Contact, Supervisory: a.Complaints()}
	if !strings.Contains(a.Controller, "vertreten durch") {
		i.Gaps = append(i.Gaps, "inventory.gap.representation")
	}
	i.Gaps = append(i.Gaps, a.contactGaps()...)
	return i
}

// contactGaps lists what § 5(1) No. 1, 2 DDG wants and the notice does not say.
func (a Authority) contactGaps() []string {
	switch {
	case !a.Contact.Reachable():
		return []string{"inventory.gap.contact"}
	case a.Contact.Email == "":
		return []string{"inventory.gap.email"}
	}
	return nil
}
