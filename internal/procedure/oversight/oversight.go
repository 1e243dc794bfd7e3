// Package oversight shows which deadlines are about to pass and how much work
// there is.
package oversight

import (
	"context"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
)

// Oversight lists cases.
type Oversight struct{ *procedure.House }

// Row is one case in the work list.
type Row struct {
	Case   casefile.Case
	Person person.Text
	Rights []casefile.Right
	Light  Light
	Left   int // days until the warning date; negative when it has passed
	Tasks  int // open ones
}

// Light says how urgent a case is.
type Light string

// The lights.
const (
	Red     Light = "red"    // the due date has passed
	Yellow  Light = "yellow" // seven days or less until the warning date
	Green   Light = "green"
	Resting Light = "resting" // the clock rests: no date, but not forgotten
	Done    Light = "done"
)

// limit is how many cases a list shows.
const limit = 500

// List reads the work list of an authority, the most urgent first. With a search
// text it holds only cases that one of its keyed hashes finds. That names were
// shown is one ledger entry.
func (s *Oversight) List(ctx context.Context, actor casefile.Actor, search person.Text, openOnly bool, now time.Time) ([]Row, error) {
	if err := s.Permission.May(actor, casefile.ActionListCases, actor.Authority); err != nil {
		return nil, err
	}
	var rows []Row
	err := s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		only, err := s.search(ctx, actor.Authority, search)
		if err != nil {
			return err
		}
		cases, err := s.Cases.List(ctx, openOnly, only, limit)
		if err != nil {
			return err
		}
		if rows, err = s.rows(ctx, cases, now); err != nil {
			return err
		}
		return s.record(ctx, actor, search, cases, now)
	})
	return rows, err
}

func (s *Oversight) rows(ctx context.Context, cases []casefile.Case, now time.Time) ([]Row, error) {
	ids := make([]uuid.UUID, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	rights, err := s.Cases.Rights(ctx, ids...)
	if err != nil {
		return nil, err
	}
	tasks, err := s.Findings.Tasks(ctx, uuid.Nil)
	if err != nil {
		return nil, err
	}
	open := map[uuid.UUID]int{}
	for _, t := range tasks {
		open[t.Case]++
	}
	rows := make([]Row, len(cases))
	for i, c := range cases {
		request, err := s.Request(ctx, c)
		if err != nil {
			return nil, err
		}
		rows[i] = Row{Case: c, Person: request.Name, Rights: rights[c.ID], Tasks: open[c.ID]}
		rows[i].Light, rows[i].Left = LightOf(c, calendar.DateOf(now))
	}
	return rows, nil
}

// LightOf says how urgent a case is, and how many days are left until the day by
// which lists sort.
func LightOf(c casefile.Case, today calendar.Date) (light Light, left int) {
	left = c.Sort.Sub(today)
	switch {
	case c.State.Answered():
		return Done, left
	case !c.RestsSince.IsZero():
		return Resting, left
	case today.After(c.Due):
		return Red, left
	case left <= 7:
		return Yellow, left
	}
	return Green, left
}

// search turns a text into the cases it finds; nil means no search.
func (s *Oversight) search(ctx context.Context, authority uuid.UUID, text person.Text) ([]uuid.UUID, error) {
	if text.IsZero() {
		return nil, nil
	}
	if number, ok := casefile.ParseFileNumber(text.Reveal()); ok {
		id, _, err := s.Cases.Credentials(ctx, number)
		return []uuid.UUID{id}, err
	}
	var hashes [][]byte
	for _, kind := range person.IdentifierKinds {
		for _, token := range person.SearchTokens(kind, text.Reveal()) {
			h, err := s.Keys.Token(ctx, authority, string(kind), token)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, h)
		}
	}
	found, err := s.Cases.ByTokens(ctx, hashes)
	if found == nil {
		found = []uuid.UUID{}
	}
	return found, err
}

// record writes one entry for all the names shown; its details hold case ids
// only.
func (s *Oversight) record(ctx context.Context, actor casefile.Actor, search person.Text, cases []casefile.Case, now time.Time) error {
	kind := ledger.Listed
	if !search.IsZero() {
		kind = ledger.Searched
	}
	details := map[string]string{}
	for _, c := range cases {
		details[c.ID.String()] = ""
	}
	return s.Ledger.Record(ctx, kind, uuid.Nil, actor, details, now)
}
