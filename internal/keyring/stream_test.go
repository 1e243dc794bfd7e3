package keyring_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"einsicht/internal/casefile"
	"einsicht/internal/keyring"
)

func sealFile(t *testing.T, k *keyring.Keyring, s casefile.Slot, plain []byte) ([]byte, error) {
	t.Helper()
	var sealed bytes.Buffer
	w, err := k.SealStream(t.Context(), s, &sealed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return sealed.Bytes(), err
}

func openFile(t *testing.T, k *keyring.Keyring, s casefile.Slot, sealed []byte) ([]byte, error) {
	t.Helper()
	r, err := k.OpenStream(t.Context(), s, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestFilesOfAllSizesComeBack(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	for _, size := range []int{0, 1, 1 << 20, 1<<20 - 57, 3<<20 + 5} {
		plain := make([]byte, size)
		_, _ = rand.Read(plain)
		sealed, err := sealFile(t, h.Keyring, s, plain)
		must(t, err)
		got, err := openFile(t, h.again(t), s, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: got %d bytes, %v", size, len(got), err)
		}
	}
}

func TestFileThatWasCutOffDoesNotEndWell(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	plain := make([]byte, 3<<20)
	sealed, err := sealFile(t, h.Keyring, s, plain)
	must(t, err)
	cuts := map[string]int{
		"to nothing":            0,
		"within the header":     20,
		"within a segment":      len(sealed) / 2,
		"at a segment boundary": 2 << 20,
		"by its last byte":      len(sealed) - 1,
	}
	for name, n := range cuts {
		got, err := openFile(t, h.Keyring, s, sealed[:n])
		if !errors.Is(err, keyring.ErrUnsealed) {
			t.Errorf("cut %s: got %d bytes, %v, want ErrUnsealed", name, len(got), err)
		}
	}
	var unclosed bytes.Buffer
	w, err := h.SealStream(t.Context(), s, &unclosed)
	must(t, err)
	_, err = w.Write(plain)
	must(t, err)
	if _, err := openFile(t, h.Keyring, s, unclosed.Bytes()); !errors.Is(err, keyring.ErrUnsealed) {
		t.Errorf("never closed: got %v, want ErrUnsealed", err)
	}
}

func TestDiskThatFailsIsNotABrokenSeal(t *testing.T) {
	h := newHouse(t)
	s := newSlot()
	must(t, h.NewCase(t.Context(), s.Authority, s.Case))
	sealed, err := sealFile(t, h.Keyring, s, make([]byte, 3<<20))
	must(t, err)
	for _, n := range []int64{10, 2 << 20} {
		failing := io.MultiReader(io.LimitReader(bytes.NewReader(sealed), n), iotest.ErrReader(io.ErrNoProgress))
		r, err := h.OpenStream(t.Context(), s, failing)
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if errors.Is(err, keyring.ErrUnsealed) || !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("disk fails after %d bytes: got %v, want the disk's error", n, err)
		}
	}
}
