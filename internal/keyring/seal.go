package keyring

import (
	"context"
	"fmt"

	"einsicht/internal/casefile"
)

// Seal encrypts a value for its place with the key of the case.
func (k *Keyring) Seal(ctx context.Context, slot casefile.Slot, plain []byte) ([]byte, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	values, err := keys.values()
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", slot.Case, err)
	}
	return values.Encrypt(plain, place(slot))
}

// Open decrypts what Seal made for the same place.
func (k *Keyring) Open(ctx context.Context, slot casefile.Slot, sealed []byte) ([]byte, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	values, err := keys.values()
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", slot.Case, err)
	}
	plain, err := values.Decrypt(sealed, place(slot))
	if err != nil {
		return nil, unsealed(slot)
	}
	return plain, nil
}

// SealToCase encrypts a value for its place with the public key of the case:
// whoever gathers can add findings and can't read what others have added. It
// says nothing about who sealed it.
func (k *Keyring) SealToCase(ctx context.Context, slot casefile.Slot, plain []byte) ([]byte, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	public, err := keys.public()
	if err != nil {
		return nil, err
	}
	return public.Encrypt(plain, place(slot))
}

// OpenFromCase decrypts what SealToCase made for the same place.
func (k *Keyring) OpenFromCase(ctx context.Context, slot casefile.Slot, sealed []byte) ([]byte, error) {
	keys, err := k.caseKeys(ctx, slot.Authority, slot.Case)
	if err != nil {
		return nil, err
	}
	private, err := keys.private()
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", slot.Case, err)
	}
	plain, err := private.Decrypt(sealed, place(slot))
	if err != nil {
		return nil, unsealed(slot)
	}
	return plain, nil
}

// place is what a seal binds: moved to another authority, case, table, column
// or row, the value does not open.
func place(s casefile.Slot) []byte {
	return binding("slot", s.Authority[:], s.Case[:], []byte(s.Table), []byte(s.Column), s.Row[:])
}
