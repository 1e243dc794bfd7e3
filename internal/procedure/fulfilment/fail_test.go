package fulfilment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/wording"
)

// What keeps a system from being changed is said as it is, since somebody else has to
// act each time.
func TestWhyASystemWasNotChangedIsSaid(t *testing.T) {
	for _, c := range []struct {
		name   string
		cause  error
		reason string
	}{
		{"it does not answer", connector.Fail(connector.ErrUnreachable, "connect", "", context.DeadlineExceeded), "fulfilment.reason.unreachable"},
		{"the password is wrong", connector.Fail(connector.ErrConfig, "connect", "28P01", nil), "fulfilment.reason.misentered"},
		{"PostgreSQL refuses a right", connector.Fail(connector.ErrConfig, "orders", "42501", nil), "fulfilment.reason.no_right"},
		{"MariaDB refuses a right", connector.Fail(connector.ErrConfig, "orders", "1142", nil), "fulfilment.reason.no_right"},
		{"an API refuses a right", fmt.Errorf("rehearse: %w", connector.Fail(connector.ErrConfig, "/people", "403", nil)), "fulfilment.reason.no_right"},
		{"the answer can't be read", connector.Fail(connector.ErrBroken, "/people", "json", nil), "fulfilment.reason.unreadable"},
		{"we failed ourselves", errors.New("disk full"), "fulfilment.reason.lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			measures := h.planned(2, connector.CanErase)
			measures[0].State, measures[1].State = casefile.Acting, casefile.Rehearsing
			h.put(measures...)
			must(t, h.FailChange(t.Context(), h.c.Authority, h.inquiry, c.cause, now))
			must(t, h.FailRehearsal(t.Context(), h.c.Authority, h.inquiry, c.cause, now))
			for _, m := range h.measures() {
				if m.State != casefile.Asks || m.Text.Reason != c.reason {
					t.Errorf("got %s, %s, want it to ask, %s", m.State, m.Text.Reason, c.reason)
				}
			}
			for _, l := range []wording.Lang{wording.German, wording.English} {
				if !wording.Has(c.reason) || wording.Text(l, c.reason) == wording.Text(l, "plan.reason.other") {
					t.Errorf("%s has no sentence", c.reason)
				}
			}
		})
	}
}
