package export

import (
	"encoding/json"
	"io"
)

const (
	manifestName    = "manifest.json"
	manifestVersion = 1
	// maxManifest bounds what Check reads into memory: about 400 000 entries.
	maxManifest = 64 << 20
)

// Manifest lists every other entry of a package in its order. It stands in the
// package as manifest.json, the last entry.
type Manifest struct {
	Version    int    `json:"version"`
	FileNumber string `json:"file_number"`
	Entries    []Sum  `json:"entries"`
}

// Sum is size in bytes and SHA-256 (hexadecimal, lower case) of one entry.
type Sum struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`

	// Offset is where its bytes begin in the package, of an entry that stands there
	// as it is; else 0.
	Offset int64 `json:"-"`
}

func (m Manifest) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(m)
}
