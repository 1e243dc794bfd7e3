package logs

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// scanWords is scan for processors that it was not written for, eight places
// at a time.
func scanWords(a, b []byte, pa, fa, pb, fb uint64) int {
	for i := 0; i < len(a); i += 8 {
		z := (binary.LittleEndian.Uint64(a[i:]) | fa) ^ pa
		z |= (binary.LittleEndian.Uint64(b[i:]) | fb) ^ pb
		if hit := (z - ones) &^ z & tops; hit != 0 { // the lowest bit set marks a nought in z
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	return len(a)
}

// tallyWords is tally for those processors.
func tallyWords(data []byte, a, b, c uint64) (na, nb, nc int) {
	return bytes.Count(data, []byte{byte(a)}), bytes.Count(data, []byte{byte(b)}), bytes.Count(data, []byte{byte(c)})
}
