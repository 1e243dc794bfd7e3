package workedcase

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// Fault is what is wrong in a line of a file, and what to do.
type Fault struct {
	Line int
	Text string
}

func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Text) }

// Parse reads the cases of a file. Questions are looked up in the catalogue by
// their German sentence, so a case breaks when a condition changes or goes. The
// error joins all faults (*Fault).
func Parse(book catalogue.Book, data []byte) ([]Case, error) {
	return parse(book, data, (*reading).complete)
}

// ParseFacts reads cases of which nobody knows the outcome yet: an expectation
// may stand there, none must. But a case names at least one Verfahren, because
// what is due is said of systems.
func ParseFacts(book catalogue.Book, data []byte) ([]Case, error) {
	return parse(book, data, (*reading).assessable)
}

func parse(book catalogue.Book, data []byte, complete func(*reading) error) ([]Case, error) {
	var cases []Case
	var errs []error
	for _, part := range split(string(data)) {
		r := reading{book: book, c: Case{Name: part.name, Line: part.line}}
		r.c.Facts.Answers, r.c.Facts.Claimed, r.c.Facts.Entire = map[assess.Question]bool{}, map[assess.Place]bool{}, map[assess.Place]bool{}
		r.c.Facts.Body = assess.OfLand
		r.c.Want.Fails = map[string][]string{}
		before := len(errs)
		for i, line := range part.lines {
			if err := r.line(strings.TrimSpace(line)); err != nil {
				errs = append(errs, &Fault{part.line + 1 + i, err.Error()})
			}
		}
		if len(errs) == before { // what could not be read is not missing
			if err := complete(&r); err != nil {
				errs = append(errs, &Fault{part.line, err.Error()})
			}
		}
		cases = append(cases, r.c)
	}
	if len(cases) == 0 {
		errs = append(errs, &Fault{1, `no case; begin one with a line "-- name --"`})
	}
	return cases, errors.Join(errs...)
}

type part struct {
	name  string
	line  int
	lines []string
}

// split cuts a file in the txtar format; what stands before the first name is a
// comment.
func split(text string) []part {
	var parts []part
	for i, line := range strings.Split(text, "\n") {
		name, begins := strings.CutPrefix(strings.TrimRight(line, " \r"), "-- ")
		name, ends := strings.CutSuffix(name, " --")
		switch {
		case begins && ends:
			parts = append(parts, part{name: strings.TrimSpace(name), line: i + 1})
		case len(parts) > 0:
			last := &parts[len(parts)-1]
			last.lines = append(last.lines, line)
		}
	}
	return parts
}

type reading struct {
	book  catalogue.Book
	c     Case
	asked []catalogue.Condition // the questions that are being answered
	at    assess.Place
}

func (r *reading) line(s string) error {
	if s == "" {
		return nil
	}
	if strings.HasSuffix(s, ":") && strings.HasPrefix(s, "Zu ") {
		return r.heading(strings.TrimSuffix(strings.TrimPrefix(s, "Zu "), ":"))
	}
	for word, answer := range map[string]bool{" Ja.": true, " Nein.": false} {
		if q, ok := strings.CutSuffix(s, word); ok && strings.HasSuffix(q, "?") {
			return r.answer(q, answer)
		}
	}
	if s == "Das betrifft alle Daten des Verfahrens." {
		r.c.Facts.Entire[r.at] = true
		return nil
	}
	if label, value, ok := strings.Cut(s, ": "); ok && readers[label] != nil {
		return readers[label](r, strings.TrimSuffix(value, "."))
	}
	if r.c.Facts.Right != "" {
		return errors.New("is neither a fact, a question of the catalogue with its answer, nor an expectation")
	}
	r.c.Story = strings.TrimSpace(r.c.Story + " " + s)
	return nil
}

// readers says what a labelled line sets.
var readers = map[string]func(r *reading, value string) error{
	"Recht": func(r *reading, v string) error {
		rights := maps.Clone(duties)
		for _, x := range r.book.On(calendar.Date{}).Rights() {
			rights[x.Title.DE] = x.Right
		}
		return known(&r.c.Facts.Right, rights, v)
	},
	"Land":                  func(r *reading, v string) error { return known(&r.c.Facts.Land, lands, v) },
	"Stelle":                func(r *reading, v string) error { return known(&r.c.Facts.Body, bodies, v) },
	"Entschieden am":        func(r *reading, v string) (err error) { r.c.Facts.Day, err = day(v); return err },
	"Der erste Monat endet": func(r *reading, v string) (err error) { r.c.Facts.MonthOneEnd, err = day(v); return err },
	"Verfahren":             (*reading).system,
	"Ergebnis":              func(r *reading, v string) error { return known(&r.c.Want.Outcome, outcomes, v) },
	"Es greift":             func(r *reading, v string) error { return r.ids(&r.c.Want.Holds, v) },
	"Gilt hier nicht":       func(r *reading, v string) error { return r.ids(&r.c.Want.Foreign, v) },
	"Gesperrt":              func(r *reading, v string) error { return r.ids(&r.c.Want.Unusable, v) },
	"Ohne Begründung":       func(r *reading, v string) error { return r.ids(&r.c.Want.Silent, v) },
	"Es greift nicht": func(r *reading, v string) error {
		id, failed, ok := strings.Cut(v, ", es fehlt ")
		if !ok {
			return errors.New(`write the id and what is missing: "NRW-12-2-1, es fehlt necessary"`)
		}
		r.c.Want.Fails[id] = strings.Split(failed, " und ")
		return r.ids(new([]string), id)
	},
	inDue: says(inDue), inInstead: says(inInstead), inFile: says(inFile), inNotes: says(inNotes), inAsked: says(inAsked),
	"Kein " + inNotes: func(r *reading, v string) error {
		r.c.Want.Says = append(r.c.Want.Says, Said{inNotes, v, true})
		return nil
	},
}

