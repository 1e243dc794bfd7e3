package rewrite

import (
	"bytes"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packed is how a file is packed.
type packed int

const (
	plain packed = iota
	byGzip
	byZstd
)

// window bounds the memory, as where logs are read.
const window = 32 << 20

// packingOf is told by the first bytes.
func packingOf(f *os.File) packed {
	magic := make([]byte, 4)
	n, _ := f.ReadAt(magic, 0)
	switch magic = magic[:n]; {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return byGzip
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return byZstd
	}
	return plain
}

// unpack gives the text of a file, and what packs another in the same way.
func unpack(as packed, in io.Reader, out io.Writer) (io.ReadCloser, io.WriteCloser, error) {
	switch as {
	case byGzip:
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, err
		}
		zip := gzip.NewWriter(out)
		zip.Header = unzip.Header
		return unzip, zip, nil
	case byZstd:
		unzip, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, nil, err
		}
		zip, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		if err != nil {
			unzip.Close()
			return nil, nil, err
		}
		return unzip.IOReadCloser(), zip, nil
	}
	return io.NopCloser(in), asIs{out}, nil
}

type asIs struct{ io.Writer }

func (asIs) Close() error { return nil }
