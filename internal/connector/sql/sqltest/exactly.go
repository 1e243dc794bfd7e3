package sqltest

import (
	"context"
	"fmt"
	"slices"

	"einsicht/internal/connector"
)

// Exactly asks a source and says which records came too much, which are
// missing and which came twice; nil: exactly those that are wanted. What is to
// be checked by staff is not given and does not count.
func Exactly(ctx context.Context, kind connector.Kind, c connector.Connection, q connector.Query, want []string) error {
	source, err := kind.Open(ctx, c)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer source.Close()
	var got []string
	answer, err := source.Find(ctx, q, nil, func(f connector.Finding, _ connector.Cursor) error {
		if f.Confidence != connector.Check {
			got = append(got, f.Reference)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find: %w", err)
	}
	if answer.Partial() {
		return fmt.Errorf("a gap in %s", answer.Gaps[0].Place)
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("got %d records, want %d; too much %q; missing %q", len(got), len(want), without(got, want), without(want, got))
}

func without(a, b []string) []string {
	var only []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			only = append(only, s)
		}
	}
	return only
}
