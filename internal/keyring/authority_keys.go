package keyring

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"

	"einsicht/internal/problem"
)

// Prepare makes the keys of an authority that many pages need: pseudonyms, and
// search hashes of these kinds. After it no page has to wait for a key while it
// holds a transaction.
func (k *Keyring) Prepare(ctx context.Context, authority uuid.UUID, kinds ...string) error {
	purposes := []string{"pseudonym"}
	for _, kind := range kinds {
		purposes = append(purposes, tokenPurpose(kind))
	}
	for _, p := range purposes {
		if _, err := k.open(ctx, ring{authority, p}, hashing); err != nil {
			return fmt.Errorf("prepare keys of authority %s: %w", authority, err)
		}
	}
	return nil
}

// Token is the search hash of a normalised value: HMAC-SHA-256, 32 bytes, with
// a key for each authority and kind, so that hashes can't be compared across.
func (k *Keyring) Token(ctx context.Context, authority uuid.UUID, kind, value string) ([]byte, error) {
	return k.hash(ctx, ring{authority, tokenPurpose(kind)}, []byte(value))
}

// Pseudonym stands for an actor in the ledger of one authority, 32 bytes.
func (k *Keyring) Pseudonym(ctx context.Context, authority, actor uuid.UUID) ([]byte, error) {
	return k.hash(ctx, ring{authority, "pseudonym"}, actor[:])
}

// SigningSeed is the Ed25519 seed that signs an authority's ledger of a year.
func (k *Keyring) SigningSeed(ctx context.Context, authority uuid.UUID, year int) ([]byte, error) {
	return k.hash(ctx, ring{authority, "sign " + strconv.Itoa(year)}, []byte("ed25519 seed"))
}

// SealFor encrypts what belongs to an authority and to no single case. The
// purpose names the key ("staff", "ledger-2026"), aad the place, such as the row.
func (k *Keyring) SealFor(ctx context.Context, authority uuid.UUID, purpose, aad string, plain []byte) ([]byte, error) {
	return k.sealWith(ctx, ring{authority, sealPurpose(purpose)}, aad, plain)
}

// OpenFor decrypts what SealFor made for the same authority, purpose and place.
func (k *Keyring) OpenFor(ctx context.Context, authority uuid.UUID, purpose, aad string, sealed []byte) ([]byte, error) {
	return k.openWith(ctx, ring{authority, sealPurpose(purpose)}, aad, sealed)
}

func tokenPurpose(kind string) string   { return "token " + kind }
func sealPurpose(purpose string) string { return "seal " + purpose }

// ring names one key of an authority; of uuid.Nil, one of the portal.
type ring struct {
	authority uuid.UUID
	purpose   string
}

func (r ring) place() []byte {
	return binding("authority key", r.authority[:], []byte(r.purpose))
}

// kind says what a key is for, as the template Tink makes it from.
type kind func() *tinkpb.KeyTemplate

var (
	sealing kind = aead.AES256GCMKeyTemplate
	hashing kind = prf.HMACSHA256PRFKeyTemplate
)

// open gives a key and makes it if there is none.
func (k *Keyring) open(ctx context.Context, r ring, kind kind) (*keyset.Handle, error) {
	handle, err := k.find(ctx, r)
	if !errors.Is(err, problem.NotFound) {
		return handle, err
	}
	wrapped, err := k.makeRing(ctx, r, kind)
	if err != nil {
		return nil, fmt.Errorf("make key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	return k.unwrapRing(r, wrapped)
}

// find gives a key, or problem.NotFound.
func (k *Keyring) find(ctx context.Context, r ring) (*keyset.Handle, error) {
	if handle, ok := k.rings.get(r); ok {
		return handle, nil
	}
	wrapped, err := k.store.AuthorityKey(ctx, r.authority, r.purpose)
	if err != nil {
		return nil, fmt.Errorf("key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	return k.unwrapRing(r, wrapped)
}

func (k *Keyring) unwrapRing(r ring, wrapped []byte) (*keyset.Handle, error) {
	handle, err := k.unwrap(wrapped, r.place())
	if err != nil {
		return nil, fmt.Errorf("key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	k.rings.put(r, handle)
	return handle, nil
}

// makeRing keeps a new key, or finds the one that another process was faster
// to keep.
func (k *Keyring) makeRing(ctx context.Context, r ring, kind kind) ([]byte, error) {
	handle, err := keyset.NewHandle(kind())
	if err != nil {
		return nil, err
	}
	wrapped, err := k.wrap(handle, r.place())
	if err != nil {
		return nil, err
	}
	return k.store.PutAuthorityKey(ctx, r.authority, r.purpose, wrapped)
}

func (k *Keyring) hash(ctx context.Context, r ring, value []byte) ([]byte, error) {
	handle, err := k.open(ctx, r, hashing)
	if err != nil {
		return nil, err
	}
	set, err := prf.NewPRFSet(handle)
	if err != nil {
		return nil, fmt.Errorf("key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	return set.ComputePrimaryPRF(value, 32)
}

func (k *Keyring) sealWith(ctx context.Context, r ring, aad string, plain []byte) ([]byte, error) {
	handle, err := k.open(ctx, r, sealing)
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	return primitive.Encrypt(plain, []byte(aad))
}

func (k *Keyring) openWith(ctx context.Context, r ring, aad string, sealed []byte) ([]byte, error) {
	handle, err := k.find(ctx, r)
	if errors.Is(err, problem.NotFound) { // then nothing was ever sealed with it
		return nil, fmt.Errorf("%w: %w", ErrUnsealed, err)
	}
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("key %q of authority %s: %w", r.purpose, r.authority, err)
	}
	plain, err := primitive.Decrypt(sealed, []byte(aad))
	if err != nil {
		return nil, fmt.Errorf("%q of authority %s: %w", r.purpose, r.authority, ErrUnsealed)
	}
	return plain, nil
}
