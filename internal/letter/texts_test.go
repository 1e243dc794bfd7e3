package letter_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/letter"
	"einsicht/internal/letter/lettertest"
	"einsicht/internal/wording"
)

func TestOwnTextsTakeThePlaceOfTheShippedOnes(t *testing.T) {
	data := "receipt.next:\n  de: \"\"\n  en: \"\"\nreceipt.period:\n  de: \"Schluss ist am {due}, {authority}.\"\n  en: \"It ends on {due}.\"\n"
	n := letter.Sample(letter.KindReceipt, wording.German, authorities()[0])
	shipped := lettertest.Text(writeNotice(t, n))
	n.Texts = parseTexts(t, data)
	l := writeNotice(t, n)
	if got := textOf(l, letter.Period); !strings.Contains(got, "Schluss ist am 03.12.2026, Staatskanzlei") {
		t.Errorf("got %q, want the own text", got)
	}
	if _, ok := l.Section(letter.Next); ok || !strings.Contains(shipped, "kostet Sie nichts") {
		t.Error("an optional part is still there")
	}
	if got := letter.Missing(l); len(got) > 0 {
		t.Errorf("got %q, want nothing missing", got)
	}
	if n.Texts.SHA256() != sha256.Sum256([]byte(data)) || n.Texts.SHA256() == (letter.Texts{}).SHA256() {
		t.Error("the hash does not name the version")
	}
}

