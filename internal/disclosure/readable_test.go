package disclosure_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"einsicht/internal/disclosure"
	"einsicht/internal/wording"
)

func TestValuesAreWrittenAsPeopleReadThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, de, en string }{
		{"an instant", "2026-03-01T10:00:00Z", "01.03.2026, 11:00 Uhr MEZ", "1 Mar 2026, 11:00 CET"},
		{"in summer, with seconds", "2026-07-01T10:00:07Z", "01.07.2026, 12:00:07 Uhr MESZ", "1 Jul 2026, 12:00:07 CEST"},
		{"of another zone, near midnight", "2025-05-14T23:26:06+00:00", "15.05.2025, 01:26:06 Uhr MESZ", "15 May 2025, 01:26:06 CEST"},
		{"with parts of a second", "2026-03-01T10:00:00.123456Z", "01.03.2026, 11:00 Uhr MEZ", "1 Mar 2026, 11:00 CET"},
		{"as PostgreSQL writes it", "2024-09-14 07:53:25+02", "14.09.2024, 07:53:25 Uhr MESZ", "14 Sep 2024, 07:53:25 CEST"},
		{"with parts of a second", "2024-09-14 07:53:25.5+00", "14.09.2024, 09:53:25 Uhr MESZ", "14 Sep 2024, 09:53:25 CEST"},
		{"half an hour off", "2024-09-14 07:53:25+05:30", "14.09.2024, 04:23:25 Uhr MESZ", "14 Sep 2024, 04:23:25 CEST"},
		{"without a zone", "2026-11-20 20:29:59", "20.11.2026, 20:29:59 Uhr", "20 Nov 2026, 20:29:59"},
		{"a day", "1964-08-12", "12.08.1964", "12 Aug 1964"},
		{"yes", "true", "ja", "yes"},
		{"no", "false", "nein", "no"},
		{"a number", "1", "1", "1"},
		{"a letter", "t", "t", "t"},
		{"a file number", "2026-000002", "2026-000002", "2026-000002"},
		{"a day that never was", "2026-02-30", "2026-02-30", "2026-02-30"},
		{"never, as systems write it", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
		{"never, as a day", "0001-01-01", "0001-01-01", "0001-01-01"},
		{"a telephone number", "0211 8370199", "0211 8370199", "0211 8370199"},
		{"a sentence that begins with a day", "2026-03-01 war es kalt", "2026-03-01 war es kalt", "2026-03-01 war es kalt"},
		{"nothing", "", "", ""},
	} {
		if got := disclosure.Readable(wording.German, c.value, berlin); got != c.de {
			t.Errorf("%s: got %q, want %q", c.name, got, c.de)
		}
		if got := disclosure.Readable(wording.English, c.value, berlin); got != c.en {
			t.Errorf("%s: got %q, want %q", c.name, got, c.en)
		}
	}
}
