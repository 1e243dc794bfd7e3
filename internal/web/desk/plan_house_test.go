package desk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

// plans are the steps on the plan of the office's case.
type plans struct {
	h          *office
	shown      fulfilment.Shown
	told       fulfilment.Told
	besides    fulfilment.Besides
	restricted []fulfilment.Restricted
	waits      map[string]map[casefile.Job]casefile.Tries
	viewed     int
	refuse     error
	decided    []uuid.UUID
	way        fulfilment.Way
	said       map[string]person.Text
}

func (p *plans) Show(_ context.Context, a casefile.Actor, id uuid.UUID, _ time.Time) (fulfilment.Shown, error) {
	if err := p.h.exists(a, id); err != nil {
		return fulfilment.Shown{}, err
	}
	p.viewed++
	shown := p.shown
	shown.Case = p.h.o.Case
	return shown, nil
}

func (p *plans) Progress(_ context.Context, a casefile.Actor, id uuid.UUID) (fulfilment.Standing, error) {
	at := fulfilment.Standing{State: p.h.o.Case.State, Plan: p.shown.Plan, Inventory: p.h.o.Inventory, Waits: p.waits}
	for _, system := range p.shown.Systems {
		for _, m := range system.Measures {
			at.Measures = append(at.Measures, m.Measure)
		}
	}
	return at, p.h.exists(a, id)
}

func (p *plans) do(a casefile.Actor, action casefile.Action, what string) error {
	if p.refuse != nil {
		return p.refuse
	}
	return p.h.do(a, action, what)
}

func (p *plans) Draft(_ context.Context, a casefile.Actor, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionPlan, "draft")
}

func (p *plans) Correct(_ context.Context, a casefile.Actor, _, finding uuid.UUID, values map[string]person.Text, _ time.Time) error {
	if len(values) == 0 {
		return procedure.Incomplete("values", "fulfilment.error.values")
	}
	p.said, p.decided = values, []uuid.UUID{finding}
	return p.do(a, casefile.ActionPlan, "correct")
}

func (p *plans) Decide(_ context.Context, a casefile.Actor, _ uuid.UUID, measures []uuid.UUID, way fulfilment.Way, forPerson, forFile person.Text, _ time.Time) error {
	switch {
	case way == "":
		return procedure.Incomplete("way", "fulfilment.error.way")
	case way == fulfilment.Leave && forPerson.IsBlank():
		return procedure.Incomplete("for_person", "fulfilment.error.why")
	}
	p.decided, p.way, p.said = measures, way, map[string]person.Text{"person": forPerson, "file": forFile}
	return p.do(a, casefile.ActionPlan, "decide")
}

func (p *plans) Order(_ context.Context, a casefile.Actor, _ uuid.UUID, _ time.Time) error {
	return p.do(a, casefile.ActionRelease, "order")
}

func (p *plans) TryNow(_ context.Context, a casefile.Actor, _ uuid.UUID, system string, _ time.Time) error {
	return p.do(a, casefile.ActionPlan, "try now "+system)
}

func (p *plans) Confirm(_ context.Context, a casefile.Actor, _ uuid.UUID, system string, done bool, statement person.Text, _ time.Time) error {
	if statement.IsBlank() {
		return procedure.Incomplete("statement", "fulfilment.error.statement")
	}
	p.said = map[string]person.Text{"statement": statement}
	return p.do(a, casefile.ActionAnswerTask, fmt.Sprintf("confirm %s %t", system, done))
}

