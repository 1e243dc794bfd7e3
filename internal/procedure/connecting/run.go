package connecting

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

const (
	// enough is how many findings a preview shows.
	enough = 50
	// patience is how long a trial may take, within the time of a job.
	patience = 35 * time.Second
	// waits is how long a trial waits for a system that has no place for it:
	// questions of cases come first.
	waits = 5 * time.Minute
)

// Run is the job that does a trial. It may run twice. pause is a time of the
// machine's clock at which a search that gave nothing yet ends. An error that is
// connector.ErrBusy asks to run it again in a moment.
func (s *Connecting) Run(ctx context.Context, authority, id uuid.UUID, now, pause time.Time) error {
	t, err := s.load(ctx, authority, id)
	if err != nil || !t.DoneAt.IsZero() || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
		return err
	}
	var text resultText
	t.query.Pause = pause
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if text.Preview, err = s.ask(asking, authority, t); ctx.Err() != nil {
		return err // the program stops; another worker does it
	}
	if errors.Is(err, connector.ErrBusy) && now.Before(t.CreatedAt.Add(waits)) {
		return err
	}
	known := false
	if t.Outcome, known = outcomeOf(err); !known {
		return err
	}
	if err != nil {
		text = resultText{Failure: t.connection.Located(err).Error()} // of a connector: line, place, kind and code
	} else {
		text.Kinds = led(t.query, text.Preview)
	}
	return s.keep(ctx, authority, t.Trial, text, now)
}

// led gives the identifiers that any of the findings was found by.
func led(q connector.Query, p connector.Preview) (all []leading) {
	for _, id := range q.Identifiers {
		if slices.ContainsFunc(p.Findings, func(f connector.Finding) bool {
			return slices.ContainsFunc(f.Led, func(set []uuid.UUID) bool { return slices.Contains(set, id.ID) })
		}) {
			all = append(all, leading{id.ID, id.Kind})
		}
	}
	return all
}

// loaded is a trial with all that it takes.
type loaded struct {
	Trial
	query      connector.Query
	connection connector.Connection // unless byFile
	byFile     bool
}

func (s *Connecting) load(ctx context.Context, authority, id uuid.UUID) (t loaded, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		if t.Trial, err = s.Store.Trial(ctx, id); err != nil {
			return err
		}
		if len(t.Query) > 0 {
			plain, err := s.text(ctx, authority, id.String(), query, t.Query)
			if err != nil {
				return err
			}
			if err := person.Decode(plain, &t.query); err != nil {
				return err
			}
		}
		row, err := s.toTry(ctx, t.System)
		if err != nil {
			return err
		}
		if t.byFile = row.Draft == nil; t.byFile || row.DraftVersion != t.Version {
			t.connection.Version = row.DraftVersion
			return nil
		}
		text, err := s.text(ctx, authority, t.System, draft, row.Draft)
		if err != nil {
			return err
		}
		t.connection, err = connector.ParseConnection(fileOf(t.System), text)
		return err
	})
	return t, err
}

var (
	errOutdated = errors.New("the text was changed after the trial began")
	errEnough   = errors.New("enough for a preview")
)

// ask reaches the system, and searches it if there is somebody to search for.
func (s *Connecting) ask(ctx context.Context, authority uuid.UUID, t loaded) (p connector.Preview, err error) {
	if t.connection.Version != t.Version {
		return p, errOutdated
	}
	var source connector.Connector
	if t.byFile {
		source, err = s.Sources.Open(ctx, authority, t.System)
	} else {
		source, err = s.Sources.OpenWith(ctx, authority, t.connection)
	}
	if err != nil {
		return p, err
	}
	if t.Kind == Test {
		p.Sorts = connector.Unmapped(source)
		return p, source.Close()
	}
	defer source.Close()
	p.Answer, err = source.Find(ctx, t.query, nil, func(f connector.Finding, _ connector.Cursor) error {
		if len(p.Findings) == enough {
			return errEnough
		}
		p.Add(f)
		return nil
	})
	if p.More = errors.Is(err, errEnough) || p.Answer.Next != nil; p.More {
		p.Answer.Next, err = nil, nil
	}
	return p, err
}

// outcomeOf reads from an error of a system how a trial ended; other errors are
// ours, and the job comes again.
func outcomeOf(err error) (o Outcome, known bool) {
	for _, c := range []struct {
		is error
		o  Outcome
	}{{connector.ErrBusy, Busy}, {connector.ErrUnreachable, Unreachable}, {connector.ErrConfig, Refused}, {connector.ErrBroken, Broken}, {connector.ErrManual, ByPeople}, {errOutdated, Outdated}} {
		if errors.Is(err, c.is) {
			return c.o, true
		}
	}
	return Passed, err == nil
}

func (s *Connecting) keep(ctx context.Context, authority uuid.UUID, t Trial, text resultText, now time.Time) error {
	plain, err := person.Encode(text)
	if err != nil {
		return err
	}
	return s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		if still, err := s.Store.Trial(ctx, t.ID); err != nil || !still.DoneAt.IsZero() {
			return err
		}
		t.DoneAt, t.Query = now, nil // whom we looked for is needed no more
		if t.Result, err = s.sealed(ctx, authority, t.ID.String(), result, plain); err != nil {
			return err
		}
		return s.Store.PutTrial(ctx, t)
	})
}
