package logs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"einsicht/internal/connector"
	"einsicht/internal/connector/rewrite"
)

// Locate goes through all lines and says where records stand whose group is wanted,
// all if nil, as rewrite.Desk asks for. Record says which record a line is; its
// reference must be that of Page.Reference for the text without \r and \n at its
// end. Mask says what takes the place of the line, if that is declared.
//
// A file that can't be read is an error: nobody could say that a record is gone.
// What was cut off of one was not found before either.
func (f Files) Locate(ctx context.Context, wanted map[string]bool, record func(Line) (connector.Finding, bool), mask func(text []byte) ([]byte, []connector.Kept), yield func(rewrite.Spot) error) error {
	same := counter{}
	search := Search{Files: f, Line: func(l Line, p *Page) bool {
		text := bytes.TrimRight(l.Text, "\r\n")
		hash := sha256.Sum256(text)
		group := "line/" + hex.EncodeToString(hash[:16])
		if wanted != nil && !wanted[group] {
			return true
		}
		found, ok := record(Line{Text: text, File: l.File, Start: l.Start, Written: l.Written})
		if !ok {
			return true
		}
		s := rewrite.Spot{Group: group, Number: same.next([16]byte(hash[:16]), wanted != nil), Path: p.w.file.path, Start: l.Start, Text: l.Text, Twice: p.w.file.twice}
		if mask != nil {
			s.With, s.Kept = mask(l.Text)
		}
		found.Reference, found.Led, found.Confidence, found.Hints = s.Reference(), nil, "", nil
		s.Finding = found
		if err := yield(s); err != nil {
			p.w.err = err
		}
		return true
	}}
	answer, err := search.Run(ctx, connector.Query{}, nil, nil)
	if err != nil {
		return err
	}
	for _, gap := range answer.Gaps {
		if gap.Reason != "connector.gap.truncated" && gap.Reason != "connector.gap.broken_lines" {
			return connector.Fail(connector.ErrUnreachable, filepath.Base(gap.Place), "a file can't be read", nil)
		}
	}
	return nil
}

// counter numbers equal lines. Where all lines are named, it forgets the older half
// of what it saw: equal lines stand close together.
type counter struct{ now, before map[[16]byte]int }

const mostCounted = 1 << 16

func (c *counter) next(sum [16]byte, forever bool) int {
	if c.now == nil || !forever && len(c.now) >= mostCounted {
		c.now, c.before = map[[16]byte]int{}, c.now
	}
	n, ok := c.now[sum]
	if !ok {
		n = c.before[sum]
	}
	c.now[sum] = n + 1
	return n
}
