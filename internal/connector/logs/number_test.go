package logs

import (
	"slices"
	"testing"

	"einsicht/internal/connector"
)

func TestFieldsThatComeAgainAreNumbered(t *testing.T) {
	var fields []connector.Field
	for _, name := range []string{"to", "size", "to", "to_2", "to", "to_2", "size"} {
		fields = append(fields, connector.Field{Name: name})
	}
	var got []string
	for _, f := range Number(fields) {
		got = append(got, f.Name)
	}
	if want := []string{"to", "size", "to_3", "to_2", "to_4", "to_2_2", "size_2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
