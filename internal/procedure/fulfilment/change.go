package fulfilment

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/procedure"
)

// Change carries out the measures of one system and reads them back. It may be torn
// at any moment and run again: what is about to be done is noted before, and a run
// that finds it done does not do it twice. Its errors are those of the system; the
// next run goes on. A search for the person that tells whether all is gone ends at
// pause, a time of the machine's clock.
func (s *Fulfilment) Change(ctx context.Context, authority, inquiry uuid.UUID, now, pause time.Time) error {
	r, torn, err := s.begin(ctx, authority, inquiry, now)
	if err != nil || len(r.measures) == 0 {
		return err
	}
	source, err := s.open(ctx, r)
	if err != nil {
		return err
	}
	if source == nil {
		return s.ended(ctx, r, func(procedure.Measure) verdict { return verdict{reason: reasonNoMachine} }, now)
	}
	defer source.Close()
	changer, _ := s.split(source, nil)
	if changer == nil {
		return s.ended(ctx, r, func(procedure.Measure) verdict { return verdict{reason: reasonUndeclared} }, now)
	}
	effects, err := s.carry(ctx, changer, r, torn)
	if err != nil {
		return err
	}
	after, err := planned(ctx, changer, r.measures)
	if err != nil {
		return err
	}
	seen, err := search(ctx, source, r, pause)
	if err != nil {
		return err
	}
	return s.ended(ctx, r, func(m procedure.Measure) verdict {
		e, failed := effects[m.ID]
		// What could not be done and is as planned nevertheless was done by another
		// run of this job, unless it was so before.
		if failed && (e.Reason == reasonBefore || !after[m.ID]) {
			return verdict{reason: cmp.Or(e.Reason, reasons[e.State])}
		}
		return proven(m, after[m.ID], seen, now)
	}, now)
}

// begin notes that the planned measures of a system are about to be done. torn says
// which an earlier run had noted so: they may be done already.
func (s *Fulfilment) begin(ctx context.Context, authority, inquiry uuid.UUID, now time.Time) (*run, map[uuid.UUID]bool, error) {
	r, err := s.waiting(ctx, authority, inquiry, casefile.Planned, casefile.Acting)
	if err != nil || len(r.measures) == 0 {
		return r, nil, err
	}
	torn := map[uuid.UUID]bool{}
	return r, torn, s.Units.InTx(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Lock(ctx, r.c.ID)
		if err != nil {
			return err
		}
		running, err := s.running(ctx, c)
		if err != nil {
			return err
		}
		if r.measures, err = s.of(ctx, c, r.system, casefile.Planned, casefile.Acting); err != nil {
			return err
		}
		r.measures = slices.DeleteFunc(r.measures, func(m procedure.Measure) bool { return running[m.Plan].ID == uuid.Nil })
		for i := range r.measures {
			m := &r.measures[i]
			torn[m.ID] = m.State == casefile.Acting
			if torn[m.ID] {
				continue
			}
			m.State, m.ActedAt = casefile.Acting, now
			if err := s.PutMeasures(ctx, c, *m); err != nil {
				return err
			}
		}
		return nil
	})
}

// carry does what is not done yet, and gives what could not be done. What was as
// planned before anybody acted is no work of ours.
func (s *Fulfilment) carry(ctx context.Context, changer connector.Changer, r *run, torn map[uuid.UUID]bool) (map[uuid.UUID]connector.Effect, error) {
	before, err := planned(ctx, changer, r.measures)
	if err != nil {
		return nil, err
	}
	var todo []procedure.Measure
	failed := map[uuid.UUID]connector.Effect{}
	for _, m := range r.measures {
		switch done := before[m.ID]; {
		case done && torn[m.ID]: // by the run that was torn
		case done:
			failed[m.ID] = connector.Effect{State: connector.Missing, Reason: reasonBefore}
		default:
			todo = append(todo, m)
		}
	}
	if len(todo) == 0 {
		return failed, nil
	}
	_, changes := s.split(changer, todo)
	effects, err := changer.Carry(ctx, changes)
	if err != nil {
		return nil, err
	}
	for i, e := range effects {
		if e.State != connector.Changed {
			failed[todo[i].ID] = e
		}
	}
	return failed, nil
}

// portion is how many records are read at once: all of a system at once may need more
// memory than there is. What reads logs goes through them once for each portion, so it
// is not small. Changes are not made in portions: what hangs together, such as rows
// under a foreign key, goes in one transaction and in an order that only the connector
// knows.
const portion = 2000

