package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"einsicht/internal/connector"
	"einsicht/internal/problem"
)

// ErrNoSourceKey says that this process can't read secrets of source systems:
// it only serves, and never loaded the key for them.
var ErrNoSourceKey = errors.New("this process holds no key for secrets of systems")

// publicSources is where the half that only seals lies, for every process.
var publicSources = ring{uuid.Nil, "sources public"}

// LoadSourceKey reads the private half of the key pair for secrets of source
// systems, or makes the pair at the first start. Only processes that ask systems
// call it: the file is none of a portal's business, and nothing in the database
// opens what was sealed.
func (k *Keyring) LoadSourceKey(ctx context.Context, path string) error {
	private, err := readKeyset(path, "source key")
	if errors.Is(err, fs.ErrNotExist) {
		private, err = k.makeSourceKey(ctx, path)
	}
	if err != nil {
		return err
	}
	public, err := private.Public()
	if err != nil {
		return fmt.Errorf("the file %s holds no key pair: put the right file back from its backup", path)
	}
	wrapped, err := k.wrap(public, publicSources.place())
	if err != nil {
		return fmt.Errorf("keep the public half of the source key: %w", err)
	}
	if _, err := k.store.PutAuthorityKey(ctx, publicSources.authority, publicSources.purpose, wrapped); err != nil {
		return fmt.Errorf("keep the public half of the source key: %w", err)
	}
	if k.sources, err = hybrid.NewHybridDecrypt(private); err != nil {
		return fmt.Errorf("the file %s holds a key that can't open: put the right file back from its backup", path)
	}
	return k.checkSourceKey(ctx, path)
}

// checkSourceKey makes sure that what is sealed from now on can be opened here.
func (k *Keyring) checkSourceKey(ctx context.Context, path string) error {
	sealed, err := k.SealSecret(ctx, connector.SecretPlace{Name: "canary"}, []byte("canary"))
	if err != nil {
		return err
	}
	if _, err := k.OpenSecret(ctx, connector.SecretPlace{Name: "canary"}, sealed); err != nil {
		return fmt.Errorf("%w: the file %s does not open the secrets of this database: "+
			"put the right file back from its backup, or take it from the machine that works already", ErrWrongKey, path)
	}
	return nil
}

func (k *Keyring) makeSourceKey(ctx context.Context, path string) (*keyset.Handle, error) {
	if _, err := k.store.AuthorityKey(ctx, publicSources.authority, publicSources.purpose); err == nil {
		return nil, fmt.Errorf("the source key %s is missing, but the database was made with one: put the file back from its backup, "+
			"or take it from the machine that works already; a new key would open none of the secrets", path)
	} else if !errors.Is(err, problem.NotFound) {
		return nil, err
	}
	private, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template())
	if err != nil {
		return nil, fmt.Errorf("make a source key: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(private, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("make a source key: %w", err)
	}
	err = writeOnce(path, text.Bytes())
	if errors.Is(err, fs.ErrExist) { // a second process starts at the same time
		return readKeyset(path, "source key")
	}
	if err != nil {
		return nil, fmt.Errorf("write the source key: %w", err)
	}
	return private, nil
}

// SealSecret encrypts a secret of a source system for its place. Every process
// can; only those with the source key can read it again.
func (k *Keyring) SealSecret(ctx context.Context, place connector.SecretPlace, plain []byte) ([]byte, error) {
	handle, err := k.find(ctx, publicSources)
	if errors.Is(err, problem.NotFound) {
		return nil, fmt.Errorf("there is no key for secrets of systems yet: start `einsicht worker` or `einsicht run` once, which makes it: %w", problem.Unavailable)
	}
	if err != nil {
		return nil, err
	}
	public, err := hybrid.NewHybridEncrypt(handle)
	if err != nil {
		return nil, fmt.Errorf("the public half of the source key: %w", err)
	}
	return public.Encrypt(plain, secretPlace(place))
}

// OpenSecret decrypts what SealSecret made for the same place, in a process that
// loaded the source key; in others it fails with ErrNoSourceKey.
func (k *Keyring) OpenSecret(_ context.Context, place connector.SecretPlace, sealed []byte) ([]byte, error) {
	if k.sources == nil {
		return nil, ErrNoSourceKey
	}
	plain, err := k.sources.Decrypt(sealed, secretPlace(place))
	if err != nil {
		return nil, fmt.Errorf("secret of authority %s: %w", place.Authority, ErrUnsealed)
	}
	return plain, nil
}

func secretPlace(p connector.SecretPlace) []byte {
	parts := [][]byte{p.Authority[:], []byte(p.System), []byte(p.Name)}
	for _, host := range p.Hosts {
		parts = append(parts, []byte(host))
	}
	return binding("source secret", parts...)
}
