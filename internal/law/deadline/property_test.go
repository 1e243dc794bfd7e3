package deadline

import (
	"math/rand/v2"
	"testing"

	"einsicht/internal/law/calendar"
)

const histories = 5000

func TestNoPeriodEndsOnAFreeDayAndWarnIsNeverLater(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 3))
	dated := 0
	for range histories {
		received, land, events := history(random)
		got, err := Of(received, land, events)
		if err != nil {
			t.Fatalf("%s %v %v: %v", land, received, events, err)
		}
		if got.Due == nil {
			if got.RestsSince == nil || got.DaysLeft == nil || got.Sort.IsZero() {
				t.Fatalf("%s %v %v: got a resting clock without its parts: %+v", land, received, events, got)
			}
			continue
		}
		dated++
		if calendar.Free(land, *got.Due) {
			t.Errorf("%s %v %v: got %v, a free day", land, received, events, got.Due)
		}
		if got.Warn.After(*got.Due) {
			t.Errorf("%s %v %v: got warn %v, want none after %v", land, received, events, got.Warn, got.Due)
		}
		if !got.Due.After(received) {
			t.Errorf("%s %v %v: got %v, want a day after receipt", land, received, events, got.Due)
		}
		if got.RefusalDue == nil || got.RefusalDue.After(*got.Due) {
			t.Errorf("%s %v %v: refusal: got %v, want a day up to %v", land, received, events, got.RefusalDue, got.Due)
		}
	}
	if dated < histories/2 {
		t.Fatalf("got %d histories with a date: too few to mean anything", dated)
	}
}

func TestEveryDayOfReceiptIsDueNoEarlierThanTheDayBefore(t *testing.T) {
	for _, land := range []calendar.Land{calendar.NW, calendar.NI} {
		var last calendar.Date
		for d := calendar.Day(2018, 1, 1); d.Before(calendar.Day(2100, 12, 1)); d = d.AddDays(1) {
			got, err := Of(d, land, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.Due.Before(last) {
				t.Errorf("%s %v: got %v, want none before %v", land, d, got.Due, last)
			}
			last = *got.Due
		}
	}
}

func TestLaterReceiptIsNeverDueEarlierWithTheSameEvents(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 4))
	for range histories {
		received, land, events := history(random)
		before := received.AddDays(-1 - random.IntN(40))
		if before.Before(calendar.Day(2018, 1, 1)) {
			continue
		}
		late, err := Of(received, land, events)
		if err != nil {
			t.Fatal(err)
		}
		early, err := Of(before, land, events)
		if err != nil {
			t.Fatal(err)
		}
		if late.Due != nil && early.Due != nil && late.Due.Before(*early.Due) {
			t.Errorf("%s %v: received on %v got %v, received on %v got %v", land, events, before, early.Due, received, late.Due)
		}
	}
}

func TestALongerSuspensionIsNeverDueEarlier(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 5))
	lengthened := 0
	for range histories {
		received, land, events := history(random)
		longer := lengthen(random, received, events)
		if longer == nil {
			continue
		}
		short, err := Of(received, land, events)
		if err != nil {
			t.Fatal(err)
		}
		long, err := Of(received, land, longer)
		if err != nil {
			t.Fatal(err)
		}
		if short.Due == nil || long.Due == nil {
			continue
		}
		lengthened++
		if long.Due.Before(*short.Due) {
			t.Errorf("%s %v: %v got %v, longer %v got %v", land, received, events, short.Due, longer, long.Due)
		}
	}
	if lengthened < histories/10 {
		t.Fatalf("got %d lengthened suspensions: too few to mean anything", lengthened)
	}
}

// history makes up to five events that can have happened, often close to the
// end of the period.
func history(random *rand.Rand) (calendar.Date, calendar.Land, []Event) {
	land := []calendar.Land{calendar.NW, calendar.NI}[random.IntN(2)]
	received := calendar.Day(2018, 1, 1).AddDays(random.IntN(80 * 365))
	var events []Event
	on, rests := received, false
	for range random.IntN(6) {
		on = on.AddDays(random.IntN(24))
		kind := Extend
		if random.IntN(4) > 0 {
			if kind = Suspend; rests {
				kind = Resume
			}
			rests = !rests
		}
		events = append(events, Event{kind, on})
	}
	return received, land, events
}

// lengthen moves one end of a suspension, as far as its neighbours let it; nil
// if there is none to move.
func lengthen(random *rand.Rand, received calendar.Date, events []Event) []Event {
	for _, i := range random.Perm(len(events)) {
		longer := append([]Event{}, events...)
		switch events[i].Kind {
		case Suspend:
			earliest := received
			if i > 0 {
				earliest = events[i-1].On
			}
			if room := events[i].On.Sub(earliest); room > 0 {
				longer[i].On = events[i].On.AddDays(-1 - random.IntN(room))
				return longer
			}
		case Resume:
			room := 30
			if i+1 < len(events) {
				room = events[i+1].On.Sub(events[i].On)
			}
			if room > 0 {
				longer[i].On = events[i].On.AddDays(1 + random.IntN(room))
				return longer
			}
		}
	}
	return nil
}
