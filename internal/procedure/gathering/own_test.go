package gathering

import (
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/person"
)

func TestTheAuthoritysOwnMailboxesAreNobodyElse(t *testing.T) {
	o := officesOf(inventory.Inventory{
		Authority: inventory.Authority{
			Name: "Staatskanzlei NRW", Controller: "Land Nordrhein-Westfalen",
			Contact:            inventory.Contact{Email: "poststelle@stk.nrw.de"},
			DPO:                inventory.Contact{Name: "Dr. Erika Muster", Role: "Datenschutzbeauftragte", Email: "e.muster@stk.nrw.de"},
			SupervisoryContact: inventory.Contact{Email: "poststelle@ldi.nrw.de"},
			RightsContact:      map[law.Right]string{law.Objection: "datenschutz@stk.nrw.de, oder schriftlich"},
		},
		Systems: []inventory.System{{Name: "Kontaktformular und nrwdirekt@nrw.de"}},
	})
	for _, c := range []struct {
		name, value string
		theirs      bool
	}{
		{"the address of the office", "poststelle@stk.nrw.de", false},
		{"in other letters", " Poststelle@STK.nrw.de", false},
		{"with its name beside", "Poststelle <poststelle@stk.nrw.de>", false},
		{"with the authority's name beside", "\"Staatskanzlei NRW, Poststelle\" <poststelle@stk.nrw.de>", false},
		{"one that the inventory names for a right", "<datenschutz@stk.nrw.de>", false},
		{"one that a system is named after", "nrwdirekt@nrw.de", false},
		{"an employee", "max.kollege@stk.nrw.de", true},
		{"an employee who writes from the office's address", "Max Kollege <poststelle@stk.nrw.de>", true},
		{"an officer whose address is their name", "e.muster@stk.nrw.de", true},
		{"another authority", "poststelle@ldi.nrw.de", true},
		{"the office and somebody", "poststelle@stk.nrw.de, max@example.org", true},
		{"a sentence with the address", "Bitte an poststelle@stk.nrw.de", true},
		{"nothing", "", true},
	} {
		f := connector.Finding{Fields: []connector.Field{{Name: "mail_to", Value: person.NewText(c.value), ThirdParty: true}, {Name: "mail_cc", Value: person.NewText("x@example.org"), ThirdParty: true}}}
		r := run{offices: o}
		if err := (&Gathering{}).take(t.Context(), &r, f, nil); err != nil {
			t.Fatal(err)
		}
		if got := r.findings[0].Fields[0].ThirdParty; got != c.theirs || !r.findings[0].Fields[1].ThirdParty {
			t.Errorf("%s: got somebody else's: %v, want %v", c.name, got, c.theirs)
		}
		if !f.Fields[0].ThirdParty {
			t.Errorf("%s: the connector's own record was changed", c.name)
		}
	}
}

func TestTheShippedInventoriesNameTheirMailboxes(t *testing.T) {
	for _, inv := range inventory.Shipped() {
		if email := inv.Authority.Contact.Email; email != "" && !officesOf(inv).holds(email) {
			t.Errorf("%s: its own mailbox counts as somebody else's", inv.Authority.ID)
		}
	}
}
