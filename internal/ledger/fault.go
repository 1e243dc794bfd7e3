package ledger

import "github.com/google/uuid"

// nameEntries names the places where what stands there is not what the stored
// leaf hash recorded. If a checkpoint proves the entry itself, the stored hash
// is the one that is wrong.
func (a *audit) nameEntries() {
	wrong := a.wrongPlaces()
	home := map[Hash]int64{} // where an entry was recorded
	for _, i := range wrong {
		if p := a.places[i]; p.hasRecorded {
			home[p.recorded] = i
		}
	}
	elsewhere := map[int64]bool{} // what was recorded here was found at another place
	for _, i := range wrong {
		if p := a.places[i]; p.hasEntry && i >= a.byEntries {
			if h, ok := home[p.entry]; ok {
				elsewhere[h] = true
			}
		}
	}
	for _, i := range wrong {
		p := a.places[i]
		belongs, known := home[p.entry]
		switch {
		case p.hasEntry && (i < a.byEntries || !p.hasRecorded):
			a.find(Damaged, i, i)
		case p.hasEntry && !known:
			a.find(Changed, i, i)
		case p.hasEntry:
			a.report.Findings = append(a.report.Findings,
				Finding{Fault: Reordered, From: i, To: i, Entries: []uuid.UUID{p.id}, Belongs: belongs})
			if !elsewhere[i] {
				a.missing(i, uuid.Nil)
			}
		case !elsewhere[i]:
			a.missing(i, p.id)
		}
	}
}

func (a *audit) wrongPlaces() (wrong []int64) {
	for i, p := range a.places {
		if !p.hasEntry || !p.hasRecorded || p.entry != p.recorded {
			wrong = append(wrong, int64(i))
		}
	}
	return wrong
}

// missing names an entry that is gone. Where the order lost the place, the
// entry may still lie among those that wait for one.
func (a *audit) missing(i int64, id uuid.UUID) {
	if p := a.places[i]; id == uuid.Nil && p.hasRecorded {
		id = a.loose[p.recorded]
	}
	a.report.Findings = append(a.report.Findings, Finding{Fault: Missing, From: i, To: i, Entries: []uuid.UUID{id}})
}

// narrowRewritten deals with what entries and leaf hashes agree about and the
// rest of the tree, or a checkpoint, does not.
func (a *audit) narrowRewritten() {
	good := max(a.byEntries, a.byHashes)
	bad := a.firstBroken(good)
	narrowed := false
	for _, t := range a.torn {
		switch {
		case t.to <= good:
			a.damaged(t)
		case bad == nil || t.from >= bad.to:
			a.find(Rewritten, max(t.from, good), t.to-1)
		default:
			a.find(Rewritten, max(t.from, bad.from), min(t.to, bad.to)-1)
			narrowed = true
		}
	}
	if bad != nil && !narrowed {
		a.find(Rewritten, bad.from, bad.to-1)
	}
}

// firstBroken gives the places between the last checkpoint that holds and the
// first after it that does not. Where one of them left no trace, no root can be
// counted and that alone is known.
func (a *audit) firstBroken(good int64) *spans {
	for _, c := range a.checkpoints {
		if c.Size <= good {
			continue
		}
		for _, p := range a.places[good:c.Size] {
			if !p.hasEntry && !p.hasRecorded {
				return nil
			}
		}
		return &spans{good, c.Size}
	}
	return nil
}

// damaged reports an inner hash, unless a leaf hash below it was already named.
func (a *audit) damaged(t spans) {
	for _, f := range a.report.Findings {
		if f.Fault == Damaged && f.From >= t.from && f.To < t.to {
			return
		}
	}
	a.find(Damaged, t.from, t.to-1)
}

func (a *audit) find(fault Fault, from, to int64) {
	f := Finding{Fault: fault, From: from, To: to}
	for _, p := range a.places[from : to+1] {
		f.Entries = append(f.Entries, p.id)
	}
	a.report.Findings = append(a.report.Findings, f)
}
