package webdav

import (
	"bufio"
	"cmp"
	"container/heap"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"

	"einsicht/internal/connector"
)

// sorted puts the entries of a folder in order. Servers list in the order of
// their disks, which changes; so ours is that of the names. What memory does not
// hold goes to a file that has no name and that only this question can read,
// because names of files are personal data.
type sorted struct {
	budget *budget
	chunk  []entry
	size   int64
	file   *os.File
	block  cipher.Block
	runs   []run
	end    int64
}

// budget is what all folders of a question may hold together.
type budget struct{ held int64 }

const (
	maxHeld  = 16 << 20
	minChunk = 1 << 20 // smaller ones would make too many runs
)

// run is a part of the file, sorted by itself.
type run struct {
	from, to int64
	iv       [aes.BlockSize]byte
}

func (s *sorted) add(e entry) error {
	n := int64(len(e.Name)+len(e.Type)+len(e.ETag)+len(e.Mark)) + 200
	for _, o := range e.Owners {
		n += int64(len(o)) + 16
	}
	s.chunk, s.size, s.budget.held = append(s.chunk, e), s.size+n, s.budget.held+n
	if s.budget.held > maxHeld && s.size >= minChunk {
		return s.spill()
	}
	return nil
}

func (s *sorted) sort() {
	slices.SortFunc(s.chunk, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
}

// spill writes the chunk as one more run.
func (s *sorted) spill() error {
	if s.file == nil {
		if err := s.open(); err != nil {
			return connector.Fail(connector.ErrUnreachable, "temporary file", "", nil)
		}
	}
	s.sort()
	r := run{from: s.end}
	if _, err := rand.Read(r.iv[:]); err != nil {
		return connector.Fail(connector.ErrUnreachable, "temporary file", "", nil)
	}
	out := bufio.NewWriterSize(cipher.StreamWriter{S: cipher.NewCTR(s.block, r.iv[:]), W: s.file}, 64<<10)
	var line []byte
	for _, e := range s.chunk {
		line = e.appendTo(line[:0])
		_, _ = out.Write(binary.AppendUvarint(out.AvailableBuffer(), uint64(len(line))))
		_, _ = out.Write(line) // an error stays with the writer
	}
	if err := out.Flush(); err != nil {
		return connector.Fail(connector.ErrUnreachable, "temporary file", "", nil)
	}
	end, err := s.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return connector.Fail(connector.ErrUnreachable, "temporary file", "", nil)
	}
	r.to, s.end = end, end
	s.runs = append(s.runs, r)
	clear(s.chunk)
	s.chunk = s.chunk[:0]
	s.budget.held -= s.size
	s.size = 0
	return nil
}

func (s *sorted) open() error {
	key := make([]byte, 32)
	_, err := rand.Read(key)
	if err != nil {
		return err
	}
	if s.block, err = aes.NewCipher(key); err != nil {
		return err
	}
	f, err := os.CreateTemp("", "einsicht")
	if err != nil {
		return err
	}
	s.file = f
	return os.Remove(f.Name())
}

// all gives the entries in order until each returns an error.
func (s *sorted) all(each func(entry) error) error {
	if len(s.runs) == 0 {
		s.sort()
		for _, e := range s.chunk {
			if err := each(e); err != nil {
				return err
			}
		}
		return nil
	}
	if len(s.chunk) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.chunk = nil
	var m merge
	for _, r := range s.runs {
		in := cipher.StreamReader{S: cipher.NewCTR(s.block, r.iv[:]), R: io.NewSectionReader(s.file, r.from, r.to-r.from)}
		h := &head{in: bufio.NewReaderSize(in, 8<<10)}
		if more, err := h.next(); err != nil {
			return err
		} else if more {
			m = append(m, h)
		}
	}
	heap.Init(&m)
	for len(m) > 0 {
		if err := each(m[0].e); err != nil {
			return err
		}
		more, err := m[0].next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&m, 0)
		} else {
			heap.Pop(&m)
		}
	}
	return nil
}

func (s *sorted) close() {
	s.budget.held -= s.size
	s.chunk, s.size = nil, 0
	if s.file != nil {
		_ = s.file.Close()
	}
}

// head is the next entry of a run.
type head struct {
	in   *bufio.Reader
	line []byte
	e    entry
}

func (h *head) next() (bool, error) {
	n, err := binary.ReadUvarint(h.in)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err == nil && n <= maxEntry*2 {
		h.line = slices.Grow(h.line[:0], int(n))[:n]
		_, err = io.ReadFull(h.in, h.line)
	}
	ok := false
	if err == nil {
		h.e, ok = readEntry(h.line)
	}
	if !ok {
		return false, connector.Fail(connector.ErrBroken, "temporary file", "", nil)
	}
	return true, nil
}

// appendTo writes an entry as it stands in the temporary file: numbers, then texts
// with their lengths.
func (e entry) appendTo(b []byte) []byte {
	dir := int64(0)
	if e.Dir {
		dir = 1
	}
	for _, n := range []int64{dir, e.Size, int64(e.Status)} {
		b = binary.AppendVarint(b, n)
	}
	modified, _ := e.Modified.MarshalBinary() // fails for zones that are no zones
	created, _ := e.Created.MarshalBinary()
	b = appendTexts(b, e.Name, e.Type, e.ETag, string(modified), string(created), e.Mark)
	return appendTexts(b, e.Owners...)
}

func appendTexts(b []byte, all ...string) []byte {
	for _, s := range all {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

// readEntry reads what appendTo wrote.
func readEntry(b []byte) (e entry, ok bool) {
	var numbers [3]int64
	for i := range numbers {
		n, size := binary.Varint(b)
		if size <= 0 {
			return e, false
		}
		numbers[i], b = n, b[size:]
	}
	var texts []string
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return e, false
		}
		texts, b = append(texts, string(b[size:size+int(n)])), b[size+int(n):]
	}
	if len(texts) < 6 {
		return e, false
	}
	e = entry{Dir: numbers[0] == 1, Size: numbers[1], Status: int(numbers[2]), Name: texts[0], Type: texts[1], ETag: texts[2], Mark: texts[5], Owners: texts[6:]}
	return e, e.Modified.UnmarshalBinary([]byte(texts[3])) == nil && e.Created.UnmarshalBinary([]byte(texts[4])) == nil
}

type merge []*head

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return m[i].e.Name < m[j].e.Name }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*head)) }
func (m *merge) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
