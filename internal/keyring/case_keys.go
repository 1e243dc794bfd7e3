package keyring

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"einsicht/internal/problem"
)

// NewCase makes the keys of a new case. Its id must be fresh: an id that was
// tried before and rolled back could still be remembered here.
func (k *Keyring) NewCase(ctx context.Context, authority, caseID uuid.UUID) error {
	key, err := k.makeCaseKey(authority, caseID)
	if err != nil {
		return fmt.Errorf("make keys for case %s: %w", caseID, err)
	}
	if err := k.store.PutCaseKey(ctx, key); err != nil {
		return fmt.Errorf("keep keys of case %s: %w", caseID, err)
	}
	k.cases.put(caseID, k.unwrapLater(key))
	return nil
}

// Shred destroys the keys of a case. What is sealed under them can't be read
// again by anybody, in no backup either. Another process may remember a key it
// has just used for ten more seconds.
func (k *Keyring) Shred(ctx context.Context, authority, caseID uuid.UUID) error {
	k.cases.bar(caseID, unsettled)
	if err := k.store.ShredCase(ctx, authority, caseID); err != nil {
		return fmt.Errorf("shred keys of case %s: %w", caseID, err)
	}
	return nil
}

// caseKeys are the keys of one case, each unwrapped when it is first needed.
type caseKeys struct {
	authority uuid.UUID
	values    func() (tink.AEAD, error)
	files     func() (tink.StreamingAEAD, error)
	public    func() (tink.HybridEncrypt, error)
	private   func() (tink.HybridDecrypt, error)
}

func (k *Keyring) caseKeys(ctx context.Context, authority, caseID uuid.UUID) (*caseKeys, error) {
	keys, ok := k.cases.get(caseID)
	if !ok {
		row, err := k.store.CaseKey(ctx, caseID)
		if errors.Is(err, problem.NotFound) {
			return nil, fmt.Errorf("keys of case %s: %w: %w", caseID, ErrUnsealed, err)
		}
		if err != nil {
			return nil, fmt.Errorf("keys of case %s: %w", caseID, err)
		}
		keys = k.unwrapLater(row)
		k.cases.put(caseID, keys)
	}
	if keys.authority != authority {
		return nil, fmt.Errorf("case %s is not a case of authority %s: %w", caseID, authority, ErrUnsealed)
	}
	return keys, nil
}

func (k *Keyring) makeCaseKey(authority, caseID uuid.UUID) (CaseKey, error) {
	values, err1 := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	files, err2 := keyset.NewHandle(streamingaead.AES256GCMHKDF1MBKeyTemplate())
	private, err3 := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template())
	if err := errors.Join(err1, err2, err3); err != nil {
		return CaseKey{}, err
	}
	public, err := private.Public()
	if err != nil {
		return CaseKey{}, err
	}
	var open bytes.Buffer
	if err := public.WriteWithNoSecrets(keyset.NewBinaryWriter(&open)); err != nil {
		return CaseKey{}, err
	}
	key := CaseKey{Authority: authority, Case: caseID, Public: open.Bytes()}
	wrappedValues, err1 := k.wrap(values, key.place("values"))
	wrappedFiles, err2 := k.wrap(files, key.place("files"))
	wrappedPrivate, err3 := k.wrap(private, key.privatePlace())
	key.Wrapped, key.WrappedPrivate = joined(wrappedValues, wrappedFiles), wrappedPrivate
	return key, errors.Join(err1, err2, err3)
}

func (k *Keyring) unwrapLater(row CaseKey) *caseKeys {
	wrappedValues, wrappedFiles := parted(row.Wrapped)
	return &caseKeys{
		authority: row.Authority,
		values: sync.OnceValues(func() (tink.AEAD, error) {
			return opened(k, wrappedValues, row.place("values"), aead.New)
		}),
		files: sync.OnceValues(func() (tink.StreamingAEAD, error) {
			return opened(k, wrappedFiles, row.place("files"), streamingaead.New)
		}),
		private: sync.OnceValues(func() (tink.HybridDecrypt, error) {
			return opened(k, row.WrappedPrivate, row.privatePlace(), newSealedToCase)
		}),
		public: sync.OnceValues(func() (tink.HybridEncrypt, error) {
			handle, err := keyset.ReadWithNoSecrets(keyset.NewBinaryReader(bytes.NewReader(row.Public)))
			if err != nil {
				return nil, fmt.Errorf("public key of case %s is damaged", row.Case)
			}
			return hybrid.NewHybridEncrypt(handle)
		}),
	}
}

// place binds a wrapped key to authority, case and purpose.
func (key CaseKey) place(purpose string) []byte {
	return binding("case key", key.Authority[:], key.Case[:], []byte(purpose))
}

// privatePlace binds the private key to its public half too: whoever swaps the
// public key in the database is noticed when the case is next opened.
func (key CaseKey) privatePlace() []byte {
	return binding("case key", key.Authority[:], key.Case[:], []byte("private"), key.Public)
}

func (k *Keyring) wrap(handle *keyset.Handle, place []byte) ([]byte, error) {
	var wrapped bytes.Buffer
	err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), k.wrapping, place)
	return wrapped.Bytes(), err
}

func (k *Keyring) unwrap(wrapped, place []byte) (*keyset.Handle, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), k.wrapping, place)
	if err != nil {
		return nil, fmt.Errorf("unwrap a key: %w", ErrUnsealed)
	}
	return handle, nil
}

func opened[P any](k *Keyring, wrapped, place []byte, use func(*keyset.Handle) (P, error)) (P, error) {
	handle, err := k.unwrap(wrapped, place)
	if err != nil {
		var none P
		return none, err
	}
	return use(handle)
}

// binding writes parts so that no two lists of parts give the same bytes.
func binding(purpose string, parts ...[]byte) []byte {
	out := []byte("einsicht 1 " + purpose)
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}

func joined(a, b []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(a)))
	return append(append(out, a...), b...)
}

// parted undoes joined; what is damaged gives parts that do not unwrap.
func parted(ab []byte) (a, b []byte) {
	if len(ab) < 4 {
		return nil, nil
	}
	n := binary.BigEndian.Uint32(ab)
	if uint64(n) > uint64(len(ab)-4) {
		return nil, nil
	}
	return ab[4 : 4+n], ab[4+n:]
}
