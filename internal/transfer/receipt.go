package transfer

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Receipt is what the receiving side signs. It says nothing about the person.
type Receipt struct {
	Receiver   string    `json:"iss"`
	Parcel     uuid.UUID `json:"jti"`
	Size       int64     `json:"size"`   // bytes
	SHA256     string    `json:"sha256"` // hexadecimal
	ReceivedAt time.Time `json:"received_at"`
}

// ErrKey says what a key looks like.
var ErrKey = errors.New("the key of a controller is an Ed25519 public key in PEM (RFC 8410), as of: openssl pkey -in key.pem -pubout")

// protected is the only header that receipts have.
var protected = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"einsicht-receipt"}`))

// Sign writes a receipt as JWS in its compact form (RFC 7515, RFC 8037).
func (r Receipt) Sign(key ed25519.PrivateKey) (string, error) {
	payload, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	text := protected + "." + base64.RawURLEncoding.EncodeToString(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text))), nil
}

// Open reads a receipt that was signed by a key. It fails with ErrReceipt.
func Open(signed string, key ed25519.PublicKey) (Receipt, error) {
	var r Receipt
	signed = strings.TrimSpace(signed)
	end := strings.LastIndexByte(signed, '.')
	head, payload, ok := strings.Cut(signed[:max(end, 0)], ".")
	if !ok || head != protected || len(key) != ed25519.PublicKeySize {
		return r, ErrReceipt
	}
	signature, err := base64.RawURLEncoding.DecodeString(signed[end+1:])
	if err != nil || !ed25519.Verify(key, []byte(signed[:end]), signature) {
		return r, ErrReceipt
	}
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || json.Unmarshal(text, &r) != nil {
		return Receipt{}, ErrReceipt
	}
	return r, nil
}

// ParseKey reads the public key of a controller. It fails with ErrKey.
func ParseKey(text string) (ed25519.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "" {
		return nil, ErrKey
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, ErrKey
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, ErrKey
	}
	return public, nil
}
