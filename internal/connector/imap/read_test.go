package imap

import "testing"

func FuzzAReferenceIsTakenToTheLetter(f *testing.F) {
	for _, s := range []string{"INBOX/1/2", "Archiv%2FAnfragen%20%C3%BCber/1795356942/7", "INBOX/1/0", "INBOX/01/2", "INBOX/1/2/3", "INBOX/1/4294967296", "/1/2", "INBOX/1/2%", "a%2fb/1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := readReference(s); ok && (n.reference() != s || n.uid == 0) {
			t.Errorf("%q is read as %q", s, n.reference())
		}
	})
}
