package logs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"einsicht/internal/connector"
)

// Run reads the logs from the oldest line to the newest. Of the question only
// its Pause counts; it and from are those of Connector.Find.
func (s Search) Run(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	w := &walk{Search: s, ctx: ctx, query: q, yield: yield}
	w.answer.Outcome = connector.Nothing
	files, gaps, err := s.list(ctx)
	if err != nil {
		return connector.Answer{}, err
	}
	if len(from) == 0 && !w.repeats() {
		w.answer.Gaps = gaps // said once, not with every part
	}
	page := &Page{w}
	files = w.resume(files, from, page)
	for i, f := range files {
		if w.stopped() {
			return w.answer, w.err
		}
		w.file, w.last = f, i == len(files)-1
		w.enter(f.mark())
		if w.read(page); w.stopped() {
			return w.answer, w.err
		}
		if w.told = false; !w.last {
			w.offset = 0
		}
	}
	if s.Memory != nil && !w.stopped() {
		w.over = true
		s.Memory.End(page)
	}
	return w.answer, w.err
}

// walk goes through the lines of one question.
type walk struct {
	Search
	ctx    context.Context
	query  connector.Query
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer
	err    error
	gate   sync.Mutex // shut while a finding is handed over

	file   file
	mark   mark   // of the file
	said   []byte // the mark as cursors say it
	last   bool   // nothing newer: its last line may still be written
	told   bool   // its gaps were said, and it holds nothing new so far
	over   bool   // there are no more lines
	offset int64
	recent Recent
}

// stopped says that there is nothing more to do: an error, or a pause.
func (w *walk) stopped() bool {
	if w.err == nil && w.ctx.Err() != nil {
		w.err = connector.Fail(connector.ErrUnreachable, filepath.Base(w.file.path), "", w.ctx.Err())
	}
	return w.err != nil || w.answer.Next != nil
}

// Page takes what a kind finds.
type Page struct{ w *walk }

// Give hands over a finding. What comes after an error is dropped.
func (p *Page) Give(f connector.Finding) {
	w := p.w
	if w.err != nil || w.ctx.Err() != nil {
		return
	}
	at := w.cursor()
	if w.give(f, at); w.err == nil && w.query.Paused(time.Now()) {
		w.answer.Next = at
	} else if w.answer.Next != nil {
		w.answer.Next = at // given by the line at which the time was up
	}
}

// give hands over a finding with a cursor.
func (w *walk) give(f connector.Finding, at connector.Cursor) {
	w.answer.Outcome = connector.Found
	w.gate.Lock()
	w.err = w.yield(f, at)
	w.gate.Unlock()
}

// Reference names a line within its system, in whatever file it stands:
// "line/" and a hash of its text and how often that text stood there shortly
// before. Ask once for each line that is given, in their order.
func (p *Page) Reference(text []byte) string {
	sum := sha256.Sum256(text)
	return "line/" + hex.EncodeToString(sum[:16]) + "/" + strconv.FormatUint(uint64(p.w.recent.Count([8]byte(sum[:8]))), 10)
}

// position is what a cursor says: a place in the text of a file, which lines
// were given last, and what the kind keeps.
type position struct {
	File   mark
	Offset int64
	Recent Recent
	Memory []byte
	Over   bool // given after the last line of all
}

// cursor writes a position as JSON, by hand: it goes with every finding.
func (w *walk) cursor() connector.Cursor {
	var memory []byte
	if w.Memory != nil {
		memory = w.Memory.Save()
	}
	c := make([]byte, 0, 256+len(w.recent)*16+len(memory)*4/3)
	c = append(append(c, `{"File":`...), w.said...)
	c = strconv.AppendInt(append(c, `,"Offset":`...), w.offset, 10)
	c = w.recent.appendJSON(append(c, `,"Recent":`...))
	if len(memory) > 0 {
		c = append(base64.StdEncoding.AppendEncode(append(c, `,"Memory":"`...), memory), '"')
	}
	if w.over {
		c = append(c, `,"Over":true`...)
	}
	return append(c, '}')
}

// enter goes to a file.
func (w *walk) enter(m mark) {
	said, err := json.Marshal(m)
	if err != nil {
		panic(err) // numbers, bytes and a time that was read
	}
	w.mark, w.said = m, said
}

