package weblog

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// Find reads the logs from the oldest line to the newest.
func (l *logs) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	w := &walk{logs: l, whose: l.whose(q), pause: q.Pause, yield: yield}
	w.answer.Outcome = connector.Nothing
	w.answer.Reason = "connector.weblog.rest"
	if w.whose.typed {
		w.answer.Reason = "connector.weblog.typed_address"
	}
	if w.whose.nobody() {
		w.answer.Outcome = connector.Unattributable
		if !w.whose.typed {
			w.answer.Reason = "connector.no_identifier"
		}
		return w.answer, nil
	}
	files, gaps, err := l.list()
	if err != nil {
		return connector.Answer{}, err
	}
	if from == nil {
		w.answer.Gaps = gaps // said once, not with every part
	}
	files = w.resume(files, from)
	for i, f := range files {
		w.file, w.last = f, i == len(files)-1
		err := w.read(ctx)
		if err != nil || w.answer.Next != nil {
			return w.answer, err
		}
		w.offset = 0
	}
	return w.answer, nil
}

// walk goes through the lines of one question.
type walk struct {
	logs   *logs
	whose  whose
	pause  time.Time
	yield  func(connector.Finding, connector.Cursor) error
	answer connector.Answer

	file   file
	mark   mark // of the file
	last   bool // nothing newer: its last line may still be written
	offset int64
	recent recent
}

// position is what a cursor says: a place in the text of a file, and which
// lines were seen last.
type position struct {
	File   mark
	Offset int64
	Recent recent
}

func (w *walk) cursor() connector.Cursor {
	c, err := json.Marshal(position{File: w.mark, Offset: w.offset, Recent: w.recent})
	if err != nil {
		panic(err) // numbers and bytes only
	}
	return c
}

// resume drops the files before a cursor. If the cursor's own file is gone, it
// goes on with the next younger one and says so.
func (w *walk) resume(files []file, from connector.Cursor) []file {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil {
		return files
	}
	w.recent = p.Recent
	if i := slices.IndexFunc(files, func(f file) bool { return f.is(p.File) }); i >= 0 {
		w.offset = p.Offset
		return files[i:]
	}
	w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: "weblog", Reason: "connector.gap.rotated", Count: 1})
	return slices.DeleteFunc(files, func(f file) bool { return !f.first.After(p.File.First) })
}

// read reads one file from w.offset on.
func (w *walk) read(ctx context.Context) error {
	name := filepath.Base(w.file.path)
	gap := func(reason string, n int) {
		w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: name, Reason: reason, Count: n})
	}
	in, err := w.open(ctx)
	if ctx.Err() != nil {
		return connector.Fail(connector.ErrUnreachable, name, "", ctx.Err())
	}
	switch {
	case errors.Is(err, connector.ErrUnreachable):
		return err
	case errors.Is(err, os.ErrNotExist):
		gap("connector.gap.rotated", 1)
		return nil
	case err != nil:
		gap("connector.gap.unreadable", 1)
		return nil
	}
	defer in.Close()
	if err = skip(in, w.offset); err != nil && ctx.Err() == nil {
		gap("connector.gap.truncated", 1)
		return nil
	}
	broken := 0
	defer func() {
		if broken > 0 {
			gap("connector.gap.broken_lines", broken)
		}
	}()
	var newest line
	for n := 1; ; n++ {
		raw, size, err := next(in)
		if ctx.Err() != nil {
			return connector.Fail(connector.ErrUnreachable, name, "", ctx.Err())
		}
		half := errors.Is(err, io.EOF) && len(raw) > 0
		if len(raw) > 0 || size > 0 {
			switch fine, err := w.line(raw, size, &newest); {
			case err != nil:
				return err
			case half && !fine && w.last && w.file.plain: // being written just now
			case !fine:
				broken++
			}
		}
		if err != nil {
			w.saw(&newest)
			if !errors.Is(err, io.EOF) {
				gap("connector.gap.truncated", 1)
			}
			return nil
		}
		if w.answer.Next == nil && n%4096 == 0 && w.timeIsUp() {
			w.answer.Next = w.cursor()
		}
		if w.answer.Next != nil {
			w.saw(&newest)
			return nil
		}
	}
}

