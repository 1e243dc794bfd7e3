package logs

import (
	"go/build"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
)

// The assembly, its Go version and a search byte by byte see the same, wherever
// in memory the text lies. `go test -tags purego` asks the Go version alone.

// fenced is memory between two pages that nobody may read: whoever looks beyond
// the text is a fault.
func fenced(t testing.TB) []byte {
	t.Helper()
	page := os.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 4*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(m) })
	for _, edge := range [][]byte{m[:page], m[3*page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return m[page : 3*page]
}

// compare looks for a needle in a text in all ways.
func compare(t *testing.T, text, needle []byte, fold bool) {
	t.Helper()
	n, ok := NewNeedle(string(needle), fold)
	if ok != (len(needle) > 1) {
		t.Fatalf("a needle of %d bytes: got %v", len(needle), ok)
	}
	if rounds := len(text) / 64 * 4; rounds > 0 {
		a, b, c := uint64(needle[0])*ones, uint64('\n')*ones, uint64(0xff)*ones
		na, nb, nc := tally(&text[0], rounds, a, b, c)
		if wa, wb, wc := tallyWords(text[:16*rounds], a, b, c); na != wa || nb != wb || nc != wc {
			t.Fatalf("tally: got %d, %d, %d, want %d, %d, %d", na, nb, nc, wa, wb, wc)
		}
	}
	if !ok {
		return
	}
	if places := (len(text) - len(needle) + 1) &^ 63; places > 0 {
		pa, fa := uint64(n.text[n.a])*ones, uint64(n.folds[n.a])*ones
		pb, fb := uint64(n.text[n.b])*ones, uint64(n.folds[n.b])*ones
		got, want := scan(&text[n.a], &text[n.b], places, pa, fa, pb, fb), scanWords(text[n.a:n.a+places], text[n.b:n.b+places], pa, fa, pb, fb)
		if got != want {
			t.Fatalf("scan of %d places for %q: got %d, want %d", places, needle, got, want)
		}
	}
	if got, want := n.index(text), byteByByte(text, needle, fold); got != want {
		t.Fatalf("%q in %d bytes: got %d, want %d", needle, len(text), got, want)
	}
}

func byteByByte(text, needle []byte, fold bool) int {
	lower := func(c byte) byte {
		if fold && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	for i := 0; i+len(needle) <= len(text); i++ {
		if slices.EqualFunc(text[i:i+len(needle)], needle, func(a, b byte) bool { return lower(a) == lower(b) }) {
			return i
		}
	}
	return -1
}

func TestEachWayToSearchFindsTheSame(t *testing.T) {
	memory, r := fenced(t), rand.New(rand.NewPCG(7, 8))
	const letters = "aAbBzZ@[`{ 0\n\x00\x80\xc3\xa4\xc4\xe4\xff" // neighbours of letters, and what is no ASCII
	random := func(to []byte, few int) {
		for i := range to {
			to[i] = letters[r.IntN(few)]
		}
	}
	for size := 1; size <= 64; size++ {
		for start := range 64 {
			needle := make([]byte, size)
			random(needle, len(letters))
			long := size + r.IntN(300)
			for _, text := range [][]byte{memory[start : start+long], memory[len(memory)-long-start : len(memory)-start], memory[len(memory)-long:]} {
				random(text, 1+r.IntN(len(letters)))
				if r.IntN(2) == 0 {
					copy(text[r.IntN(long-size+1):], needle)
				} else {
					copy(text[long-size:], needle)
				}
				compare(t, text, needle, start%2 == 0)
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("192.0.2.7 - Erika [x]\n192.0.2.70 - ERIKA\nerik\nund noch etwas mehr als vierundsechzig Zeichen"), []byte("erika"), true, uint8(3))
	f.Add(slices.Repeat([]byte("\xe4\xc4\x80\xff"), 100), []byte("\xff\xe4"), false, uint8(63))
	memory := fenced(f)
	f.Fuzz(func(t *testing.T, text, needle []byte, fold bool, start uint8) {
		if len(needle) == 0 || len(needle) > 64 || len(text) > len(memory)-64 {
			return
		}
		begin := memory[start%64:]
		compare(t, begin[:copy(begin, text)], needle, fold)
		end := memory[len(memory)-len(text):]
		copy(end, text)
		compare(t, end, needle, fold)
	})
}

func TestAssemblyIsLeftOutWhereItIsNotWanted(t *testing.T) {
	for _, c := range []struct {
		arch     string
		tags     []string
		assembly []string
	}{
		{"amd64", nil, []string{"scan_amd64.s"}},
		{"amd64", []string{"purego"}, nil},
		{"arm64", nil, nil},
	} {
		in := build.Default
		in.GOARCH, in.BuildTags = c.arch, c.tags
		p, err := in.ImportDir(".", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(p.GoFiles, "scan_other.go"); !slices.Equal(p.SFiles, c.assembly) || got != (c.assembly == nil) {
			t.Errorf("%s %v: got %v, in Go %v", c.arch, c.tags, p.SFiles, got)
		}
	}
}
