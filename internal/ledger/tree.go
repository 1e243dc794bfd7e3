package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// HashReader reads stored tree hashes by their index.
type HashReader = tlog.HashReader

// HashReaderFunc is a function as HashReader.
type HashReaderFunc = tlog.HashReaderFunc

// StoredCount is how many hashes a tree of n entries stores; the next one gets
// this index.
func StoredCount(n int64) int64 { return tlog.StoredHashCount(n) }

// Append adds leaves, as Entry.Bytes writes them, to a tree of n entries. It
// returns the hashes to store, from index StoredCount(n) on, and the new root.
func Append(hashes HashReader, n int64, leaves ...[]byte) (stored []Hash, root Hash, err error) {
	first := StoredCount(n)
	both := HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		return readBoth(hashes, first, stored, indexes)
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(n+int64(i), leaf, both)
		if err != nil {
			return nil, Hash{}, fmt.Errorf("append entry %d: %w", n+int64(i), err)
		}
		stored = append(stored, more...)
	}
	root, err = Root(n+int64(len(leaves)), both)
	if err != nil {
		return nil, Hash{}, err
	}
	return stored, root, nil
}

// Root is the root of the tree of the first n entries.
func Root(n int64, hashes HashReader) (Hash, error) {
	root, err := tlog.TreeHash(n, hashes)
	if err != nil {
		return Hash{}, fmt.Errorf("root of %d entries: %w", n, err)
	}
	return root, nil
}

// ProveEntry proves that the entry at an index stands in the tree of n entries.
func ProveEntry(n, index int64, hashes HashReader) ([]Hash, error) {
	proof, err := tlog.ProveRecord(n, index, hashes)
	if err != nil {
		return nil, fmt.Errorf("prove entry %d of %d: %w", index, n, err)
	}
	return proof, nil
}

// CheckEntry checks a proof of ProveEntry against a root.
func CheckEntry(proof []Hash, n int64, root Hash, index int64, leaf Hash) error {
	if err := tlog.CheckRecord(proof, n, root, index, leaf); err != nil {
		return fmt.Errorf("entry %d of %d: %w", index, n, err)
	}
	return nil
}

// ProveGrowth proves that the tree of n entries begins with the tree of old
// entries: nothing was changed, only added.
func ProveGrowth(n, old int64, hashes HashReader) ([]Hash, error) {
	proof, err := tlog.ProveTree(n, old, hashes)
	if err != nil {
		return nil, fmt.Errorf("prove growth from %d to %d: %w", old, n, err)
	}
	return proof, nil
}

// CheckGrowth checks a proof of ProveGrowth against both roots.
func CheckGrowth(proof []Hash, n int64, root Hash, old int64, oldRoot Hash) error {
	if err := tlog.CheckTree(proof, n, root, old, oldRoot); err != nil {
		return fmt.Errorf("growth from %d to %d: %w", old, n, err)
	}
	return nil
}

// readBoth reads indexes below first from the store, in one call, and the
// others from what is about to be stored.
func readBoth(hashes HashReader, first int64, stored []Hash, indexes []int64) ([]Hash, error) {
	var old []int64
	for _, i := range indexes {
		if i < first {
			old = append(old, i)
		}
	}
	var kept []Hash
	if len(old) > 0 {
		var err error
		if kept, err = hashes.ReadHashes(old); err != nil {
			return nil, err
		}
		if len(kept) != len(old) {
			return nil, fmt.Errorf("asked for %d stored hashes, got %d", len(old), len(kept))
		}
	}
	out := make([]Hash, len(indexes))
	for k, i := range indexes {
		if i < first {
			out[k], kept = kept[0], kept[1:]
		} else {
			out[k] = stored[i-first]
		}
	}
	return out, nil
}
