package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/google/uuid"
)

// CodeMAC is what is stored of an access code: HMAC-SHA-256, 32 bytes, so that
// a copy of the database allows no guessing.
func (k *Keyring) CodeMAC(ctx context.Context, code string) ([]byte, error) {
	return k.hash(ctx, ring{uuid.Nil, "code"}, []byte(code))
}

// SealPage encrypts what a form carries from one step to the next, as text for
// a hidden field. The purpose names the form: a value of one does not open in
// another.
func (k *Keyring) SealPage(ctx context.Context, purpose string, plain []byte) (string, error) {
	sealed, err := k.sealWith(ctx, ring{uuid.Nil, "page"}, purpose, plain)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenPage decrypts what SealPage made for the same purpose. It says nothing
// about when: what must expire carries its time in it.
func (k *Keyring) OpenPage(ctx context.Context, purpose, text string) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("page %q: %w", purpose, ErrUnsealed)
	}
	return k.openWith(ctx, ring{uuid.Nil, "page"}, purpose, sealed)
}

// SessionSeal encrypts what a session holds with a key made from its id. The
// store knows only a hash of the id, so it can't read what it keeps. The id must be
// random and of 128 bits at least.
func (k *Keyring) SessionSeal(id string, plain []byte) ([]byte, error) {
	aead, err := sessionKey(id)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, nil), nil
}

// SessionOpen decrypts what SessionSeal made with the same id.
func (k *Keyring) SessionOpen(id string, sealed []byte) ([]byte, error) {
	aead, err := sessionKey(id)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("session: %w", ErrUnsealed)
	}
	return plain, nil
}

func sessionKey(id string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(id), nil, "einsicht 1 session", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a session key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive a session key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
