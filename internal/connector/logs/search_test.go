package logs

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func FuzzNeedle(f *testing.F) {
	f.Add([]byte("192.0.2.7 - Erika [x]\n192.0.2.70 - ERIKA\nerik\n"), "erika", true)
	f.Add([]byte(strings.Repeat("abcdefgh\n", 40)+"xabcdefghi"), "ghi", false)
	f.Fuzz(func(t *testing.T, data []byte, s string, fold bool) {
		n, ok := NewNeedle(s, fold)
		if !ok || strings.Contains(s, "\n") {
			return
		}
		if got, want := hits(data, 0, []Needle{n}, nil), slowly(data, s, fold); !slices.Equal(got, want) {
			t.Errorf("got lines at %v, want %v", got, want)
		}
	})
}

// slowly is hits, line by line.
func slowly(data []byte, s string, fold bool) (found []int) {
	ascii := func(b []byte) []byte {
		b = bytes.Clone(b)
		for i, c := range b {
			if fold && 'A' <= c && c <= 'Z' {
				b[i] |= 0x20
			}
		}
		return b
	}
	at := 0
	for line := range bytes.Lines(data) {
		if bytes.Contains(ascii(line), ascii([]byte(s))) {
			found = append(found, at)
		}
		at += len(line)
	}
	return found
}

func TestNeedlesAreFoundWhereverTheyStand(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var needles []Needle
	for _, s := range []string{"aba", "bbaa", "aaaaab"} {
		n, _ := NewNeedle(s, true)
		needles = append(needles, n)
	}
	for range 300 {
		data := make([]byte, r.IntN(700))
		for i := range data {
			data[i] = "abAB\n"[r.IntN(5)]
		}
		var want []int
		for _, s := range []string{"aba", "bbaa", "aaaaab"} {
			want = append(want, slowly(data, s, true)...)
		}
		slices.Sort(want)
		if got := hits(data, 0, needles, nil); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("got lines at %v, want %v of %q", got, slices.Compact(want), data)
		}
	}
}

func TestBytesAreTallied(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		data := make([]byte, r.IntN(20_000))
		for i := range data {
			data[i] = "\n\"\\\x00\xff"[r.IntN(5)]
		}
		if r.IntN(3) == 0 {
			data = bytes.Repeat([]byte{'"'}, len(data)) // as many as a byte can count, and more
		}
		a, b, c := Tally(data, '\n', '"', '\\')
		for _, one := range []struct {
			of  byte
			got int
		}{{'\n', a}, {'"', b}, {'\\', c}} {
			if want := bytes.Count(data, []byte{one.of}); one.got != want {
				t.Fatalf("got %d of %q in %d bytes, want %d", one.got, one.of, len(data), want)
			}
		}
	}
}
