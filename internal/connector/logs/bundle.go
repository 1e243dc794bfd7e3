package logs

import (
	"container/list"
	"context"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"

	"einsicht/internal/connector"
)

// Bundles reads logs in which what belongs to one event stands in several lines
// among those of others: all that was written of one mail, or of one visit. It
// gathers such lines in bundles, over the ends of files too, until the kind
// knows whose they are. S is what the kind notes about a bundle.
//
// What is still open when a finding is given may not fit into a cursor. So a
// cursor says two things: from where to read again, which is before the first
// line of the oldest open bundle, and which line was the last. Up to there
// nothing is given, and then everything is as it was.
type Bundles[S any] struct {
	Files Files
	// Line looks at a line; fine says that it could be read.
	Line func(l Line) (fine bool)
	// Ended hears of a bundle that ends without the kind: nothing was written to
	// it for longer than Limit, it had to make room, or the logs end.
	Ended func(*Bundle[S])
	Limit time.Duration
	// Stride is how many lines lie between two places from which can be read
	// again, at first; 1024 if nothing is said. Tests take fewer.
	Stride int

	query connector.Query
	page  *Page
	open  map[string]*list.Element
	order *list.List // of *Bundle[S], by their first lines
	size  int

	n       int // lines seen
	here    spot
	given   int        // findings of this line
	low     int        // first line of the bundles that ended at this line
	places  []waypoint // from which can be read again
	silent  bool       // what is found was given before
	target  target
	reached bool // the last line that was given before is this one
	ending  bool // there are no more lines
	crowded int  // bundles that could not be followed to their end
}

// Bundle is the lines that belong together, and what the kind notes about them.
type Bundle[S any] struct {
	Key   string
	State S
	Lines []Kept
	last  time.Time
	first int
	size  int
}

// Kept is a line that outlives the reading of the next.
type Kept struct {
	Line
	At time.Time
}

// spot tells a line from others, in whatever file it stands.
type spot struct {
	start int64
	sum   uint32
}

// waypoint is a place from which the logs can be read again.
type waypoint struct {
	after int // lines seen by then
	from  connector.Cursor
}

// target is up to where findings were given.
type target struct {
	spot
	given int
	ended bool // after it there was no line any more
}