func says(where string) func(*reading, string) error {
	return func(r *reading, v string) error {
		r.c.Want.Says = append(r.c.Want.Says, Said{Where: where, Text: v})
		return nil
	}
}

var (
	lands    = map[string]calendar.Land{"Nordrhein-Westfalen": calendar.NW, "Niedersachsen": calendar.NI}
	bodies   = map[string]assess.Body{"Landesbehörde": assess.OfLand, "Gemeinde oder Gemeindeverband": assess.Municipal, "andere öffentliche Stelle": assess.OtherBody}
	regimes  = map[calendar.Land]law.Regime{calendar.NW: law.DSGNRW, calendar.NI: law.NDSG}
	duties   = map[string]law.Right{"Information": catalogue.Information, "Benachrichtigung bei einer Datenpanne": catalogue.BreachNotice}
	outcomes = map[string]assess.Outcome{
		"offen": assess.Open, "stattgegeben": assess.Granted, "teilweise stattgegeben": assess.Partly, "abgelehnt": assess.Refused,
		"nichts gespeichert": assess.NothingHeld,
	}
)

// heading opens the questions of a ground: "NRW-12-2-1" or, where several systems
// hold something, "NRW-12-2-1 in Vorgangsverwaltung"; "dem Recht selbst" those of
// the right.
func (r *reading) heading(s string) error {
	if s == "dem Recht selbst" {
		right, _ := r.book.On(r.c.Facts.Day).Right(r.c.Facts.Right)
		r.asked, r.at = right.Requires, assess.Place{Ground: string(right.Right)}
		return nil
	}
	id, system, named := strings.Cut(s, " in ")
	id, cited, _ := strings.Cut(id, ", ")
	g, ok := r.book.On(r.c.Facts.Day).Ground(id)
	if !ok {
		return errors.New("there is no such ground on that day")
	}
	if cited != "" && cited != g.Citation {
		return fmt.Errorf("%s is cited as %s", id, g.Citation)
	}
	r.asked, r.at = questionsOf(g), assess.Place{Ground: id, System: system}
	if !named && g.Reach != catalogue.Case {
		if len(r.c.Facts.Systems) == 0 {
			return errors.New("name a Verfahren first")
		}
		r.at.System = r.c.Facts.Systems[0].ID
	}
	if r.at.System != "" && !slices.ContainsFunc(r.c.Facts.Systems, func(x assess.System) bool { return x.ID == r.at.System }) {
		return errors.New("there is no such Verfahren in this case")
	}
	r.c.Facts.Claimed[r.at] = true
	return nil
}

func (r *reading) answer(question string, yes bool) error {
	for _, c := range r.asked {
		if c.DE == question {
			r.c.Facts.Answers[assess.Question{Place: r.at, Condition: c.ID}] = yes
			return nil
		}
	}
	return errors.New("the catalogue does not ask this question at this ground")
}

// questionsOf adds to the conditions of a ground what is asked about the letter:
// about the reasons always, so that a case can claim too much.
func questionsOf(g catalogue.Ground) []catalogue.Condition {
	reasons := catalogue.Condition{ID: assess.ReasonsEndanger, Sentence: g.Reasons.If}
	if !g.Reasons.Allowed() {
		reasons.DE = "Würde die Begründung den Zweck der Verweigerung gefährden?"
	}
	secret := catalogue.Condition{ID: assess.FactSecret, Sentence: g.SecretFact}
	return slices.Concat(g.Questions(), []catalogue.Condition{reasons, secret})
}

func (r *reading) ids(to *[]string, v string) error {
	for id := range strings.SplitSeq(v, ", ") {
		if !slices.ContainsFunc(r.book.Grounds(), func(g catalogue.Ground) bool { return g.ID == id }) {
			return errors.New("there is no ground with this id")
		}
		*to = append(*to, id)
	}
	return nil
}

func (r *reading) complete() error {
	return lacks(
		need{"a story in its first lines", r.c.Story != ""},
		need{"Recht", r.c.Facts.Right != ""},
		need{"Land", r.c.Facts.Land != ""},
		need{"Entschieden am", !r.c.Facts.Day.IsZero()},
		need{"Ergebnis", r.c.Want.Outcome != ""},
	)
}

func (r *reading) assessable() error {
	return lacks(
		need{"Recht", r.c.Facts.Right != ""},
		need{"Land", r.c.Facts.Land != ""},
		need{"Entschieden am", !r.c.Facts.Day.IsZero()},
		need{"Verfahren", len(r.c.Facts.Systems) > 0},
	)
}

// need is a part that a case must have.
type need struct {
	what  string
	given bool
}

func lacks(needs ...need) error {
	for _, n := range needs {
		if !n.given {
			return fmt.Errorf("the case lacks %s", n.what)
		}
	}
	return nil
}

func day(v string) (calendar.Date, error) {
	t, err := time.Parse("2.1.2006", v)
	if err != nil {
		return calendar.Date{}, errors.New("write days as 31.1.2026")
	}
	return calendar.Day(t.Date()), nil
}

// known sets what a word stands for.
func known[T any](to *T, words map[string]T, word string) error {
	v, ok := words[word]
	if !ok {
		return fmt.Errorf("holds a word that is not known here; write one of: %s", strings.Join(slices.Sorted(maps.Keys(words)), ", "))
	}
	*to = v
	return nil
}
