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
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// text is the text of a file, whatever it is packed in.
type text struct {
	io.Reader
	close   []func()
	file    *os.File
	plain   bool
	size    int64
	written time.Time
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// zstdWindow bounds the memory: zstd takes more only where a log was packed
// with --long.
const zstdWindow = 32 << 20

func (f Files) open(ctx context.Context, one file, gate *sync.Mutex) (*text, error) {
	in, err := os.Open(one.path)
	if err != nil {
		return nil, err
	}
	t := &text{file: in, plain: true, close: []func(){func() { in.Close() }}}
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("no regular file")
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	t.size, t.written = info.Size(), info.ModTime()
	if now := time.Now(); t.written.After(now) {
		t.written = now
	}
	counted := patient{ctx: ctx, file: in, gate: gate, reads: f.Reads}
	raw := bufio.NewReaderSize(counted, 128<<10)
	magic, err := raw.Peek(len(zstdMagic))
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		unzip, err := gzip.NewReader(raw)
		if err != nil {
			t.Close()
			return nil, err
		}
		t.plain, t.Reader = false, unzip
	case bytes.Equal(magic, zstdMagic):
		unzip, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			t.Close()
			return nil, err
		}
		t.plain, t.Reader, t.close = false, unzip, append(t.close, unzip.Close)
	case err != nil && !errors.Is(err, io.EOF):
		t.Close()
		return nil, err
	default:
		t.Reader = raw // large reads go past its buffer
	}
	return t, nil
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