const (
	openBytes    = 16 << 20 // of all open bundles
	maxWaypoints = 256
	lineCost     = 96 // what a line needs besides its text
	bundleCost   = 256
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// RunBundles reads the logs. The question, of which only its Pause counts, from
// and yield are those of Connector.Find;
// fresh makes a reading of its own, since one may have to begin again.
func RunBundles[S any](ctx context.Context, fresh func() *Bundles[S], q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	b := fresh()
	begin, aim, again := resumeAt(from)
	answer, err := b.run(ctx, q, begin, aim, again, yield)
	if err == nil && b.silent && !b.reached {
		// The line that the cursor names is gone. Better twice than never: whoever
		// keeps findings knows them by their references.
		b = fresh()
		answer, err = b.run(ctx, q, begin, aim, false, yield)
		const gone = "connector.gap.rotated"
		if !slices.ContainsFunc(answer.Gaps, func(g connector.Gap) bool { return g.Reason == gone }) {
			answer.Gaps = append(answer.Gaps, connector.Gap{Place: b.Files.Kind, Reason: gone, Count: 1})
		}
	}
	return answer, err
}

func (b *Bundles[S]) run(ctx context.Context, q connector.Query, begin connector.Cursor, aim target, silent bool, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	b.query, b.target, b.silent = q, aim, silent
	b.open, b.order = map[string]*list.Element{}, list.New()
	b.places = []waypoint{{from: begin}}
	if b.Stride == 0 {
		b.Stride = 1024
	}
	search := Search{Files: b.Files, Line: b.look, Memory: ending[S]{b}, again: b.again}
	answer, err := search.Run(ctx, connector.Query{}, begin, yield) // it rests by itself
	if b.crowded > 0 {
		answer.Gaps = append(answer.Gaps, connector.Gap{Place: b.Files.Kind, Reason: "connector.gap.open_messages", Count: b.crowded})
	}
	return answer, err
}

// Get gives an open bundle, nil where there is none.
func (b *Bundles[S]) Get(key string) *Bundle[S] {
	if e := b.open[key]; e != nil {
		return e.Value.(*Bundle[S])
	}
	return nil
}

// Begin opens a bundle.
func (b *Bundles[S]) Begin(key string) *Bundle[S] {
	one := &Bundle[S]{Key: key, first: b.n}
	b.open[key] = b.order.PushBack(one)
	b.grow(one, bundleCost+len(key))
	return one
}

// Keep adds a line to a bundle.
func (b *Bundles[S]) Keep(one *Bundle[S], l Line, at time.Time) {
	l.Text = slices.Clone(l.Text)
	one.Lines = append(one.Lines, Kept{l, at})
	b.grow(one, lineCost+len(l.Text))
	one.Touch(at)
}

// Forget drops the lines of a bundle that goes on.
func (b *Bundles[S]) Forget(one *Bundle[S]) {
	for _, l := range one.Lines {
		b.grow(one, -lineCost-len(l.Text))
	}
	one.Lines = nil
}

// Touch notes that something was written to a bundle.
func (one *Bundle[S]) Touch(at time.Time) {
	if at.After(one.last) {
		one.last = at
	}
}

func (b *Bundles[S]) grow(one *Bundle[S], by int) {
	one.size += by
	b.size += by
}

// Tidy ends bundles to which nothing was written for long, and makes room. A
// clock that is far ahead of the file is wrong and ends nothing.
func (b *Bundles[S]) Tidy(l Line, at time.Time) {
	for e := b.order.Front(); e != nil; e = b.order.Front() {
		one := e.Value.(*Bundle[S])
		idle := at.Sub(one.last) > b.Limit && !at.After(l.Written.Add(48*time.Hour))
		if !idle && b.size <= openBytes {
			return
		}
		if !idle {
			b.Crowd()
		}
		b.End(one)
		b.Ended(one)
	}
}

// Crowd notes that a bundle can't be followed to its end; the answer says so.
func (b *Bundles[S]) Crowd() {
	if !b.silent {
		b.crowded++
	}
}

// End takes a bundle out.
func (b *Bundles[S]) End(one *Bundle[S]) {
	if e := b.open[one.Key]; e != nil && e.Value == one {
		b.order.Remove(e)
		delete(b.open, one.Key)
		b.size -= one.size
		b.low = min(b.low, one.first)
	}
}

// Reference is Page.Reference. It must be asked for before Give, in the order of
// the findings.
func (b *Bundles[S]) Reference(text []byte) string { return b.page.Reference(text) }

// Give hands over a finding unless it was before.
func (b *Bundles[S]) Give(f connector.Finding) {
	b.given++
	if b.silent && !(b.reached && b.given > b.target.given) || b.page.w.stopped() {
		return
	}
	at := b.cursor()
	b.page.w.give(f, at)
	b.rest(at)
}

// look is called with each line.
func (b *Bundles[S]) look(l Line, p *Page) bool {
	if b.reached {
		b.silent, b.reached = false, false
	}
	b.n++
	b.page, b.given, b.low = p, 0, b.n
	b.here = spot{l.Start, crc32.Checksum(l.Text, castagnoli)}
	b.reached = b.silent && b.here == b.target.spot
	fine := b.Line(l)
	if b.n >= b.places[len(b.places)-1].after+b.Stride && !p.w.stopped() {
		if b.given == 0 && b.low == b.n {
			b.low++ // this line need not be read again
		}
		b.remember(p.w.cursor())
		if !b.silent {
			b.rest(b.cursor())
		}
	}
	return fine || b.silent // said before
}

// rest pauses where the time is up.
func (b *Bundles[S]) rest(at connector.Cursor) {
	if w := b.page.w; w.err == nil && b.query.Paused(time.Now()) {
		w.answer.Next = at
	}
}

// again says that what is read now was read before the last finding.
func (b *Bundles[S]) again() bool { return b.silent && (!b.reached || b.target.ended) }

// remember notes a place, and forgets those that no cursor will need.
func (b *Bundles[S]) remember(from connector.Cursor) {
	b.places = append(b.places, waypoint{after: b.n, from: from})
	b.places = b.places[b.needed():]
	if len(b.places) > maxWaypoints {
		kept := b.places[:0]
		for i, p := range b.places {
			if i%2 == 0 || i == len(b.places)-1 {
				kept = append(kept, p)
			}
		}
		b.places, b.Stride = kept, b.Stride*2
	}
}

// needed is the last place from which all can be read that is open, or ended at
// this line.
func (b *Bundles[S]) needed() int {
	first := b.low
	if e := b.order.Front(); e != nil {
		first = min(first, e.Value.(*Bundle[S]).first)
	}
	i, _ := slices.BinarySearchFunc(b.places, first, func(p waypoint, first int) int { return p.after - first })
	return i - 1
}

// cursor is written as the last line and how many of its findings were given,
// and the place from where to read.
func (b *Bundles[S]) cursor() connector.Cursor {
	p := b.places[b.needed()]
	c := make([]byte, 1, 17+len(p.from))
	if p.after < b.n {
		c[0] = linesAgain
	}
	if b.ending {
		c[0] |= atEnd
	}
	c = binary.BigEndian.AppendUint64(c, uint64(b.here.start))
	c = binary.BigEndian.AppendUint32(c, b.here.sum)
	c = binary.BigEndian.AppendUint32(c, uint32(b.given))
	return append(c, p.from...)
}

// What the first byte of a cursor says.
const (
	linesAgain = 1 << iota // there are lines to be silent at
	atEnd                  // the finding was given after the last line
)

func resumeAt(c connector.Cursor) (from connector.Cursor, aim target, silent bool) {
	if len(c) < 17 {
		return nil, aim, false
	}
	aim.start, aim.sum = int64(binary.BigEndian.Uint64(c[1:])), binary.BigEndian.Uint32(c[9:])
	aim.given = int(binary.BigEndian.Uint32(c[13:]))
	aim.ended = c[0]&atEnd != 0
	return c[17:], aim, c[0]&linesAgain != 0
}

// ending hears where the logs end. Nothing is saved: see Bundles.
type ending[S any] struct{ b *Bundles[S] }

func (ending[S]) Save() []byte       { return nil }
func (ending[S]) Load([]byte, *Page) {}

// End gives what is still open, the oldest first.
func (e ending[S]) End(p *Page) {
	b := e.b
	b.ending = true
	for b.page = p; b.order.Len() > 0; {
		one := b.order.Front().Value.(*Bundle[S])
		b.End(one)
		b.Ended(one)
	}
}