// open opens the file of the walk. If its name is gone, it was renamed, or the
// whole folder went away.
func (w *walk) open(ctx context.Context) (*text, error) {
	w.mark = w.file.mark()
	in, err := w.file.open(ctx)
	if !errors.Is(err, os.ErrNotExist) {
		return in, err
	}
	files, _, gone := w.logs.list()
	if gone != nil {
		return nil, gone
	}
	if i := slices.IndexFunc(files, func(f file) bool { return f.is(w.mark) }); i >= 0 {
		w.file = files[i]
	}
	return w.file.open(ctx)
}

// line looks at one line; fine says that it could be read. An empty raw with a
// size is a line too long to be one.
func (w *walk) line(raw []byte, size int64, newest *line) (fine bool, err error) {
	start := w.offset
	w.offset += size
	raw = bytes.TrimRight(raw, "\r\n")
	if len(raw) == 0 {
		return size < lineLimit, nil
	}
	var one line
	rest, ok := one.head(raw)
	if !ok || len(rest) < 2 || rest[1] != '"' {
		return false, nil
	}
	newest.when = append(newest.when[:0], one.when...)
	led, confidence := w.whose.leads(&one)
	if led == nil {
		return raw[len(raw)-1] == '"' || one.tail(rest), nil
	}
	if !one.tail(rest) {
		return false, nil
	}
	f := w.finding(raw, start, &one, led, confidence)
	w.answer.Outcome = connector.Found
	at := w.cursor()
	if err := w.yield(f, at); err != nil {
		return true, err
	}
	if w.timeIsUp() {
		w.answer.Next = at
	}
	return true, nil
}

func (w *walk) timeIsUp() bool { return !w.pause.IsZero() && !time.Now().Before(w.pause) }

// finding makes a record of a line.
func (w *walk) finding(raw []byte, start int64, one *line, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	at, _ := one.time()
	sum := sha256.Sum256(raw)
	ref := fmt.Sprintf("line/%s/%d", hex.EncodeToString(sum[:16]), w.recent.count([8]byte(sum[:8])))
	if string(one.status) == "401" {
		c = connector.Check // the name was refused: anybody can have typed it
	}
	f := connector.Finding{
		Reference: ref, Category: "access", Confidence: c, Led: led,
		Origin: connector.Origin{Place: filepath.Base(w.file.path), Position: "byte " + strconv.FormatInt(start, 10), At: at, Mapping: w.logs.connection.Version},
	}
	for _, v := range []struct {
		name  string
		value []byte
	}{
		{"time", one.when}, {"address", one.host}, {"account", one.user}, {"request", one.request}, {"status", one.status},
		{"size", one.size}, {"referer", one.referer}, {"agent", one.agent}, {"more", one.moreThanUsual},
	} {
		if len(v.value) > 0 {
			f.Fields = append(f.Fields, connector.Field{Name: v.name, Value: person.NewText(string(v.value)), Unmapped: v.name == "more"})
		}
	}
	if ip, err := person.Normal(person.IPTime, string(one.host)+" "+at.Format(time.RFC3339)); err == nil && c != connector.Check {
		f.Hints = []person.Identifier{{Kind: person.IPTime, Value: person.NewText(ip), Record: w.logs.connection.System + "/" + ref}}
	}
	return f
}

// saw widens the time that the answer speaks about.
func (w *walk) saw(newest *line) {
	if from := w.file.first; !from.IsZero() && (w.answer.From.IsZero() || from.Before(w.answer.From)) {
		w.answer.From = from
	}
	if at, ok := newest.time(); ok && at.After(w.answer.Until) {
		w.answer.Until = at
	}
}

// next reads a line with its end. Of one that is too long only the size is
// given.
func next(in *text) (raw []byte, size int64, err error) {
	raw, err = in.ReadSlice('\n')
	size = int64(len(raw))
	for errors.Is(err, bufio.ErrBufferFull) {
		var more []byte
		more, err = in.ReadSlice('\n')
		size += int64(len(more))
		raw = nil
	}
	return raw, size, err
}

func skip(in *text, n int64) error {
	_, err := io.CopyN(io.Discard, in, n)
	return err
}
