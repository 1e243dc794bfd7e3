package keyring

import (
	"bytes"
	"testing"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// both are the ways to open what was sealed to a case: Tink's, and ours.
func both(t testing.TB) (seal tink.HybridEncrypt, theirs, ours tink.HybridDecrypt) {
	t.Helper()
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template())
	if err != nil {
		t.Fatal(err)
	}
	public, err := handle.Public()
	if err != nil {
		t.Fatal(err)
	}
	if seal, err = hybrid.NewHybridEncrypt(public); err != nil {
		t.Fatal(err)
	}
	if theirs, err = hybrid.NewHybridDecrypt(handle); err != nil {
		t.Fatal(err)
	}
	if ours, err = newSealedToCase(handle); err != nil {
		t.Fatal(err)
	}
	if _, own := ours.(*sealedToCase); !own {
		t.Fatalf("got %T, which is Tink's: this checks nothing", ours)
	}
	return seal, theirs, ours
}

func TestWhatIsSealedToACaseOpensAsWithTink(t *testing.T) {
	seal, theirs, ours := both(t)
	for _, plain := range [][]byte{{}, []byte("x"), bytes.Repeat([]byte("Erika"), 10_000)} {
		sealed, err := seal.Encrypt(plain, []byte("place"))
		if err != nil {
			t.Fatal(err)
		}
		for name, way := range map[string]tink.HybridDecrypt{"Tink": theirs, "ours": ours} {
			if got, err := way.Decrypt(sealed, []byte("place")); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%s: got %d bytes and %v, want %d", name, len(got), err, len(plain))
			}
			if _, err := way.Decrypt(sealed, []byte("elsewhere")); err == nil {
				t.Errorf("%s: opened at another place", name)
			}
			for n := range min(len(sealed), 200) {
				altered := bytes.Clone(sealed)
				altered[n] ^= 1
				if _, err := way.Decrypt(altered, []byte("place")); err == nil {
					t.Errorf("%s: opened with byte %d altered", name, n)
				}
				if _, err := way.Decrypt(sealed[:n], []byte("place")); err == nil && n < len(sealed) {
					t.Errorf("%s: opened the first %d of %d bytes", name, n, len(sealed))
				}
			}
		}
	}
	other, _, _ := both(t)
	sealed, err := other.Encrypt([]byte("x"), []byte("place"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Decrypt(sealed, []byte("place")); err == nil {
		t.Error("opened what was sealed to another case")
	}
}

func BenchmarkOpenFromCase(b *testing.B) {
	seal, theirs, ours := both(b)
	sealed, err := seal.Encrypt(bytes.Repeat([]byte("Erika"), 200), []byte("place"))
	if err != nil {
		b.Fatal(err)
	}
	for name, way := range map[string]tink.HybridDecrypt{"tink": theirs, "ours": ours} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := way.Decrypt(sealed, []byte("place")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
