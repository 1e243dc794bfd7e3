//go:build !purego

package logs

// scan gives the first of n places, a multiple of 64, at which a has the byte
// that fills pa, and b the one that fills pb; n if there is none. Bits set in
// fa and fb don't count.
//
//go:noescape
func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int

// tally counts the bytes that fill a, b and c in rounds of sixteen bytes; rounds
// is a multiple of four.
//
//go:noescape
func tally(data *byte, rounds int, a, b, c uint64) (na, nb, nc int)
