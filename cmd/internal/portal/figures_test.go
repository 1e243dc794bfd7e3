package portal

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector/source"
	"einsicht/internal/jobs"
)

func TestTheFiguresSayHowEachSystemDoes(t *testing.T) {
	a, b := uuid.MustParse("11111111-1111-4111-8111-111111111111"), uuid.MustParse("22222222-2222-4222-8222-222222222222")
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	all := pending{now: now, owners: map[string][]uuid.UUID{"shop": {a}, "shared": {a, b}}, backlogs: map[uuid.UUID]casefile.Backlog{
		a: {Drafts: 2, Ordered: 3, Oldest: now.Add(-90 * time.Minute), Waits: []casefile.Waiting{{System: "shop", State: casefile.Acting, Measures: 4}, {System: "shop", State: casefile.Asks, Measures: 1}}}, b: {},
	}, jobs: []jobs.Waiting{{Job: casefile.JobChange, Due: 1, Later: 5}}}
	var broken error
	f := newFigures(false, func() []source.State {
		return []source.State{{System: "shop", Kind: "sql", Resting: true, Busy: 2, Questions: 7, Failures: 5}, {System: "shop", Kind: "rest", Authority: b}, {System: "shared", Kind: "sql"}}
	}, func() (pending, error) {
		if broken != nil {
			return pending{}, broken
		}
		return all, nil
	}, slog.New(slog.DiscardHandler))
	f.observe("/:authority/stand", "GET", 200, time.Second)
	says := func(wants ...string) {
		t.Helper()
		answer := httptest.NewRecorder()
		f.handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		lines := strings.Split(answer.Body.String(), "\n")
		for _, want := range wants {
			if !slices.Contains(lines, want) {
				t.Errorf("got no line %s", want)
			}
		}
		if answer.Code != 200 || strings.Contains(answer.Body.String(), `=""`) {
			t.Errorf("got status %d, or a label that says nothing", answer.Code)
		}
	}
	says(
		`einsicht_source_resting{authority="`+a.String()+`",kind="sql",system="shop"} 1`,
		`einsicht_source_busy{authority="`+a.String()+`",kind="sql",system="shop"} 2`,
		`einsicht_source_questions_total{authority="`+a.String()+`",kind="sql",system="shop"} 7`,
		`einsicht_source_failures_total{authority="`+a.String()+`",kind="sql",system="shop"} 5`,
		`einsicht_source_resting{authority="`+b.String()+`",kind="rest",system="shop"} 0`,
		`einsicht_source_resting{kind="sql",system="shared"} 0`,
		`einsicht_plans_open{authority="`+a.String()+`",state="draft"} 2`,
		`einsicht_plans_open{authority="`+a.String()+`",state="ordered"} 3`,
		`einsicht_plans_open{authority="`+b.String()+`",state="ordered"} 0`,
		`einsicht_plan_oldest_order_seconds{authority="`+a.String()+`"} 5400`,
		`einsicht_plan_oldest_order_seconds{authority="`+b.String()+`"} 0`,
		`einsicht_plan_measures_waiting{authority="`+a.String()+`",state="acting",system="shop"} 4`,
		`einsicht_plan_measures_waiting{authority="`+a.String()+`",state="asks",system="shop"} 1`,
		`einsicht_jobs_waiting{job="system-change",when="due"} 1`,
		`einsicht_jobs_waiting{job="system-change",when="later"} 5`,
	)
	broken = errors.New("no database")
	says(`einsicht_source_resting{kind="sql",system="shop"} 1`, `einsicht_source_resting{authority="`+b.String()+`",kind="rest",system="shop"} 0`)
}
