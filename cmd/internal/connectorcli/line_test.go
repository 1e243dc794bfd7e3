package connectorcli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// page is what programs that read the output were written by.
const page = "../../../docs/connectors/find.md"

func TestTheOutputIsAsItsPageSays(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	email, name, birth := uuid.New(), uuid.New(), uuid.New()
	f := connector.Finding{
		Reference: "orders/17", Category: "orders", Label: "Bestellung", Confidence: connector.Sure,
		Led:    [][]uuid.UUID{{email}, {name, birth}},
		Origin: connector.Origin{Place: "orders", Position: "17", At: at, Mapping: "not printed"},
		Fields: []connector.Field{
			{Name: "mail", Label: "E-Mail-Adresse", Value: person.NewText("erika@example.org"), Category: "Kontakt"},
			{Name: "friend", Value: person.NewText("Hans"), ThirdParty: true},
			{Name: "pin", Withheld: true},
			{Name: "x17", Value: person.NewText("ja"), Unmapped: true},
		},
		Hints: []person.Identifier{{Kind: person.Phone, Value: person.NewText("+49221123456")}},
	}
	a := connector.Answer{Outcome: connector.Found, Reason: "connector.no_identifier", From: at.AddDate(-1, 0, 0), Until: at,
		Gaps: []connector.Gap{{Place: "archive", Reason: "connector.gap.truncated", Count: 3}}}
	names := map[uuid.UUID]string{email: "email", name: "name", birth: "birthdate"}
	for what, v := range map[string]any{"a finding": found("stk-brochures", f, names), "an answer": map[string]any{"answer": said("stk-brochures", a)}} {
		if want := indented(t, v); !strings.Contains(string(text), "```json\n"+want+"\n```\n") {
			t.Errorf("%s: %s does not show it as it is printed:\n%s", what, page, want)
		}
	}
	if got := indented(t, found("x", connector.Finding{}, nil)); !strings.Contains(got, `"led_by": []`) || !strings.Contains(got, `"fields": []`) {
		t.Errorf("nothing in it: got %s, want empty lists", got)
	}
}

func indented(t *testing.T, v any) string {
	t.Helper()
	var line, broken bytes.Buffer
	if err := print(&line, v); err != nil {
		t.Fatal(err)
	}
	if err := json.Indent(&broken, bytes.TrimSpace(line.Bytes()), "", "  "); err != nil {
		t.Fatal(err)
	}
	return broken.String()
}

func TestEachKindSaysHowItIsWritten(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range person.IdentifierKinds {
		s := subjects[kind]
		if _, err := parse([]string{string(kind) + "=" + s.example}); err != nil || s.form == "" {
			t.Errorf("%s: got %v for the example, and %q", kind, err, s.form)
		}
		if row := fmt.Sprintf("| `%s` | `%s` | %s |\n", kind, s.example, s.form); !strings.Contains(string(text), row) {
			t.Errorf("%s lacks the line %q", page, row)
		}
		if !strings.Contains(Subjects(), string(kind)+"="+s.example) {
			t.Errorf("the help lacks %s", kind)
		}
	}
	if len(subjects) != len(person.IdentifierKinds) {
		t.Error("a kind is described that there is not")
	}
}
