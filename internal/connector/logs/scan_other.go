//go:build !amd64 || purego

package logs

import "unsafe"

func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int {
	return scanWords(unsafe.Slice(a, n), unsafe.Slice(b, n), pa, fa, pb, fb)
}

func tally(data *byte, rounds int, a, b, c uint64) (na, nb, nc int) {
	return tallyWords(unsafe.Slice(data, 16*rounds), a, b, c)
}
