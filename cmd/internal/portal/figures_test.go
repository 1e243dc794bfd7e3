package portal

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector/source"
)

func TestTheFiguresSayHowEachSystemDoes(t *testing.T) {
	a := uuid.MustParse("11111111-1111-4111-8111-111111111111")
	f := newFigures(false, func() []source.State {
		return []source.State{{System: "shop", Kind: "sql", Resting: true, Busy: 2, Questions: 7, Failures: 5}, {System: "shop", Kind: "rest", Authority: a}}
	})
	f.observe("/:authority/stand", "GET", 200, time.Second)
	answer := httptest.NewRecorder()
	f.handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`einsicht_source_resting{authority="",kind="sql",system="shop"} 1`,
		`einsicht_source_busy{authority="",kind="sql",system="shop"} 2`,
		`einsicht_source_questions_total{authority="",kind="sql",system="shop"} 7`,
		`einsicht_source_failures_total{authority="",kind="sql",system="shop"} 5`,
		`einsicht_source_resting{authority="` + a.String() + `",kind="rest",system="shop"} 0`,
	} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("got no line %s", want)
		}
	}
}
