package cdr

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// Find reads the exports, the oldest calls first.
func (e *exports) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	whose, err := e.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	if whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	w := &walk{exports: e, query: q, whose: whose, yield: yield, endings: map[string]bool{}, hints: map[string]hint{}, known: map[string]lead{}}
	for _, id := range whose.Identifiers(person.Phone) {
		if n, err := person.Normal(person.Phone, id.Value.Reveal()); err == nil {
			w.endings[ending(n)] = true
		}
	}
	w.answer.Outcome = connector.Nothing
	files, gaps, err := e.list(ctx)
	if err != nil {
		return connector.Answer{}, err
	}
	if from == nil {
		w.answer.Gaps = gaps // said once, not with every part
	}
	for _, f := range w.resume(files, from) {
		w.file, w.mark = f, f.mark()
		if err := w.read(ctx); err != nil || w.answer.Next != nil {
			return w.answer, err
		}
		w.row, w.recent = 0, nil
	}
	return w.answer, nil
}

// walk goes through the rows of one question.
type walk struct {
	*exports
	query   connector.Query
	whose   connector.Whose
	yield   func(connector.Finding, connector.Cursor) error
	answer  connector.Answer
	endings map[string]bool // of the numbers that are asked for
	// The last few answers, by what was asked.
	known map[string]lead
	hints map[string]hint

	file   file
	mark   mark // of the file
	row    int  // rows behind
	recent logs.Recent
}

type lead struct {
	led        [][]uuid.UUID
	confidence connector.Confidence
}

type hint struct {
	id person.Identifier
	ok bool
}

// position is what a cursor says: how many rows of which file are behind, and
// which of them were given last.
type position struct {
	File   mark
	Row    int
	Recent logs.Recent
}

func (w *walk) cursor() connector.Cursor {
	c, err := json.Marshal(position{File: w.mark, Row: w.row, Recent: w.recent})
	if err != nil {
		panic(err) // numbers and bytes only
	}
	return c
}

// resume drops the files before a cursor. If the cursor's own file is gone, it
// starts again and says so: what was found before has the same references.
func (w *walk) resume(files []file, from connector.Cursor) []file {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil {
		return files
	}
	i := find(files, p.File)
	if i < 0 {
		w.gap(p.File.Name, "connector.gap.rotated", 1)
		return files
	}
	w.row, w.recent = p.Row, p.Recent
	return files[i:]
}

func (w *walk) gap(place, reason string, n int) {
	if n > 0 {
		w.answer.Gaps = append(w.answer.Gaps, connector.Gap{Place: place, Reason: reason, Count: n})
	}
}

// read reads one file from w.row on.
func (w *walk) read(ctx context.Context) error {
	name := w.file.name()
	tab, err := w.openTable(ctx)
	switch {
	case ctx.Err() != nil:
		return connector.Fail(connector.ErrUnreachable, name, "", ctx.Err())
	case errors.Is(err, connector.ErrUnreachable), errors.Is(err, connector.ErrConfig):
		return err
	case errors.Is(err, os.ErrNotExist):
		w.gap(name, "connector.gap.rotated", 1)
		return nil
	case errors.Is(err, errTooLarge):
		w.gap(name, "connector.gap.cdr_too_large", 1)
		return nil
	case errors.Is(err, io.EOF): // nothing but, at most, a header
		return nil
	case err != nil:
		w.gap(name, "connector.gap.truncated", 1)
		return nil
	}
	defer tab.close()
	broken, replaced, behind := 0, 0, w.row
	if behind > 0 {
		tab.missing = 0 // told before
	}
	defer func() {
		w.gap(name, "connector.gap.cdr_sheet", tab.missing)
		w.gap(name, "connector.gap.broken_lines", broken)
		w.gap(name, "connector.gap.cdr_charset", replaced)
	}()
	for n := 0; ; n++ {
		r, err := tab.step()
		if ctx.Err() != nil {
			return connector.Fail(connector.ErrUnreachable, name, "", ctx.Err())
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errBroken):
			w.gap(name, "connector.gap.truncated", 1)
			return nil
		case n < behind: // given or counted before
			tab.missing = 0
			continue
		}
		w.row = n + 1
		if err != nil {
			if !r.last || !w.beingWritten() {
				broken++
			}
			continue
		}
		if r.blank {
			continue
		}
		if r.replaced {
			replaced++
		}
		if err := w.look(tab, r); err != nil {
			return err
		}
		if w.answer.Next == nil && n%4096 == 4095 && w.query.Paused(time.Now()) {
			w.answer.Next = w.cursor()
		}
		if w.answer.Next != nil {
			return nil
		}
	}
}

// beingWritten says whether the file is so young that its last line may not be
// complete yet.
func (w *walk) beingWritten() bool {
	return w.mapping.Settle > 0 && w.file.modified.After(w.query.ReceivedAt.Add(-w.mapping.Settle))
}

// openTable opens the file of the walk. If its name is gone, it was renamed, or
// the whole folder went away.
func (w *walk) openTable(ctx context.Context) (*table, error) {
	t, err := w.open(ctx, w.file.path)
	if errors.Is(err, os.ErrNotExist) {
		files, _, gone := w.list(ctx)
		if gone != nil {
			return nil, gone
		}
		if i := slices.IndexFunc(files, func(f file) bool { return f.is(w.mark) }); i >= 0 {
			w.file = files[i]
		}
		t, err = w.open(ctx, w.file.path)
	}
	if err != nil {
		return nil, err
	}
	tab, err := w.table(w.file, t)
	if err != nil {
		t.close()
	}
	return tab, err
}

// look gives a row if it is the person's.
func (w *walk) look(tab *table, r row) error {
	at := tab.at(r)
	w.saw(at)
	values := w.identifying(tab, r)
	if len(values) == 0 {
		return nil
	}
	led, c := w.leads(values)
	if len(led) == 0 {
		return nil
	}
	f := w.finding(tab, r, at, led, c)
	if c != connector.Check { // a namesake's number is no trace of the person
		f.Hints = w.trace(values, w.connection.System+"/"+f.Reference)
	}
	w.answer.Outcome = connector.Found
	cursor := w.cursor()
	if err := w.yield(f, cursor); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = cursor
	}
	return nil
}

// saw widens the time that the answer speaks about.
func (w *walk) saw(at time.Time) {
	if at.IsZero() {
		return
	}
	if w.answer.From.IsZero() || at.Before(w.answer.From) {
		w.answer.From = at
	}
	if at.After(w.answer.Until) {
		w.answer.Until = at
	}
}
