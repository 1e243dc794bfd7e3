package lawcli

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"einsicht/internal/inventory"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/catalogue"
)

// groundsAnswer is the answer of `einsicht law grounds`.
type groundsAnswer struct {
	Right     law.Right     `json:"right"`
	Land      calendar.Land `json:"land"`
	Regime    law.Regime    `json:"regime,omitempty"`
	On        calendar.Date `json:"on"`
	Catalogue string        `json:"catalogue_sha256"`
	Grounds   []ground      `json:"grounds"`
	Absent    []absent      `json:"not_available"`
	Confirm   bool          `json:"confirm"` // staff must confirm the current text of at least one
}

type ground struct {
	ID          string             `json:"id"`
	Citation    string             `json:"citation"`
	Title       text               `json:"title"`
	Regimes     []law.Regime       `json:"regimes,omitempty"`
	Reach       catalogue.Reach    `json:"reach"`
	Effect      catalogue.Effect   `json:"effect"`
	Ends        string             `json:"ends,omitempty"`
	Decision    catalogue.Decision `json:"decision"`
	Conditions  []condition        `json:"conditions"`
	OnFile      []text             `json:"on_file"`
	OnFileUnder string             `json:"on_file_under,omitempty"`
	Withholding *withholding       `json:"reasons_withholdable"` // null: reasons are always due
	Review      bool               `json:"review"`
	Replacement *text              `json:"replacement"`
	Mandatory   bool               `json:"replacement_mandatory"`
	Task        catalogue.Task     `json:"task,omitempty"`
	Usable      bool               `json:"usable"`
	Unusable    *text              `json:"unusable,omitempty"`
	Verified    bool               `json:"verified"`
	Unverified  string             `json:"unverified,omitempty"`
	Confirm     bool               `json:"confirm"`
	ValidFrom   *calendar.Date     `json:"valid_from"`
	ValidTo     *calendar.Date     `json:"valid_to"`
	Source      string             `json:"source"`
	Note        *text              `json:"note,omitempty"`
}

type text struct {
	DE string `json:"de"`
	EN string `json:"en"`
}

type condition struct {
	ID   string         `json:"id"`
	Fact catalogue.Fact `json:"fact,omitempty"` // known from the register; nobody is asked
	text
}

type withholding struct {
	Under string `json:"under"`
	If    text   `json:"if"`
}

type absent struct {
	ID       string       `json:"id"`
	Citation string       `json:"citation,omitempty"`
	Regimes  []law.Regime `json:"regimes,omitempty"`
	Title    text         `json:"title"`
	Reason   text         `json:"reason"`
	Instead  text         `json:"instead"`
}

// Grounds lists as JSON the grounds that can limit a right in a Land on a day,
// with those that can't be used and why, and those that people look for in
// vain. Without a regime the grounds of all regimes of the Land are listed. An
// error is one English sentence that says what to do.
func Grounds(land, right, on, regime string) ([]byte, error) {
	l, err := parseLand(land)
	if err != nil {
		return nil, err
	}
	r, ok := catalogue.ParseRight(right)
	if !ok {
		return nil, fmt.Errorf("--right: write one of %v, %s or %s", law.Rights, catalogue.Information, catalogue.BreachNotice)
	}
	if regime != "" && !slices.Contains(law.Regimes, law.Regime(regime)) {
		return nil, fmt.Errorf("--regime: write one of %v, or leave it out", law.Regimes)
	}
	e, err := edition(on)
	if err != nil {
		return nil, err
	}
	out := groundsAnswer{
		Right: r, Land: l, Regime: law.Regime(regime), On: e.Day, Catalogue: hex.EncodeToString(e.SHA256[:]), Grounds: []ground{}, Absent: []absent{},
	}
	for g := range e.For(r, l, out.Regime) {
		out.Grounds = append(out.Grounds, groundOf(g))
		out.Confirm = out.Confirm || g.Confirm && g.Usable()
	}
	for _, a := range e.NotAvailable(r, l, out.Regime) {
		out.Absent = append(out.Absent, absent{a.ID, a.Citation, a.Regimes, text(a.Title), text(a.Reason), text(a.Instead)})
	}
	return json.MarshalIndent(out, "", "  ")
}

func groundOf(g *catalogue.Ground) ground {
	out := ground{
		ID: g.ID, Citation: g.Citation, Title: text(g.Title), Regimes: g.Regimes, Reach: g.Reach, Effect: g.Effect, Ends: g.Ends, Decision: g.Decision,
		Conditions: []condition{}, OnFile: texts(g.OnFile), OnFileUnder: g.OnFileUnder, Review: g.Review, Replacement: orNull(g.Replacement),
		Mandatory: g.Mandatory, Task: g.Task, Usable: g.Usable(), Unusable: orNull(g.Unusable), Verified: g.Verified, Unverified: g.Unverified,
		Confirm: g.Confirm, ValidFrom: dateOrNull(g.ValidFrom), ValidTo: dateOrNull(g.ValidTo), Source: g.Source, Note: orNull(g.Note),
	}
	for _, c := range g.Questions() {
		out.Conditions = append(out.Conditions, condition{c.ID, c.Fact, text(c.Sentence)})
	}
	if g.Reasons.Allowed() {
		out.Withholding = &withholding{g.Reasons.Under, text(g.Reasons.If)}
	}
	return out
}

func parseLand(s string) (calendar.Land, error) {
	if slices.Contains(inventory.Lands, calendar.Land(s)) {
		return calendar.Land(s), nil
	}
	return "", fmt.Errorf("--land: write one of %v", inventory.Lands)
}

// edition reads the law of a day.
func edition(on string) (catalogue.Edition, error) {
	day, err := calendar.Parse(on)
	if err != nil {
		return catalogue.Edition{}, errors.New("--on: write a day as 2026-01-31")
	}
	book, err := catalogue.Load()
	if err != nil {
		return catalogue.Edition{}, err
	}
	return book.On(day), nil
}

func texts(sentences []catalogue.Sentence) []text {
	out := []text{}
	for _, s := range sentences {
		out = append(out, text(s))
	}
	return out
}

func orNull(s catalogue.Sentence) *text {
	if s.IsZero() {
		return nil
	}
	t := text(s)
	return &t
}
