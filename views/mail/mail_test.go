package mail

import (
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"einsicht/internal/wording"
)

var update = flag.Bool("update", false, "write testdata anew")

func notice(k Kind, l wording.Lang) Notice {
	n := Notice{
		Kind: k, Lang: l, Authority: "Staatskanzlei <NRW>",
		Link: "https://portal.example/stk-nrw/stand", Privacy: "https://portal.example/stk-nrw/datenschutz",
	}
	if n.hasCode() {
		n.Code = "K7QF-2M9X"
	}
	if k == ToRecipient {
		n.Number, n.Until = "STK-NRW-M-2026-7K3Q-9XWDR", "Montag, 7. Dezember 2026"
	}
	return n
}

func TestEveryKindIsWrittenInEveryLanguage(t *testing.T) {
	resource := regexp.MustCompile(`(?i)<(img|link|script|style|iframe|object|form|input)|src=|style=|url\(`)
	subjects := map[string]Kind{}
	for _, l := range wording.Languages {
		for _, k := range Kinds {
			t.Run(string(l)+" "+string(k), func(t *testing.T) {
				n := notice(k, l)
				w, err := Write(context.Background(), n)
				if err != nil {
					t.Fatal(err)
				}
				if other, taken := subjects[w.Subject]; taken {
					t.Errorf("subject %q: the one of %s", w.Subject, other)
				}
				subjects[w.Subject] = k
				if w.Subject == "" || strings.ContainsAny(w.Subject, "0123456789\r\n[") {
					t.Errorf("subject: got %q, want words alone", w.Subject)
				}
				for _, part := range []string{w.Text, w.HTML} {
					if strings.Contains(part, "[mail.") || strings.Contains(part, "{") {
						t.Errorf("a sentence is missing or not filled in:\n%s", part)
					}
					if !strings.Contains(part, n.Link) || strings.Contains(part, n.Link+"?") {
						t.Errorf("the way to the status page is missing:\n%s", part)
					}
					if got, want := strings.Contains(part, n.Privacy), k == Receipt; got != want {
						t.Errorf("privacy notice: got %v, want %v", got, want)
					}
					if got, want := strings.Contains(part, "K7QF-2M9X"), k == CodeSent || k == AccessCode || k == ToRecipient; got != want {
						t.Errorf("code: got %v, want %v", got, want)
					}
					if got, want := strings.Contains(part, "9XWDR") && strings.Contains(part, "7. Dezember 2026"), k == ToRecipient; got != want {
						t.Errorf("number and day: got %v, want %v", got, want)
					}
				}
				if found := resource.FindString(w.HTML); found != "" {
					t.Errorf("the mail fetches or styles something: %s", found)
				}
				if !strings.Contains(w.HTML, `<html lang="`+string(l)+`">`) || !strings.Contains(w.HTML, "Staatskanzlei &lt;NRW&gt;") {
					t.Errorf("language or escaping is wrong:\n%s", w.HTML)
				}
			})
		}
	}
}

func TestAMailThatMakesNoSenseIsNotWritten(t *testing.T) {
	tests := []struct {
		name   string
		notice Notice
	}{
		{"no kind", Notice{Lang: wording.German}},
		{"an unknown kind", Notice{Kind: "advertisement", Lang: wording.German}},
		{"a code mail without a code", Notice{Kind: CodeSent, Lang: wording.German}},
		{"a code in another mail", Notice{Kind: Receipt, Lang: wording.German, Code: "K7QF-2M9X"}},
		{"a notice without its number", Notice{Kind: ToRecipient, Lang: wording.German, Code: "K7QF-2M9X", Until: "heute"}},
		{"a number in another mail", Notice{Kind: Receipt, Lang: wording.German, Number: "1", Until: "heute"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if w, err := Write(context.Background(), tt.notice); err == nil {
				t.Errorf("got %v, want an error", w)
			}
		})
	}
}

func TestTheReceiptReads(t *testing.T) {
	w, err := Write(context.Background(), notice(Receipt, wording.German))
	if err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string]string{"testdata/receipt.txt": w.Text, "testdata/receipt.html": w.HTML} {
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s (if meant: go test -update)\ngot\n%s\nwant\n%s", file, got, want)
		}
	}
}