func TestFaultsInOwnTextsNameFileLineAndBlock(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"an unknown block", "receipt.nonsense: {de: a, en: b}", "own.yaml:1: receipt.nonsense: is no text block"},
		{"an unknown placeholder", "receipt.next:\n  de: \"{name}\"\n  en: x", "own.yaml:2: receipt.next: de: {name} is no placeholder here"},
		{"a brace alone", "receipt.next:\n  de: \"{due\"\n  en: x", "own.yaml:2: receipt.next: de: { is no placeholder here"},
		{"a mandatory placeholder left out", "receipt.period:\n  de: bald\n  en: \"{due}\"", "own.yaml:2: receipt.period: de: {due} is missing"},
		{"a mandatory part left out", "receipt.period:\n  de: \"{due}\"\n  en: \"\"", "own.yaml:3: receipt.period: en: is empty; the law demands this part"},
		{"no English twin", "receipt.next:\n  de: a", "own.yaml:1: receipt.next: en is missing"},
		{"an optional part empty in one language", "receipt.next: {de: a, en: \"\"}", "own.yaml:1: receipt.next: is empty in one language"},
		{"a third language", "receipt.next: {de: a, en: b, fr: c}", "own.yaml:1: receipt.next: fr is no language"},
		{"a block twice", "receipt.next: {de: a, en: b}\nreceipt.next: {de: a, en: b}", "own.yaml:2: receipt.next: receipt.next stands here a second time"},
		{"a number", "receipt.next: {de: 1, en: b}", "own.yaml:1: receipt.next: de: is no text"},
		{"an alias", "receipt.next: {de: &x a, en: *x}", "own.yaml:1: receipt.next: de: is no text"},
		{"a list", "receipt.next: [a]", "own.yaml:1: receipt.next: is no mapping"},
		{"nothing", "", "own.yaml:1: is empty"},
		{"no YAML", "a: b: c", "own.yaml:1: is not YAML"},
		{"a second document", "receipt.next: {de: a, en: b}\n---\n{}", "own.yaml:2: a second document begins"},
		{"the day of the request for others", "consultation.message:\n  de: \"{basis} {received}\"\n  en: \"{basis}\"", "own.yaml:2: consultation.message: de: {received} is no placeholder here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := letter.ParseTexts("own.yaml", []byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Every mandatory part in turn: whoever drops it, or what it must say, is stopped.
func TestNoMandatoryTextCanBeDropped(t *testing.T) {
	checked := 0
	for _, b := range letter.Blocks() {
		if b.Mandatory {
			checked++
			_, err := letter.ParseTexts("own.yaml", fmt.Appendf(nil, "%s: {de: \"\", en: \"\"}", b.Name))
			if err == nil || !strings.Contains(err.Error(), b.Name) {
				t.Errorf("%s dropped: got %v, want it named", b.Name, err)
			}
		}
		for _, p := range b.Needed {
			checked++
			_, err := letter.ParseTexts("own.yaml", fmt.Appendf(nil, "%s: {de: x, en: x}", b.Name))
			if err == nil || !strings.Contains(err.Error(), b.Name) || !strings.Contains(err.Error(), "{"+p+"}") {
				t.Errorf("%s without {%s}: got %v, want both named", b.Name, p, err)
			}
		}
	}
	if checked < 150 {
		t.Errorf("got %d checks: this test checks little", checked)
	}
}

func TestTheShippedTextsKeepTheirOwnRules(t *testing.T) {
	var data strings.Builder
	seen := map[string]bool{}
	for _, b := range letter.Blocks() {
		if seen[b.Name] {
			t.Errorf("%s stands there twice", b.Name)
		}
		seen[b.Name] = true
		for _, l := range wording.Languages {
			if got := b.Shipped(l); strings.HasPrefix(got, "[letter") {
				t.Errorf("%s has no text", b.Name)
			}
		}
		if b.Shipped(wording.German) == "" { // for the authority to write
			continue
		}
		fmt.Fprintf(&data, "%s:\n  de: %q\n  en: %q\n", b.Name, b.Shipped(wording.German), b.Shipped(wording.English))
	}
	own := parseTexts(t, data.String())
	for _, n := range samples(t) {
		if n.Authority.Land == "NI" {
			continue
		}
		want := lettertest.Text(writeNotice(t, n))
		n.Texts = own
		if got := lettertest.Text(writeNotice(t, n)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", n.Kind, got, want)
		}
	}
}

// A block that no letter reads would be worded in vain.
func TestEveryTextBlockStandsInSomeLetter(t *testing.T) {
	const marker = "EIGENER TEXT"
	for _, b := range letter.Blocks() {
		text := marker
		for _, p := range b.Needed {
			text += " {" + p + "}"
		}
		own := parseTexts(t, fmt.Sprintf("%s: {de: %q, en: %q}", b.Name, text, text))
		var said strings.Builder
		for _, n := range samples(t) {
			if b.Kind == n.Kind || b.Kind == "" {
				for _, body := range []assess.Body{assess.OfLand, assess.OtherBody, n.Body} {
					n.Texts, n.Body, n.NonPublic = own, body, body == assess.OtherBody
					n.About = map[assess.Body]letter.Kind{assess.OfLand: letter.KindIdentity, assess.OtherBody: letter.KindClarification}[body]
					said.WriteString(lettertest.Text(writeNotice(t, n)))
				}
			}
		}
		if b.Kind == letter.KindAnswer {
			for _, in := range answers(t) {
				in.Texts = own
				said.WriteString(lettertest.Text(write(t, in)))
			}
		}
		if !strings.Contains(said.String(), marker) {
			t.Errorf("%s stands in no letter", b.Name)
		}
	}
}

// answers between them say everything an answer can say.
func answers(t *testing.T) []letter.Input {
	t.Helper()
	change := func(change func(*letter.Input)) letter.Input {
		in := input(t, wording.English)
		change(&in)
		return in
	}
	sample := sampleAnswer(t, wording.English, authorities()[0])
	sample.Rights[1].Limits = append(sample.Rights[1].Limits, letter.Limit{LookAgain: sample.Date, ReasonsWithheld: true})
	sample.Court = "VG Köln"
	return []letter.Input{
		sample, input(t, wording.German), carried(t, wording.German), recipients(t, wording.German),
		change(func(in *letter.Input) {
			in.Rights, in.Changed = []letter.RightAnswer{{Right: law.Notification, Outcome: casefile.Granted}}, true
		}),
		change(func(in *letter.Input) { in.NonPublic = true }),
		change(func(in *letter.Input) { in.Authority, in.CivilServant = authorities()[3], true }),
		change(func(in *letter.Input) {
			in.Disclosed.Systems = []disclosure.System{{Outcome: disclosure.Nothing}}
			in.Rights = []letter.RightAnswer{{Right: law.Erasure, Outcome: casefile.Granted}}
			for _, r := range law.Rights {
				in.Rights = append(in.Rights, letter.RightAnswer{Right: r, Outcome: casefile.NothingHeld})
			}
		}),
		change(func(in *letter.Input) {
			in.Disclosed.Systems = []disclosure.System{{Outcome: disclosure.Unattributable}}
			in.Rights = []letter.RightAnswer{{Right: law.Access, Outcome: casefile.NothingHeld}}
		}),
	}
}

func FuzzParseTexts(f *testing.F) {
	f.Add("receipt.next: {de: a, en: b}")
	f.Add("receipt.period:\n  de: \"{due}\"\n  en: \"{due}\"\n")
	f.Add("a: &x [*x]")
	f.Fuzz(func(t *testing.T, data string) {
		texts, err := letter.ParseTexts("own.yaml", []byte(data))
		if err != nil {
			if !strings.Contains(err.Error(), "own.yaml:") {
				t.Errorf("got %v, want the file named", err)
			}
			return
		}
		n := letter.Sample(letter.KindReceipt, wording.German, lettertest.Authority())
		n.Texts = texts
		if got := letter.Missing(writeNotice(t, n)); len(got) > 0 {
			t.Errorf("own texts that were taken make a letter that lacks %q", got)
		}
	})
}
