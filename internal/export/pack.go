package export

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zip"
)

// zipWriter writes entries, and decides how each is packed.
type zipWriter struct {
	*zip.Writer
	to    *counter
	level int // of the entry that is written
	tools map[int]*flate.Writer
	trial *flate.Writer
	first []byte
}

// counter knows how much of the file is written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

func newZip(w io.Writer) *zipWriter {
	to := &counter{Writer: w}
	z := &zipWriter{Writer: zip.NewWriter(to), to: to, tools: map[int]*flate.Writer{}}
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return z.deflate(out) })
	return z
}

// deflate takes the same tool for all entries of a level: it is large, and entries
// may be many and small.
func (z *zipWriter) deflate(out io.Writer) (io.WriteCloser, error) {
	if tool := z.tools[z.level]; tool != nil {
		tool.Reset(out)
		return tool, nil
	}
	tool, err := flate.NewWriter(out, z.level)
	z.tools[z.level] = tool
	return tool, err
}

// add writes an entry. Its sum says where its bytes begin if they stand in the file
// as they are.
func (z *zipWriter) add(e Entry, now time.Time) (Sum, error) {
	packed := &packing{z: z, header: zip.FileHeader{Name: e.Name, Modified: now.UTC()}}
	m := NewMeter(packed)
	if err := e.Write(m); err != nil {
		return Sum{}, fmt.Errorf("write the entry: %w", err)
	}
	if err := packed.open(); err != nil {
		return Sum{}, err
	}
	sum := m.Sum(e.Name)
	sum.Offset = packed.offset
	return sum, nil
}

// packing writes an entry whose way of packing is decided when its first block is
// known.
type packing struct {
	z      *zipWriter
	header zip.FileHeader
	to     io.Writer // nil: not decided
	offset int64     // where it begins in the file, if stored
}

const firstBlock = 64 << 10

func (p *packing) Write(b []byte) (int, error) {
	if p.to != nil {
		return p.to.Write(b)
	}
	p.z.first = append(p.z.first, b...)
	if len(p.z.first) < firstBlock {
		return len(b), nil
	}
	return len(b), p.open()
}

func (p *packing) open() error {
	if p.to != nil {
		return nil
	}
	z := p.z
	p.header.Method, z.level = z.way(p.header.Name)
	to, err := z.CreateHeader(&p.header)
	if err != nil {
		return fmt.Errorf("open the entry: %w", err)
	}
	if p.header.Method == zip.Store {
		if err := z.Flush(); err != nil {
			return fmt.Errorf("open the entry: %w", err)
		}
		p.offset = z.to.n
	}
	p.to = to
	_, err = to.Write(z.first)
	z.first = z.first[:0]
	return err
}

// way says how an entry is packed: files of records fast, or not at all where that
// brings nothing; what we write ourselves well, for it is small beside them.
func (z *zipWriter) way(name string) (method uint16, level int) {
	switch {
	case name == TakeoutName:
		return zip.Store, 0 // packed already, and so its bytes stand in one piece
	case !strings.HasPrefix(name, Folder):
		return zip.Deflate, flate.DefaultCompression
	case slices.Contains(packedEndings, strings.ToLower(path.Ext(name))) || !z.shrinks():
		return zip.Store, 0
	}
	return zip.Deflate, flate.BestSpeed
}

// packedEndings are those of files that are compressed by their own format.
var packedEndings = []string{".7z", ".aac", ".avi", ".avif", ".bz2", ".docx", ".epub", ".flac", ".gif", ".gz", ".heic", ".jpeg", ".jpg", ".m4a", ".m4v",
	".mkv", ".mov", ".mp3", ".mp4", ".odp", ".ods", ".odt", ".ogg", ".opus", ".png", ".pptx", ".rar", ".webm", ".webp", ".xlsx", ".xz", ".zip", ".zst"}

// shrinks tries the first block: at least one part in twenty is worth the work of
// both sides.
func (z *zipWriter) shrinks() bool {
	c := counter{Writer: io.Discard}
	if z.trial == nil {
		tool, err := flate.NewWriter(&c, flate.BestSpeed)
		if err != nil {
			return true
		}
		z.trial = tool
	}
	z.trial.Reset(&c)
	if _, err := z.trial.Write(z.first); err != nil || z.trial.Close() != nil {
		return true
	}
	return c.n < int64(len(z.first)-len(z.first)/20)
}
