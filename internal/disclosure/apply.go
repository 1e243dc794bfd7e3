package disclosure

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// Finding is a finding with the id that decisions name.
type Finding struct {
	ID uuid.UUID
	connector.Finding
}

// Findings reads what one system gave, always in the same order. It is called
// several times for a system and may read from a database each time.
type Findings func(system string) iter.Seq2[Finding, error]

// Apply makes what the person gets from what was found, what was decided about
// it and what the systems answered. It reads every finding once, to count and to
// make sure of the decisions; their contents pass by again when Records is read.
//
// A finding nobody decided on, or a decision that lacks its reasons, is an error
// (problem.Conflict, problem.Invalid). Labels come in the language l.
func Apply(l wording.Lang, findings Findings, decisions map[uuid.UUID]Decision, answers []SystemAnswer) (Disclosed, error) {
	var d Disclosed
	for _, a := range answers {
		s := System{System: a.System, Outcome: a.Outcome, Reason: a.Reason, Gone: a.Gone, AskedAt: a.AskedAt}
		s.records = func() iter.Seq2[Record, error] { return disclose(l, findings(a.System.ID), decisions) }
		if err := s.count(); err != nil {
			return Disclosed{}, fmt.Errorf("system %s: %w", a.System.ID, err)
		}
		s.settle()
		d.Systems = append(d.Systems, s)
	}
	// The order in which systems answered says which of them had something to
	// look through. The person gets them by name.
	slices.SortFunc(d.Systems, func(a, b System) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return d, nil
}

func (s *System) count() error {
	seen := map[Column]bool{}
	for rec, err := range s.records() {
		if err != nil {
			return err
		}
		if rec.Withheld {
			s.Withheld++
			continue
		}
		s.Given++
		blacked := false
		for _, f := range rec.Fields {
			blacked = blacked || f.State == BlackedOut
			if c := (Column{f.Name, f.Label}); !seen[c] {
				seen[c] = true
				s.Columns = append(s.Columns, c)
			}
		}
		if blacked {
			s.Blacked++
		}
	}
	return nil
}

// settle makes the outcome fit what is left after the decisions: a system whose
// findings are all secret, or all somebody else's, looks like one that holds
// nothing.
func (s *System) settle() {
	visible := s.Given+s.Withheld > 0
	switch {
	case visible && (s.Outcome == Failed || s.Outcome == NotAsked):
		s.Outcome = Partial
	case visible && s.Outcome != Partial:
		s.Outcome = Found
	case !visible && s.Outcome == Found:
		s.Outcome = Nothing
	}
	if s.Outcome == Nothing {
		s.Reason = "" // of a search that found something, or of one that did not
		s.records = nil
	}
}

// disclose turns findings into records. Secret ones and those of other people
// leave no trace, not even in the numbering.
func disclose(l wording.Lang, findings iter.Seq2[Finding, error], decisions map[uuid.UUID]Decision) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		number := 0
		for f, err := range findings {
			if err != nil {
				yield(Record{}, err)
				return
			}
			d, decided := decisions[f.ID]
			if !decided || d.Verdict == Undecided {
				yield(Record{}, fmt.Errorf("finding %s: %w", f.ID, problem.New(problem.Conflict, "letter.decision.undecided")))
				return
			}
			if err := d.Check(); err != nil {
				yield(Record{}, fmt.Errorf("finding %s: %w", f.ID, err))
				return
			}
			if d.SecretFact || d.Verdict == NotThisPerson {
				continue
			}
			number++
			if !yield(newRecord(l, number, f.Finding, d), nil) {
				return
			}
		}
	}
}

func newRecord(l wording.Lang, number int, f connector.Finding, d Decision) Record {
	if d.Verdict != Give { // whatever it may be: only Give gives
		return Record{Number: number, Withheld: true, Why: d.ForPerson}
	}
	rec := Record{Number: number, Label: f.Title(l), Reference: person.NewText(f.Reference)}
	for _, field := range f.Fields {
		rec.Fields = append(rec.Fields, newField(l, field, d.Fields))
	}
	// The decision's own text explains blackened fields that have none.
	if slices.ContainsFunc(rec.Fields, func(f Field) bool { return f.State == BlackedOut && f.Reason.IsZero() }) {
		rec.Why = d.ForPerson
	}
	return rec
}

func newField(l wording.Lang, f connector.Field, verdicts map[string]FieldVerdict) Field {
	field := Field{Name: f.Name, Label: f.Title(l)}
	verdict, decided := verdicts[f.Name]
	switch {
	case f.Withheld: // a password hash goes to nobody, whatever was decided
		field.State = HeldOnly
	case decided && verdict.BlackOut:
		field.State, field.Reason = BlackedOut, verdict.ForPerson
	case !decided && f.ThirdParty: // Art. 15(4) GDPR, until somebody has weighed it
		field.State, field.Reason = BlackedOut, person.NewText(wording.Text(l, "letter.data.third_party"))
	default:
		field.Value = f.Value
	}
	return field
}
