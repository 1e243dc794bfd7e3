package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// ErrWrongKey says that the database was sealed with another wrapping key.
var ErrWrongKey = errors.New("wrong wrapping key")

// Load reads the wrapping key: a file with a Tink keyset in JSON that nobody
// but its owner may read.
func Load(path string, store Store) (*Keyring, error) {
	handle, err := readKeyset(path, "wrapping key")
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("the file %s holds a key that can't wrap: put the right file back from its backup", path)
	}
	return newKeyring(path, primitive, store), nil
}

// readKeyset reads a key from a file that nobody but its owner may read.
func readKeyset(path, what string) (*keyset.Handle, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", what, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the %s %s is not a file", what, path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("others may read the %s %s (mode %04o): run chmod 600 on it and ask who has read it", what, path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the %s: %w", what, err)
	}
	// Tink's message could quote the file; so it is not passed on.
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, fmt.Errorf("the file %s holds no %s: put the right file back from its backup", path, what)
	}
	return handle, nil
}

// Create makes a new wrapping key in a file that must not exist yet.
func Create(path string, store Store) (*Keyring, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a wrapping key: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("make a wrapping key: %w", err)
	}
	if err := writeOnce(path, text.Bytes()); err != nil {
		return nil, fmt.Errorf("write the wrapping key: %w", err)
	}
	return Load(path, store)
}

// LoadOrCreate loads the wrapping key, or makes it at the first start. Only a
// database that holds no wrapped key yet may get a new one (mayCreate).
func LoadOrCreate(path string, store Store, mayCreate bool) (*Keyring, error) {
	k, err := Load(path, store)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if !mayCreate {
		return nil, fmt.Errorf("the wrapping key %s is missing, but the database holds keys that only it opens: "+
			"put the file back from its backup, or set the configuration to where it lies; a new key would open nothing", path)
	}
	k, err = Create(path, store)
	if errors.Is(err, fs.ErrExist) { // a second process starts at the same time
		return Load(path, store)
	}
	return k, err
}

// Check proves that the wrapping key is the one this database was sealed with,
// and makes the portal's own keys in a new database. Call it before the first
// request is served.
func (k *Keyring) Check(ctx context.Context) error {
	for _, own := range []struct {
		purpose string
		kind    kind
	}{{"canary", sealing}, {"code", hashing}, {"page", sealing}} {
		_, err := k.open(ctx, ring{uuid.Nil, own.purpose}, own.kind)
		if errors.Is(err, ErrUnsealed) {
			return fmt.Errorf("%w: the file %s does not open the keys of this database: "+
				"put the right file back from its backup, or connect to the database it belongs to", ErrWrongKey, k.path)
		}
		if err != nil {
			return fmt.Errorf("check the wrapping key: %w", err)
		}
	}
	return nil
}

// writeOnce makes a whole file of mode 0600 appear under a free name, or none:
// a start that is killed halfway leaves no empty key behind.
func writeOnce(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".wrapping-*") // O_EXCL, mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if _, err := temp.Write(text); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil { // fails where a file stands, as O_EXCL does
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
