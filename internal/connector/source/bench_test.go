package source

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
)

// BenchmarkFiftySystems asks fifty systems that each take half a second, all at
// once, and beside it the same systems without anything between.
func BenchmarkFiftySystems(b *testing.B) {
	const systems, takes = 50, 500 * time.Millisecond
	f := &fake{slow: takes, records: 20}
	s := New(Deps{Kinds: []connector.Kind{f}, Secrets: func(context.Context, uuid.UUID, connector.Connection, connector.Ref) (string, error) { return "", nil }})
	for i := range systems {
		if err := s.Load(parse(b, fmt.Sprintf("system: s%d\nkind: fake\n", i))); err != nil {
			b.Fatal(err)
		}
	}
	all := func(open func(system string) (connector.Connector, error)) time.Duration {
		start := time.Now()
		var group sync.WaitGroup
		for i := range systems {
			group.Go(func() {
				c, err := open(fmt.Sprintf("s%d", i))
				if err != nil {
					b.Error(err)
					return
				}
				defer c.Close()
				if _, err := c.Find(b.Context(), connector.Query{}, nil, func(connector.Finding, connector.Cursor) error { return nil }); err != nil {
					b.Error(err)
				}
			})
		}
		group.Wait()
		return time.Since(start)
	}
	var ours, bare time.Duration
	for b.Loop() {
		bare += all(func(system string) (connector.Connector, error) { return f.Open(b.Context(), s.files[system]) })
		ours += all(func(system string) (connector.Connector, error) { return s.Open(b.Context(), somebody, system) })
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "times-bare")
	b.ReportMetric(0, "ns/op")
}
