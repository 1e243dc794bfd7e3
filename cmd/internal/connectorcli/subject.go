package connectorcli

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// subjects says how a value of each kind is written.
var subjects = map[person.IdentifierKind]struct{ example, form string }{
	person.Email:           {"erika@example.org", "capitals and what follows + do not matter"},
	person.Name:            {"Erika Mustermann", "either order, titles or not, ü or ue"},
	person.Birthdate:       {"1964-08-12", "or 12.08.1964, or 12. August 1964; the year in full"},
	person.Address:         {"Heidestraße 17, 51147 Köln", "street, number, code and town"},
	person.Phone:           {"+49 221 123456", "without a country a German number"},
	person.Company:         {"Muster GmbH", "the whole name"},
	person.Account:         {"emustermann", "name to sign in with; capitals do not matter"},
	person.IBAN:            {"DE02 1203 0000 0000 2020 51", "blanks or not; its check figures must be right"},
	person.PersonnelNumber: {"0815", "as the system writes it"},
	person.Handle:          {"@erika@mastodon.example", "name on a platform, as the system writes it"},
	person.IPTime:          {"192.0.2.7 2026-11-20T10:15:00Z", "address, blank, time (RFC 3339, with its zone)"},
	person.SessionID:       {"c0ffee17", "as the system writes it, capitals too"},
	person.VisitorID:       {"a1b2c3d4e5f60718", "as the system writes it, capitals too"},
	person.ConferenceID:    {"123-456-789", "of a meeting"},
	person.DisplayName:     {"Erika", "freely chosen: leads to records to check, no more"},
	person.SSHFingerprint:  {"SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDB0D8wQfHzjBZWIZs", "as ssh-keygen -l shows it"},
	person.FileNumber:      {"NRW-2026-0001", "capitals do not matter"},
}

// Subjects says, a line for each kind of identifier, how a subject is written.
func Subjects() string {
	var b strings.Builder
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, kind := range person.IdentifierKinds {
		fmt.Fprintf(columns, "  %s=%s\t%s\n", kind, subjects[kind].example, subjects[kind].form)
	}
	columns.Flush()
	return b.String()
}

func parse(all []string) (connector.Query, error) {
	q := connector.Query{ReceivedAt: time.Now()}
	if len(all) == 0 {
		return q, errors.New("nobody to look for: name --subject email=erika@example.org, several times if need be")
	}
	for i, s := range all {
		s, verified := strings.CutPrefix(s, "verified:")
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return q, fmt.Errorf("subject %d: must be kind=value, such as email=erika@example.org", i+1)
		}
		kind, err := person.ParseIdentifierKind(name)
		if err != nil {
			return q, fmt.Errorf("subject %d: %w", i+1, err)
		}
		if _, err := person.Normal(kind, value); err != nil {
			return q, fmt.Errorf("subject %d: %w; it is written such as %s=%s (%s)", i+1, err, kind, subjects[kind].example, subjects[kind].form)
		}
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: kind, Value: person.NewText(value), Verified: verified})
	}
	return q, nil
}
