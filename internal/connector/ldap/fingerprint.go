package ldap

import (
	"bytes"
	"crypto/md5" // the older form of fingerprints, in logs of years ago
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// fingerprints gives the fingerprints of a public key as servers log them, the
// newer form first: "SHA256:…" and sixteen pairs of figures. Nothing for what
// is no key. The key stands as in authorized_keys (sshd(8)): options, type,
// base64, comment.
func fingerprints(key string) []string {
	for field := range strings.FieldsSeq(key) {
		blob, err := base64.StdEncoding.DecodeString(field)
		if err != nil || !isKey(blob, key) {
			continue
		}
		sha, older := sha256.Sum256(blob), md5.Sum(blob)
		pairs := make([]string, 0, len(older))
		for _, b := range older {
			pairs = append(pairs, hex.EncodeToString([]byte{b}))
		}
		return []string{"SHA256:" + base64.RawStdEncoding.EncodeToString(sha[:]), strings.Join(pairs, ":")}
	}
	return nil
}

// isKey says whether a blob begins with its type, the same that the line names
// (RFC 4253, 6.6).
func isKey(blob []byte, line string) bool {
	if len(blob) < 4 {
		return false
	}
	n := binary.BigEndian.Uint32(blob)
	if n == 0 || n > 100 || len(blob) <= 4+int(n) {
		return false
	}
	name := blob[4 : 4+n]
	return bytes.IndexByte(name, ' ') < 0 && strings.Contains(line, string(name)+" ")
}
