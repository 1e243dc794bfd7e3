package ldap

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-ldap/ldap/v3"

	"einsicht/internal/connector"
)

// refusal is a change that the directory, or the connection file, does not take.
// Others go on.
type refusal struct {
	state  connector.EffectState
	reason string
}

func (r *refusal) Error() string { return r.reason }

// The reasons, as wording keys.
const (
	becauseReadOnly   = "connector.ldap.read_only"
	becauseUndeclared = "connector.ldap.undeclared"
	becauseField      = "connector.ldap.undeclared_field"
	becauseAmbiguous  = "connector.ldap.ambiguous"
	becauseKept       = "connector.ldap.kept"
	becauseOpen       = "connector.ldap.open_attributes"
	becauseChildren   = "connector.ldap.children"
	becauseMember     = "connector.ldap.member"
	becauseLastMember = "connector.ldap.last_member"
	becauseStopped    = "connector.ldap.stopped"
	becauseMust       = "connector.ldap.must"
	becauseNaming     = "connector.ldap.naming"
	becauseOtherMark  = "connector.ldap.other_mark"
	becauseValue      = "connector.ldap.value"
	becauseElsewhere  = "connector.ldap.elsewhere"
	becauseRefused    = "connector.ldap.refused"
	becauseDenied     = "connector.ldap.denied"
)

// assertion is the control by which a change is made only if a filter holds for the
// entry at that moment (RFC 4528).
const assertion = "1.3.6.1.1.12"

// takesConditions asks whether a directory knows it.
func (s *session) takesConditions() (bool, error) {
	root, err := s.search(&ldap.SearchRequest{Scope: ldap.ScopeBaseObject, Filter: "(objectClass=*)", Attributes: []string{"supportedControl"}}, "ldap.url")
	if errors.Is(err, connector.ErrConfig) {
		return false, nil // it keeps to itself what it can do
	}
	if err != nil {
		return false, err
	}
	return len(root.Entries) > 0 && slices.Contains(root.Entries[0].GetEqualFoldAttributeValues("supportedControl"), assertion), nil
}

func onlyIf(filter string) (ldap.Control, error) {
	p, err := ldap.CompileFilter(filter)
	if err != nil {
		return nil, connector.Fail(connector.ErrBroken, "ldap.base", "condition", nil)
	}
	return ldap.NewControlString(assertion, true, string(p.Bytes())), nil
}

// never holds for no entry: a directory that is asked so to delete one says only
// whether the account might.
const never = "(!(objectClass=*))"

// unchanged is the condition that nobody has changed an entry since it was read;
// empty where the directory knows none, or does not number its changes.
func (c *changing) unchanged(entry *record) string {
	if csn := entry.first("entryCSN"); c.d.asserts && csn != "" {
		return "(entryCSN=" + ldap.EscapeFilter(csn) + ")"
	}
	return ""
}

// account signs in the one that changes.
func (c *changing) account() (*session, error) {
	if c.writer == nil {
		s, err := c.d.dialAs(c.ctx, signer{c.d.mapping.ChangeBindDN, "ldap.change_bind_dn", "change_password"})
		if err != nil {
			return nil, err
		}
		c.writer = s
	}
	return c.writer, nil
}

// remove deletes an entry if it is still as it was compared.
func (c *changing) remove(entry *record) error {
	w, err := c.account()
	if err != nil {
		return err
	}
	r := ldap.NewDelRequest(entry.DN, nil)
	if condition := c.unchanged(entry); condition != "" {
		control, err := onlyIf(condition)
		if err != nil {
			return err
		}
		r.Controls = []ldap.Control{control}
	} else if err := c.stillAsRead(entry); err != nil {
		return err
	}
	if err := c.ctx.Err(); err != nil {
		return connector.Fail(connector.ErrUnreachable, "ldap.base", "", err)
	}
	return c.said(w, entry.DN, w.Del(r))
}

// stillAsRead compares once more where the directory knows no conditions.
func (c *changing) stillAsRead(entry *record) error {
	now, err := c.session.read(entry.DN, "ldap.base", func(string) bool { return false })
	if errors.Is(err, errGone) {
		return &refusal{state: connector.Missing}
	}
	if err == nil && !bytes.Equal(c.finding(now, nil, connector.Check).Fingerprint(), c.finding(entry, nil, connector.Check).Fingerprint()) {
		return &refusal{state: connector.Differs}
	}
	return err
}

// modify writes edits. Where the directory knows no conditions, the values that were
// there are named: if one of them is gone, nothing is written (RFC 4511, 4.6).
func (c *changing) modify(entry *record, edits []edit) error {
	condition := c.unchanged(entry)
	if condition == "" {
		err := c.write(entry.DN, func(r *ldap.ModifyRequest) {
			for _, e := range edits {
				switch {
				case e.secret:
					r.Replace(e.name, e.new)
					continue
				case len(e.old) > 0:
					r.Delete(e.name, e.old)
				}
				if len(e.new) > 0 {
					r.Add(e.name, e.new)
				}
			}
		})
		if !errors.Is(err, errIncomparable) {
			return err
		}
		if err := c.stillAsRead(entry); err != nil {
			return err
		}
	}
	return c.write(entry.DN, func(r *ldap.ModifyRequest) {
		for _, e := range edits {
			r.Replace(e.name, e.new)
		}
		if condition != "" {
			if control, err := onlyIf(condition); err == nil { // the number of a change, escaped
				r.Controls = []ldap.Control{control}
			}
		}
	})
}

