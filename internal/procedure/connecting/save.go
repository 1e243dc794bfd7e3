package connecting

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// MaxText is how long a connection may be that is entered at a page, in bytes.
const MaxText = 256 << 10

// Save keeps a text as the draft of a system's connection. What is in force stays
// so until the draft is turned on. from is the version that was edited; if
// somebody saved another meanwhile, that is a problem.Conflict.
func (s *Connecting) Save(ctx context.Context, actor casefile.Actor, system, text, from string, now time.Time) error {
	return s.changing(ctx, actor, system, func(ctx context.Context) error {
		c, err := s.check(system, text)
		if err != nil {
			return err
		}
		row, err := s.Store.LockRow(ctx, system)
		known, err := found(err)
		if err != nil {
			return err
		}
		if row.DraftVersion != from {
			return problem.New(problem.Conflict, "connecting.error.changed")
		}
		if known && row.DraftVersion == c.Version {
			return nil
		}
		if !known {
			row = Row{System: system, State: Draft}
		}
		row.Kind, row.DraftVersion, row.ChangedAt, row.ChangedBy = c.Kind, c.Version, now, actor.ID
		if row.Draft, err = s.sealed(ctx, actor.Authority, system, draft, []byte(text)); err != nil {
			return err
		}
		if err := s.Store.PutRow(ctx, row); err != nil {
			return err
		}
		return s.record(ctx, ledger.ConnectionSaved, actor, row, now)
	})
}

func (s *Connecting) record(ctx context.Context, kind ledger.Kind, actor casefile.Actor, row Row, now time.Time) error {
	details := map[string]string{"system": row.System, "kind": row.Kind, "version": row.DraftVersion}
	return s.Ledger.Record(ctx, kind, noCase, actor, details, now)
}

// check reads a text without touching its system.
func (s *Connecting) check(system, text string) (connector.Connection, error) {
	if len(text) > MaxText {
		p := problem.New(problem.TooLarge, "connecting.error.too_long")
		p.Fields = map[string]string{"text": p.Key}
		return connector.Connection{}, p
	}
	file := fileOf(system)
	c, err := connector.ParseConnection(file, []byte(text))
	if err == nil {
		err = s.Kinds.Check(c)
	}
	if err == nil {
		err = c.CheckTimeout()
	}
	if err == nil {
		err = s.Allowed.Check(c)
	}
	if err != nil {
		return c, wrong(file, err)
	}
	if c.System != system {
		return c, (&Wrong{Key: "system", What: "must be " + system}).problem()
	}
	for name, ref := range c.Secrets {
		// A page must not read files and environment of the worker.
		if ref.Sealed == "" {
			return c, (&Wrong{Key: "secrets." + name, What: notSealed}).problem()
		}
	}
	return c, nil
}

const notSealed = "must be {sealed: NAME}; env and file are for connection files"

// Wrong is what a text has wrong, and where. It quotes no value of it.
type Wrong struct {
	Line int // 0: not said
	Key  string
	What string
}

func (w *Wrong) Error() string { return fmt.Sprintf("line %d: %s: %s", w.Line, w.Key, w.What) }

// problem wraps it for a page; errors.As finds the Wrong.
func (w *Wrong) problem() error {
	p := problem.New(problem.Invalid, "connecting.error.text").Because(w)
	p.Fields = map[string]string{"text": "connecting.error.text"}
	return p
}

// Text says it for people: where, and what to do. What a kind of system says about
// its own keys is English, as in connection files.
func (w *Wrong) Text(l wording.Lang) string {
	what := w.What
	if key, ok := whats[what]; ok {
		what = wording.Text(l, key)
	}
	switch {
	case w.Line > 0 && w.Key != "":
		return wording.Text(l, "connecting.wrong.line_key", "line", strconv.Itoa(w.Line), "key", w.Key, "what", what)
	case w.Line > 0:
		return wording.Text(l, "connecting.wrong.line", "line", strconv.Itoa(w.Line), "what", what)
	case w.Key != "":
		return wording.Text(l, "connecting.wrong.key", "key", w.Key, "what", what)
	}
	return what
}

// whats are the sentences of package connector, and of ours.
var whats = map[string]string{
	"is missing":                                      "connecting.what.missing",
	"unknown key":                                     "connecting.what.unknown",
	"stands here twice":                               "connecting.what.twice",
	"must be a list":                                  "connecting.what.list",
	"must be a single value":                          "connecting.what.single",
	"must hold keys and values":                       "connecting.what.mapping",
	"must be a duration such as 30s":                  "connecting.what.duration",
	"must be 1 to 64":                                 "connecting.what.concurrency",
	"must be 100ms to 1h":                             "connecting.what.timeout",
	"must be 40s at most, longer no job waits":        "connecting.what.timeout_long",
	"a tab stands before the key; indent with blanks": "connecting.what.tab",
	"is not written in UTF-8 but perhaps in Latin-1; save it as UTF-8":        "connecting.what.letters",
	"a second document begins here; write each system into a file of its own": "connecting.what.second",
	"anchors and aliases are not taken":                                       "connecting.what.alias",
	"names a kind twice":                                                      "connecting.what.kind_twice",
	"no valid YAML":                                                           "connecting.what.yaml",
	"can't be read":                                                           "connecting.what.unreadable",
	notSealed:                                                                 "connecting.what.not_sealed",
	hostRefused:                                                               "connecting.what.host",
	pathRefused:                                                               "connecting.what.path",
	pathClimbs:                                                                "connecting.what.climbs",
	hostUnknown:                                                               "connecting.what.host_unknown",
	ownDatabase:                                                               "connecting.what.own",
	"must be 0 to 1000 questions per second":                                  "connecting.what.rate",
	"must be {env: NAME}, {file: PATH} or {sealed: NAME}; secrets in clear are refused": "connecting.what.clear",
}

// wrong reads where and what from an error of package connector or of a kind:
// "file:line: key: what: connection is wrong".
func wrong(file string, err error) error {
	said, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), file), ": "+connector.ErrConfig.Error())
	w := &Wrong{What: strings.TrimPrefix(said, ": ")}
	if place, rest, ok := strings.Cut(said, ": "); ok {
		if n, err := strconv.Atoi(strings.TrimPrefix(place, ":")); err == nil {
			w.Line, w.What = n, rest
		}
	}
	if key, what, ok := strings.Cut(w.What, ": "); ok && !strings.Contains(key, " ") {
		w.Key, w.What = key, what
	}
	return w.problem()
}
