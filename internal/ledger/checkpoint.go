package ledger

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed statement: so many entries, this root. Whoever keeps
// one can prove later that the ledger was rewritten.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// Origin names the ledger of an authority and year in its checkpoints.
func Origin(authority uuid.UUID, year int) string {
	return "einsicht/" + authority.String() + "/" + strconv.Itoa(year)
}

// Sign writes a checkpoint as a signed note (package note): origin, size and
// root, one a line. The seed is one of Ed25519, 32 bytes.
func Sign(seed []byte, origin string, n int64, root Hash) ([]byte, error) {
	s, err := newSigner(seed, origin)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %s: %w", origin, err)
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, n, root)}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %s: %w", origin, err)
	}
	return signed, nil
}

// VerifierKey is the public key to check signatures of Sign with, as text to
// publish. It names the origin.
func VerifierKey(seed []byte, origin string) (string, error) {
	if len(seed) != ed25519.SeedSize {
		return "", errors.New("seed is not 32 bytes")
	}
	return note.NewEd25519VerifierKey(origin, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
}

// Verify reads a checkpoint if it is signed with the key and is of its origin.
func Verify(verifierKey string, signed []byte) (Checkpoint, error) {
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read verifier key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		// The message of package note quotes what it read.
		return Checkpoint{}, fmt.Errorf("checkpoint of %s is not signed with its key", verifier.Name())
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil || c.Origin != verifier.Name() {
		return Checkpoint{}, fmt.Errorf("signed note is no checkpoint of %s", verifier.Name())
	}
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("checkpoint does not have three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errors.New("checkpoint has no size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("checkpoint has no root")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// signer implements note.Signer.
type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

func newSigner(seed []byte, origin string) (signer, error) {
	public, err := VerifierKey(seed, origin)
	if err != nil {
		return signer{}, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return signer{}, err
	}
	return signer{verifier, ed25519.NewKeyFromSeed(seed)}, nil
}

func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }
