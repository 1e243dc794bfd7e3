package logs

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Needle is a string that a line must hold to matter. Folded ones are found in
// capital and small letters alike, as far as they are ASCII.
type Needle struct {
	text  []byte
	folds []byte // 0x20 where a letter counts as capital and small
	a, b  int    // the two rarest places
}

// NewNeedle makes a needle; ok is false for strings too short to tell lines
// apart.
func NewNeedle(s string, fold bool) (n Needle, ok bool) {
	if len(s) < 2 {
		return n, false
	}
	n.text, n.folds = []byte(s), make([]byte, len(s))
	for i, c := range n.text {
		if fold && ('a' <= c|0x20 && c|0x20 <= 'z') {
			n.folds[i], n.text[i] = 0x20, c|0x20
		}
	}
	n.a, n.b = 0, 1
	for i := range n.text {
		switch {
		case i > 0 && rarity(n.text[i]) < rarity(n.text[n.a]):
			n.a, n.b = i, n.a
		case i > 1 && i != n.a && rarity(n.text[i]) < rarity(n.text[n.b]):
			n.b = i
		}
	}
	if n.a > n.b {
		n.a, n.b = n.b, n.a
	}
	return n, true
}

// common lists bytes as often as they stand in logs, the most common first.
const common = " 0e/1t2oaisrnc.l-5d6p3\":4m8h7gu9Mbk;w,)(+fvy_TP[]x?=&Gqj"

func rarity(c byte) int {
	if i := bytes.IndexByte([]byte(common), c); i >= 0 {
		return len(common) - i
	}
	return 0
}

// hits appends where lines start that hold a needle, in order.
func hits(data []byte, needles []Needle, found []int) []int {
	// Pieces that stay in the processor's cache while all needles go over them.
	const piece = 64 << 10
	for from := 0; from < len(data); {
		to := len(data)
		if to-from > piece {
			if i := bytes.LastIndexByte(data[from:from+piece], '\n'); i >= 0 {
				to = from + i + 1
			} else if i := bytes.IndexByte(data[from+piece:], '\n'); i >= 0 {
				to = from + piece + i + 1
			}
		}
		first := len(found)
		for _, n := range needles {
			found = n.hits(data[:to], from, found)
		}
		if len(needles) > 1 {
			slices.Sort(found[first:])
			found = found[:first+len(slices.Compact(found[first:]))]
		}
		from = to
	}
	return found
}

func (n Needle) hits(data []byte, from int, found []int) []int {
	for from < len(data) {
		i := n.index(data[from:])
		if i < 0 {
			break
		}
		i += from
		found = append(found, from+bytes.LastIndexByte(data[from:i], '\n')+1)
		end := bytes.IndexByte(data[i:], '\n')
		if end < 0 {
			break
		}
		from = i + end + 1
	}
	return found
}

const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// index finds the needle: eight places at once are compared in the two rarest
// bytes, and where both fit, the whole is. No library of Go compares capital
// and small letters alike at the speed at which memory delivers.
func (n Needle) index(data []byte) int {
	last := len(data) - len(n.text) // the last place at which it can stand
	if last < 0 {
		return -1
	}
	pa, fa := uint64(n.text[n.a])*ones, uint64(n.folds[n.a])*ones
	pb, fb := uint64(n.text[n.b])*ones, uint64(n.folds[n.b])*ones
	i := 0
	if last >= 32 {
		da, db := data[n.a:], data[n.b:]
		for ; i+32 <= last; i += 32 {
			a, b := da[i:i+32:i+32], db[i:i+32:i+32]
			z0 := (binary.LittleEndian.Uint64(a) | fa) ^ pa | (binary.LittleEndian.Uint64(b) | fb) ^ pb
			z1 := (binary.LittleEndian.Uint64(a[8:]) | fa) ^ pa | (binary.LittleEndian.Uint64(b[8:]) | fb) ^ pb
			z2 := (binary.LittleEndian.Uint64(a[16:]) | fa) ^ pa | (binary.LittleEndian.Uint64(b[16:]) | fb) ^ pb
			z3 := (binary.LittleEndian.Uint64(a[24:]) | fa) ^ pa | (binary.LittleEndian.Uint64(b[24:]) | fb) ^ pb
			// The top bit of a byte is set where z has a nought there.
			if ((z0-ones)&^z0|(z1-ones)&^z1|(z2-ones)&^z2|(z3-ones)&^z3)&tops == 0 {
				continue
			}
			for j := i; j < i+32; j++ {
				if n.at(data, j) {
					return j
				}
			}
		}
	}
	for ; i <= last; i++ {
		if n.at(data, i) {
			return i
		}
	}
	return -1
}

func (n Needle) at(data []byte, i int) bool {
	if data[i+n.a]|n.folds[n.a] != n.text[n.a] || data[i+n.b]|n.folds[n.b] != n.text[n.b] {
		return false
	}
	for j, c := range n.text {
		if data[i+j]|n.folds[j] != c {
			return false
		}
	}
	return true
}
