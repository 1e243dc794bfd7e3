package portal_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
)

func TestAWrongPairAndAnUnknownNumberRunTheSameQueries(t *testing.T) {
	h := portaltest.Start(t, portaltest.Options{Tracer: watcher{}})
	w := portaltest.NewWork(t, h, "stk-nrw")
	receipt := w.Submit(t, w.Application(h.Landscape.Person("erika")))
	wrong := casefile.AccessCode([]byte("12345678901234567890"))

	statements := func(number string) (seen []string) {
		watched := context.WithValue(ctx, watcher{}, &seen)
		if _, err := h.Steps.Identification.Enter(watched, w.Authority, number, wrong, uuid.NewString(), h.Now()); err == nil {
			t.Fatal("got in with a wrong code")
		}
		return seen
	}
	known, unknown := statements(receipt.FileNumber), statements(casefile.FileNumber("stk-nrw", 2026, []byte("12345678")))
	if len(known) < 4 || !slices.Equal(known, unknown) {
		t.Errorf("a wrong code ran %q,\nan unknown number %q", known, unknown)
	}
}

// watcher notes the statements that run under a context which asks for it.
type watcher struct{}

func (watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if seen, ok := ctx.Value(watcher{}).(*[]string); ok {
		*seen = append(*seen, data.SQL)
	}
	return ctx
}

func (watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
