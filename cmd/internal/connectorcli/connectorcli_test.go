package connectorcli

import (
	"bytes"
	"context"
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
		{"no log", "system: x\nkind: weblog\nmatch: [{by: [account]}]\nweblog:\n  files: [/nirgends/log]\n", "c.yaml:5: weblog.files: system does not answer (no file)"},
		{"what a kind is not found by", "system: x\nkind: weblog\nmatch:\n  - {by: [name]}\nweblog: {files: [/nirgends/log]}\n", "c.yaml:4: weblog.match: a log is searched by"},
		{"a secret that is not there, and its line", "system: x\nkind: manual\nsecrets:\n  password: {env: GEHEIM}\n", "c.yaml:4: secrets.password: no secret here"},
		{"a timeout that no job waits for", "system: x\nkind: manual\ntimeout: 2m\n", "c.yaml:3: timeout: must be 40s at most"},
		{"a second system", "system: x\nkind: manual\n---\nsystem: y\nkind: manual\n", "c.yaml:3: file: a second document"},
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

func TestAFileOfAbsurdSizeIsNotRead(t *testing.T) {
	file := write(t, "dump.yaml", "system: x\nkind: manual\n")
	if err := os.Truncate(file, 1<<40); err != nil { // a hole: read to its end it would not fit into memory
		t.Fatal(err)
	}
	if err := Check(t.Context(), &bytes.Buffer{}, file, none); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("got %v, want that it is refused", err)
	}
}

func TestASecretThatOthersMayReadIsSaid(t *testing.T) {
	secret := write(t, "password", "geheim")
	file := write(t, "c.yaml", "system: papier\nkind: manual\nsecrets:\n  password: {file: "+secret+"}\n  other: {env: OTHER}\n")
	for mode, want := range map[os.FileMode]string{0o600: "", 0o400: "", 0o640: "c.yaml:4: secrets.password: others may read its file; chmod 600 it\n", 0o604: "chmod 600"} {
		if err := os.Chmod(secret, mode); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Check(t.Context(), &out, file, func(connector.Ref) (string, error) { return "geheim", nil }); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, want) || strings.Contains(got, "warning") != (want != "") || strings.Contains(got, "geheim") {
			t.Errorf("%o: got %q, want %q", mode, got, want)
		}
	}
}

func TestAnUnknownKindIsToldTheKnown(t *testing.T) {
	for subject, want := range map[string]string{
		"schuhgroesse=41":     "subject 1: no such kind of identifier; one of [email name birthdate",
		"birthdate=12.8.64":   "subject 1: not a value of this kind; it is written such as birthdate=1964-08-12 (or 12.08.1964",
		"ip+time=192.0.2.7":   "such as ip+time=192.0.2.7 2026-11-20T10:15:00Z",
		"erika@example.org":   "must be kind=value",
		"verified:iban=DE021": "such as iban=DE02",
	} {
		if _, err := parse([]string{subject}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestCheckNamesWhatNobodyMapped(t *testing.T) {
	var out bytes.Buffer
	err := printUnmapped(&out, []connector.Sort{{Category: "orders", Fields: []connector.FieldUse{{Name: "note"}, {Name: "flag"}}}, {Category: "people"}})
	if want := "not mapped: orders.note\nnot mapped: orders.flag\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v, want %q", out.String(), err, want)
	}
}

// half is a system one of whose files can't be read.
type half struct{ connector.Connector }

func (half) Gaps(context.Context) ([]connector.Gap, error) {
	return []connector.Gap{{Place: "access.log.2", Reason: "connector.gap.forbidden", Count: 1}}, nil
}

func TestCheckNamesFilesThatCanNotBeRead(t *testing.T) {
	var out bytes.Buffer
	if err := printGaps(t.Context(), &out, half{}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "warning: access.log.2: ") || strings.Contains(got, "connector.gap") {
		t.Errorf("got %q, want the file and a sentence", got)
	}
}
