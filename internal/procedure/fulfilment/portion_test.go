package fulfilment

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/procedure"
)

// reader is a system in which all records with an even number are gone.
type reader struct {
	connector.Changer
	most, reads int
	fails       int // the read that fails; 0: none
}

func (r *reader) Read(_ context.Context, references []string) (map[string]connector.Finding, error) {
	if r.reads++; r.reads == r.fails {
		return nil, connector.ErrUnreachable
	}
	r.most = max(r.most, len(references))
	found := map[string]connector.Finding{}
	for _, reference := range references {
		if n, _ := strconv.Atoi(reference); n%2 == 1 {
			found[reference] = connector.Finding{Reference: reference}
		}
	}
	return found, nil
}

func TestRecordsAreReadInPortions(t *testing.T) {
	measures := make([]procedure.Measure, 2*portion+1)
	for i := range measures {
		measures[i].ID, measures[i].Text.Reference = uuid.New(), strconv.Itoa(i)
	}
	r := &reader{}
	as, err := planned(t.Context(), r, measures)
	if err != nil || r.most != portion || r.reads != 3 {
		t.Errorf("got %v, %d reads of at most %d records, want 3 of at most %d", err, r.reads, r.most, portion)
	}
	for i, m := range measures {
		if gone := i%2 == 0; as[m.ID] != gone {
			t.Fatalf("record %d: got as planned %t, want %t", i, as[m.ID], gone)
		}
	}
	if as, err := planned(t.Context(), &reader{fails: 2}, measures); !errors.Is(err, connector.ErrUnreachable) || as != nil {
		t.Errorf("torn between two portions: got %d and %v, want nothing said of any record", len(as), err)
	}
}
