package fulfilment

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law/calendar"
	"einsicht/internal/ledger"
	"einsicht/internal/problem"
)

// token is the keyed hash that the place of an erased record is remembered by. The key
// is the authority's: it outlives the case.
func (s *Fulfilment) token(ctx context.Context, authority uuid.UUID, system, reference string) ([]byte, error) {
	return s.Keys.Token(ctx, authority, "erased", system+" "+reference)
}

// exact is that of the record itself: another may stand in its place later, such as a
// file under a name that was somebody else's.
func (s *Fulfilment) exact(ctx context.Context, authority uuid.UUID, system, reference string, fingerprint []byte) ([]byte, error) {
	return s.Keys.Token(ctx, authority, "erased record", system+" "+reference+" "+hex.EncodeToString(fingerprint))
}

// Repeated is what it came to to cleanse a restored system.
type Repeated struct {
	Looked int      // records that the system holds
	Erased int      // of them, those that had come back and are gone again
	Failed int      // of them, those that could not be erased
	Others []string // records at the place of one that was erased, which are another or an older version: people have to look
}

// page is how many records of a restored system are held against the memory at once.
const page = 500

// Reapply erases again what was erased in a system that was restored from a backup.
// The effect of each is read back. It may be run as often as wanted.
func (s *Fulfilment) Reapply(ctx context.Context, actor casefile.Actor, system string, now time.Time) (Repeated, error) {
	var r Repeated
	if err := s.Permission.May(actor, casefile.ActionReapply, actor.Authority); err != nil {
		return r, err
	}
	source, err := s.Sources.Open(ctx, actor.Authority, system)
	if err != nil {
		return r, err
	}
	defer source.Close()
	changer, ok := source.(connector.Changer)
	if !ok {
		return r, problem.New(problem.Conflict, "fulfilment.error.no_changer", "system", system)
	}
	var references []string
	flush := func() error {
		defer func() { references = references[:0] }()
		return s.again(ctx, changer, actor, system, references, &r)
	}
	err = changer.References(ctx, func(reference string) error {
		if references = append(references, reference); len(references) < page {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	// Also where it ended too early: what was erased until then was erased.
	came := map[string]string{"system": system, "erased": itoa(r.Erased), "failed": itoa(r.Failed), "others": itoa(len(r.Others)), "whole": strconv.FormatBool(err == nil)}
	return r, errors.Join(err, s.Units.InTx(context.WithoutCancel(ctx), actor.Authority, func(ctx context.Context) error {
		return s.Ledger.Record(ctx, ledger.ErasureRepeated, uuid.Nil, actor, came, now)
	}))
}

func (s *Fulfilment) again(ctx context.Context, changer connector.Changer, actor casefile.Actor, system string, references []string, r *Repeated) error {
	back, err := s.cameBack(ctx, actor.Authority, system, references)
	r.Looked += len(references)
	if err != nil || len(back) == 0 {
		return err
	}
	there, err := changer.Read(ctx, back)
	if err != nil {
		return err
	}
	same, err := s.sameAsErased(ctx, actor.Authority, system, there)
	if err != nil {
		return err
	}
	var changes []connector.Change
	for _, reference := range back {
		f, stands := there[reference]
		switch {
		case !stands: // gone meanwhile
		case same[reference]:
			changes = append(changes, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: reference, Seen: f.Fingerprint()})
		default:
			r.Others = append(r.Others, reference)
		}
	}
	if len(changes) == 0 {
		return nil
	}
	effects, err := changer.Carry(ctx, changes)
	if err != nil {
		return err
	}
	read, err := changer.Read(ctx, back)
	if err != nil {
		return err
	}
	for i, e := range effects {
		f, there := read[changes[i].Reference]
		if e.State == connector.Changed && (e.Gone() && !there || !e.Gone() && there && string(f.Fingerprint()) == string(e.FingerprintAfter())) {
			r.Erased++
		} else {
			r.Failed++
		}
	}
	return nil
}

// cameBack gives those of the records that were erased once.
func (s *Fulfilment) cameBack(ctx context.Context, authority uuid.UUID, system string, references []string) (back []string, err error) {
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		hashes := make([][]byte, len(references))
		for i, reference := range references {
			var err error
			if hashes[i], err = s.token(ctx, authority, system, reference); err != nil {
				return err
			}
		}
		erased, err := s.Memory.Erased(ctx, system, hashes)
		if err != nil {
			return err
		}
		for i, reference := range references {
			if erased[string(hashes[i])] {
				back = append(back, reference)
			}
		}
		return nil
	})
	return back, err
}

// sameAsErased says which records are those that were erased, and not others that stand
// in their place.
func (s *Fulfilment) sameAsErased(ctx context.Context, authority uuid.UUID, system string, records map[string]connector.Finding) (same map[string]bool, err error) {
	same = map[string]bool{}
	err = s.Units.View(ctx, authority, func(ctx context.Context) error {
		hashes := map[string][]byte{}
		var all [][]byte
		for reference, f := range records {
			hash, err := s.exact(ctx, authority, system, reference, f.Fingerprint())
			if err != nil {
				return err
			}
			hashes[reference], all = hash, append(all, hash)
		}
		erased, err := s.Memory.Erased(ctx, system, all)
		for reference, hash := range hashes {
			same[reference] = erased[string(hash)]
		}
		return err
	})
	return same, err
}

// Sweep forgets erasures that no backup holds any more, and lets staff lift restrictions
// that waited for a decision.
func (s *Fulfilment) Sweep(ctx context.Context, authority uuid.UUID, now time.Time) error {
	lift := s.sweepRestrictions(ctx, authority, now)
	forget := s.Units.InTx(ctx, authority, func(ctx context.Context) error { return s.Memory.ForgetErasures(ctx, calendar.DateOf(now)) })
	return errors.Join(lift, forget)
}
