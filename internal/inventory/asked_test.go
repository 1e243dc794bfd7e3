package inventory

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/person"
)

// The form asks for what the register says a system is searched by. A system that
// keeps names to sign in with is found by them.
func TestWhereAnAccountIsKeptTheFormAsksForIt(t *testing.T) {
	keep := 0
	for _, inv := range Shipped() {
		for _, s := range inv.Systems {
			if !slices.ContainsFunc(append(slices.Clone(s.Fields), s.FieldsInferred...), func(f string) bool { return strings.HasPrefix(f, "Benutzername") }) {
				continue
			}
			if keep++; !slices.Contains(s.Identifiers, person.Account) {
				t.Errorf("%s keeps names to sign in with, and is not searched by them", s.ID)
			}
		}
	}
	if keep < 5 {
		t.Errorf("got %d systems that keep names to sign in with: this checks nothing", keep)
	}
}