// resume drops the files before a cursor. If the cursor's own file is gone, it
// goes on with the next younger one and says so.
func (w *walk) resume(files []file, from connector.Cursor, page *Page) []file {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil || p.Offset < 0 {
		return files
	}
	w.enter(p.File)
	w.recent, w.offset, w.told = p.Recent, p.Offset, p.Over
	if w.Memory != nil && len(p.Memory) > 0 {
		w.Memory.Load(p.Memory, page)
	}
	if i := slices.IndexFunc(files, func(f file) bool { return f.is(p.File) }); i >= 0 {
		return files[i:]
	}
	w.offset, w.told = 0, false
	w.gap(w.Kind, "connector.gap.rotated", 1)
	return slices.DeleteFunc(files, func(f file) bool { return !f.first.After(p.File.First) })
}

func (w *walk) gap(place, reason string, n int) {
	w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: place, Reason: reason, Count: n})
}

// gapOnce says what is the same each time a file is read.
func (w *walk) gapOnce(place, reason string) {
	if !w.repeats() {
		w.gap(place, reason, 1)
	}
}

// repeats says that what is read now was read before: its gaps were said then.
func (w *walk) repeats() bool { return w.told || w.again != nil && w.again() }

// read reads one file from w.offset on.
func (w *walk) read(page *Page) {
	name := filepath.Base(w.file.path)
	in, err := w.find()
	if w.stopped() {
		return
	}
	switch {
	case errors.Is(err, connector.ErrUnreachable):
		w.err = err
		return
	case errors.Is(err, os.ErrNotExist):
		w.gap(name, "connector.gap.rotated", 1)
		return
	case err != nil:
		w.gapOnce(name, Unreadable(err))
		return
	}
	name = filepath.Base(w.file.path)
	in.mapIn()
	ctx, stop := context.WithCancel(w.ctx)
	blocks := w.blocks(ctx, in, w.offset)
	defer func() {
		stop()
		for range blocks.order { // until the file is closed
		}
	}()
	broken := 0
	defer func() {
		if broken > 0 {
			w.gap(name, "connector.gap.broken_lines", broken)
		}
	}()
	for b := range blocks.order {
		<-b.ready
		broken += w.block(b, name, page)
		if w.saw(b.until); w.stopped() {
			return
		}
		if !w.repeats() {
			broken += b.long // behind all other lines of the block
		}
		if b.end != nil && !errors.Is(b.end, io.EOF) {
			w.gapOnce(name, "connector.gap.truncated")
			return
		}
		if b.stop > b.start && w.query.Paused(time.Now()) { // something was done: it ends some day
			w.answer.Next = w.cursor()
			return
		}
		blocks.free <- b.buffer
	}
}

// find opens the file of the walk. If its name is gone, it was renamed, or the
// whole folder went away.
func (w *walk) find() (*text, error) {
	in, err := w.open(w.ctx, w.file.path, &w.gate)
	if !errors.Is(err, os.ErrNotExist) {
		return in, err
	}
	files, _, gone := w.list(w.ctx)
	if gone != nil {
		return nil, gone
	}
	if i := slices.IndexFunc(files, func(f file) bool { return f.is(w.mark) }); i >= 0 {
		w.file = files[i]
	}
	return w.open(w.ctx, w.file.path, &w.gate)
}

// block looks at the lines of a block that matter, and counts broken ones.
func (w *walk) block(b *block, name string, page *Page) (broken int) {
	for _, l := range b.lines {
		text, ended := bytes.CutSuffix(b.data[l.from:l.to], []byte("\n"))
		w.offset, w.told = l.start+int64(l.to-l.from), false
		if l.to-l.from > lineLimit {
			if !w.repeats() {
				broken++
			}
			continue
		}
		if blank(text) {
			continue // a record that was taken out, see package rewrite
		}
		fine := w.Line(Line{Text: text, File: name, Start: l.start, Written: w.file.written}, page)
		if !fine && (ended || !w.last || !w.file.plain) { // or it is being written just now
			broken++
		}
		if w.stopped() {
			b.until = w.until(text)
			return broken
		}
	}
	w.offset = b.stop
	return broken
}

// blank says that a line holds nothing but blanks.
func blank(text []byte) bool {
	return len(text) > 0 && text[0] == ' ' && len(bytes.TrimLeft(text, " \r")) == 0
}

// saw widens the time that the answer speaks about.
func (w *walk) saw(until time.Time) {
	if from := w.file.first; !from.IsZero() && (w.answer.From.IsZero() || from.Before(w.answer.From)) {
		w.answer.From = from
	}
	if until.After(w.answer.Until) {
		w.answer.Until = until
	}
}
