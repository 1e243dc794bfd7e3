package transfer_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/transfer"
)

func TestAReceiptIsReadOnlyAsItWasSigned(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := transfer.Receipt{Receiver: "Beispielverein", Parcel: uuid.New(), Size: 7, SHA256: strings.Repeat("ab", 32), ReceivedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	signed, err := want.Sign(private)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := transfer.Open(signed+"\n", public); err != nil || got != want {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	parts := strings.Split(signed, ".")
	for name, text := range map[string]string{
		"nothing":           "",
		"no signature":      parts[0] + "." + parts[1] + ".",
		"another header":    "eyJhbGciOiJub25lIn0." + parts[1] + "." + parts[2],
		"another content":   parts[0] + "." + parts[1] + "A." + parts[2],
		"another signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"a part too many":   signed + "." + parts[2],
	} {
		if _, err := transfer.Open(text, public); !errors.Is(err, transfer.ErrReceipt) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

func TestAKeyOfAControllerIsEd25519InPEM(t *testing.T) {
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	if got, err := transfer.ParseKey("\n" + text); err != nil || !got.Equal(public) {
		t.Errorf("got %v, want the key", err)
	}
	for name, bad := range map[string]string{"nothing": "", "no PEM": "abc", "two": text + text, "private": strings.ReplaceAll(text, "PUBLIC", "PRIVATE")} {
		if _, err := transfer.ParseKey(bad); !errors.Is(err, transfer.ErrKey) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := transfer.Receipt{Receiver: "a", Parcel: uuid.New()}.Sign(private)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add("..")
	f.Add(signed + ".")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := transfer.Open(text, public); err == nil {
			t.Error("opened what nobody signed")
		}
	})
}
