package inventory

import (
	"strings"

	"einsicht/internal/wording"
)

// Contact is how a body can be reached, as far as the notice says it.
type Contact struct {
	Name, Role        string
	Street, Zip, City string
	POBox, POZip      string
	Phone, Fax        string
	Email, Web        string
}

// IsZero says whether nothing is known.
func (c Contact) IsZero() bool { return c == Contact{} }

// Reachable says whether there is any way to get in touch.
func (c Contact) Reachable() bool {
	return c.Street != "" || c.POBox != "" || c.Phone != "" || c.Email != ""
}

// Address returns the postal address line by line, the P. O. box last.
func (c Contact) Address() []string {
	var lines []string
	if c.Street != "" {
		lines = append(lines, c.Street, strings.TrimSpace(c.Zip+" "+c.City))
	}
	if c.POBox != "" {
		lines = append(lines, c.POBox, strings.TrimSpace(c.POZip+" "+c.City))
	}
	return lines
}

// Lines returns the address and the other ways, each on its line with its name.
func (c Contact) Lines(l wording.Lang) []string {
	lines := c.Address()
	for _, way := range []struct{ key, value string }{
		{"phone", c.Phone}, {"fax", c.Fax}, {"email", c.Email}, {"web", c.Web},
	} {
		if way.value != "" {
			lines = append(lines, wording.Text(l, "inventory.contact."+way.key, "value", way.value))
		}
	}
	return lines
}
