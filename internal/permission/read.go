package permission

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"einsicht/internal/casefile"
)

// Roles lists every role that a line may name.
var Roles = append(slices.Clone(casefile.StaffRoles), casefile.Applicant, casefile.Recipient, casefile.System)

// grant is one line of the policy.
type grant struct {
	role   casefile.Role
	action casefile.Action
}

// read takes the policy strictly: a misspelt role or action would otherwise be
// a right that silently nobody has, a repeated line one that survives when
// somebody strikes it out once.
func read(policy string) ([]grant, error) {
	lines := csv.NewReader(strings.NewReader(policy))
	lines.Comment = '#'
	lines.TrimLeadingSpace = true
	lines.FieldsPerRecord = 3

	var grants []grant
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the policy: %w", err)
		}
		n, _ := lines.FieldPos(0)
		g := grant{casefile.Role(fields[1]), casefile.Action(fields[2])}
		switch {
		case fields[0] != "p":
			return nil, fmt.Errorf("policy line %d: starts with %q, want p", n, fields[0])
		case !slices.Contains(Roles, g.role):
			return nil, fmt.Errorf("policy line %d: unknown role %q", n, g.role)
		case !slices.Contains(casefile.Actions, g.action):
			return nil, fmt.Errorf("policy line %d: unknown action %q", n, g.action)
		case slices.Contains(grants, g):
			return nil, fmt.Errorf("policy line %d: %s, %s stands twice", n, g.role, g.action)
		}
		grants = append(grants, g)
	}
	for _, action := range casefile.Actions {
		if !slices.ContainsFunc(grants, func(g grant) bool { return g.action == action }) {
			return nil, fmt.Errorf("policy: nobody may %s", action)
		}
	}
	return grants, nil
}
