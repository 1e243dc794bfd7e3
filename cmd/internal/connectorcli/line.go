package connectorcli

import (
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// findingLine is a finding as one line of JSON. Programs read it: what stands in
// docs/connectors/find.md stays, and more may come.
type findingLine struct {
	System     string               `json:"system"`
	Reference  string               `json:"reference"`
	Category   string               `json:"category,omitempty"`
	Label      string               `json:"label,omitempty"`
	Confidence connector.Confidence `json:"confidence"`
	LedBy      [][]string           `json:"led_by"` // kinds of the identifiers
	Place      string               `json:"place"`
	Position   string               `json:"position"`
	At         time.Time            `json:"at,omitzero"`
	Fields     []fieldLine          `json:"fields"`
	Hints      []hintLine           `json:"hints,omitempty"`
}

type fieldLine struct {
	Name       string      `json:"name"`
	Label      string      `json:"label,omitempty"`
	Value      person.Text `json:"value"`
	Bytes      *int64      `json:"bytes,omitempty"` // of a file; -1: the system does not say
	Category   string      `json:"category,omitempty"`
	ThirdParty bool        `json:"third_party,omitempty"`
	Withheld   bool        `json:"withheld,omitempty"`
	Unmapped   bool        `json:"unmapped,omitempty"`
}

type hintLine struct {
	Kind  person.IdentifierKind `json:"kind"`
	Value person.Text           `json:"value"`
}

type answerLine struct {
	System  string            `json:"system"`
	Outcome connector.Outcome `json:"outcome"`
	Reason  string            `json:"reason,omitempty"`
	Partial bool              `json:"partial"`
	Gaps    []gapLine         `json:"gaps,omitempty"`
	From    time.Time         `json:"from,omitzero"`
	Until   time.Time         `json:"until,omitzero"`
}

type gapLine struct {
	Place  string `json:"place"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

func said(system string, a connector.Answer) answerLine {
	line := answerLine{System: system, Outcome: a.Outcome, Reason: a.Reason, Partial: a.Partial(), From: a.From, Until: a.Until}
	for _, g := range a.Gaps {
		line.Gaps = append(line.Gaps, gapLine(g))
	}
	return line
}

func found(system string, f connector.Finding, names map[uuid.UUID]string) findingLine {
	line := findingLine{
		System: system, Reference: f.Reference, Category: f.Category, Label: f.Label, Confidence: f.Confidence,
		Place: f.Origin.Place, Position: f.Origin.Position, At: f.Origin.At,
		LedBy: [][]string{}, Fields: []fieldLine{},
	}
	for _, set := range f.Led {
		var kinds []string
		for _, id := range set {
			kinds = append(kinds, names[id])
		}
		line.LedBy = append(line.LedBy, kinds)
	}
	for _, one := range f.Fields {
		field := fieldLine{Name: one.Name, Label: one.Label, Value: one.Value, Category: one.Category,
			ThirdParty: one.ThirdParty, Withheld: one.Withheld, Unmapped: one.Unmapped}
		if one.Body != nil {
			field.Bytes = &one.Body.Size
		}
		line.Fields = append(line.Fields, field)
	}
	for _, h := range f.Hints {
		line.Hints = append(line.Hints, hintLine{h.Kind, h.Value})
	}
	return line
}
