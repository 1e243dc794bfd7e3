package lawcli

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// answer is what a caller of the command line reads.
type answer struct {
	Due        *string `json:"due"`
	Warn       *string `json:"warn"`
	RestsSince *string `json:"rests_since"`
	DaysLeft   *int    `json:"days_left"`
	Steps      []struct{ Date, DE, EN string }
	Readings   []struct {
		Name string
		Date *string
	}
}

func TestTheCommandAgreesWithTheAgreedCases(t *testing.T) {
	f, err := os.Open("../../../internal/law/deadline/testdata/deadlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		got := ask(t, row[1], row[0], row[2])
		if got.Due == nil || *got.Due != row[3] {
			t.Errorf("%s: got %v, want %s", row[4], got.Due, row[3])
		}
		_, others, _ := strings.Cut(row[4], "other readings: ")
		for _, r := range got.Readings {
			want := row[3]
			for other := range strings.SplitSeq(others, ", ") {
				if name, day, _ := strings.Cut(other, "="); name == r.Name {
					want = day
				}
			}
			if r.Name != "FIRSTDAY" && (r.Date == nil || *r.Date != want) {
				t.Errorf("%s, %s: got %v, want %s", row[4], r.Name, r.Date, want)
			}
		}
	}
}

func TestTheDayOfReceiptIsReadInEveryForm(t *testing.T) {
	for _, tt := range []struct{ name, received, due, officeHours string }{
		{"a day", "2026-06-30", "2026-07-30", "2026-07-30"},
		{"a local time", "2026-06-30T10:00", "2026-07-30", "2026-07-30"},
		{"a local time with seconds, in the evening", "2026-06-30T23:30:00", "2026-07-30", "2026-08-03"},
		{"an instant in UTC that is the next day in Germany", "2026-06-29T22:30:00Z", "2026-07-30", "2026-07-30"},
		{"an instant with a zone that is the next day in Germany", "2026-06-29T18:30:00-04:00", "2026-07-30", "2026-07-30"},
		{"an instant in UTC that is evening in Germany", "2026-06-30T16:30:00Z", "2026-07-30", "2026-08-03"},
		{"an hour that the spring change leaves out", "2026-03-29T02:30", "2026-04-29", "2026-04-30"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, "NW", tt.received, "")
			if got.Due == nil || *got.Due != tt.due {
				t.Errorf("got %v, want %s", got.Due, tt.due)
			}
			for _, r := range got.Readings {
				if r.Name == "OFFICEHOURS" && *r.Date != tt.officeHours {
					t.Errorf("office hours: got %s, want %s", *r.Date, tt.officeHours)
				}
			}
		})
	}
}

func TestARestingClockAnswersWithNull(t *testing.T) {
	raw, err := Deadline("NI", "2026-03-02", "suspend 2026-03-02")
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"due": nil, "warn": nil, "rests_since": "2026-03-02", "days_left": 31.0} {
		if got, there := keys[key]; !there || got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
	for _, r := range ask(t, "NI", "2026-03-02", "suspend 2026-03-02").Readings {
		if got := r.Date != nil; got != (r.Name == "NOSUSP") {
			t.Errorf("%s: has a date: %v", r.Name, got)
		}
	}
}

func TestTheStepsAreSentencesInBothLanguages(t *testing.T) {
	got := ask(t, "NW", "2026-01-31T10:00", "extend 2026-03-02")
	if *got.Warn != "2026-04-28" || *got.Due != "2026-04-30" {
		t.Errorf("got due %s, warn %s, want 2026-04-30, 2026-04-28", *got.Due, *got.Warn)
	}
	first := got.Steps[0]
	if first.Date != "2026-01-31" || !strings.HasPrefix(first.DE, "Ihr Antrag ist am Samstag, 31. Januar 2026 eingegangen.") ||
		!strings.HasPrefix(first.EN, "Your request arrived on Saturday, 31 January 2026.") {
		t.Errorf("got %+v", first)
	}
}

func TestWhatCannotBeReadIsRefusedInOneSentence(t *testing.T) {
	for _, tt := range []struct{ name, land, received, events, want string }{
		{"no day", "NW", "yesterday", "", "--received: write 2026-01-31"},
		{"no such day", "NW", "2026-02-30", "", "--received: write 2026-01-31"},
		{"another Land", "BY", "2026-01-31", "", "Possible are NW"},
		{"an answer without a question", "NW", "2026-01-31", "resume 2026-02-01", "First enter the question"},
		{"an unknown event", "NW", "2026-01-31", "stop 2026-02-01", "There are suspend"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Deadline(tt.land, tt.received, tt.events)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "deadline.error") {
				t.Errorf("got %v, want a sentence with %q", err, tt.want)
			}
		})
	}
}

func ask(t *testing.T, land, received, events string) answer {
	t.Helper()
	raw, err := Deadline(land, received, events)
	if err != nil {
		t.Fatal(err)
	}
	var got answer
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) == 0 || len(got.Readings) == 0 || slices.ContainsFunc(got.Steps, func(s struct{ Date, DE, EN string }) bool { return s.DE == "" || s.EN == "" }) {
		t.Fatalf("got %s, want steps and readings", raw)
	}
	return got
}
