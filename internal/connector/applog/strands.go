package applog

import (
	"container/list"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
)

// strands reads logs of which several lines belong together, such as those of
// one mail, and lie among those of others, over the ends of files too.
//
// What is still open when a finding is given does not fit into a cursor. So a
// cursor says two things: from where to read again, which is before the first
// line of the oldest open strand, and which line was the last. Up to there
// nothing is given, and then everything is as it was.
type strands[S any] struct {
	files logs.Files
	// line looks at a line; fine says that it could be read.
	line func(l logs.Line) (fine bool)
	// ended hears of a strand that ends without the kind: nothing was written to
	// it for longer than limit, it had to make room, or the logs end.
	ended func(*strand[S])
	limit time.Duration
	// open strands may keep this many bytes; tests set it.
	room int

	pause time.Time
	yield func(connector.Finding, connector.Cursor) error
	page  *logs.Page
	open  map[string]*list.Element
	order *list.List // of *strand[S], by their first lines
	size  int

	n       int // lines seen
	here    spot
	given   int // findings of this line
	low     int // first line of the strands that ended at this line
	marks   []mark
	stride  int // lines between marks
	marking bool
	silent  bool // what is found was given before
	target  target
	reached bool // the last line that was given before is this one
	found   bool
	crowded int // strands that had to make room
	next    connector.Cursor
}

// strand is what belongs together.
type strand[S any] struct {
	Key   string
	State S
	Lines []kept
	last  time.Time
	first int
	size  int
}

// kept is a line that outlives the reading of the next.
type kept struct {
	logs.Line
	At time.Time
}

// spot tells a line from others, in whatever file it stands.
type spot struct {
	start int64
	sum   uint32
}

// mark is a place from which the logs can be read again.
type mark struct {
	after int // lines seen by then
	from  connector.Cursor
}

// target is up to where findings were given.
type target struct {
	spot
	given int
}

const (
	openBytes  = 16 << 20
	maxMarks   = 256
	lineCost   = 96 // what a line needs besides its text
	strandCost = 256
)

// firstStride is how many lines lie between marks at first; tests take fewer.
var firstStride = 1024

