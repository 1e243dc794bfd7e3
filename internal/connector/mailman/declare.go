package mailman

import (
	"fmt"
	"slices"

	"einsicht/internal/connector"
)

// Change says of which sorts of records what may be changed. What it does not say is
// not done.
type Change struct {
	// Erase: a membership ends, a wish or a message that waits is discarded, an address
	// that is shut out no longer is, an address or an account goes when nothing hangs
	// on it any more.
	Erase    []string `yaml:"erase"`
	Rectify  []string `yaml:"rectify"`  // the displayed name of addresses, users
	Restrict []string `yaml:"restrict"` // members: nothing is delivered
	Keep     []Keep   `yaml:"keep"`
}

// Keep names sorts of records that must stay, and why.
type Keep struct {
	Records []string `yaml:"records"`
	Why     string   `yaml:"why"`
}

// forms are all sorts of records, in the order in which they can go: an address after
// what stands on lists under it, an account after its addresses.
var forms = []form{memberForm, requestForm, heldForm, banForm, addressForm, userForm}

// changeable are the sorts with which something can be done.
var changeable = map[connector.Ability][]string{
	connector.CanErase:    {memberForm.name, requestForm.name, heldForm.name, banForm.name, addressForm.name, userForm.name},
	connector.CanRectify:  {addressForm.name, userForm.name},
	connector.CanRestrict: {memberForm.name},
}

// of lists the sorts with which something may be done; none of no declaration.
func (c *Change) of(do connector.Ability) []string {
	if c == nil {
		return nil
	}
	switch do {
	case connector.CanErase:
		return c.Erase
	case connector.CanRectify:
		return c.Rectify
	case connector.CanRestrict:
		return c.Restrict
	}
	return nil
}

func (m mapping) checkChange(c connector.Connection) error {
	if m.Change == nil {
		return nil
	}
	for do, can := range changeable {
		for i, sort := range m.Change.of(do) {
			if !slices.Contains(can, sort) {
				return c.Wrong(fmt.Sprintf("change.%s.%d", do, i), fmt.Sprintf("must be one of %v", can))
			}
		}
	}
	for i, k := range m.Change.Keep {
		at := fmt.Sprintf("change.keep.%d.", i)
		if k.Why == "" {
			return c.Wrong(at+"why", "is missing: the statute, or what needs the records")
		}
		if len(k.Records) == 0 {
			return c.Wrong(at+"records", "is missing")
		}
		for _, sort := range k.Records {
			if !slices.Contains(changeable[connector.CanErase], sort) {
				return c.Wrong(at+"records", fmt.Sprintf("must be of %v", changeable[connector.CanErase]))
			}
			if slices.Contains(m.Change.Erase, sort) {
				return c.Wrong(at+"records", "stands under erase, too")
			}
		}
	}
	return nil
}

// kept says why records of a sort must stay; empty where they need not.
func (c *Change) kept(sort string) string {
	if c == nil {
		return ""
	}
	for _, k := range c.Keep {
		if slices.Contains(k.Records, sort) {
			return k.Why
		}
	}
	return ""
}

// declined says why a change is not tried at all; empty where it is.
func (l *lists) declined(c connector.Change, sort string) (reason string) {
	switch {
	case c.Do == connector.CanErase && l.change.kept(sort) != "":
		return becauseKept
	case !slices.Contains(l.change.of(c.Do), sort), c.Do == connector.CanRectify && len(c.Values) == 0:
		return becauseUndeclared
	}
	if c.Do == connector.CanRectify {
		for name := range c.Values {
			if name != displayed {
				return becauseField
			}
		}
	}
	return ""
}

// displayed is the one field that can be corrected.
const displayed = prefix + "display_name"

// The reasons, as wording keys.
const (
	becauseUndeclared  = "connector.mailman.undeclared"
	becauseField       = "connector.mailman.undeclared_field"
	becauseKept        = "connector.mailman.kept"
	becauseMembership  = "connector.mailman.membership"
	becauseAddress     = "connector.mailman.address"
	becauseUndelivered = "connector.mailman.undelivered"
	becauseRefused     = "connector.mailman.refused"
	becauseStays       = "connector.mailman.stays"
	becauseDenied      = "connector.mailman.denied"
)
