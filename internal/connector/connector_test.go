package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

const good = `system: shop
kind: sql
concurrency: 4
timeout: 5s
secrets:
  password: {env: SHOP_PASSWORD}
  token: {file: /run/token}
match:
  - {by: [email], confidence: sure}
  - {by: [name, birthdate]}
sql:
  dsn: host=/tmp
`

func TestParseConnection(t *testing.T) {
	c, err := ParseConnection("shop.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if c.System != "shop" || c.Kind != "sql" || c.Concurrency != 4 || c.Timeout != 5*time.Second || len(c.Match) != 2 || c.Version == "" {
		t.Errorf("got %+v", c)
	}
	c, err = c.Resolve(func(r Ref) (string, error) { return "geheim:" + r.Env + r.File, nil })
	if s, ok := c.Secret("password"); err != nil || !ok || s != "geheim:SHOP_PASSWORD" {
		t.Errorf("secret: got %q, %v, %v", s, ok, err)
	}
	if printed := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(printed, "geheim:") {
		t.Error("a connection prints its secrets")
	}
	var own struct {
		DSN string `yaml:"dsn"`
	}
	if err := c.Decode(&own); err != nil || own.DSN != "host=/tmp" {
		t.Errorf("own part: got %q, %v", own.DSN, err)
	}
	if err := c.Wrong("dsn.deeper", "is wrong"); !strings.HasPrefix(err.Error(), "shop.yaml:12: sql.dsn.deeper: is wrong") {
		t.Errorf("got %v", err)
	}
}

