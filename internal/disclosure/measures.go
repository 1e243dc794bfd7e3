package disclosure

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// Measures is what was done in systems because of a decision, and what stays as it
// is, as the person may know it. A measure that nobody may know of is not in it.
type Measures struct {
	Lang wording.Lang // of its words
	All  []Measure    // right by right, and of each system by system
}

// Measure is one record, or all that a system holds.
type Measure struct {
	Right     law.Right
	System    inventory.System // in the language of Measures
	Whole     bool             // all that the system held: no single record of it was found
	Reference person.Text      // the record's key in its source; zero where Whole, or withheld
	Deed      Deed             // what was done, or would have been
	State     MeasureState

	ActedAt   time.Time // in German time; zero where people did it
	ReadAt    time.Time // when it was read back; where people did it, when they said so
	Proof     MeasureProof
	Statement person.Text // of those who did it by hand
	Fields    []string    // corrected ones, in words
	Kept      []KeptField // what stays of a record that is masked
	Along     int         // records that went with it

	Stay Stay // why it stays

	Meanwhile Meanwhile // it was restricted until the decision, as ActedAt, ReadAt and Proof say; none: it was not
	LiftedAt  time.Time // in German time; zero: the restriction still holds

	finding uuid.UUID
}

// KeptField stays although its record is erased.
type KeptField struct {
	Label string // in words; empty of a record that is withheld
	Why   string
}

// Stay says why something stays as it is: a ground, or the words of staff.
type Stay struct {
	Title     string      // of the ground; empty: there is none
	Citation  string      // German long form: "Art. 17 Abs. 3 Buchst. b DSGVO"
	Norm      string      // statute that keeps the data: "§ 147 Abs. 3 AO"
	Until     time.Time   // civil last day of that duty; zero: not known
	LookAgain time.Time   // civil day on which it is looked at again; zero: none
	Reason    person.Text // for the person
	Withheld  bool        // neither reasons nor ground are told, § 12(4) s. 1 DSG NRW
}

// ByGround says whether the law, and not staff's judgement of the case, keeps it.
func (s Stay) ByGround() bool { return s.Withheld || s.Title != "" || s.Citation != "" }

// Deed is what is done to a record.
type Deed string

// The deeds.
const (
	Erased     Deed = "erased"
	Masked     Deed = "masked" // erased in part: the record is still there
	Corrected  Deed = "corrected"
	Restricted Deed = "restricted"
	// Supplemented: only the person's supplementary statement came to it, Art. 16
	// sentence 2 GDPR.
	Supplemented Deed = "supplemented"
)

// Deeds lists them.
var Deeds = []Deed{Erased, Masked, Corrected, Supplemented, Restricted}

// MeasureState is how far a measure has come.
type MeasureState string

// The states of a measure.
const (
	MeasureDone  MeasureState = "done"
	MeasureStays MeasureState = "stays"
	MeasureOpen  MeasureState = "open" // in a draft only: no answer leaves with one
	// MeasureMeanwhile is a restriction until the decision of which the decision says
	// nothing itself, such as where it refuses the right.
	MeasureMeanwhile MeasureState = "meanwhile"
)

// Meanwhile is what becomes of a restriction that held until the decision (Art. 18(1)(a),
// (d), 7(3) GDPR).
type Meanwhile string

// What becomes of it.
const (
	ToBeLifted Meanwhile = "to-be-lifted" // the person is told before, Art. 18(3) GDPR
	Lifted     Meanwhile = "lifted"
	Remains    Meanwhile = "remains" // consent is withdrawn, whatever was decided
)

// Meanwhiles lists it.
var Meanwhiles = []Meanwhile{ToBeLifted, Lifted, Remains}

// MeasureProof is how we know that a measure is done.
type MeasureProof string

// The proofs. None: it is not done.
const (
	ReadBack      MeasureProof = "read-back" // the record was read in its system afterwards
	SearchedAgain MeasureProof = "searched"  // also, the whole system was searched for the person again
	Stated        MeasureProof = "stated"    // by the people who did it
)

