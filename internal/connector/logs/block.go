package logs

import (
	"bytes"
	"context"
	"errors"
	"io"
)

const (
	// lineLimit bounds the memory: a longer line is a broken one.
	lineLimit = 256 << 10
	blockSize = 1 << 20
	// inFlight is how many blocks are read, searched and looked at at once.
	inFlight = 6
)

// block is a piece of text of whole lines; only the last one of a text may lack
// its end.
type block struct {
	buffer []byte
	data   []byte
	start  int64 // of data, in the text
	long   int   // lines too long to be kept
	end    error // io.EOF at the end of the text, or what cut it off

	every bool  // each line matters
	hits  []int // where lines start that hold a needle
	ready chan struct{}
}

// pipe hands on blocks in their order, while others are read and searched.
type pipe struct {
	order chan *block
	free  chan []byte
}

// blocks reads a text from an offset on, and closes it at its end or when
// nobody waits.
func (w *walk) blocks(ctx context.Context, in *text, offset int64) pipe {
	p := pipe{order: make(chan *block, inFlight), free: make(chan []byte, inFlight)}
	go func() {
		defer close(p.order)
		defer in.Close()
		err := in.skip(offset)
		if err != nil {
			p.hand(ctx, &block{start: offset, end: err, ready: closed})
			return
		}
		p.cut(ctx, in, offset, w.search)
	}()
	for range inFlight {
		p.free <- nil
	}
	return p
}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// skip goes to an offset of the text. What is plain needs no reading.
func (t *text) skip(n int64) error {
	if n == 0 {
		return nil
	}
	if n > t.size && t.plain {
		return io.ErrUnexpectedEOF
	}
	got, err := io.CopyN(io.Discard, t.Reader, n)
	if err != nil && got < n {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (p pipe) hand(ctx context.Context, b *block) bool {
	select {
	case p.order <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p pipe) cut(ctx context.Context, in io.Reader, at int64, search func(*block)) {
	var carry []byte // the beginning of a line, in the buffer of the block before
	tooLong := false // inside a line that is not kept
	for {
		var b block
		select {
		case b.buffer = <-p.free:
		case <-ctx.Done():
			return
		}
		if b.buffer == nil {
			b.buffer = make([]byte, blockSize)
		}
		n := copy(b.buffer, carry)
		more, err := fill(in, b.buffer[n:])
		if ctx.Err() != nil {
			return
		}
		b.data, b.start, b.end = b.buffer[:n+more], at, err
		at += int64(len(b.data))
		if tooLong {
			i := bytes.IndexByte(b.data, '\n')
			if tooLong = i < 0; tooLong {
				i = len(b.data) - 1
			}
			b.data, b.start = b.data[i+1:], b.start+int64(i)+1
		}
		carry = nil
		if !errors.Is(err, io.EOF) {
			i := bytes.LastIndexByte(b.data, '\n') + 1
			carry, b.data = b.data[i:], b.data[:i]
			if len(carry) > lineLimit {
				carry, tooLong, b.long = nil, true, 1
			}
			at -= int64(len(carry))
		}
		carry = bytes.Clone(carry) // its buffer may come back before the next round
		b.ready = make(chan struct{})
		go func() { search(&b); close(b.ready) }()
		if !p.hand(ctx, &b) || err != nil {
			return
		}
	}
}

// fill reads until the buffer is full or the text ends.
func fill(in io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var m int
		m, err = in.Read(buffer[n:])
		n += m
	}
	return n, err
}

// search finds out which lines of a block matter.
func (w *walk) search(b *block) {
	if len(w.Needles) == 0 || hasLong(b.data) || w.Intact != nil && !w.Intact(b.data) {
		b.every = true
		return
	}
	b.hits = hits(b.data, w.Needles, nil)
}

// hasLong looks for lines beyond the limit.
func hasLong(data []byte) bool {
	for len(data) > lineLimit {
		i := bytes.LastIndexByte(data[:lineLimit], '\n')
		if i < 0 {
			return true
		}
		data = data[i+1:]
	}
	return false
}