// planned reads the records of measures and says which are as their measure leaves them.
func planned(ctx context.Context, changer connector.Changer, measures []procedure.Measure) (map[uuid.UUID]bool, error) {
	as := map[uuid.UUID]bool{}
	for some := range slices.Chunk(measures, portion) {
		read, err := changer.Read(ctx, references(some))
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			as[m.ID] = asPlanned(m, read)
		}
	}
	return as, nil
}

// asPlanned says whether a record is as its measure leaves it.
func asPlanned(m procedure.Measure, read map[string]connector.Finding) bool {
	f, there := read[m.Text.Reference]
	if len(m.Text.Left) == 0 {
		return !there
	}
	return there && bytes.Equal(f.Fingerprint(), m.Text.Left)
}

// searched is what a new search for the person brought.
type searched struct {
	references map[string]bool
	whole      bool
	mapping    string
}

// search asks the system again, as it was asked at first.
func search(ctx context.Context, source connector.Connector, r *run, pause time.Time) (searched, error) {
	seen := searched{references: map[string]bool{}}
	q := r.query
	q.Pause = pause
	a, err := source.Find(ctx, q, nil, func(f connector.Finding, _ connector.Cursor) error {
		seen.references[f.Reference], seen.mapping = true, f.Origin.Mapping
		return nil
	})
	seen.whole = a.Next == nil && !a.Partial()
	return seen, err
}

// verdict is what became of a measure: proof, or the reason why it stopped.
type verdict struct {
	proof  casefile.Proof
	reason string
}

// proven holds a measure against what was read back.
func proven(m procedure.Measure, asPlanned bool, seen searched, now time.Time) verdict {
	gone := len(m.Text.Left) == 0
	if !asPlanned || gone && seen.references[m.Text.Reference] {
		return verdict{reason: reasonStillThere}
	}
	return verdict{proof: casefile.Proof{ReadAt: now, Gone: gone, Left: m.Text.Left, Searched: seen.whole, Found: len(seen.references), Mapping: seen.mapping}}
}

// ended notes what became of the measures of a run, remembers what was erased, and
// moves the case on if these were the last.
func (s *Fulfilment) ended(ctx context.Context, r *run, became func(procedure.Measure) verdict, now time.Time) error {
	return s.Units.InTx(ctx, r.c.Authority, func(ctx context.Context) error {
		c, still, err := s.lock(ctx, r, casefile.Acting)
		if err != nil {
			return err
		}
		inv, err := s.Inventories.Version(ctx, c.Inventory)
		if err != nil {
			return err
		}
		for _, m := range r.measures {
			if !still[m.ID] {
				continue
			}
			v := became(m)
			kind := ledger.MeasureDone
			if v.reason != "" {
				kind = ledger.MeasureStopped
				err = s.stop(ctx, c, &m, v.reason)
			} else {
				m.State, m.DoneAt, m.Text.Reason, m.Text.Proof = casefile.Done, now, "", v.proof
				err = errors.Join(s.PutMeasures(ctx, c, m), s.remember(ctx, c, inv, m, now))
			}
			if err != nil {
				return err
			}
			if err := s.Ledger.Record(ctx, kind, c.ID, s.program(c), details(m), now); err != nil {
				return err
			}
		}
		if err := s.forgetTries(ctx, c, r.inquiry, casefile.JobChange); err != nil {
			return err
		}
		return s.settle(ctx, &c, now)
	})
}

// remember keeps that a record was erased, as long as backups hold it.
func (s *Fulfilment) remember(ctx context.Context, c casefile.Case, inv inventory.Inventory, m procedure.Measure, now time.Time) error {
	if m.Do != connector.CanErase {
		return nil
	}
	hash, err := s.token(ctx, c.Authority, m.System, m.Text.Reference)
	if err != nil {
		return err
	}
	exact, err := s.exact(ctx, c.Authority, m.System, m.Text.Reference, m.Text.Seen)
	if err != nil {
		return err
	}
	e := casefile.Erasure{System: m.System, Reference: hash, At: now}
	if days := longestBackup(inv); days > 0 {
		e.Expires = calendar.DateOf(now).AddDays(days)
	}
	record := e
	record.Reference = exact
	return s.Memory.PutErasures(ctx, []casefile.Erasure{e, record})
}

// longestBackup is the number of days after which no backup of the authority holds
// what was erased today; 0 where the inventory does not say.
func longestBackup(inv inventory.Inventory) int {
	longest := 0
	for _, s := range inv.Systems {
		longest = max(longest, s.RotationDays)
	}
	return longest
}

func references(measures []procedure.Measure) []string {
	all := make([]string, len(measures))
	for i, m := range measures {
		all[i] = m.Text.Reference
	}
	return all
}