// MeasureProofs lists them.
var MeasureProofs = []MeasureProof{ReadBack, SearchedAgain, Stated}

// Taken is a measure as its case holds it, with what decides about telling it.
type Taken struct {
	casefile.Measure
	Text    casefile.MeasureText
	System  inventory.System
	Stay    Stay
	Secret  bool // its ground, or the decision on its record: nobody may know of it
	Unnamed bool // the record is withheld: what it is stays untold

	Meanwhile *Provisional // nil: the record was not restricted until the decision
}

// Provisional is a restriction that was carried out until the decision.
type Provisional struct {
	casefile.Measure
	Text     casefile.MeasureText
	Becomes  Meanwhile
	LiftedAt time.Time
}

// Carried makes what the person may know of the measures of a case. Secret ones
// leave no trace, neither in numbers nor in what a new search brought.
func Carried(l wording.Lang, taken []Taken) Measures {
	m := Measures{Lang: l}
	for _, t := range taken {
		if !t.Secret && !t.Text.Secret {
			m.All = append(m.All, t.measure(l))
		}
	}
	slices.SortStableFunc(m.All, func(a, b Measure) int {
		return cmp.Or(
			cmp.Compare(slices.Index(law.Rights, a.Right), slices.Index(law.Rights, b.Right)),
			cmp.Compare(a.System.Name, b.System.Name), cmp.Compare(a.System.ID, b.System.ID),
			cmp.Compare(a.State, b.State), cmp.Compare(a.Deed, b.Deed), cmp.Compare(a.Reference.Reveal(), b.Reference.Reveal()),
		)
	})
	return m
}

func (t Taken) measure(l wording.Lang) Measure {
	m := Measure{
		Right: t.Right, System: t.System.In(l), Whole: t.Finding == uuid.Nil, Deed: t.deed(), State: MeasureOpen, finding: t.Finding,
	}
	if !t.Unnamed && !m.Whole {
		m.Reference = person.NewText(t.Text.Reference)
	}
	if t.Meanwhile != nil {
		m.State = MeasureMeanwhile
		t.Meanwhile.tell(&m)
	}
	switch {
	case t.Measure.State == casefile.Stays:
		m.State, m.Stay = MeasureStays, t.Stay
	case t.Meanwhile == nil && t.Measure.State == casefile.Done:
		m.State = MeasureDone
		t.done(l, &m)
	}
	return m
}

func (p Provisional) tell(m *Measure) {
	m.Meanwhile, m.ReadAt, m.Proof = p.Becomes, p.Text.Proof.ReadAt.In(calendar.Berlin()), ReadBack
	if !p.LiftedAt.IsZero() {
		m.LiftedAt = p.LiftedAt.In(calendar.Berlin())
	}
	if p.Text.Proof.Statement.IsBlank() {
		m.ActedAt = p.ActedAt.In(calendar.Berlin())
		return
	}
	m.Proof, m.Statement = Stated, p.Text.Proof.Statement
	if !p.Text.ForPerson.IsBlank() {
		m.Statement = p.Text.ForPerson
	}
}

func (t Taken) deed() Deed {
	_, states := t.Text.Values[connector.Statement]
	switch {
	case t.Do == connector.CanRectify && states && len(t.Text.Values) == 1:
		return Supplemented
	case t.Do == connector.CanRectify:
		return Corrected
	case t.Do == connector.CanRestrict:
		return Restricted
	case t.Measure.State != casefile.Stays && len(t.Text.Left) > 0 && !t.byHand():
		return Masked
	}
	return Erased
}

func (t Taken) byHand() bool { return !t.Text.Proof.Statement.IsBlank() }

