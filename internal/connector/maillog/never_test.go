package maillog

import (
	"testing"

	"einsicht/internal/connector/rewrite/rewritetest"
)

func TestNoProgramChangesTheLog(t *testing.T) { rewritetest.Never(t, newHarness(t)) }
