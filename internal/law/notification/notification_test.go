package notification

import (
	"strings"
	"testing"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

func TestTheDayADecisionCountsAsMadeKnown(t *testing.T) {
	for _, tt := range []struct {
		name, start string
		way         ID
		want        string
	}{
		{"a letter", "2026-03-02", Post, "2026-03-06"},
		{"a letter whose fourth day is a Saturday stays there", "2026-03-03", Post, "2026-03-07"},
		{"a letter whose fourth day is a holiday stays there", "2026-04-27", Post, "2026-05-01"},
		{"the last letter under the rule of three days", "2024-12-31", Post, "2025-01-03"},
		{"the first letter under the rule of four days", "2025-01-01", Post, "2025-01-05"},
		{"something sent electronically", "2026-03-02", Electronic, "2026-03-06"},
		{"something sent electronically in 2024", "2024-03-04", Electronic, "2024-03-07"},
		{"something fetched in the portal", "2026-03-02", Portal, "2026-03-03"},
		{"something fetched on a Friday", "2026-03-06", Portal, "2026-03-07"},
		{"something in a mailbox of the OZG", "2026-03-02", OZGMailbox, "2026-03-06"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := Find(tt.way, day(t, tt.start))
			if got := r.Effective(day(t, tt.start)); !ok || got.String() != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestTheProvisionEndsWithTheTenthDayAfterTheNotice(t *testing.T) {
	portal, _ := Find(Portal, day(t, "2026-03-02"))
	if got := portal.ProvisionEnds(day(t, "2026-03-02")); got.String() != "2026-03-12" {
		t.Errorf("got %v, want 2026-03-12", got)
	}
	post, _ := Find(Post, day(t, "2026-03-02"))
	if got := post.ProvisionEnds(day(t, "2026-03-02")); !got.IsZero() {
		t.Errorf("post: got %v, want no end", got)
	}
}

func TestTheLastDayForThePost(t *testing.T) {
	for _, tt := range []struct {
		name, due string
		land      calendar.Land
		want      string
	}{
		{"due on a Friday", "2026-03-06", calendar.NW, "2026-03-02"},
		{"due on a Thursday: the fourth day before is a Sunday", "2026-03-05", calendar.NW, "2026-02-27"},
		{"due on a Wednesday: a Saturday", "2026-03-04", calendar.NW, "2026-02-27"},
		{"due on a Monday", "2026-03-09", calendar.NW, "2026-03-05"},
		{"after Easter", "2026-04-07", calendar.NW, "2026-04-02"},
		{"after Easter, one day later", "2026-04-08", calendar.NW, "2026-04-02"},
		{"Allerheiligen is a holiday here", "2027-11-05", calendar.NW, "2027-10-29"},
		{"and not there", "2027-11-05", calendar.NI, "2027-11-01"},
		// A due date never falls on a free day; a warning date can.
		{"a date that is a Sunday: who moves the fourth day must be in time too", "2026-03-08", calendar.NW, "2026-03-02"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := Find(Post, day(t, tt.due))
			if got := r.LatestPosting(day(t, tt.due), tt.land); got.String() != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
	portal, _ := Find(Portal, day(t, "2026-03-06"))
	if got := portal.LatestPosting(day(t, "2026-03-06"), calendar.NW); !got.IsZero() {
		t.Errorf("the portal waits for the person: got %v, want no date", got)
	}
}

func FuzzLatestPosting(f *testing.F) {
	f.Add(uint16(0), false)
	f.Add(uint16(2990), true)
	f.Fuzz(func(t *testing.T, days uint16, ni bool) {
		land, due := calendar.NW, calendar.Day(2018, 2, 1).AddDays(int(days)%29000)
		if ni {
			land = calendar.NI
		}
		for _, r := range Rules(due) {
			on := r.LatestPosting(due, land)
			if r.Start == Fetched {
				continue
			}
			if calendar.Free(land, on) {
				t.Errorf("%s due %v: got %v, on which nobody posts", r.ID, due, on)
			}
			inTime := func(on calendar.Date) bool { return !r.Effective(on).After(due) }
			if !inTime(on) {
				t.Errorf("%s due %v: posted on %v it counts on %v", r.ID, due, on, r.Effective(on))
			}
			if calendar.Free(land, due) {
				continue
			}
			// On a due date that is a working day it makes no difference whether
			// the day of receipt moves; so no later working day would do.
			for later := on.AddDays(1); inTime(later); later = later.AddDays(1) {
				if !calendar.Free(land, later) {
					t.Errorf("%s due %v: got %v, but %v would do", r.ID, due, on, later)
				}
			}
		}
	})
}

func TestEveryRuleHasItsTimeAndItsSource(t *testing.T) {
	for d := calendar.Day(2018, 5, 25); d.Before(calendar.Day(2030, 1, 1)); d = d.AddDays(1) {
		seen := map[ID]bool{}
		for _, r := range Rules(d) {
			if seen[r.ID] {
				t.Fatalf("%v: two rules for %s", d, r.ID)
			}
			seen[r.ID] = true
		}
		for _, id := range []ID{Post, Electronic, Portal} {
			if !seen[id] {
				t.Fatalf("%v: no rule for %s", d, id)
			}
		}
	}
	for _, r := range rules {
		if r.Unused != (r.ID == OZGMailbox) {
			t.Errorf("%s: unused is %v", r.ID, r.Unused)
		}
		for _, land := range []calendar.Land{calendar.NW, calendar.NI} {
			if b := r.Bases[land]; b.Citation == "" || !strings.HasPrefix(b.Source, "https://") || b.Verified == (b.Unverified != "") {
				t.Errorf("%s in %s: got %+v", r.ID, land, b)
			}
		}
		for _, l := range wording.Languages {
			if text := r.Text(l); strings.ContainsAny(text, "[]{}") {
				t.Errorf("%s: got %q", r.ID, text)
			}
		}
	}
}

func day(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
