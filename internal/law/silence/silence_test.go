package silence

import (
	"slices"
	"strings"
	"testing"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

func TestWhoDoesNotAnswerIsRemindedFirst(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		what                    Asked
		asked, reminded         string
		land                    calendar.Land
		remindOn, goOnFrom      string
		then                    Then
		cites, saysInGermanLine string
	}{
		{"asked, not yet reminded", Identity, "2026-03-02", "", calendar.NW, "2026-03-16", "", End, "Art. 11 Abs. 2 DSGVO", "Erinnern Sie die Person am Montag, 16. März 2026"},
		{"reminded, so the case may end", Identity, "2026-03-02", "2026-03-17", calendar.NW, "2026-03-16", "2026-04-01", End, "Art. 12 Abs. 4 DSGVO", "Ab Mittwoch, 1. April 2026"},
		{"the two weeks end on Good Friday", Identity, "2026-03-06", "2026-03-20", calendar.NW, "2026-03-20", "2026-04-08", End, "Art. 12 Abs. 2 DSGVO", "8. April 2026"},
		{"a reminder that falls on a Saturday waits for Monday", Identity, "2026-03-07", "", calendar.NW, "2026-03-23", "", End, "Art. 11 Abs. 2 DSGVO", "23. März 2026"},
		{"Allerheiligen moves it in one Land", Identity, "2027-10-18", "", calendar.NW, "2027-11-02", "", End, "Art. 11 Abs. 2 DSGVO", "2. November 2027"},
		{"and not in the other", Identity, "2027-10-18", "", calendar.NI, "2027-11-01", "", End, "Art. 11 Abs. 2 DSGVO", "1. November 2027"},
		{"a request nobody narrowed down asks for everything", Clarification, "2026-03-02", "2026-03-16", calendar.NW, "2026-03-16", "2026-03-31", AnswerAll, "Erwägungsgrund 63 DSGVO", "alles"},
		{"nobody was asked", Identity, "", "", calendar.NW, "", "", End, "Art. 11 Abs. 2 DSGVO", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := Of(tt.what, day(t, tt.asked), day(t, tt.reminded), tt.land)
			if w.RemindOn.String() != tt.remindOn || w.GoOnFrom.String() != tt.goOnFrom || w.Then != tt.then || !slices.Contains(w.Citations, tt.cites) {
				t.Errorf("got %v, %v, %s, %v, want %s, %s, %s, %s", w.RemindOn, w.GoOnFrom, w.Then, w.Citations, tt.remindOn, tt.goOnFrom, tt.then, tt.cites)
			}
			if got := w.Text(wording.German); !strings.Contains(got, tt.saysInGermanLine) || (got == "") != (tt.asked == "") || strings.ContainsAny(got, "[]{}") {
				t.Errorf("got %q, want %q", got, tt.saysInGermanLine)
			}
			if got := w.Text(wording.English); strings.ContainsAny(got, "[]{}") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestNobodyIsEndedUnreminded: with no reminder there is no day to go on.
func TestNobodyIsEndedUnreminded(t *testing.T) {
	for d := calendar.Day(2026, 1, 1); d.Before(calendar.Day(2027, 1, 1)); d = d.AddDays(1) {
		if w := Of(Identity, d, calendar.Date{}, calendar.NW); !w.GoOnFrom.IsZero() {
			t.Fatalf("asked on %v: got %v, want no day", d, w.GoOnFrom)
		}
		w := Of(Identity, d, d.AddDays(Days), calendar.NW)
		if got := w.GoOnFrom.Sub(d.AddDays(Days)); got <= Days {
			t.Errorf("reminded on %v: got %v, want two whole weeks", d.AddDays(Days), w.GoOnFrom)
		}
	}
}

func day(t *testing.T, s string) (d calendar.Date) {
	t.Helper()
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}
