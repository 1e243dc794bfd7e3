package export

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/zip"
)

// Checked says what a package turned out to be.
type Checked struct {
	Takeout     bool // to take along: alone, or inside an answer's package
	Authority   string
	Date        string // RFC 3339 full-date
	Entries     int
	Fingerprint string // of the key that signed it, see Fingerprint; empty: of an answer without one
}

// CheckAny reads a package of either sort again and compares every entry with its
// manifest; of one to take along also the manifest with its signature. That the key
// is the authority's, only its fingerprint shows.
func CheckAny(r io.ReaderAt, size int64) (Checked, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Checked{}, fmt.Errorf("%w: no readable ZIP file: %w", ErrDamaged, err)
	}
	if n := len(z.File); n >= 3 && z.File[n-1].Name == publicKeyOf {
		return checkTakeout(z.File[:n-3], z.File[n-3:])
	}
	if err := Check(r, size); err != nil {
		return Checked{}, err
	}
	for _, f := range z.File {
		if f.Name != TakeoutName {
			continue
		}
		from, err := f.DataOffset()
		if err != nil || f.Method != zip.Store {
			return Checked{}, fmt.Errorf("%w: %s does not stand there as it is", ErrDamaged, TakeoutName)
		}
		inner, err := CheckAny(io.NewSectionReader(r, from, int64(f.UncompressedSize64)), int64(f.UncompressedSize64))
		if err != nil {
			return Checked{}, fmt.Errorf("%s: %w", TakeoutName, err)
		}
		inner.Entries += len(z.File)
		return inner, nil
	}
	return Checked{Entries: len(z.File)}, nil
}

func checkTakeout(entries, last []*zip.File) (Checked, error) {
	var texts [3][]byte
	for i, name := range []string{manifestName, signatureOf, publicKeyOf} {
		if last[i].Name != name {
			return Checked{}, fmt.Errorf("%w: the last entries are not manifest, signature and key", ErrDamaged)
		}
		var err error
		if texts[i], err = whole(last[i]); err != nil {
			return Checked{}, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
	}
	key, err := readPublicKey(texts[2])
	if err != nil {
		return Checked{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !ed25519.Verify(key, texts[0], texts[1]) {
		return Checked{}, fmt.Errorf("%w: the manifest is not signed with the key that stands there", ErrDamaged)
	}
	var m TakeoutManifest
	dec := json.NewDecoder(bytes.NewReader(texts[0]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Checked{}, fmt.Errorf("%w: read the manifest: %w", ErrDamaged, err)
	}
	if m.Format != takeoutSpace || m.Version != takeoutForm {
		return Checked{}, fmt.Errorf("%w: the manifest is of a version that is not known", ErrDamaged)
	}
	if err := compare(entries, m.Entries); err != nil {
		return Checked{}, err
	}
	return Checked{Takeout: true, Authority: m.Authority.Name, Date: m.Date, Entries: len(entries) + len(last), Fingerprint: fingerprint(key)}, nil
}

func whole(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open it: %w", err)
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxManifest))
}
