package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zip"
)

// ErrDamaged says that a package is not what its manifest says.
var ErrDamaged = errors.New("package does not match its manifest")

// Check reads a package again and compares every entry with the manifest: none
// may be missing, added, doubled, moved or changed.
func Check(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: no readable ZIP file: %w", ErrDamaged, err)
	}
	if len(z.File) == 0 || z.File[len(z.File)-1].Name != manifestName {
		return fmt.Errorf("%w: the last entry is not the manifest", ErrDamaged)
	}
	entries := z.File[:len(z.File)-1]
	m, err := readManifest(z.File[len(z.File)-1])
	if err != nil {
		return err
	}
	return compare(entries, m.Entries)
}

// compare holds entries against what a manifest says of them.
func compare(entries []*zip.File, sums []Sum) error {
	if len(entries) != len(sums) {
		return fmt.Errorf("%w: got %d entries, want %d", ErrDamaged, len(entries), len(sums))
	}
	for i, f := range entries {
		if err := sums[i].check(f); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, place(sums[i].Name, i), err)
		}
	}
	return nil
}

func readManifest(f *zip.File) (Manifest, error) {
	var m Manifest
	r, err := f.Open()
	if err != nil {
		return m, fmt.Errorf("%w: open the manifest: %w", ErrDamaged, err)
	}
	defer r.Close()
	dec := json.NewDecoder(io.LimitReader(r, maxManifest))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("%w: read the manifest: %w", ErrDamaged, err)
	}
	if m.Version != manifestVersion {
		return m, fmt.Errorf("%w: manifest of version %d, want %d", ErrDamaged, m.Version, manifestVersion)
	}
	return m, nil
}

func (s Sum) check(f *zip.File) error {
	if f.Name != s.Name {
		return errors.New("another entry stands there")
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("open it: %w", err)
	}
	defer r.Close()
	h := sha256.New()
	// One byte more than promised shows that there is too much, without
	// unpacking a bomb to its end.
	n, err := io.Copy(h, io.LimitReader(r, s.Size+1))
	switch {
	case err != nil:
		return fmt.Errorf("read it: %w", err)
	case n != s.Size:
		return errors.New("it has another size")
	case hex.EncodeToString(h.Sum(nil)) != s.SHA256:
		return errors.New("it was changed")
	}
	return nil
}
