package connector

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

func TestWhatIsRecalledIsWhatWasSaid(t *testing.T) {
	c, err := ParseConnection("shop.yaml", []byte("system: shop\nkind: sql\nmatch: [{by: [email]}, {by: [name, birthdate]}, {by: [phone]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	id := func(kind person.IdentifierKind, value string) person.Identifier {
		return person.Identifier{ID: uuid.New(), Kind: kind, Value: person.NewText(value), Verified: true}
	}
	q := Query{Identifiers: []person.Identifier{
		id(person.Email, "erika@example.org"), id(person.Email, "em@example.com"), id(person.Email, "e.m@example.net"), id(person.Name, "Erika Muster"), id(person.Birthdate, "1964-08-12"),
		id(person.Phone, "+492118370199"),
	}}
	w, err := c.Whose(q)
	if err != nil {
		t.Fatal(err)
	}
	records := []Values{
		{person.Email: {"Erika@Example.org"}},
		{person.Email: {"max@example.org"}},
		{person.Name: {"Muster, Erika"}, person.Birthdate: {"12.08.1964"}},
		{person.Name: {"Muster, Erika"}, person.Birthdate: {"13.08.1964"}},
		// Joined, these would read the same.
		{person.Email: {"erika@example.org", "em@example.com"}},
		{person.Email: {"erika@example.orgemail em@example.com"}},
		{person.Phone: {"(0211) 837-0199"}, person.Email: {"em@example.com"}},
		{},
	}
	for i := range 3 * mostRecalled {
		records = append(records, Values{person.Email: {fmt.Sprintf("%d@example.org", i)}})
	}
	records = append(records, Values{person.Email: {strings.Repeat("x", longestRecalled) + "@example.org"}})
	recall := NewRecall(w, q)
	for range 3 {
		for i, v := range records {
			led, c := recall.Leads(v)
			want, wantC := w.Leads(v)
			if !slices.EqualFunc(led, want, slices.Equal) || c != wantC {
				t.Fatalf("record %d: got %d ways and %s, want %d and %s", i, len(led), c, len(want), wantC)
			}
			for kind, values := range v {
				for _, value := range values {
					if got, want := recall.Known(kind, value), q.Known(kind, value); got != want {
						t.Fatalf("record %d: got known %v, want %v", i, got, want)
					}
					record := fmt.Sprint("shop/", i)
					got, ok := recall.Hint(kind, value, record)
					hint, wantOK := q.Hint(kind, value, record)
					if ok != wantOK || got.Record != hint.Record || got.Kind != hint.Kind || !got.Value.Equal(hint.Value) {
						t.Fatalf("record %d: got the hint %v, want %v, or another one", i, ok, wantOK)
					}
				}
			}
		}
	}
	if len(recall.leads) > mostRecalled || len(recall.hints) > mostRecalled || len(recall.known) > mostRecalled {
		t.Errorf("got %d, %d and %d remembered, want %d at most", len(recall.leads), len(recall.hints), len(recall.known), mostRecalled)
	}
	all := Values{person.Email: {"erika@example.org", "em@example.com", "e.m@example.net"}}
	one, other := []uuid.UUID{uuid.New()}, []uuid.UUID{uuid.New()}
	led, _ := recall.Leads(all)
	first := append(led, one) // as Finding.Lead does
	led, _ = recall.Leads(all)
	_ = append(led, other)
	if len(led) != 3 || !slices.Equal(first[3], one) {
		t.Errorf("got %d ways, and one that was added to one finding stands in another", len(led))
	}
	for key := range recall.leads {
		if len(key) > longestRecalled {
			t.Errorf("got %d bytes remembered of one record", len(key))
		}
	}
}
