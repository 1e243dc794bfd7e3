package lawcli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheGroundsOfARight(t *testing.T) {
	for _, tt := range []struct {
		name, land, right, on, regime string
		with, without                 string
		confirm                       bool
	}{
		{"access in North Rhine-Westphalia", "NW", "access", "2026-03-01", "dsg_nrw", "§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW", "§ 34 Abs. 1 Nr. 2 Buchst. a BDSG", true},
		{"access at a body with economic aims", "NW", "access", "2026-03-01", "bdsg_nonpublic", "§ 34 Abs. 1 Nr. 2 Buchst. a BDSG", "§ 12 Abs. 2 Satz 2 DSG NRW", true},
		{"access under any regime of the Land", "NW", "access", "2026-03-01", "", "§ 34 Abs. 1 Nr. 2 Buchst. b BDSG", "§ 9 NDSG", true},
		{"erasure, all of it verified", "NW", "erasure", "2026-03-01", "dsg_nrw", "§ 10 Abs. 2 Satz 1 DSG NRW", "§ 17 Abs. 5 DSG NRW", false},
		{"erasure after the amendment", "NW", "erasure", "2026-04-01", "dsg_nrw", "§ 10 Abs. 2 Satz 1 DSG NRW", "§ 17 Abs. 5 DSG NRW", true},
		{"erasure in Lower Saxony", "NI", "erasure", "2026-03-01", "", "§ 3 Abs. 1 NArchG", "§ 10 Abs. 2 Satz 1 DSG NRW", true},
		{"breach notice", "NW", "breach-notice", "2026-03-01", "", "§ 13 DSG NRW", "§ 10 NDSG", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := Grounds(tt.land, tt.right, tt.on, tt.regime)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Grounds []struct {
					Citation   string
					Conditions []struct{ DE, EN string }
					Source     string
				}
				Confirm bool
			}
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			var cited []string
			for _, g := range got.Grounds {
				cited = append(cited, g.Citation)
				if g.Source == "" || len(g.Conditions) > 0 && (g.Conditions[0].DE == "" || g.Conditions[0].EN == "") {
					t.Errorf("%s: source or questions are missing", g.Citation)
				}
			}
			all := "|" + strings.Join(cited, "|") + "|"
			if !strings.Contains(all, "|"+tt.with+"|") || strings.Contains(all, "|"+tt.without+"|") {
				t.Errorf("got %s, want %s and not %s", all, tt.with, tt.without)
			}
			if got.Confirm != tt.confirm {
				t.Errorf("confirm: got %v, want %v", got.Confirm, tt.confirm)
			}
		})
	}
}

func TestWhatDoesNotExistHereIsSaidWithTheGrounds(t *testing.T) {
	for regime, want := range map[string]bool{"dsg_nrw": true, "bdsg_nonpublic": false} {
		raw, err := Grounds("NW", "access", "2026-03-01", regime)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(raw), "NOT-RETENTION-ONLY"); got != want {
			t.Errorf("%s: got %v, want %v", regime, got, want)
		}
	}
}

func TestWrongArgumentsAreRefusedInOneSentence(t *testing.T) {
	for _, tt := range []struct{ name, land, right, on, regime, want string }{
		{"another Land", "BY", "access", "2026-03-01", "", "--land: write one of [NW NI]"},
		{"no such right", "NW", "oblivion", "2026-03-01", "", "--right: write one of"},
		{"no day", "NW", "access", "today", "", "--on: write a day"},
		{"no such regime", "NW", "access", "2026-03-01", "bdsg", "--regime: write one of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Grounds(tt.land, tt.right, tt.on, tt.regime); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := Rights("today"); err == nil {
		t.Error("rights: a word is taken for a day")
	}
}

func TestEveryRightHasItsChecklist(t *testing.T) {
	raw, err := Rights("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rights []struct {
			Right, Citation string
			Contents        []struct{ Citation, DE, EN string }
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rights) != 8 || got.Rights[0].Citation != "Art. 15 DSGVO" || len(got.Rights[0].Contents) != 13 || got.Rights[0].Contents[4].Citation != "Art. 15 Abs. 1 Buchst. c DSGVO" {
		t.Errorf("got %+v, want eight rights, the first with 13 items", got.Rights)
	}
}

func TestWorkedCasesAreChecked(t *testing.T) {
	shipped, err := filepath.Glob("../../../internal/law/testdata/*.txtar")
	if err != nil || len(shipped) == 0 {
		t.Fatalf("no worked case found: %v", err)
	}
	report, err := Check(shipped)
	if err != nil || !strings.Contains(string(report), " 0 different") {
		t.Errorf("got %v, %s", err, report)
	}
	data, err := os.ReadFile("../../../internal/law/testdata/recht-portability.txtar")
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.txtar")
	wrong := strings.Replace(string(data), "Ergebnis: stattgegeben", "Ergebnis: abgelehnt", 1)
	if err := os.WriteFile(own, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err = Check([]string{own})
	if err != ErrCheck || !strings.Contains(string(report), "own.txtar:3: stattgegeben: outcome: got granted, want refused") {
		t.Errorf("got %v, %s", err, report)
	}
	for _, files := range [][]string{nil, {filepath.Join(t.TempDir(), "missing")}} {
		if _, err := Check(files); err == nil || err == ErrCheck {
			t.Errorf("%v: got %v, want an error of reading", files, err)
		}
	}
}
