package connecting

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/ledger"
	"einsicht/internal/person"
	"einsicht/internal/problem"
)

// Trial is one attempt to reach a system as a text says.
type Trial struct {
	ID        uuid.UUID
	System    string
	Version   string // of the text
	Kind      TrialKind
	CreatedAt time.Time
	CreatedBy uuid.UUID
	ExpiresAt time.Time // zero: it holds nothing about anybody
	DoneAt    time.Time // zero: a worker is still on it
	Outcome   Outcome
	Query     []byte // sealed identifiers of the test person
	Result    []byte // sealed Result
}

// TrialKind says what is tried.
type TrialKind string

// The kinds.
const (
	Test TrialKind = "test" // sign in, and see that all is as the text says
	Try  TrialKind = "try"  // search for a test person as well
)

// Outcome is how a trial ended.
type Outcome string

// The outcomes.
const (
	Waiting     Outcome = ""
	Passed      Outcome = "passed"
	Unreachable Outcome = "unreachable"
	Refused     Outcome = "refused" // the text is wrong, or the secret
	Broken      Outcome = "broken"  // the answer can't be read
	ByPeople    Outcome = "people"  // nobody can be asked: people answer
	Outdated    Outcome = "outdated"
	Busy        Outcome = "busy" // bears no more questions, for minutes
)

// Kept is how long what a trial brought can be looked at: it is data of people.
const Kept = time.Hour

// Test lets a worker reach the system as the text last saved says, or as its file
// does. It gives the id under which Result finds what came of it.
func (s *Connecting) Test(ctx context.Context, actor casefile.Actor, system string, now time.Time) (uuid.UUID, error) {
	return s.begin(ctx, actor, Trial{System: system, Kind: Test}, nil, Why{}, now)
}

// Try is Test, and searches for somebody: kinds of identifiers and values, and why.
func (s *Connecting) Try(ctx context.Context, actor casefile.Actor, system string, who map[person.IdentifierKind]person.Text, why Why, now time.Time) (uuid.UUID, error) {
	var q connector.Query
	fields := map[string]string{}
	for _, kind := range person.IdentifierKinds {
		value, ok := who[kind]
		if !ok || value.IsZero() {
			continue
		}
		if _, err := person.Normal(kind, value.Reveal()); err != nil {
			fields[string(kind)] = "connecting.error.identifier"
		}
		// As if it were verified: staff see what a person who is known would get.
		q.Identifiers = append(q.Identifiers, person.Identifier{ID: uuid.New(), Kind: kind, Value: value, Verified: true})
	}
	if len(q.Identifiers) == 0 {
		fields["who"] = "connecting.error.nobody"
	}
	if !slices.Contains(Reasons, why.Reason) {
		fields["reason"] = "connecting.error.reason"
	}
	if len(fields) > 0 {
		p := problem.New(problem.Invalid, "connecting.error.who")
		p.Fields = fields
		return uuid.Nil, p
	}
	q.ReceivedAt = now
	return s.begin(ctx, actor, Trial{System: system, Kind: Try, ExpiresAt: now.Add(Kept)}, &q, why, now)
}

func (s *Connecting) begin(ctx context.Context, actor casefile.Actor, t Trial, q *connector.Query, why Why, now time.Time) (uuid.UUID, error) {
	if err := s.Permission.May(actor, casefile.ActionConnect, actor.Authority); err != nil {
		return uuid.Nil, err
	}
	t.ID, t.CreatedAt, t.CreatedBy = uuid.New(), now, actor.ID
	return t.ID, s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		var err error
		var row Row
		if row, err = s.toTry(ctx, t.System); err != nil {
			return err
		}
		t.Version = row.DraftVersion
		details := map[string]string{"system": t.System, "kind": string(t.Kind), "version": t.Version, "trial": t.ID.String()}
		if q == nil {
			if err := s.Store.DropTests(ctx, t.System); err != nil { // the last one counts
				return err
			}
		} else if err := s.lookUp(ctx, actor.Authority, &t, *q, why, details); err != nil {
			return err
		}
		if err := s.Store.PutTrial(ctx, t); err != nil {
			return err
		}
		if err := s.Ledger.Record(ctx, ledger.ConnectionTried, noCase, actor, details, now); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, actor.Authority, t.ID, casefile.JobTry)
	})
}

