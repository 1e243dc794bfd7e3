package logs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// text is the text of a file, whatever it is packed in.
type text struct {
	io.Reader
	close   []func()
	plain   bool
	size    int64
	written time.Time
	// mapped is a plain file as the system holds it in memory: copying it out
	// would take as long as searching it.
	mapped []byte
	source patient
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// zstdWindow bounds the memory: zstd takes more only where a log was packed
// with --long.
const zstdWindow = 32 << 20

// open opens a file. Nothing is read of it while the gate is shut.
func (f Files) open(ctx context.Context, path string, gate *sync.Mutex) (*text, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &text{plain: true, source: patient{ctx: ctx, file: in, gate: gate, reads: f.Reads}}
	t.close = append(t.close, func() { in.Close() })
	if err = t.unpack(in); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *text) unpack(in *os.File) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("no regular file")
	}
	t.size, t.written = info.Size(), info.ModTime()
	if now := time.Now(); t.written.After(now) {
		t.written = now
	}
	raw := bufio.NewReaderSize(t.source, 128<<10)
	magic, err := raw.Peek(len(zstdMagic))
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		unzip, err := gzip.NewReader(raw)
		if err != nil {
			return err
		}
		t.plain, t.Reader = false, unzip
	case bytes.Equal(magic, zstdMagic):
		unzip, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return err
		}
		t.plain, t.Reader = false, unzip
		t.close = append(t.close, unzip.Close)
	case err != nil && !errors.Is(err, io.EOF):
		return err
	default:
		t.Reader = raw // large reads go past its buffer
	}
	return nil
}

// mapIn maps a plain file, if its file system can do so.
func (t *text) mapIn() {
	if !t.plain || t.size == 0 || int64(int(t.size)) != t.size {
		return
	}
	m, err := syscall.Mmap(int(t.source.file.Fd()), 0, int(t.size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return
	}
	t.mapped = m
	t.close = append(t.close, func() { _ = syscall.Munmap(m) })
}

// skip goes to an offset of the text.
func (t *text) skip(n int64) error {
	if t.mapped != nil {
		if n > t.size {
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	if _, err := io.CopyN(io.Discard, t.Reader, n); err != nil {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// piece gives the text at an offset, after what was carried over from the
// piece before.
func (t *text) piece(b *block, at int64, carry []byte) ([]byte, error) {
	if t.mapped == nil {
		if cap(b.buffer) < blockSize {
			b.buffer = make([]byte, blockSize)
		}
		b.buffer = b.buffer[:blockSize]
		n := copy(b.buffer, carry)
		for n < blockSize {
			m, err := t.Read(b.buffer[n:])
			if n += m; err != nil {
				return b.buffer[:n], err
			}
		}
		return b.buffer, nil
	}
	if err := t.source.may(); err != nil {
		return nil, err
	}
	rest := t.mapped[at:]
	if len(rest) > blockSize {
		return rest[:blockSize:blockSize], nil
	}
	return rest, io.EOF
}

// done gives memory back to the system that is hardly needed again, not too
// often: all processors have to hear of it.
func (t *text) done(stop int64) {
	const window = 64 << 20
	if t.mapped != nil && stop%window < blockSize && stop >= window {
		stop -= stop % window
		_ = syscall.Madvise(t.mapped[stop-window:stop], syscall.MADV_DONTNEED)
	}
}

// guard does something with mapped text. If a file was cut short, there is no
// text any more, and looking at it is a fault: the goroutine must have asked
// for a panic.
func guard(do func()) (err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			if fault.Addr() < 1<<16 {
				panic(fault)
			}
			err = io.ErrUnexpectedEOF
		default:
			panic(fault)
		}
	}()
	do()
	return nil
}

// Close gives the file back.
func (t *text) Close() {
	for _, c := range t.close {
		c()
	}
}

// patient reads as long as somebody waits. The gate is shut while a finding is
// handed over: whoever cancels there can be sure that nothing is read any more.
type patient struct {
	ctx   context.Context
	file  *os.File
	gate  *sync.Mutex
	reads *atomic.Int64
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.may(); err != nil {
		return 0, err
	}
	return p.file.Read(b)
}

// may counts a read before it begins.
func (p patient) may() error {
	if p.gate != nil {
		p.gate.Lock()
		defer p.gate.Unlock()
	}
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if p.reads != nil {
		p.reads.Add(1)
	}
	return nil
}
