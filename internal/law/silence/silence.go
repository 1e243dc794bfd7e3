// Package silence says what happens when a person does not answer what they were
// asked: a reminder after two weeks and, two weeks after that, an end or an answer
// without it.
//
// No source sets these periods, or says what follows from silence; the EDPB only
// says that the clock may rest meanwhile (Guidelines 01/2022 para 159). So they
// are ours: long enough for a holiday, short enough that no case rests for good.
// Nothing happens by itself. The days say from when staff may go on.
package silence

import (
	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// Days is how long somebody has for an answer, twice. It is ours.
const Days = 14

// Asked is what the person was asked for.
type Asked string

// The questions that can stop the clock.
const (
	Identity      Asked = "identity"      // Art. 12(6) GDPR
	Clarification Asked = "clarification" // recital 63, § 12(1) DSG NRW
)

// Wait is how long a case waits for an answer.
type Wait struct {
	RemindOn calendar.Date // the day for the reminder
	// GoOnFrom is the first day on which staff may go on without an answer. No date
	// before the reminder went out: nobody loses a right who was asked only once.
	GoOnFrom  calendar.Date
	Then      Then
	Citations []string
}

// Then is what follows.
type Then string

// What follows, by what was asked.
const (
	// End: the case ends because nobody knows whose data it is about. The person is
	// told so, with reasons, complaint and remedy, and can still bring what is missing.
	End Then = "end"
	// AnswerAll: who does not narrow a request down has asked for everything.
	AnswerAll Then = "answer-all"
)

// Of returns how long a case waits, from the days on which the person was asked
// and reminded; no date: not yet. A last day that is a Saturday, a Sunday or a
// holiday moves, as for every period that an authority sets (§ 31(3) VwVfG NRW).
func Of(what Asked, asked, reminded calendar.Date, land calendar.Land) Wait {
	w := Wait{Then: End, Citations: []string{"Art. 11 Abs. 2 DSGVO", "Art. 12 Abs. 2 DSGVO", "Art. 12 Abs. 4 DSGVO"}}
	if what == Clarification {
		w.Then, w.Citations = AnswerAll, []string{"Erwägungsgrund 63 DSGVO", "Art. 12 Abs. 3 DSGVO"}
	}
	if !asked.IsZero() {
		w.RemindOn = lastDay(asked, land)
	}
	if !reminded.IsZero() {
		w.GoOnFrom = lastDay(reminded, land).AddDays(1)
	}
	return w
}

// Text says what follows and from when; before the reminder, when that is due;
// nothing if nobody was asked.
func (w Wait) Text(l wording.Lang) string {
	switch {
	case w.RemindOn.IsZero():
		return ""
	case w.GoOnFrom.IsZero():
		return wording.Text(l, "law.silence.remind", "date", wording.Date(l, w.RemindOn.Time()))
	}
	return wording.Text(l, "law.silence."+string(w.Then), "date", wording.Date(l, w.GoOnFrom.Time()))
}

func lastDay(from calendar.Date, land calendar.Land) calendar.Date {
	return calendar.NextWorkingDay(land, from.AddDays(Days))
}
