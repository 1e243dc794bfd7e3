package logs

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// Recent counts equal lines. Two requests, or two calls, of the same second can
// leave the same line twice, and both are the person's: the count tells them
// apart in every run. Equal lines stand close together, so the last lines that
// were given suffice, and fit into a cursor. The zero value knows none.
type Recent []seen

type seen struct {
	sum [8]byte
	n   uint32
}

const recentSize = 64

// MarshalJSON writes twelve bytes for each line: a cursor goes with every
// finding.
func (r Recent) MarshalJSON() ([]byte, error) { return r.appendJSON(nil), nil }

func (r Recent) appendJSON(to []byte) []byte {
	var b [12 * recentSize]byte
	n := 0
	for _, one := range r {
		n += copy(b[n:], one.sum[:])
		binary.BigEndian.PutUint32(b[n:], one.n)
		n += 4
	}
	return append(base64.StdEncoding.AppendEncode(append(to, '"'), b[:n]), '"')
}

// UnmarshalJSON reads them again.
func (r *Recent) UnmarshalJSON(data []byte) error {
	var b []byte
	if err := json.Unmarshal(data, &b); err != nil {
		return err
	}
	*r = nil
	for ; len(b) >= 12 && len(*r) < recentSize; b = b[12:] {
		*r = append(*r, seen{sum: [8]byte(b[:8]), n: binary.BigEndian.Uint32(b[8:])})
	}
	return nil
}

// Count says how often a line, of which sum is a hash, was among the recent ones
// before.
func (r *Recent) Count(sum [8]byte) uint32 {
	old := *r
	for i := len(old) - 1; i >= 0; i-- {
		if old[i].sum == sum {
			again := old[i]
			again.n++
			copy(old[i:], old[i+1:])
			old[len(old)-1] = again
			return again.n
		}
	}
	if len(old) == recentSize {
		copy(old, old[1:])
		old[len(old)-1] = seen{sum: sum}
		return 0
	}
	*r = append(old, seen{sum: sum})
	return 0
}