// write sends one modification.
func (c *changing) write(dn string, fill func(*ldap.ModifyRequest)) error {
	w, err := c.account()
	if err != nil {
		return err
	}
	r := ldap.NewModifyRequest(dn, nil)
	fill(r)
	if err := c.ctx.Err(); err != nil {
		return connector.Fail(connector.ErrUnreachable, "ldap.base", "", err)
	}
	return c.said(w, dn, w.Modify(r))
}

// errIncomparable: an attribute has values that a directory can't compare.
var errIncomparable = errors.New("values can't be compared")

// refusals are what results mean for one change (RFC 4511, appendix A).
var refusals = map[uint16]refusal{
	ldap.LDAPResultInsufficientAccessRights:     {connector.Denied, becauseDenied},
	ldap.LDAPResultAssertionFailed:              {connector.Differs, ""},
	ldap.LDAPResultNoSuchAttribute:              {connector.Differs, ""},
	ldap.LDAPResultNotAllowedOnNonLeaf:          {connector.Hindered, becauseChildren},
	ldap.LDAPResultObjectClassViolation:         {connector.Hindered, becauseMust},
	ldap.LDAPResultNotAllowedOnRDN:              {connector.Hindered, becauseNaming},
	ldap.LDAPResultNamingViolation:              {connector.Hindered, becauseNaming},
	ldap.LDAPResultConstraintViolation:          {connector.Hindered, becauseValue},
	ldap.LDAPResultInvalidAttributeSyntax:       {connector.Hindered, becauseValue},
	ldap.LDAPResultAttributeOrValueExists:       {connector.Hindered, becauseValue},
	ldap.LDAPResultUndefinedAttributeType:       {connector.Hindered, becauseValue},
	ldap.LDAPResultReferral:                     {connector.Hindered, becauseElsewhere},
	ldap.LDAPResultUnwillingToPerform:           {connector.Hindered, becauseRefused},
	ldap.LDAPResultEntryAlreadyExists:           {connector.Hindered, becauseRefused},
	ldap.LDAPResultAffectsMultipleDSAs:          {connector.Hindered, becauseElsewhere},
	ldap.LDAPResultUnavailableCriticalExtension: {connector.Hindered, becauseRefused},
}

// said translates what a directory says to a change.
func (c *changing) said(w *session, dn string, err error) error {
	var answered *ldap.Error
	if err == nil || c.ctx.Err() != nil || !errors.As(err, &answered) {
		if err == nil {
			return nil
		}
		return w.failure("ldap.base", err)
	}
	if r, known := refusals[answered.ResultCode]; known {
		return &r
	}
	switch answered.ResultCode {
	case ldap.LDAPResultInappropriateMatching:
		return errIncomparable
	case ldap.LDAPResultNoSuchObject: // gone, or hidden from the account
		there, err := c.holds(dn, "ldap.base", "(objectClass=*)")
		if err != nil {
			return err
		}
		if there {
			return &refusal{connector.Denied, becauseDenied}
		}
		return &refusal{state: connector.Missing}
	}
	return w.failure("ldap.base", err)
}

// mayDelete asks whether the account might delete an entry. Only a directory that
// knows conditions can be asked.
func (c *changing) mayDelete(entry *record) error {
	if err := c.sees(entry); err != nil || !c.d.asserts {
		return err
	}
	control, err := onlyIf(never)
	if err != nil {
		return err
	}
	r := ldap.NewDelRequest(entry.DN, []ldap.Control{control})
	return c.denied(c.said(c.writer, entry.DN, c.writer.Del(r)))
}

// mayEdit asks whether the account might write attributes.
func (c *changing) mayEdit(entry *record, edits []edit) error {
	if err := c.sees(entry); err != nil {
		return err
	}
	var names []string
	for _, e := range edits {
		names = append(names, e.name)
	}
	return c.mayWrite(entry.DN, names)
}

// sees makes sure that the account sees an entry, and what its condition is about.
func (c *changing) sees(entry *record) error {
	w, err := c.account()
	if err != nil {
		return err
	}
	filter := c.unchanged(entry)
	if filter == "" {
		filter = "(objectClass=*)"
	}
	has, err := w.holds(entry.DN, "ldap.base", filter)
	if err == nil && !has {
		err = &refusal{connector.Denied, becauseDenied}
	}
	return err
}

// nobody is a value that no entry has, and a name as well.
const nobody = "cn=einsicht-7d1b0c52-rehearsal"

// mayWrite asks for values to be taken away that nobody has: a directory that lets
// the account do so says that there are none, and changes nothing.
func (c *changing) mayWrite(dn string, attributes []string) error {
	for _, name := range attributes {
		err := c.denied(c.write(dn, func(r *ldap.ModifyRequest) { r.Delete(name, []string{nobody}) }))
		if err != nil {
			return err
		}
	}
	return nil
}

// denied keeps of an answer to a rehearsal only that the account may not, and
// failures.
func (c *changing) denied(err error) error {
	var said *refusal
	if errors.Is(err, errIncomparable) || errors.As(err, &said) && said.state != connector.Denied {
		return nil
	}
	return err
}
