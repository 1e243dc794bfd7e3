package portal_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/postgres/postgrestest"
)

// plantCanary writes a string in clear into every place, each time in another
// form.
func (l *leak) plantCanary(t *testing.T, canary string) {
	t.Helper()
	forms := portaltest.Forms(canary)
	l.h.Log.Warn("planted", "form", string(forms["json escapes"]))
	if _, err := l.db.Exec(ctx, "select $1::text::uuid", canary); err == nil {
		t.Error("no error for the server's log")
	}
	if _, err := l.db.Exec(ctx, "insert into session (hash, sealed, created_at, seen_at) values ('\\x00', $1, now(), now())", forms["base64 at 2"]); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.Exec(ctx, "update river_job set metadata = jsonb_build_object('planted', $1::text) where id = (select min(id) from river_job)", string(forms["percent"])); err != nil {
		t.Fatal(err)
	}
	for dir, form := range map[string]string{"blobs": "latin-1", "outbox": "hex"} {
		if err := os.WriteFile(filepath.Join(l.h.Data, dir, "planted"), append([]byte("\x00\xfe"), forms[form]...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// places are everything that outlives a request.
func (l *leak) places(t *testing.T) map[string][]byte {
	t.Helper()
	places := map[string][]byte{
		"dump":              l.dump(t),
		"dump with inserts": l.dump(t, "--inserts"),
		"river_job":         l.table(t, "river_job"),
		"sessions":          l.table(t, "session"),
	}
	for place, dir := range map[string]string{"blobs": filepath.Join(l.h.Data, "blobs"), "outbox": filepath.Join(l.h.Data, "outbox"),
		"log of the portal": l.h.LogFile, "log of the database": postgrestest.Log()} {
		look := func() error {
			places[place] = nil
			return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				content, err := os.ReadFile(path)
				places[place] = slices.Concat(places[place], []byte("\n"+filepath.Base(path)+"\n"), content)
				return err
			})
		}
		err := look()
		for n := 0; n < 20 && errors.Is(err, fs.ErrNotExist); n++ { // a file that was being written took its name meanwhile
			err = look()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return places
}

func (l *leak) table(t *testing.T, name string) []byte {
	t.Helper()
	rows, err := l.db.Query(ctx, "select r::text from "+name+" r union all select to_jsonb(r)::text from "+name+" r")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.Join(all, "\n"))
}

// dump is pg_dump as superuser, who sees all rows.
func (l *leak) dump(t *testing.T, more ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("pg_dump")
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); len(found) > 0 {
		program, err = found[len(found)-1], nil
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"--dbname", l.h.Database.Superuser}, more...)...)
	out, err := cmd.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		t.Fatalf("pg_dump: %s", ended.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
