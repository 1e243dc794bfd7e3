package lawcli

import (
	"encoding/json"
	"errors"
	"time"

	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/problem"
	"einsicht/internal/wording"
)

// reckoning is the answer of `einsicht law deadline`. Dates are of the form
// 2026-01-31, in Germany; null while the clock rests.
type reckoning struct {
	Due        *calendar.Date `json:"due"`
	Warn       *calendar.Date `json:"warn"`
	RestsSince *calendar.Date `json:"rests_since"`
	DaysLeft   *int           `json:"days_left"`
	Steps      []step         `json:"steps"`
	Readings   []reading      `json:"readings"`
}

type step struct {
	Date calendar.Date `json:"date"`
	DE   string        `json:"de"`
	EN   string        `json:"en"`
}

type reading struct {
	Name    deadline.Name  `json:"name"`
	Date    *calendar.Date `json:"date"`
	Differs bool           `json:"differs"`
	DE      string         `json:"de"`
	EN      string         `json:"en"`
}

// Deadline counts the period of a request and returns it as JSON. Received is
// a day, a local time in Germany or an instant with its zone; events are as in
// deadline.ParseEvents. An error is one English sentence that says what to do.
func Deadline(land, received, events string) ([]byte, error) {
	receipt, err := parseReceived(received)
	if err != nil {
		return nil, err
	}
	parsed, err := deadline.ParseEvents(events)
	if err != nil {
		return nil, plain(err)
	}
	r, err := deadline.OfReceipt(receipt, calendar.Land(land), parsed)
	if err != nil {
		return nil, plain(err)
	}
	out := reckoning{Due: r.Due, Warn: r.Warn, RestsSince: r.RestsSince, DaysLeft: r.DaysLeft}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, step{s.Date, s.Text(wording.German), s.Text(wording.English)})
	}
	for _, o := range r.Readings {
		out.Readings = append(out.Readings, reading{o.Name, dateOrNull(o.Due), o.Differs, o.Name.Text(wording.German), o.Name.Text(wording.English)})
	}
	return json.MarshalIndent(out, "", "  ")
}

// parseReceived reads a time without a zone as a time in Germany. The hour
// that the spring change leaves out still has its day.
func parseReceived(s string) (deadline.Receipt, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return deadline.Receipt{On: calendar.Day(t.Date()), Evening: t.Hour() >= 18}, nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return deadline.ReceiptAt(t), nil
		}
	}
	if on, err := calendar.Parse(s); err == nil {
		return deadline.Receipt{On: on}, nil
	}
	return deadline.Receipt{}, errors.New("--received: write 2026-01-31, 2026-01-31T10:00 (German time) or 2026-01-31T10:00:00+01:00")
}

func dateOrNull(d calendar.Date) *calendar.Date {
	if d.IsZero() {
		return nil
	}
	return &d
}

// plain leaves of a problem the sentence, without kind and key.
func plain(err error) error {
	if p := new(problem.Error); errors.As(err, &p) && p.Err != nil {
		return p.Err
	}
	return err
}
