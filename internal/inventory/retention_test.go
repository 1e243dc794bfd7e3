package inventory

import (
	"testing"

	"einsicht/internal/law/calendar"
)

func day(s string) calendar.Date {
	d, err := calendar.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestWhenSomethingExpires(t *testing.T) {
	for name, c := range map[string]struct {
		r          Retention
		from, want string
	}{
		"six weeks are counted in days":               {Retention{Days: 42}, "2026-01-01", "2026-02-12"},
		"two months end on the same day":              {Retention{Months: 2}, "2026-01-15", "2026-03-15"},
		"a month without the day ends on its last":    {Retention{Months: 1}, "2026-01-31", "2026-02-28"},
		"a leap day a year later is the 28th":         {Retention{Years: 1}, "2028-02-29", "2029-02-28"},
		"ten years after the last entry":              {Retention{Years: 10, Event: "last_entry"}, "2026-05-04", "2036-05-04"},
		"three years from the end of the year":        {Retention{Years: 3, EndOfYear: true}, "2026-02-03", "2029-12-31"},
		"nothing stated gives no day":                 {Retention{Text: "nicht genannt"}, "2026-01-01", ""},
		"an event alone gives no day":                 {Retention{Text: "bis zur Abmeldung", Event: "unsubscribe"}, "2026-01-01", ""},
		"directly searchable hours alone give no day": {Retention{Text: "x", DirectHours: 48}, "2026-01-01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := c.r.Expires(day(c.from))
			if ok != (c.want != "") || ok && got != day(c.want) {
				t.Errorf("got %v %v, want %q", got, ok, c.want)
			}
		})
	}
}

func TestWhichSystemsAreShortLived(t *testing.T) {
	for name, c := range map[string]struct {
		r    Retention
		want bool
	}{
		"seven days":                           {Retention{Days: 7}, true},
		"three months can end within a case":   {Retention{Months: 3, Event: "dispatch"}, true},
		"99 days":                              {Retention{Days: 99}, true},
		"100 days":                             {Retention{Days: 100}, false},
		"180 days":                             {Retention{Days: 180}, false},
		"four months":                          {Retention{Months: 4}, false},
		"a year":                               {Retention{Years: 1}, false},
		"48 hours searchable, tapes for years": {Retention{Years: 1, DirectHours: 48}, true},
		"sign-ups never confirmed":             {Retention{Event: "unsubscribe", UnconfirmedDays: 14}, true},
		"a session":                            {Retention{Session: true}, true},
		"until the decision on accreditation":  {Retention{Event: "accreditation_decision"}, true},
		"until the person unsubscribes":        {Retention{Event: "unsubscribe"}, false},
		"until the mailbox is closed":          {Retention{Event: "mailbox_closed"}, false},
		"nothing stated":                       {Retention{Text: "nicht genannt"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (System{Retention: c.r, Attributable: true}).ShortLived(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if (System{Retention: c.r}).ShortLived() {
				t.Error("got true where nothing can be tied to a person, want false: there is nothing to secure")
			}
		})
	}
}

// Everything a shipped notice deletes within a hundred days is asked at once;
// read from the inventories, so that a new entry is covered.
func TestEveryShippedPeriodBelowTheHorizonIsShortLived(t *testing.T) {
	some := 0
	for _, inv := range Shipped() {
		for _, s := range inv.Systems {
			end, ok := s.Retention.Expires(day("2026-01-01"))
			if !ok || !s.Attributable {
				continue
			}
			some++
			if got, want := s.ShortLived(), end.Before(day("2026-01-01").AddDays(answerHorizon)); got != want {
				t.Errorf("%s: got %v, want %v", s.ID, got, want)
			}
		}
	}
	if some == 0 {
		t.Fatal("no system has a period: this test checks nothing")
	}
}
