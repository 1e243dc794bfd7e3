package connectorcli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"einsicht/internal/connector"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func none(connector.Ref) (string, error) { return "", errors.New("no secret here") }

func TestFindPrintsWhatItFound(t *testing.T) {
	log := write(t, "access.log", `192.0.2.7 - erika [03/Nov/2026:12:00:00 +0000] "GET /akte HTTP/1.1" 200 512 "-" "Mozilla/5.0"`+"\n"+
		`192.0.2.8 - hans [03/Nov/2026:12:00:00 +0000] "GET /andere HTTP/1.1" 200 512 "-" "Mozilla/5.0"`+"\n")
	file := write(t, "log.yaml", "system: log\nkind: weblog\nmatch: [{by: [account]}, {by: [ip+time]}]\nweblog: {files: ["+log+"]}\n")
	var out bytes.Buffer
	if err := Find(t.Context(), &out, file, []string{"verified:account=Erika"}, none); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "GET /akte") || strings.Contains(out.String(), "hans") {
		t.Fatalf("got:\n%s", out.String())
	}
	var finding struct {
		Confidence string
		LedBy      [][]string `json:"led_by"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &finding); err != nil || finding.Confidence != "sure" || finding.LedBy[0][0] != "account" {
		t.Errorf("got %+v, %v", finding, err)
	}
	out.Reset()
	if err := Find(t.Context(), &out, file, []string{"ip+time=192.0.2.7 2026-11-03T12:00:00Z"}, none); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, `"outcome":"unattributable"`) || strings.Contains(got, "akte") {
		t.Errorf("an address that was only typed: got %s", got)
	}
}

func TestCheckAndItsErrors(t *testing.T) {
	good := write(t, "papier.yaml", "system: papier\nkind: manual\n")
	var out bytes.Buffer
	if err := Check(t.Context(), &out, good, none); err != nil || !strings.Contains(out.String(), "papier (manual) answers") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	for _, c := range []struct{ name, file, want string }{
		{"unknown kind", "system: x\nkind: fax\n", "kind: must be one of ["},
		{"secret that is not there", "system: x\nkind: manual\nsecrets: {password: {env: GEHEIM}}\n", "secrets.password: no secret here"},
		{"no log", "system: x\nkind: weblog\nmatch: [{by: [account]}]\nweblog: {files: [/nirgends/log]}\n", "system does not answer"},
	} {
		if err := Check(t.Context(), &out, write(t, "c.yaml", c.file), none); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	for _, subject := range []string{"erika@example.org", "schuhgroesse=41", "email=erika"} {
		err := Find(t.Context(), &out, good, []string{subject}, none)
		if err == nil || strings.Contains(err.Error(), "erika") && !strings.Contains(err.Error(), "such as") || strings.Contains(err.Error(), "41") {
			t.Errorf("subject %q: got %v, want an error that does not quote it", subject, err)
		}
	}
	if err := Find(t.Context(), &out, good, []string{"email=erika@example.org"}, none); !errors.Is(err, connector.ErrManual) {
		t.Errorf("manual: got %v, want %v", err, connector.ErrManual)
	}
}

func TestCheckNamesWhatNobodyMapped(t *testing.T) {
	var out bytes.Buffer
	err := printUnmapped(&out, []connector.Sort{{Category: "orders", Fields: []connector.FieldUse{{Name: "note"}, {Name: "flag"}}}, {Category: "people"}})
	if want := "not mapped: orders.note\nnot mapped: orders.flag\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v, want %q", out.String(), err, want)
	}
}