// planned gives the office's case a granted erasure and a plan with a measure in
// every state.
func (h *office) planned(t testing.TB) *plans {
	t.Helper()
	p, inv := h.plans, h.o.Inventory
	h.o.Rights[0].Right = casefile.Right{Right: law.Erasure, Outcome: casefile.PartlyGranted, Due: h.o.Case.Due}
	h.o.Rights[1].Right = casefile.Right{Right: law.Rectification, Outcome: casefile.Granted, Due: h.o.Case.Due}
	p.shown = fulfilment.Shown{
		Plan:   casefile.Plan{ID: uuid.New(), Case: h.o.Case.ID, MadeAt: received, MadeBy: h.staff[casefile.Clerk].ID},
		Rights: []casefile.Right{h.o.Rights[0].Right, h.o.Rights[1].Right}, Blocked: map[casefile.Event][]casefile.Reason{},
	}
	for i := range 2 {
		s := fulfilment.System{System: inv.Systems[i]}
		for _, state := range casefile.MeasureStates {
			s.Measures = append(s.Measures, h.measure(inv.Systems[i].ID, state))
		}
		p.shown.Systems = append(p.shown.Systems, s)
	}
	first := &p.shown.Systems[0].Measures
	byHand := h.measure(inv.Systems[0].ID, casefile.Done)
	byHand.DoneBy, byHand.Text.Proof = h.staff[casefile.Clerk].ID, casefile.Proof{ReadAt: received, Statement: person.NewText("In der Kartei vernichtet")}
	left := h.measure(inv.Systems[0].ID, casefile.Stays)
	left.Text.Ground, left.Text.Citation, left.Text.ForPerson, left.DoneBy = "", "", person.NewText("Der Datensatz gehört zu einem laufenden Verfahren."), h.staff[casefile.Clerk].ID
	whole := h.measure(inv.Systems[0].ID, casefile.ForUnit)
	whole.Finding, whole.Text = uuid.Nil, casefile.MeasureText{Reason: "fulfilment.reason.no_record"}
	rectify := h.measure(inv.Systems[0].ID, casefile.ForUnit)
	rectify.Right, rectify.Do, rectify.Text.Values = law.Rectification, connector.CanRectify, map[string]person.Text{"email": person.NewText("neu@example.org")}
	*first = append(*first, byHand, left, whole, rectify)
	for _, s := range h.o.Systems {
		for _, f := range s.Findings {
			one := procedure.Found{Finding: f.Finding, Record: f.Record, Decision: disclosure.Decision{Verdict: disclosure.Give}}
			one.System = s.ID
			p.shown.Findings = append(p.shown.Findings, one)
		}
	}
	return p
}

// measure is one that masks a record: a field stays, one is emptied, one goes.
func (h *office) measure(system string, state casefile.MeasureState) procedure.Measure {
	field := func(name, label, value string) connector.Field {
		return connector.Field{Name: name, Label: label, Value: person.NewText(value)}
	}
	m := procedure.Measure{
		Measure: casefile.Measure{ID: uuid.New(), Case: h.o.Case.ID, System: system, Finding: uuid.New(), Right: law.Erasure, Do: connector.CanErase, State: state},
		Text: casefile.MeasureText{
			Reference: "orders/4711", Label: "Bestellung vom 3. März 2026",
			Before: []connector.Field{field("full_name", "Name", "Erika Mustermann"), field("email", "E-Mail", "erika@example.org"), field("amount", "Betrag", "12,50"), {Name: "password", Label: "Kennwort", Withheld: true}},
		},
	}
	rehearsed := func() {
		m.Text.After = []connector.Field{field("full_name", "Name", "gelöschte Person"), field("email", "E-Mail", ""), field("amount", "Betrag", "12,50")}
		m.Text.Kept = []connector.Kept{{Field: "amount", Why: "§ 147 Abs. 1 Nr. 4 AO, bis Ende 2036"}}
		m.Text.With = []connector.Along{{Place: "order_items", Count: 3}, {Place: "order_notes", Count: 1}}
		m.Text.Left = []byte("left")
	}
	switch state {
	case casefile.Planned, casefile.Acting:
		rehearsed()
	case casefile.ForUnit:
		m.Text.Reason = "fulfilment.reason.no_machine"
	case casefile.Asks:
		m.Text.Reason = "fulfilment.reason.differs"
	case casefile.Stays:
		m.Text.Ground, m.Text.Citation, m.Text.Until = "EU-17-3b", "Art. 17 Abs. 3 Buchst. b DSGVO", calendar.Day(2036, 12, 31)
		m.Text.ForPerson, m.Text.Secret = person.NewText("Ein Gesetz verlangt die Aufbewahrung."), true
	case casefile.Done:
		rehearsed()
		m.DoneAt = received.Add(50 * time.Hour)
		m.Text.Proof = casefile.Proof{ReadAt: m.DoneAt, Left: m.Text.Left, Searched: true, Found: 1, Mapping: strings.Repeat("ab12", 4)}
	}
	return m
}

// fix lets the office's plan be fixed by the second person.
func (h *office) fix() {
	h.o.Case.State = casefile.Fulfilling
	h.plans.shown.Plan.FixedAt, h.plans.shown.Plan.FixedBy = received.Add(48*time.Hour), h.staff[casefile.Approver].ID
	h.plans.shown.Plan.Hash = []byte(strings.Repeat("\xab\xcd", 16))
}

func text(s string) person.Text { return person.NewText(s) }

// words are values by the names of fields.
func words(pairs ...string) map[string]person.Text {
	values := map[string]person.Text{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = text(pairs[i+1])
	}
	return values
}
