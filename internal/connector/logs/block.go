package logs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// lineLimit bounds the memory: a longer line is a broken one.
	lineLimit = 256 << 10
	blockSize = 2 * lineLimit
	// inFlight is how many blocks are read, searched and looked at at once.
	inFlight = 8
)

// block is a piece of text of whole lines; only the last one of a text may lack
// its end.
type block struct {
	buffer []byte
	data   []byte
	start  int64 // of data, in the text
	stop   int64 // where the next block begins
	long   int   // lines too long to be kept
	end    error // io.EOF at the end of the text, or what cut it off

	lines []span
	until time.Time // the last time that a line tells
	ready chan struct{}
}

// span is a line that matters, with its end.
type span struct {
	from, to int   // in the data of the block
	start    int64 // in the text
}

// pipe cuts a text into blocks. Several read from it by turns, each searching
// what it has read while the next one reads; order gives the blocks in the
// order of the text.
type pipe struct {
	order chan *block
	free  chan []byte

	mu      sync.Mutex
	in      *text
	at      int64  // in the text
	carry   []byte // the beginning of a line whose end comes with the next block
	tooLong bool   // inside a line that is not kept
	over    bool
}

// blocks reads a text from an offset on, and closes it at its end or when
// nobody waits.
func (w *walk) blocks(ctx context.Context, in *text, offset int64) *pipe {
	p := &pipe{order: make(chan *block, inFlight), free: make(chan []byte, inFlight), in: in, at: offset}
	for range inFlight {
		p.free <- nil
	}
	go func() {
		defer close(p.order)
		defer in.Close()
		if err := in.skip(offset); err != nil {
			b := &block{start: offset, stop: offset, end: err, ready: make(chan struct{})}
			close(b.ready)
			p.order <- b
			return
		}
		var readers sync.WaitGroup
		for range min(inFlight/2, runtime.GOMAXPROCS(0)) {
			readers.Go(func() {
				debug.SetPanicOnFault(true) // see guard
				for b := p.next(ctx); b != nil; b = p.next(ctx) {
					w.search(b, in)
					close(b.ready)
				}
			})
		}
		readers.Wait()
	}()
	return p
}

// next reads a block and puts it in order; nil where there is none.
func (p *pipe) next(ctx context.Context) *block {
	b := &block{ready: make(chan struct{})}
	select {
	case b.buffer = <-p.free:
	case <-ctx.Done():
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || ctx.Err() != nil {
		return nil
	}
	if err := guard(func() { p.take(b) }); err != nil {
		b.data, b.end, p.over = nil, err, true
	}
	p.order <- b // never waits: there are no more buffers than places
	return b
}

// take reads a block and cuts it at the end of its last line.
func (p *pipe) take(b *block) {
	b.start = p.at
	b.data, b.end = p.in.piece(b, p.at, p.carry)
	p.at += int64(len(b.data))
	if p.tooLong {
		i := bytes.IndexByte(b.data, '\n')
		if p.tooLong = i < 0; p.tooLong {
			i = len(b.data) - 1
		}
		b.data, b.start = b.data[i+1:], b.start+int64(i)+1
	}
	var rest []byte
	if !errors.Is(b.end, io.EOF) { // a text that was cut off ends with its last whole line
		i := bytes.LastIndexByte(b.data, '\n') + 1
		rest, b.data = b.data[i:], b.data[:i]
		if len(rest) > lineLimit {
			rest, p.tooLong, b.long = nil, true, 1
		}
		p.at -= int64(len(rest))
	}
	if p.in.mapped == nil {
		p.carry = append(p.carry[:0], rest...)
	}
	b.stop, p.over = p.at, b.end != nil
}

// search finds out which lines of a block matter, and keeps those.
func (w *walk) search(b *block, in *text) {
	err := guard(func() {
		for _, from := range w.starts(b.data) {
			to := len(b.data)
			if i := bytes.IndexByte(b.data[from:], '\n'); i >= 0 {
				to = from + i + 1
			}
			b.lines = append(b.lines, span{from: from, to: to, start: b.start + int64(from)})
		}
		b.until = w.until(b.data)
		if in.mapped != nil {
			b.copy()
		}
	})
	if err != nil {
		b.lines, b.end = nil, err
	}
	in.done(b.stop)
}

// copy takes what matters out of a file that may be cut short any moment.
func (b *block) copy() {
	b.buffer = b.buffer[:0]
	for i, l := range b.lines {
		b.lines[i].from = len(b.buffer)
		b.buffer = append(b.buffer, b.data[l.from:l.to]...)
		b.lines[i].to = len(b.buffer)
	}
	b.data = b.buffer
}

// starts tells where lines begin that matter.
func (w *walk) starts(data []byte) (found []int) {
	if len(w.Needles) == 0 || hasLong(data) {
		return each(data, 0, found)
	}
	for from := 0; from < len(data); {
		to := from + piece(data[from:])
		if w.Intact == nil || w.Intact(data[from:to]) {
			found = hits(data[:to], from, w.Needles, found)
		} else {
			found = each(data[:to], from, found)
		}
		from = to
	}
	return found
}

// piece is how much of a text stays in the processor's cache while several
// things are looked for in it.
func piece(data []byte) int {
	const size = 64 << 10
	if len(data) <= size {
		return len(data)
	}
	if i := bytes.LastIndexByte(data[:size], '\n'); i >= 0 {
		return i + 1
	}
	if i := bytes.IndexByte(data[size:], '\n'); i >= 0 {
		return size + i + 1
	}
	return len(data)
}

// each appends where lines begin.
func each(data []byte, from int, found []int) []int {
	for from < len(data) {
		found = append(found, from)
		i := bytes.IndexByte(data[from:], '\n')
		if i < 0 {
			break
		}
		from += i + 1
	}
	return found
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

// until is the last time that lines tell, zero where the last ones tell none.
func (w *walk) until(data []byte) time.Time {
	data = bytes.TrimSuffix(data, []byte("\n"))
	for range 200 {
		i := bytes.LastIndexByte(data, '\n')
		if at, ok := w.Time(bytes.TrimSuffix(data[i+1:], []byte("\r")), w.file.written); ok {
			return at
		}
		if i < 0 {
			break
		}
		data = data[:i]
	}
	return time.Time{}
}
