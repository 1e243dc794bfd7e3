package letter_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

func TestALetterComesBackAsItWasKept(t *testing.T) {
	var all []letter.Letter
	for _, n := range samples(t) {
		all = append(all, writeNotice(t, n))
	}
	for _, l := range wording.Languages {
		all = append(all, write(t, input(t, l)), write(t, sampleAnswer(t, l, authorities()[0])))
	}
	for _, l := range all {
		b, err := letter.Encode(l)
		if err != nil {
			t.Fatalf("%s: %v", l.Kind, err)
		}
		if bytes.Contains(b, []byte(person.Placeholder)) {
			t.Errorf("%s: a value was lost", l.Kind)
		}
		got, err := letter.Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", l.Kind, err)
		}
		l.Groups = nil
		if !reflect.DeepEqual(got, l) {
			t.Errorf("%s: got another letter", l.Kind)
		}
		if got.To[0].Reveal() != l.To[0].Reveal() || got.To[0].Reveal() == "" {
			t.Errorf("%s: the recipient is lost", l.Kind)
		}
		// Missing must still know what the letter needs.
		removePart(&got, letter.Summary)
		if missing := letter.Missing(got); len(missing) != 1 {
			t.Errorf("%s: got missing %q, want the summary", l.Kind, missing)
		}
	}
}

func TestAnUnfinishedLetterIsNotKept(t *testing.T) {
	n := letter.Sample(letter.KindReceipt, wording.German, authorities()[0])
	n.Values["due"] = ""
	if _, err := letter.Encode(writeNotice(t, n)); !errors.Is(err, problem.Conflict) {
		t.Errorf("got %v, want problem.Conflict", err)
	}
}

func TestOnlyAKeptLetterIsRead(t *testing.T) {
	b, err := letter.Encode(writeNotice(t, letter.Sample(letter.KindReceipt, wording.German, authorities()[0])))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing":         "",
		"another version": strings.Replace(string(b), `"Version":1`, `"Version":2`, 1),
		"an empty block":  strings.Replace(string(b), `{"Paragraph":{`, `{"Other":{`, 1),
	} {
		if _, err := letter.Decode([]byte(bad)); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