// lookUp seals whom a trial looks for, if the reason holds, and adds reason and
// person to the details of its entry. The person stands there as the keyed hashes
// by which cases are found too: whether somebody was looked up can be answered,
// and who was can't be read.
func (s *Connecting) lookUp(ctx context.Context, authority uuid.UUID, t *Trial, q connector.Query, why Why, details map[string]string) error {
	if err := s.fits(ctx, authority, why, q, details); err != nil {
		return err
	}
	plain, err := person.Encode(q)
	if err != nil {
		return err
	}
	if t.Query, err = s.sealed(ctx, authority, t.ID.String(), query, plain); err != nil {
		return err
	}
	for _, id := range q.Identifiers {
		var hashes []string
		for _, token := range person.SearchTokens(id.Kind, id.Value.Reveal()) {
			h, err := s.Keys.Token(ctx, authority, string(id.Kind), token)
			if err != nil {
				return err
			}
			hashes = append(hashes, hex.EncodeToString(h))
		}
		details["whom "+string(id.Kind)] = strings.Join(hashes, " ")
	}
	return nil
}

// toTry gives the row of a system, or a file as one.
func (s *Connecting) toTry(ctx context.Context, system string) (Row, error) {
	if _, err := s.system(ctx, system); err != nil {
		return Row{}, err
	}
	files, err := s.Store.Files(ctx)
	if err != nil {
		return Row{}, err
	}
	if f, ok := files[system]; ok {
		return Row{System: system, Kind: f.Kind, State: On, DraftVersion: f.Version}, nil
	}
	return s.Store.Row(ctx, system)
}

// Result is what came of a trial.
type Result struct {
	Trial   Trial             // without what is sealed
	Failure string            // place and code where it failed; never a value
	Preview connector.Preview // of a Try that passed; of a Test its Sorts alone: what nobody mapped
	// Kinds are those of the identifiers that led to the findings: by what somebody
	// was found is shown, their values were deleted when the search ended.
	Kinds map[uuid.UUID]person.IdentifierKind
}

// resultText is what is sealed of a Result.
type resultText struct {
	Failure string
	Preview connector.Preview
	Kinds   []leading
}

// leading is an identifier without its value.
type leading struct {
	ID   uuid.UUID
	Kind person.IdentifierKind
}

// Result reads what came of a trial. What a Try brought is data of people, for who
// began it alone; that of a Test says nothing about anybody, and whoever connects
// systems of the authority goes on from it. problem.NotFound when it has expired.
// Each time it shows records, the ledger says so.
func (s *Connecting) Result(ctx context.Context, actor casefile.Actor, id uuid.UUID, now time.Time) (Result, error) {
	if err := s.Permission.May(actor, casefile.ActionConnect, actor.Authority); err != nil {
		return Result{}, err
	}
	var r Result
	err := s.Units.InTx(ctx, actor.Authority, func(ctx context.Context) error {
		t, err := s.Store.Trial(ctx, id)
		if err != nil {
			return err
		}
		if t.Kind != Test && t.CreatedBy != actor.ID || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
			return problem.NotFound
		}
		var text resultText
		if len(t.Result) > 0 {
			plain, err := s.text(ctx, actor.Authority, id.String(), result, t.Result)
			if err != nil {
				return err
			}
			if err := person.Decode(plain, &text); err != nil {
				return err
			}
		}
		t.Query, t.Result = nil, nil
		r = Result{Trial: t, Failure: text.Failure, Preview: text.Preview, Kinds: map[uuid.UUID]person.IdentifierKind{}}
		for _, l := range text.Kinds {
			r.Kinds[l.ID] = l.Kind
		}
		if len(r.Preview.Findings) == 0 {
			return nil
		}
		details := map[string]string{"system": t.System, "trial": id.String()}
		return s.Ledger.Record(ctx, ledger.ConnectionViewed, noCase, actor, details, now)
	})
	return r, err
}
