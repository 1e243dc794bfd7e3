package ledger

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestSignedNoteThatIsNoCheckpoint(t *testing.T) {
	seed, origin := bytes.Repeat([]byte{1}, 32), "einsicht/x/2026"
	key, err := VerifierKey(seed, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSigner(seed, origin)
	if err != nil {
		t.Fatal(err)
	}
	root := Hash{1}.String()
	tests := map[string]struct {
		text string
		ok   bool
	}{
		"a checkpoint":         {origin + "\n7\n" + root + "\n", true},
		"of another ledger":    {"einsicht/x/2025\n7\n" + root + "\n", false},
		"with a line too many": {origin + "\n7\n" + root + "\nand more\n", false},
		"with a line missing":  {origin + "\n7\n", false},
		"of negative size":     {origin + "\n-7\n" + root + "\n", false},
		"of two spellings":     {origin + "\n07\n" + root + "\n", false},
		"without a root":       {origin + "\n7\nroot\n", false},
	}
	for name, tt := range tests {
		signed, err := note.Sign(&note.Note{Text: tt.text}, s)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := Verify(key, signed); (err == nil) != tt.ok {
			t.Errorf("%s: got %v, %v, want it accepted: %t", name, c, err, tt.ok)
		}
	}
}
