package deadline

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"einsicht/internal/law/calendar"
)

// vector is a row of testdata/deadlines.csv: an agreed case with its due date
// and, in the note, the date of every other reading that differs.
type vector struct {
	name     string
	received Receipt
	land     calendar.Land
	events   []Event
	due      string
	others   map[Name]string
}

func TestTheAgreedCases(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			got, err := OfReceipt(v.received, v.land, v.events)
			if err != nil {
				t.Fatal(err)
			}
			if got.Due == nil || got.Due.String() != v.due {
				t.Errorf("due: got %v, want %s", got.Due, v.due)
			}
			if got.Warn == nil || got.Warn.After(*got.Due) {
				t.Errorf("warn: got %v, want a day up to %s", got.Warn, v.due)
			}
		})
	}
}

// Every reading is checked in every row, those that agree included. FIRSTDAY is
// not annotated in the rows; it has a test of its own.
func TestTheOtherReadingsOfTheAgreedCases(t *testing.T) {
	checked := map[Name]int{}
	for _, v := range vectors(t) {
		got, err := OfReceipt(v.received, v.land, v.events)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Readings) != len(Names) {
			t.Fatalf("%s: got %d readings, want %d", v.name, len(got.Readings), len(Names))
		}
		for _, r := range got.Readings {
			if r.Name == FirstDay {
				continue
			}
			want, differs := v.others[r.Name]
			if !differs {
				want = v.due
			}
			if r.Due.String() != want || r.Differs != differs {
				t.Errorf("%s, %s: got %v (differs %v), want %s (differs %v)", v.name, r.Name, r.Due, r.Differs, want, differs)
			}
			if differs {
				checked[r.Name]++
			}
		}
	}
	for _, n := range Names {
		if n != FirstDay && checked[n] == 0 {
			t.Errorf("%s differs in no row: it is not checked", n)
		}
	}
}

func TestCountingFromTheDayAfterReceiptIsNeverEarlier(t *testing.T) {
	later := 0
	for _, v := range vectors(t) {
		got, err := OfReceipt(v.received, v.land, v.events)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got.Readings {
			if r.Name != FirstDay {
				continue
			}
			if r.Due.Before(*got.Due) {
				t.Errorf("%s: got %v, want none before %s", v.name, r.Due, v.due)
			}
			if r.Differs {
				later++
			}
		}
	}
	if later == 0 {
		t.Error("the reading differs nowhere: it is not checked")
	}
}

func vectors(t *testing.T) []vector {
	t.Helper()
	f, err := os.Open("testdata/deadlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 100 {
		t.Fatalf("got %d rows, want all of the agreed cases", len(rows))
	}
	var all []vector
	for _, row := range rows[1:] {
		at, err := time.ParseInLocation("2006-01-02T15:04:05", row[0], calendar.Berlin())
		if err != nil {
			t.Fatal(err)
		}
		events, err := ParseEvents(row[2])
		if err != nil {
			t.Fatal(err)
		}
		v := vector{received: ReceiptAt(at), land: calendar.Land(row[1]), events: events, due: row[3], others: map[Name]string{}}
		v.name, _, _ = strings.Cut(row[4], " ")
		if _, list, found := strings.Cut(row[4], "other readings: "); found {
			for entry := range strings.SplitSeq(list, ", ") {
				name, day, _ := strings.Cut(entry, "=")
				v.others[Name(name)] = day
			}
		}
		all = append(all, v)
	}
	return all
}
