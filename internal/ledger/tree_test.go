package ledger_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/ledger"
)

// hashes is a store of tree hashes in memory.
type hashes []ledger.Hash

func (h hashes) ReadHashes(indexes []int64) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(indexes))
	for k, i := range indexes {
		if i >= int64(len(h)) {
			return nil, errors.New("no such hash")
		}
		out[k] = h[i]
	}
	return out, nil
}

func TestBatchesGrowTheSameTreeAsSingleEntries(t *testing.T) {
	const n = 300
	var single, batched hashes
	var roots []ledger.Hash
	for i := range n {
		stored, root, err := ledger.Append(single, int64(i), entry(i).Bytes())
		must(t, err)
		single, roots = append(single, stored...), append(roots, root)
	}
	for i, size := 0, 1; i < n; i, size = i+size, size%17+1 {
		size = min(size, n-i)
		var leaves [][]byte
		for k := range size {
			leaves = append(leaves, entry(i+k).Bytes())
		}
		stored, root, err := ledger.Append(batched, int64(i), leaves...)
		must(t, err)
		batched = append(batched, stored...)
		if root != roots[i+size-1] {
			t.Fatalf("root of %d entries differs", i+size)
		}
	}
	if got, want := int64(len(batched)), ledger.StoredCount(n); got != want || len(single) != len(batched) {
		t.Errorf("got %d and %d stored hashes, want %d", got, len(single), want)
	}
	empty, root, err := ledger.Append(batched, n)
	if err != nil || len(empty) != 0 || root != roots[n-1] {
		t.Errorf("no entries: got %d hashes, %v, want the root unchanged", len(empty), err)
	}
}

func TestProofs(t *testing.T) {
	const n = 100
	var store hashes
	roots := []ledger.Hash{{}}
	for i := range n {
		stored, root, err := ledger.Append(store, int64(i), entry(i).Bytes())
		must(t, err)
		store, roots = append(store, stored...), append(roots, root)
	}
	for i := range int64(n) {
		proof, err := ledger.ProveEntry(n, i, store)
		must(t, err)
		must(t, ledger.CheckEntry(proof, n, roots[n], i, entry(int(i)).LeafHash()))
		if ledger.CheckEntry(proof, n, roots[n], i, entry(int(i)+1).LeafHash()) == nil {
			t.Errorf("entry %d: another entry passes with its proof", i)
		}
		old := i + 1
		proof, err = ledger.ProveGrowth(n, old, store)
		must(t, err)
		must(t, ledger.CheckGrowth(proof, n, roots[n], old, roots[old]))
		if ledger.CheckGrowth(proof, n, roots[n], old, roots[old-1]) == nil {
			t.Errorf("from %d: another root passes", old)
		}
	}
}

func TestCheckpoints(t *testing.T) {
	seed, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	origin := ledger.Origin(authority, 2026)
	if want := "einsicht/0f0e0d0c-0b0a-4908-8706-050403020100/2026"; origin != want {
		t.Errorf("got %s, want %s", origin, want)
	}
	key, err := ledger.VerifierKey(seed, origin)
	must(t, err)
	root := entry(1).LeafHash()
	sign := func(seed []byte, origin string) string {
		signed, err := ledger.Sign(seed, origin, 17, root)
		must(t, err)
		return string(signed)
	}
	good := sign(seed, origin)
	got, err := ledger.Verify(key, []byte(good))
	if want := (ledger.Checkpoint{Origin: origin, Size: 17, Root: root}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for name, signed := range map[string]string{
		"signed by another key": sign(other, origin),
		"of another year":       sign(seed, ledger.Origin(authority, 2025)),
		"of another authority":  sign(seed, ledger.Origin(uuid.New(), 2026)),
		"with another size":     strings.Replace(good, "\n17\n", "\n18\n", 1),
		"with another root":     strings.Replace(good, root.String(), entry(2).LeafHash().String(), 1),
		"without a signature":   good[:strings.Index(good, "\n\n")+2],
		"that is nothing":       "",
	} {
		if c, err := ledger.Verify(key, []byte(signed)); err == nil {
			t.Errorf("a checkpoint %s: got %v, want it refused", name, c)
		}
	}
	if _, err := ledger.Sign(seed[:31], origin, 1, root); err == nil {
		t.Error("a short seed signs")
	}
}
