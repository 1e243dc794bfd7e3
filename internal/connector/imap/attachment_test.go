package imap

import (
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
)

// noise is a file that can't be told from its end.
func noise(seed byte, size int) string {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return string(b)
}

func TestEachFileOfAMailIsTheOneThatWasAttached(t *testing.T) {
	part := func(head, body string) string { return "--x\n" + head + "\n\n" + body + "\n" }
	encoded := func(s string) string { return wrapped(base64.StdEncoding.EncodeToString([]byte(s))) }
	png := "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64"
	files := []string{noise(1, 3), noise(2, 5<<20), noise(3, 4<<20), "Text in einer Zeile", noise(4, 4<<20)} // two are too long to be held with the rest
	_, conn := serve(t, map[string][]string{"INBOX": {
		"From: erika.mustermann@example.org\nContent-Type: multipart/mixed; boundary=x\n\n" +
			part("Content-Type: text/plain", "Guten Tag") + part(png, encoded(files[0])) +
			"--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n" + png + "\n\n" + encoded(files[1]) + "\n--y--\n" +
			part(png, encoded(files[2])) + part("Content-Type: text/plain; name=t.txt", files[3]) + part(png, encoded(files[4])) + "--x--\n",
	}})
	c, err := Kind{}.Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Find(t.Context(), connectortest.Erika.Query(), nil, func(f connector.Finding, _ connector.Cursor) error {
		got := f.Files()
		if len(got) != len(files) {
			t.Fatalf("got %d files, want %d", len(got), len(files))
		}
		for i := len(got) - 1; i >= 0; i-- { // in any order
			content := string(connectortest.Content(t, got[i].Field))
			if content != files[i] || got[i].Field.Body.Size != int64(len(content)) {
				t.Errorf("file %d: got %d bytes, want the %d that were attached", i, len(content), len(files[i]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatIsNotThereAnyMoreIsNoShortOne(t *testing.T) {
	_, conn := serve(t, map[string][]string{"INBOX": {
		"From: erika.mustermann@example.org\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" +
			wrapped(base64.StdEncoding.EncodeToString([]byte(noise(1, 9<<20)))) + "\n",
	}})
	c, err := Kind{}.Open(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := c.(*account)
	s, err := a.signIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close(t.Context())
	b, err := s.examine(t.Context(), "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{account: a, session: s, box: b}
	for name, open := range map[string]func() (io.ReadCloser, error){
		"another mail":   func() (io.ReadCloser, error) { return w.openFile(t.Context(), 99, 0, 9<<20) },
		"another file":   func() (io.ReadCloser, error) { return w.openFile(t.Context(), 1, 1, 9<<20) },
		"a shorter file": func() (io.ReadCloser, error) { return w.openFile(t.Context(), 1, 0, 10<<20) },
	} {
		in, err := open()
		if err == nil {
			_, err = io.Copy(io.Discard, in)
		}
		if !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("%s: got %v, want that nobody has the file", name, err)
		}
	}
}