func TestParseConnectionRefuses(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"secret in clear", "{env: SHOP_PASSWORD}", "hunter2", "shop.yaml:6: secrets.password: must be {env: NAME}, {file: PATH} or {sealed: NAME}; secrets in clear are refused"},
		{"two places for a secret", "{env: SHOP_PASSWORD}", "{env: A, file: B}", "shop.yaml:6: secrets.password: must name one of env, file and sealed"},
		{"unknown key", "concurrency: 4", "konkurrenz: 4", "shop.yaml:3: konkurrenz: unknown key"},
		{"repeated key", "concurrency: 4", "system: hunter2", "shop.yaml:3: system: stands here twice"},
		{"wrong type", "concurrency: 4", "concurrency: hunter2", "shop.yaml:3: concurrency: must be a int"},
		{"out of bounds", "concurrency: 4", "concurrency: 65", "shop.yaml:3: concurrency: must be 1 to 64"},
		{"duration", "timeout: 5s", "timeout: 5", "shop.yaml:4: timeout: must be"},
		{"unknown identifier", "[email]", "[hunter2]", "shop.yaml:9: match.by: no such kind of identifier"},
		{"kind twice", "[name, birthdate]", "[name, name]", "shop.yaml:10: match.by: names a kind twice"},
		{"confidence", "confidence: sure", "confidence: hunter2", "shop.yaml:9: match.confidence: must be one of"},
		{"part of another kind", "kind: sql", "kind: weblog", "shop.yaml:11: sql: unknown key"},
		{"no system", "system: shop\n", "", "system: is missing"},
		{"no kind", "kind: sql\n", "", "kind: is missing"},
		{"alias", "{by: [email], confidence: sure}", "&a {by: [email]}", "anchors and aliases are not taken"},
		{"no YAML", "system: shop", "system: [hunter2", "shop.yaml"},
		{"a tab before a key", "  dsn:", "\tdsn:", "shop.yaml:12: a tab stands before the key; indent with blanks"},
		{"a tab among blanks", "  dsn:", "  note: hunter2\n  \tdsn:", "shop.yaml:13: a tab stands before the key; indent with blanks"},
		{"no YAML, and a tab elsewhere", "dsn: host=/tmp\n", "note: |\n    x\n    \thunter2\n  tables: [\n", "no valid YAML"},
		{"Latin-1", "host=/tmp", "host=/tmp/f\xfcr", "shop.yaml:12: is not written in UTF-8 but perhaps in Latin-1; save it as UTF-8"},
		{"a second system", "host=/tmp\n", "host=/tmp\n---\nsystem: hunter2\n", "shop.yaml:13: file: a second document begins here; write each system into a file of its own"},
		{"a second document that is no YAML", "host=/tmp\n", "host=/tmp\n---\nsystem: [hunter2\n", "no valid YAML"},
		{"a file that is no connection", "host=/tmp\n", "host=/tmp\n" + strings.Repeat("# hunter2\n", MaxFile/10), "shop.yaml: is larger than 1 MiB"},
		{"a list", good, "- hunter2", "file: must hold keys and values"},
		{"nothing", good, "", "file: must hold keys and values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseConnection("shop.yaml", []byte(strings.Replace(good, c.from, c.to, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, ErrConfig) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestConfidence(t *testing.T) {
	for _, c := range []struct {
		name     string
		by       []person.IdentifierKind
		declared Confidence
		verified bool
		want     Confidence
	}{
		{"verified mail", []person.IdentifierKind{person.Email}, Sure, true, Sure},
		{"claimed mail", []person.IdentifierKind{person.Email}, Sure, false, Likely},
		{"verified mail in a system that is not sure of it", []person.IdentifierKind{person.Email}, Likely, true, Likely},
		{"name and birth date", []person.IdentifierKind{person.Name, person.Birthdate}, Sure, true, Sure},
		{"a name alone", []person.IdentifierKind{person.Name}, Sure, true, Check},
		{"father and son", []person.IdentifierKind{person.Name, person.Address}, Sure, true, Likely},
		{"a display name", []person.IdentifierKind{person.DisplayName}, Sure, true, Check},
		{"address on the network", []person.IdentifierKind{person.IPTime}, Sure, true, Check},
		{"two that prove nothing", []person.IdentifierKind{person.DisplayName, person.ConferenceID}, Sure, true, Check},
		{"a confidence nobody knows", []person.IdentifierKind{person.Email}, "", true, Check},
	} {
		m := Match{By: c.by, Confidence: c.declared}
		var ids []person.Identifier
		for _, k := range c.by {
			ids = append(ids, person.Identifier{ID: uuid.New(), Kind: k, Verified: c.verified})
		}
		if got := m.Reached(ids); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := Check.Best(Likely); got != Likely {
		t.Errorf("best: got %q, want %q", got, Likely)
	}
}

func TestAFailureKeepsNoWordOfTheSystem(t *testing.T) {
	cause := fmt.Errorf("duplicate key (email)=(erika@example.org): %w", context.DeadlineExceeded)
	err := fmt.Errorf("ask shop: %w", Fail(ErrBroken, "orders", "23505", cause))
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "erika") {
		t.Errorf("got %v, want no value", err)
	}
	if !errors.Is(err, ErrBroken) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want its kind and the end of the context", err)
	}
}

func TestAnswersJoin(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	a := Answer{Outcome: Found, Gaps: []Gap{{Place: "a"}}, From: day(2), Until: day(3), Next: Cursor("x")}
	got := a.And(Answer{Outcome: Nothing, Reason: "r", Gaps: []Gap{{Place: "b"}}, From: day(1), Until: day(2)})
	if got.Outcome != Found || got.Next != nil || got.Reason != "r" || !got.From.Equal(day(1)) || !got.Until.Equal(day(3)) ||
		!slices.Equal(got.Gaps, []Gap{{Place: "a"}, {Place: "b"}}) {
		t.Errorf("got %+v", got)
	}
}

func FuzzParseConnection(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("system: &a x\nkind: kind\nmatch: [{by: [email]}]\nsecrets: {a: {env: B}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConnection("f.yaml", data)
		if err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("got %v, want its kind", err)
		}
		if err == nil && c.HasOwnPart() {
			var own struct {
				Tables []struct{ Name string } `yaml:"tables"`
			}
			_ = c.Decode(&own)
			_ = c.Wrong("tables.0.name", "x")
		}
	})
}
