package source

import (
	"context"
	"slices"
	"strings"
	"testing"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// twins is a kind whose records are words: the part before the colon is the key.
type twins struct {
	fake
	words []string
}

func (k *twins) Open(ctx context.Context, c connector.Connection) (connector.Connector, error) {
	opened, err := k.fake.Open(ctx, c)
	return &twin{opened, k}, err
}

type twin struct {
	connector.Connector
	kind *twins
}

func (s *twin) Find(_ context.Context, _ connector.Query, _ connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	for i, word := range s.kind.words {
		key, value, _ := strings.Cut(word, ":")
		f := connector.Finding{Reference: key, Origin: connector.Origin{Place: "words"}, Fields: []connector.Field{{Name: "value", Value: person.NewText(value)}}}
		if err := yield(f, connector.Cursor{byte(i)}); err != nil {
			return connector.Answer{}, err
		}
	}
	return connector.Answer{Outcome: connector.Found}, nil
}

func TestAReferenceIsGivenOnce(t *testing.T) {
	for _, c := range []struct {
		name        string
		words, want []string
		gap         int
	}{
		{"each has its own", []string{"1:a", "2:a"}, []string{"1", "2"}, 0},
		{"the same record comes again, such as on the next page", []string{"1:a", "2:b", "1:a"}, []string{"1", "2"}, 0},
		{"other records have the same key", []string{"1:a", "1:b", "2:c", "1:d", "1:b"}, []string{"1", "2"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(Deps{Kinds: []connector.Kind{&twins{words: c.words}}})
			if err := s.Load(parse(t, head)); err != nil {
				t.Fatal(err)
			}
			o, err := s.Open(t.Context(), somebody, "shop")
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			var got []string
			answer, err := o.Find(t.Context(), connector.Query{}, nil, func(f connector.Finding, _ connector.Cursor) error {
				got = append(got, f.Reference)
				return nil
			})
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %v (%v), want %v", got, err, c.want)
			}
			var gaps []connector.Gap
			if c.gap > 0 {
				gaps = []connector.Gap{{Place: "words", Reason: connector.GapKey, Count: c.gap}}
			}
			if !slices.Equal(answer.Gaps, gaps) {
				t.Errorf("got gaps %v, want %v", answer.Gaps, gaps)
			}
		})
	}
}
