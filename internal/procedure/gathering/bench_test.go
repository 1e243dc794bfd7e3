package gathering_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/procedure/gathering"
)

// slow is every system: it answers after half a second, with some records.
type slow struct{ takes time.Duration }

func (s slow) Has(context.Context, uuid.UUID, string) (bool, error) { return true, nil }
func (s slow) Open(context.Context, uuid.UUID, string) (connector.Connector, error) {
	return s, nil
}
func (s slow) Close() error { return nil }

func (s slow) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	time.Sleep(s.takes)
	for i := range 20 {
		f := connector.Finding{Reference: strconv.Itoa(i), Category: "orders", Fields: []connector.Field{{Name: "text", Value: person.NewText("something ordered")}}}
		if err := yield(f, connector.Cursor(f.Reference)); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

// BenchmarkGatherFromFifty asks fifty systems of one case that each take half a
// second, as the worker does: with what they give sealed and written.
func BenchmarkGatherFromFifty(b *testing.B) {
	const systems, takes = 50, 500 * time.Millisecond
	now := time.Now()
	h := newHouse(b, now)
	step := &gathering.Gathering{House: h.House, Sources: slow{takes}}
	var took time.Duration
	for b.Loop() {
		b.StopTimer()
		_, asked := h.newCase(b, systems, now)
		b.StartTimer()
		start := time.Now()
		var all sync.WaitGroup
		for _, id := range asked {
			all.Go(func() {
				if err := step.Gather(b.Context(), h.authority.ID, id, now, time.Time{}); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		took += time.Since(start)
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(took.Seconds()/(float64(b.N)*takes.Seconds()), "times-bare")
	b.ReportMetric(0, "ns/op")
}
