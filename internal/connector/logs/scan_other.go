//go:build !amd64

package logs

import (
	"bytes"
	"unsafe"
)

func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int {
	return scanWords(unsafe.Slice(a, n), unsafe.Slice(b, n), pa, fa, pb, fb)
}

func tally(data *byte, rounds int, a, b, c uint64) (na, nb, nc int) {
	all := unsafe.Slice(data, 16*rounds)
	return bytes.Count(all, []byte{byte(a)}), bytes.Count(all, []byte{byte(b)}), bytes.Count(all, []byte{byte(c)})
}
