package logs

// scan gives the first of n places, a multiple of 64, at which a has the byte
// that fills pa, and b the one that fills pb; n if there is none. Bits set in
// fa and fb don't count.
//
//go:noescape
func scan(a, b *byte, n int, pa, fa, pb, fb uint64) int
