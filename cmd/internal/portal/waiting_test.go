package portal

import (
	"errors"
	"fmt"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/jobs"
)

// A job that fails is tried eight times, over about a day; a system that has no
// place now has one soon.
func TestABusySystemCostsNoAttempt(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct{ err, want error }{
		{nil, nil}, {broken, broken}, {fmt.Errorf("ask: %w", connector.ErrBusy), jobs.ErrLater}, {connector.ErrUnreachable, connector.ErrUnreachable},
	} {
		if got := waiting(c.err); got != c.want {
			t.Errorf("%v: got %v, want %v", c.err, got, c.want)
		}
	}
}
