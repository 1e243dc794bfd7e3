package logs

import (
	"bytes"
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

// In says whether a text holds the needle.
func (n Needle) In(text []byte) bool { return n.index(text) >= 0 }

// common lists bytes as often as they stand in logs, the most common first.
const common = " 0e/1t2oaisrnc.l-5d6p3\":4m8h7gu9Mbk;w,)(+fvy_TP[]x?=&Gqj"

func rarity(c byte) int {
	if i := bytes.IndexByte([]byte(common), c); i >= 0 {
		return len(common) - i
	}
	return 0
}

// hits appends where lines begin that hold a needle, in order.
func hits(data []byte, from int, needles []Needle, found []int) []int {
	first := len(found)
	for _, n := range needles {
		found = n.hits(data, from, found)
	}
	if len(needles) > 1 {
		slices.Sort(found[first:])
		found = found[:first+len(slices.Compact(found[first:]))]
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

// Tally counts three bytes in one go, for Search.Intact.
func Tally(data []byte, a, b, c byte) (na, nb, nc int) {
	rounds := len(data) / 64 * 4
	if rounds > 0 {
		na, nb, nc = tally(&data[0], rounds, uint64(a)*ones, uint64(b)*ones, uint64(c)*ones)
	}
	for _, one := range data[16*rounds:] {
		switch one {
		case a:
			na++
		case b:
			nb++
		case c:
			nc++
		}
	}
	return na, nb, nc
}

// index finds the needle: many places at once are compared in the two rarest
// bytes, and only where both fit, the whole is. The standard library finds no
// capital and small letters alike, and common letters only slowly.
func (n Needle) index(data []byte) int {
	places := len(data) - len(n.text) + 1
	if places <= 0 {
		return -1
	}
	i := 0
	pa, fa := uint64(n.text[n.a])*ones, uint64(n.folds[n.a])*ones
	pb, fb := uint64(n.text[n.b])*ones, uint64(n.folds[n.b])*ones
	for rounds := places &^ 63; i < rounds; rounds = i + (places-i)&^63 {
		if i += scan(&data[i+n.a], &data[i+n.b], rounds-i, pa, fa, pb, fb); i >= rounds {
			break
		}
		if n.at(data, i) {
			return i
		}
		i++
	}
	for ; i < places; i++ {
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