func (t Taken) done(l wording.Lang, m *Measure) {
	proof := t.Text.Proof
	m.ReadAt = proof.ReadAt.In(calendar.Berlin())
	if m.Deed == Corrected && !t.Unnamed {
		m.Fields = t.corrected(l)
	}
	if t.byHand() {
		m.Proof, m.Statement = Stated, proof.Statement
		if !t.Text.ForPerson.IsBlank() {
			m.Statement = t.Text.ForPerson
		}
		return
	}
	m.ActedAt, m.Proof = t.ActedAt.In(calendar.Berlin()), ReadBack
	if proof.Searched {
		m.Proof = SearchedAgain
	}
	for _, a := range t.Text.With {
		m.Along += a.Count
	}
	if m.Deed != Masked {
		return
	}
	for _, k := range t.Text.Kept {
		kept := KeptField{Why: k.Why}
		if !t.Unnamed {
			kept.Label = t.title(l, k.Field)
		}
		if !slices.Contains(m.Kept, kept) {
			m.Kept = append(m.Kept, kept)
		}
	}
}

// corrected names the fields that were corrected, in the order of the record.
func (t Taken) corrected(l wording.Lang) []string {
	var labels []string
	for _, f := range t.Text.Before {
		if _, ok := t.Text.Values[f.Name]; ok && !slices.Contains(labels, f.Title(l)) {
			labels = append(labels, f.Title(l))
		}
	}
	return labels
}

func (t Taken) title(l wording.Lang, field string) string {
	i := slices.IndexFunc(t.Text.Before, func(f connector.Field) bool { return f.Name == field })
	if i < 0 {
		return connector.Field{Name: field}.Title(l)
	}
	return t.Text.Before[i].Title(l)
}

// Told is the state as the person reads it: what was restricted until the decision was
// not left as it is.
func (m Measure) Told() MeasureState {
	if m.Meanwhile != "" {
		return MeasureMeanwhile
	}
	return m.State
}

// Of gives the measures that the decision on one right takes.
func (m Measures) Of(right law.Right) []Measure {
	return slices.DeleteFunc(m.Around(right), func(o Measure) bool { return o.State == MeasureMeanwhile })
}

// Around gives the same, and the restrictions until that decision.
func (m Measures) Around(right law.Right) []Measure {
	var some []Measure
	for _, o := range m.All {
		if o.Right == right {
			some = append(some, o)
		}
	}
	return some
}

// Tallies counts what was done and what stays. A record that two rights are about
// counts once.
func (m Measures) Tallies() []casefile.Tally {
	var all []casefile.Tally
	for _, deed := range append(slices.Clone(Deeds), untilDecided, "") {
		for _, whole := range []bool{false, true} {
			if t := m.tally(deed, whole); t.Systems > 0 {
				all = append(all, t)
			}
		}
	}
	return all
}

// untilDecided counts what was restricted until the decision and is not any more, or
// won't be.
const untilDecided Deed = "meanwhile"

// counts is as what a measure counts; empty: as what stays.
func (m Measure) counts() Deed {
	switch {
	case m.Meanwhile == Remains:
		return Restricted
	case m.Meanwhile != "":
		return untilDecided
	case m.State == MeasureStays:
		return ""
	}
	return m.Deed
}

func (m Measures) tally(deed Deed, whole bool) casefile.Tally {
	type record struct {
		system  string
		finding uuid.UUID
	}
	records, systems, changed := map[record]bool{}, map[string]bool{}, map[record]bool{}
	for _, o := range m.All {
		if o.State == MeasureDone && o.Deed == Erased || o.Meanwhile != "" {
			changed[record{o.System.ID, o.finding}] = true
		}
	}
	for _, o := range m.All {
		r := record{o.System.ID, o.finding}
		counted := o.State != MeasureOpen && o.counts() == deed && (deed != "" || !changed[r])
		if counted && o.Whole == whole {
			records[r], systems[o.System.ID] = true, true
		}
	}
	t := casefile.Tally{Deed: string(deed), Whole: whole, Records: len(records), Systems: len(systems)}
	if whole {
		t.Records = 0
	}
	return t
}
