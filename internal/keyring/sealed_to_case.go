package keyring

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	tinkhpke "github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// sealedToCase opens what was sealed to a case (RFC 9180). Tink works out the public
// half of the key whenever it opens something, which takes twice as long as all the rest;
// here it is done once. A case may hold thousands of findings.
type sealedToCase struct {
	prefix []byte
	key    hpke.PrivateKey
}

func newSealedToCase(handle *keyset.Handle) (tink.HybridDecrypt, error) {
	entry, err := handle.Primary()
	if err != nil {
		return nil, err
	}
	private, ok := entry.Key().(*tinkhpke.PrivateKey)
	if !ok || handle.Len() != 1 {
		return hybrid.NewHybridDecrypt(handle)
	}
	p, ok := private.Parameters().(*tinkhpke.Parameters)
	if !ok || p.KEMID() != tinkhpke.DHKEM_X25519_HKDF_SHA256 || p.KDFID() != tinkhpke.HKDFSHA256 || p.AEADID() != tinkhpke.AES256GCM {
		return hybrid.NewHybridDecrypt(handle)
	}
	secret := private.PrivateKeyBytes().Data(insecuresecretdataaccess.Token{})
	key, err := hpke.DHKEM(ecdh.X25519()).NewPrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("private key of a case: %w", ErrUnsealed)
	}
	return &sealedToCase{prefix: private.OutputPrefix(), key: key}, nil
}

// Decrypt is that of Tink for the same key.
func (s *sealedToCase) Decrypt(sealed, place []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, s.prefix)
	if !ok {
		return nil, errors.New("sealed with another key")
	}
	return hpke.Open(s.key, hpke.HKDFSHA256(), hpke.AES256GCM(), place, rest)
}
