package export

import (
	"encoding/json"
	"io"
)

const (
	manifestName    = "manifest.json"
	manifestVersion = 1
	// maxManifest bounds what Check reads into memory: about 50 000 entries.
	maxManifest = 8 << 20
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
}

func (m Manifest) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(m)
}