var (
	errPaused  = errors.New("paused")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// run reads the logs. Pause, from and yield are those of Connector.Find; fresh
// makes a reading of its own, since one may have to begin again.
func run[S any](ctx context.Context, fresh func() *strands[S], pause time.Time, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	s := fresh()
	begin, aim, again := read(from)
	answer, err := s.run(ctx, pause, begin, aim, again, yield)
	if err == nil && s.silent && !s.reached {
		// The line that the cursor names is gone. Better twice than never: whoever
		// keeps findings knows them by their references.
		s = fresh()
		answer, err = s.run(ctx, pause, begin, aim, false, yield)
		const gone = "connector.gap.rotated"
		if !slices.ContainsFunc(answer.Gaps, func(g connector.Gap) bool { return g.Reason == gone }) {
			answer.Gaps = append(answer.Gaps, connector.Gap{Place: s.files.Kind, Reason: gone, Count: 1})
		}
	}
	return answer, err
}

func (s *strands[S]) run(ctx context.Context, pause time.Time, begin connector.Cursor, aim target, silent bool, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	s.pause, s.yield, s.target, s.silent = pause, yield, aim, silent
	s.open, s.order, s.stride = map[string]*list.Element{}, list.New(), firstStride
	s.marks = []mark{{from: begin}}
	if s.room == 0 {
		s.room = openBytes
	}
	search := logs.Search{Files: s.files, Line: s.look, Memory: ending[S]{s}}
	answer, err := search.Run(ctx, time.Time{}, begin, s.take)
	if errors.Is(err, errPaused) {
		answer.Next, err = s.next, nil
	}
	answer.Outcome = connector.Nothing
	if s.found {
		answer.Outcome = connector.Found
	}
	if s.crowded > 0 {
		answer.Gaps = append(answer.Gaps, connector.Gap{Place: s.files.Kind, Reason: "connector.gap.open_messages", Count: s.crowded})
	}
	return answer, err
}

// look is called with each line.
func (s *strands[S]) look(l logs.Line, p *logs.Page) bool {
	if s.reached {
		s.silent, s.reached = false, false
	}
	s.n++
	s.page, s.given, s.low = p, 0, s.n
	s.here = spot{l.Start, crc32.Checksum(l.Text, castagnoli)}
	s.reached = s.silent && s.here == s.target.spot
	fine := s.line(l)
	if s.n >= s.marks[len(s.marks)-1].after+s.stride {
		s.marking = true
		p.Give(connector.Finding{}) // take gets the place and passes nothing on
		s.marking = false
	}
	return fine || s.silent // said before
}

// get gives an open strand, nil where there is none.
func (s *strands[S]) get(key string) *strand[S] {
	if e := s.open[key]; e != nil {
		return e.Value.(*strand[S])
	}
	return nil
}

// begin opens a strand.
func (s *strands[S]) begin(key string) *strand[S] {
	one := &strand[S]{Key: key, first: s.n}
	s.open[key] = s.order.PushBack(one)
	s.grow(one, strandCost+len(key))
	return one
}

// keep adds a line to a strand.
func (s *strands[S]) keep(one *strand[S], l logs.Line, at time.Time) {
	l.Text = slices.Clone(l.Text)
	one.Lines = append(one.Lines, kept{l, at})
	s.grow(one, lineCost+len(l.Text))
	one.touch(at)
}

// touch notes that something was written to a strand.
func (one *strand[S]) touch(at time.Time) {
	if at.After(one.last) {
		one.last = at
	}
}

func (s *strands[S]) grow(one *strand[S], by int) {
	one.size += by
	s.size += by
}

// tidy ends strands to which nothing was written for long, and makes room. A
// clock that is far ahead of the file is wrong and ends nothing.
func (s *strands[S]) tidy(l logs.Line, at time.Time) {
	for e := s.order.Front(); e != nil; e = s.order.Front() {
		one := e.Value.(*strand[S])
		idle := at.Sub(one.last) > s.limit && !at.After(l.Written.Add(48*time.Hour))
		if !idle && s.size <= s.room {
			return
		}
		if !idle && !s.silent {
			s.crowded++
		}
		s.end(one)
		s.ended(one)
	}
}

// end takes a strand out.
func (s *strands[S]) end(one *strand[S]) {
	if e := s.open[one.Key]; e != nil && e.Value == one {
		s.order.Remove(e)
		delete(s.open, one.Key)
		s.size -= one.size
		s.low = min(s.low, one.first)
	}
}

// give hands over a finding unless it was before. Its reference must be asked
// for in any case.
func (s *strands[S]) give(f connector.Finding) {
	s.given++
	if s.silent && !(s.reached && s.given > s.target.given) {
		return
	}
	s.page.Give(f)
}

// take gets what the page gives: a finding to be passed on, or a mark.
func (s *strands[S]) take(f connector.Finding, from connector.Cursor) error {
	if s.marking {
		if s.given == 0 && s.low == s.n {
			s.low++ // this line need not be read again
		}
		s.mark(from)
	} else {
		s.found = true
		if err := s.yield(f, s.cursor()); err != nil {
			return err
		}
	}
	if !s.pause.IsZero() && !s.silent && !time.Now().Before(s.pause) {
		s.next = s.cursor()
		return errPaused
	}
	return nil
}

// mark remembers a place, and forgets those that no cursor will need.
func (s *strands[S]) mark(from connector.Cursor) {
	s.marks = append(s.marks, mark{after: s.n, from: slices.Clone(from)})
	s.marks = s.marks[s.needed():]
	if len(s.marks) > maxMarks {
		kept := s.marks[:0]
		for i, m := range s.marks {
			if i%2 == 0 || i == len(s.marks)-1 {
				kept = append(kept, m)
			}
		}
		s.marks, s.stride = kept, s.stride*2
	}
}

// needed is the last mark from which all can be read that is open, or ended at
// this line.
func (s *strands[S]) needed() int {
	first := s.low
	if e := s.order.Front(); e != nil {
		first = min(first, e.Value.(*strand[S]).first)
	}
	i, _ := slices.BinarySearchFunc(s.marks, first, func(m mark, first int) int { return m.after - first })
	return i - 1
}

// cursor is written as the last line and how many of its findings were given,
// and the place from where to read.
func (s *strands[S]) cursor() connector.Cursor {
	m := s.marks[s.needed()]
	c := make([]byte, 1, 17+len(m.from))
	if m.after < s.n {
		c[0] = 1 // there are lines to be silent at
	}
	c = binary.BigEndian.AppendUint64(c, uint64(s.here.start))
	c = binary.BigEndian.AppendUint32(c, s.here.sum)
	c = binary.BigEndian.AppendUint32(c, uint32(s.given))
	return append(c, m.from...)
}

func read(c connector.Cursor) (from connector.Cursor, aim target, silent bool) {
	if len(c) < 17 {
		return nil, aim, false
	}
	aim.start, aim.sum = int64(binary.BigEndian.Uint64(c[1:])), binary.BigEndian.Uint32(c[9:])
	aim.given = int(binary.BigEndian.Uint32(c[13:]))
	return c[17:], aim, c[0] == 1
}

// ending hears where the logs end. Nothing is saved: see strands.
type ending[S any] struct{ s *strands[S] }

func (ending[S]) Save() []byte            { return nil }
func (ending[S]) Load([]byte, *logs.Page) {}

// End gives what is still open, the oldest first.
func (e ending[S]) End(p *logs.Page) {
	s := e.s
	for s.page = p; s.order.Len() > 0; {
		one := s.order.Front().Value.(*strand[S])
		s.end(one)
		s.ended(one)
	}
}
