package connecting_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/postgres"
	"einsicht/internal/problem"
	"einsicht/internal/procedure/connecting"
)

// Nobody is looked up without a reason that stands in the ledger, and two of the
// reasons hold only for whom they fit.
func TestWhoMayBeLookedUp(t *testing.T) {
	p := newPlace(t)
	must(t, p.Save(ctx, p.operator, p.system, p.text(""), "", now))
	number := p.opened(t, map[person.IdentifierKind]string{person.Email: "erika@example.org", person.Name: "Erika Mustermann"})
	theirs := p.opened(t, map[person.IdentifierKind]string{person.Email: "hans@example.org"})
	declared, err := connecting.NewTestPeople([]string{"email=Test@Example.org", " name=Petra Probe"})
	must(t, err)
	mail := func(value string) map[person.IdentifierKind]person.Text {
		return map[person.IdentifierKind]person.Text{person.Email: person.NewText(value)}
	}
	erika := map[person.IdentifierKind]person.Text{person.Email: person.NewText("erika@example.org"), person.Name: person.NewText("Mustermann, Erika")}
	for _, c := range []struct {
		name   string
		people connecting.TestPeople
		who    map[person.IdentifierKind]person.Text
		why    connecting.Why
		field  string            // that is wrong
		want   map[string]string // of the entry
	}{
		{"no reason", nil, mail("a@example.org"), connecting.Why{}, "reason", nil},
		{"a reason that there is not", nil, mail("a@example.org"), connecting.Why{Reason: "curious"}, "reason", nil},
		{"a test person, where none are declared", nil, mail("a@example.org"), test, "", map[string]string{"reason": "test-person", "declared": "false"}},
		{"a test person that is declared", declared, mail("test@example.org"), test, "", map[string]string{"reason": "test-person", "declared": "true"}},
		{"somebody else as a test person", declared, mail("erika@example.org"), test, "email", nil},
		{"a test person and somebody else", declared, map[person.IdentifierKind]person.Text{person.Name: person.NewText("Petra Probe"), person.Email: person.NewText("erika@example.org")}, test, "email", nil},
		{"the value of a test person as another kind", declared, map[person.IdentifierKind]person.Text{person.DisplayName: person.NewText("Petra Probe")}, test, "display-name", nil},
		{"oneself", declared, mail("olaf@example.org"), connecting.Why{Reason: connecting.ForSelf}, "", map[string]string{"reason": "own-data"}},
		{"of a case", declared, erika, connecting.Why{Reason: connecting.ForCase, Case: strings.ToLower(number)}, "", map[string]string{"reason": "case", "case": number}},
		{"not of this case", nil, erika, connecting.Why{Reason: connecting.ForCase, Case: theirs}, "email", nil},
		{"a part of a name of the case", nil, map[person.IdentifierKind]person.Text{person.Name: person.NewText("Erika Schmidt")}, connecting.Why{Reason: connecting.ForCase, Case: number}, "name", nil},
		{"a case that is none", nil, erika, connecting.Why{Reason: connecting.ForCase, Case: "somebody"}, "case", nil},
		{"a case nobody knows", nil, erika, connecting.Why{Reason: connecting.ForCase, Case: casefile.FileNumber("stk-nrw", 2026, make([]byte, 8))}, "case", nil},
	} {
		p.TestPeople = c.people
		entries := len(p.recorded.kinds)
		_, err := p.Try(ctx, p.operator, p.system, c.who, c.why, now)
		if c.field != "" {
			var said *problem.Error
			if !errors.Is(err, problem.Invalid) || !errors.As(err, &said) || said.Fields[c.field] == "" || len(p.recorded.kinds) > entries {
				t.Errorf("%s: got %v, want %s refused", c.name, err, c.field)
			}
			continue
		}
		if err != nil || len(p.recorded.kinds) != entries+1 || p.recorded.kinds[entries] != ledger.ConnectionTried {
			t.Errorf("%s: got %v, want an entry", c.name, err)
			continue
		}
		for key, want := range c.want {
			if got := p.recorded.details[entries][key]; got != want {
				t.Errorf("%s: got %s %q, want %q", c.name, key, got, want)
			}
		}
	}
}

// opened is the file number of a case that was opened with identifiers.
func (p *place) opened(t *testing.T, who map[person.IdentifierKind]string) string {
	t.Helper()
	p.House.Cases = postgres.Cases{}
	id := uuid.New()
	number := casefile.FileNumber("stk-nrw", 2026, id[:])
	must(t, p.db.InTx(ctx, p.authority.ID, func(ctx context.Context) error {
		if err := p.Keys.NewCase(ctx, p.authority.ID, id); err != nil {
			return err
		}
		register, _, err := p.Inventories.Current(ctx)
		if err != nil {
			return err
		}
		day := calendar.DateOf(now)
		c := casefile.Case{ID: id, Authority: p.authority.ID, FileNumber: number, State: casefile.Received, ReceivedAt: now, Received: day, Sort: day, Inventory: register, Sealed: id[:]}
		if err := p.House.Cases.Create(ctx, c, id[:], id[:]); err != nil {
			return err
		}
		for kind, value := range who {
			var hashes [][]byte
			for _, token := range person.SearchTokens(kind, value) {
				h, err := p.Keys.Token(ctx, p.authority.ID, string(kind), token)
				if err != nil {
					return err
				}
				hashes = append(hashes, h)
			}
			if err := p.House.Cases.PutSearchTokens(ctx, id, string(kind), hashes); err != nil {
				return err
			}
		}
		return nil
	}))
	return number
}

func TestTestPeopleAreRead(t *testing.T) {
	for _, entry := range []string{"", "erika@example.org", "schuhgroesse=41", "email=erika", "email="} {
		_, err := connecting.NewTestPeople([]string{"name=Petra Probe", entry})
		if err == nil || !strings.HasPrefix(err.Error(), "EINSICHT_CONNECT_TEST_PEOPLE: entry 2 ") || strings.Contains(err.Error(), "erika") || strings.Contains(err.Error(), "41") {
			t.Errorf("got %v, want what is wrong without the value", err)
		}
	}
	if people, err := connecting.NewTestPeople(nil); err != nil || len(people) != 0 {
		t.Errorf("none: got %v, %v", people, err)
	}
}
