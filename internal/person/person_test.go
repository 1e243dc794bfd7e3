package person

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

type record struct {
	Name    Text
	Mails   []Text
	Parent  *record
	Notes   map[string]Text
	Pair    [2]Text
	Born    time.Time
	ID      uuid.UUID
	Amount  int
	Empty   Text `json:",omitzero"`
	Skipped *Text
}

func example() record {
	pair := [2]Text{NewText(`a "quoted" value`), NewText(`{"hidden":"personal data"}`)}
	return record{
		Name: NewText("Erika Mustermann"), Mails: []Text{NewText("erika@example.org"), {}},
		Parent: &record{Name: NewText("Großmutter 👵 <&>")}, Notes: map[string]Text{"k": NewText(Placeholder)},
		Pair: pair, Born: time.Date(1964, 8, 12, 0, 0, 0, 0, time.UTC), ID: uuid.MustParse("5b1d7a3c-6a9e-4a38-9f1b-2f5f0a4f9c11"), Amount: 3,
	}
}

func TestATextNeverPrintsByItself(t *testing.T) {
	const secret = "Mustermann"
	hiding := struct{ deep struct{ name Text } }{}
	hiding.deep.name = NewText(secret)
	shown := struct{ Name Text }{NewText(secret)}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", shown, "b", shown.Name, "c", hiding)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", shown, "b", shown.Name, "c", hiding)
	asJSON, _ := json.Marshal([]any{shown, hiding, &shown})
	asXML, err := xml.Marshal(shown.Name)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"%v": fmt.Sprintf("%v %v", shown, hiding), "%+v": fmt.Sprintf("%+v %+v", shown, hiding),
		"%#v": fmt.Sprintf("%#v %#v", shown, hiding), "%s %q %x %d": fmt.Sprintf("%s %q %x %d", shown, shown.Name, shown.Name, shown.Name),
		"pointer": fmt.Sprint(&shown, &shown.Name), "error": fmt.Errorf("no %v", shown.Name).Error(),
		"log": log.String(), "json": string(asJSON), "xml": string(asXML), "concatenated": "" + shown.Name.String(),
	} {
		if strings.Contains(got, secret) || strings.Contains(got, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s shows the value: %s", name, got)
		}
	}
	if got := shown.Name.Reveal(); got != secret {
		t.Errorf("Reveal: got %q, want %q", got, secret)
	}
}

func TestEncodeKeepsEveryValue(t *testing.T) {
	want := example()
	b, err := Encode(&want)
	if err != nil {
		t.Fatal(err)
	}
	var got record
	if err := Decode(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("came back different:\n%s", b)
	}
	if want.Name.String() != Placeholder {
		t.Error("Encode opened the original, not a copy")
	}
	again, _ := Encode(any([]any{got, &got}))
	if n := strings.Count(string(again), "Mustermann"); n != 2 {
		t.Errorf("values inside interfaces: got %d, want 2", n)
	}
}

type secretive struct{ name Text }

func (s secretive) MarshalJSON() ([]byte, error) { return json.Marshal(s.name) }

func TestEncodeRefusesWhatItWouldLose(t *testing.T) {
	if _, err := Encode(secretive{NewText("x")}); err == nil {
		t.Error("a Text behind a MarshalJSON was lost without an error")
	}
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	if _, err := Encode(r); err == nil {
		t.Error("a ring was encoded")
	}
}

func TestDecodeRefusesPlaceholders(t *testing.T) {
	b, err := json.Marshal(example()) // the mistake: json instead of Encode
	if err != nil {
		t.Fatal(err)
	}
	var got record
	if err := Decode(b, &got); err == nil {
		t.Error("placeholders were read as values")
	}
	if err := Decode([]byte(`{"Name":"a"}{"Name":"b"}`), &got); err == nil {
		t.Error("two values were read as one")
	}
	if err := Decode([]byte(`{"Other":"a"}`), &got); err == nil {
		t.Error("an unknown field was dropped")
	}
}
