// Package logs reads the logs that servers write about everybody, to find the
// lines of one person in them: whatever a server logs, the files are found,
// unpacked, read and remembered in the same way.
//
// A kind of log says three things: which lines can matter, what a line says,
// and whose it is.
//
//	s := logs.Search{
//		Files:   logs.Files{Kind: "applog", Patterns: m.Files, Time: timeOf, Reads: k.reads},
//		Needles: needles, // optional: lines without one of them are not looked at
//		Line: func(l logs.Line, p *logs.Page) bool {
//			…             // false: the line is broken
//			p.Give(connector.Finding{Reference: p.Reference(l.Text), Origin: l.Origin(at, version), …})
//			return true
//		},
//	}
//	answer, err := s.Run(ctx, q, from, yield)
//
// Files.Available is for Kind.Open, Files.Check for Kind.Check. Answer has
// Outcome, Gaps, From, Until and Next set; its Reason is the kind's.
//
// Files are read from the oldest to the newest, and each is known by how its
// text begins: rotation renames and compresses them while they are read, and a
// text that lies there twice, as long as it is being compressed, counts once.
// Text may be plain, gzip or zstd. What could not be read is a gap of the
// answer: a file without permission, a compressed one cut off, broken lines,
// lines of more than 256 KiB, a file rotated away.
//
// Where Needles are given, the text is searched in large pieces and only lines
// that hold one are cut out and handed to Line. Whole pieces without a hit are
// then nobody's business, but a broken line may still hide the person: Intact
// looks at a piece as a whole, and where it is in doubt each line goes to Line.
//
// Where lines belong together, such as all those of one mail, Bundles gathers
// them. A kind that joins lines in another way keeps what it waits for in
// Memory; it goes into each cursor, so it is small and bounded.
//
// Whose tells whose line it is, for all kinds by the same rule. An address on
// the network that somebody merely types proves nothing: telling the lines of
// that address would tell a stranger's. It counts only at the time at which a
// record of the person names it; see Whose.
package logs

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"einsicht/internal/connector"
)

// Files are the logs of one system. Nothing is kept open in between.
type Files struct {
	Kind     string   // name of the kind, for errors
	Patterns []string // full paths, such as /var/log/apache2/access.log*
	// Time reads when a line was written. Written is when the file was last
	// changed, for lines that don't tell the year.
	Time func(line []byte, written time.Time) (time.Time, bool)
	// Reads, where set, counts the reads of files, for tests: each is counted
	// before it begins.
	Reads *atomic.Int64
}

// CheckPatterns makes sure that the patterns under "files" of a connection are
// full paths.
func CheckPatterns(c connector.Connection, patterns []string) error {
	if len(patterns) == 0 {
		return c.Wrong("files", "is missing")
	}
	for i, pattern := range patterns {
		if _, err := filepath.Match(pattern, ""); err != nil || !filepath.IsAbs(pattern) {
			return c.Wrong(fmt.Sprintf("files.%d", i), "must be a full path, * and ? allowed")
		}
	}
	return nil
}

// TimeZone reads the key "time_zone" of a connection: that of times that name
// none. Wrong is Connection.Wrong, or says the same of a part of it.
func TimeZone(declared string, wrong func(key, what string) error) (*time.Location, error) {
	zone, err := time.LoadLocation(cmp.Or(declared, "Europe/Berlin"))
	if err != nil || declared == "Local" { // what a server calls local changes with the server
		return nil, wrong("time_zone", "must be a zone such as Europe/Berlin")
	}
	return zone, nil
}

// Available makes sure that there are logs that can be read.
func (f Files) Available(ctx context.Context) error {
	_, _, err := f.list(ctx)
	return err
}

// Gaps lists the logs that can't be read, which each answer would say: whoever
// checks a connection hears of it before anybody asks.
func (f Files) Gaps(ctx context.Context) ([]connector.Gap, error) {
	_, gaps, err := f.list(ctx)
	return gaps, err
}

// Search is one question to the logs.
type Search struct {
	Files
	// Needles are strings of which a line must hold one to matter; none: each
	// line matters.
	Needles []Needle
	// Intact says that a piece of whole lines is surely not broken. Without it
	// broken lines that hold no needle go unnoticed. Several call it at once.
	Intact func(lines []byte) bool
	// Line looks at a line and gives what it finds to the page; fine says that
	// the line could be read. Lines come in order, one at a time.
	Line func(l Line, p *Page) (fine bool)
	// Memory, where set, is what the kind keeps between lines.
	Memory Memory

	again func() bool // what is read now was read before, see Bundles
}

// Memory is what a kind that joins lines keeps between them.
type Memory interface {
	// Save writes it down; what it gives may change with the next call. It is
	// called with each finding: a finding that is being given belongs no longer
	// to it.
	Save() []byte
	// Load goes on from what Save wrote, and gives what was due by then.
	Load(saved []byte, p *Page)
	// End comes after the last line there is, to give what waits for lines
	// that never came.
	End(p *Page)
}

// Line is one line of a log.
type Line struct {
	Text    []byte    // without its end; only until Line returns
	File    string    // its name, without the folder
	Start   int64     // where in the text of the file
	Written time.Time // when the file was last changed
}

// Origin is where the line stands.
func (l Line) Origin(at time.Time, mapping string) connector.Origin {
	return connector.Origin{Place: l.File, Position: fmt.Sprintf("byte %d", l.Start), At: at, Mapping: mapping}
}
