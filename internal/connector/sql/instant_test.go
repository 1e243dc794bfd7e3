package sql

import (
	"testing"
	"time"
)

func TestTimesAsDatabasesWriteThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	nine := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		value string
		when  when
		want  time.Time
	}{
		{"2026-07-01 11:00:00+02", moment, nine}, {"2026-07-01 09:00:00.123456+00", moment, nine}, {"2026-07-01 14:30:00+05:30", moment, nine},
		{"2026-07-01 02:30:00.5-06:30", moment, nine}, {"2026-07-01 11:00:00", day, nine}, {"2026-07-01 11:00:00.25", day, nine},
		{"2026-07-01", day, time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)}, {"1782896400", seconds, nine},
		{"", moment, time.Time{}}, {"infinity", moment, time.Time{}}, {"-infinity", day, time.Time{}}, {"0000-00-00 00:00:00+00", moment, time.Time{}},
		{"0044-03-15 12:00:00 BC", day, time.Time{}}, {"10000-01-01 00:00:00+00", moment, time.Time{}}, {"heute", seconds, time.Time{}}, {"+01", moment, time.Time{}},
		{"2026-13-01", day, time.Time{}}, {"2026_07_01", day, time.Time{}},
	} {
		if got := instant(c.value, c.when, berlin); !got.Equal(c.want) {
			t.Errorf("%q: got %v, want %v", c.value, got, c.want)
		}
	}
}
