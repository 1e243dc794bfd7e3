package connecting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// Why is for what reason somebody is looked up who did not ask for it. It stands
// in the ledger (Art. 5(2) GDPR), and two of the reasons hold only for whom they
// fit (Art. 5(1)(c), 25(2) GDPR).
type Why struct {
	Reason Reason
	Case   string // file number; for ForCase
}

// Reason is one of those there are.
type Reason string

// The reasons.
const (
	ForTest Reason = "test-person" // made up, or agreed; one of TestPeople, where they are declared
	ForSelf Reason = "own-data"    // of whoever looks: nobody here can check that
	ForCase Reason = "case"        // what a case found, or should have: its own identifiers
)

// Reasons lists them, the mildest first.
var Reasons = []Reason{ForTest, ForSelf, ForCase}

// TestPeople are those whom the operator of the program lets be looked up as test
// persons, for each kind what they are found by. The operator of an authority
// writes connections and could write them there too, so that would restrain
// nobody. None: whoever is made up or agreed.
type TestPeople []person.Identifier

// SettingTestPeople is the setting that declares them.
const SettingTestPeople = "EINSICHT_CONNECT_TEST_PEOPLE"

// NewTestPeople reads what the setting says, each as kind=value. Its errors quote
// no value.
func NewTestPeople(all []string) (TestPeople, error) {
	var p TestPeople
	for i, s := range all {
		name, value, _ := strings.Cut(strings.TrimSpace(s), "=")
		kind, err := person.ParseIdentifierKind(name)
		if err == nil {
			_, err = person.Normal(kind, value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d is no kind=value, such as email=test@example.org: %w", SettingTestPeople, i+1, err)
		}
		p = append(p, person.Identifier{Kind: kind, Value: person.NewText(strings.TrimSpace(value)), Verified: true})
	}
	return p, nil
}

// knows says whether an identifier is one of theirs.
func (p TestPeople) knows(id person.Identifier) bool {
	return slices.ContainsFunc(p, func(o person.Identifier) bool {
		return o.Kind == id.Kind && person.Same(id.Kind, o.Value.Reveal(), id.Value.Reveal())
	})
}

// fits says whether the reason holds for whom a trial would look for, and adds it
// to the details of the ledger's entry.
func (s *Connecting) fits(ctx context.Context, authority uuid.UUID, why Why, q connector.Query, details map[string]string) error {
	wrong := func(field, key string) error {
		p := problem.New(problem.Invalid, "connecting.error.who")
		p.Fields = map[string]string{field: key}
		return p
	}
	details["reason"] = string(why.Reason)
	switch why.Reason {
	case ForSelf:
		return nil
	case ForTest:
		details["declared"] = strconv.FormatBool(len(s.TestPeople) > 0)
		for _, id := range q.Identifiers {
			if len(s.TestPeople) > 0 && !s.TestPeople.knows(id) {
				return wrong(string(id.Kind), "connecting.error.no_test_person")
			}
		}
		return nil
	case ForCase:
		number, ok := casefile.ParseFileNumber(why.Case)
		if !ok {
			return wrong("case", "connecting.error.case")
		}
		details["case"] = number
		id, _, err := s.Cases.Credentials(ctx, number)
		if err != nil {
			return err
		}
		if id == uuid.Nil {
			return wrong("case", "connecting.error.case")
		}
		for _, of := range q.Identifiers {
			named, err := s.named(ctx, authority, id, of)
			if err != nil {
				return err
			}
			if !named {
				return wrong(string(of.Kind), "connecting.error.not_of_case")
			}
		}
		return nil
	}
	return wrong("reason", "connecting.error.reason")
}

// named says whether a case was opened with an identifier, by the keyed hashes by
// which staff find it: what else it says stays sealed.
func (s *Connecting) named(ctx context.Context, authority, id uuid.UUID, of person.Identifier) (bool, error) {
	n, err := person.Normal(of.Kind, of.Value.Reveal())
	if err != nil {
		return false, err
	}
	h, err := s.Keys.Token(ctx, authority, string(of.Kind), n)
	if err != nil {
		return false, err
	}
	cases, err := s.Cases.ByTokens(ctx, [][]byte{h})
	return slices.Contains(cases, id), err
}
