package landscape

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// folder is a source that is a folder of files, written anew each day: logs and
// exports.
type folder struct {
	id, authority string
	like          string        // see file; empty: has its own
	pattern       string        // of its files
	keep          time.Duration // how long entries are kept
	// fill makes up what happened lately.
	fill func(*shelf) []entry
	// write gives the files, by name.
	write func(*shelf, []entry) map[string]string
	// closed, where set, is when a file was last written to, by its name. Else it
	// was just now.
	closed func(name string, now time.Time) time.Time
}

// entry is something that happened: one line of a log, or several.
type entry struct {
	at   time.Time
	text string
}

func (f folder) name() string { return f.id }
func (f folder) of() string   { return f.authority }
func (f folder) file() string { return cmp.Or(f.like, f.id) }
func (f folder) daily() bool  { return true }

func (f folder) build(_ context.Context, l *Landscape) error {
	s := &shelf{served: served{id: f.id, authority: f.authority}, Landscape: l, today: date(l.options.Now)}
	entries := f.fill(s)
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.text, b.text)) })
	// Beside, then exchanged, so that no reader meets half of it.
	dir := f.path(l)
	for _, old := range []string{dir + ".tmp", dir + ".stopped"} {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir+".tmp", 0o700); err != nil {
		return err
	}
	for name, text := range f.write(s, entries) {
		path := filepath.Join(dir+".tmp", name)
		if err := rewrite(path, text); err != nil {
			return err
		}
		if f.closed == nil {
			continue
		}
		if at := f.closed(name, l.options.Now); !at.IsZero() {
			if err := os.Chtimes(path, at, at); err != nil {
				return err
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(dir+".tmp", dir)
}

func (f folder) stands(_ context.Context, l *Landscape) (bool, error) {
	for _, dir := range []string{f.path(l), f.path(l) + ".stopped"} {
		if _, err := os.Stat(dir); err == nil {
			return true, nil
		}
	}
	return false, nil
}

func (f folder) start(_ context.Context, l *Landscape) (map[string]string, error) {
	values := map[string]string{"files": filepath.Join(f.path(l), f.pattern), "checksums": filepath.Join(l.options.Dir, "checksums")}
	if err := os.MkdirAll(values["checksums"], 0o700); err != nil {
		return nil, err
	}
	return values, move(f.path(l)+".stopped", f.path(l))
}

func (f folder) stop(_ context.Context, l *Landscape) error {
	return move(f.path(l), f.path(l)+".stopped")
}

func (f folder) plant(context.Context, *Landscape, Person, int, uint64) ([]string, error) {
	return nil, errMadeUp
}

func (f folder) path(l *Landscape) string { return filepath.Join(l.options.Dir, f.id) }

// move renames a folder; that it was moved before is no failure.
func move(from, to string) error {
	err := os.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Stat(to); gone == nil {
			return nil
		}
	}
	return err
}

// rotated writes a log with a file for each of the last days and a compressed
// one for all before.
func rotated(file string) func(*shelf, []entry) map[string]string {
	return func(s *shelf, entries []entry) map[string]string {
		files := map[string]string{file: ""}
		for _, e := range entries {
			name := file
			switch days := int(s.today.Sub(e.at) / (24 * time.Hour)); {
			case days > 6:
				name = file + ".2.gz"
			case days > 0:
				name = file + ".1"
			}
			files[name] += e.text + "\n"
		}
		return files
	}
}

// line is how a connector calls a line of a log: by what stands in it, since it
// moves from file to file.
func line(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "line/" + hex.EncodeToString(sum[:16]) + "/0"
}

// mailLogs are those of mail servers.
var mailLogs = []folder{
	mailLog("itnrw-mailinglist-log", "it-nrw", "lists.example.org", 7*24*time.Hour),
	mailLog("nlq-maillog", "nlq", "nlq.example", 60*24*time.Hour),
}

// mailLog is Postfix: mails of an authority to people, and from them.
func mailLog(id, authority, domain string, keep time.Duration) folder {
	return folder{id: id, authority: authority, like: "maillog", pattern: "mail.log*", keep: keep, write: rotated("mail.log"), fill: func(s *shelf) []entry {
		var all []entry
		s.each(func(p Person, n int, r *rand.Rand) {
			at := s.ago(r, int(keep/(24*time.Hour)))
			queue := fmt.Sprintf("%010X", 0x4B00000000+len(all)*7919)
			from, to := "info@"+domain, p.Email
			if r.IntN(2) == 0 {
				from, to = to, from
			}
			said := func(after time.Duration, program, what string) string {
				return at.Add(after).In(berlin).Format("2006-01-02T15:04:05.000000-07:00") + " mx1 postfix/" + program + "[" + fmt.Sprint(900+len(all)) + "]: " + queue + ": " + what
			}
			lines := []string{
				said(0, "smtpd", "client=mail.example.com[203.0.113.9]"),
				said(time.Second, "cleanup", "message-id=<"+queue+"@"+domain+">"),
				said(time.Second, "qmgr", "from=<"+from+">, size="+fmt.Sprint(900+r.IntN(9000))+", nrcpt=1 (queue active)"),
				said(2*time.Second, "smtp", "to=<"+to+">, relay=mx.example.net[198.51.100.25]:25, delay=1.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"),
				said(2*time.Second, "qmgr", "removed"),
			}
			all = append(all, entry{at: at, text: strings.Join(lines, "\n")})
			s.holds(p, "message/"+queue+strings.TrimPrefix(line(lines[0]), "line"))
		})
		return all
	}}
}
