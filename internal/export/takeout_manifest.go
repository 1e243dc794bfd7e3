package export

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// TakeoutManifest lists every other entry of a package to take along in its order.
// Behind it stand its signature and the key to check it with.
type TakeoutManifest struct {
	Format    string `json:"format"`
	Version   int    `json:"version"`
	Authority Named  `json:"authority"`
	Date      string `json:"date"` // RFC 3339 full-date
	Entries   []Sum  `json:"entries"`
}

// sealed are the last three entries: the manifest, its Ed25519 signature (RFC 8032, 64
// bytes) and the public key (RFC 8410, PEM).
func (m TakeoutManifest) sealed(key ed25519.PrivateKey) ([]Entry, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	public, err := PublicKey(key)
	if err != nil {
		return nil, err
	}
	whole := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	return []Entry{
		{manifestName, whole(text.Bytes())},
		{signatureOf, whole(ed25519.Sign(key, text.Bytes()))},
		{publicKeyOf, whole(public)},
	}, nil
}

// PublicKey is the public half of a key as text (RFC 8410, PEM).
func PublicKey(key ed25519.PrivateKey) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("the package has no key to sign with")
	}
	der, err := spki(key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Fingerprint is the SHA-256 of the public key in its usual form (RFC 8410, DER), in
// hex: what two people can compare.
func Fingerprint(key ed25519.PrivateKey) string {
	if len(key) != ed25519.PrivateKeySize {
		return ""
	}
	return fingerprint(key.Public().(ed25519.PublicKey))
}

func fingerprint(public ed25519.PublicKey) string {
	der, err := spki(public)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

func spki(public ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("write the public key: %w", err)
	}
	return der, nil
}

// readPublicKey reads what sealed wrote.
func readPublicKey(text []byte) (ed25519.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 || block.Type != "PUBLIC KEY" {
		return nil, errors.New("no public key stands there")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, errors.New("no public key stands there")
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the public key is not one of Ed25519")
	}
	return public, nil
}
