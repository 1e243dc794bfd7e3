//go:build !amd64

package logs

import "unsafe"

func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int {
	return scanWords(unsafe.Slice(a, n), unsafe.Slice(b, n), pa, fa, pb, fb)
}
