package deadline

import (
	"strconv"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// promptDays is how many days after receipt a question still counts as asked
// "without undue delay" (EDPB 01/2022 para 159) without a person looking at it.
// The law names no number.
const promptDays = 5

// FlagKind is what a person should look at.
type FlagKind string

// The kinds of flags.
const (
	QuestionSlow        FlagKind = "question_slow"        // asked more than a few days after receipt
	QuestionIneffective FlagKind = "question_ineffective" // asked after the period had ended
	ExtensionLate       FlagKind = "extension_late"
	ExtensionTwice      FlagKind = "extension_twice"
)

// Flag is a point that the reckoning does not judge.
type Flag struct {
	Kind FlagKind
	On   calendar.Date // the day of the event
}

// Text says to staff what to look at.
func (f Flag) Text(l wording.Lang) string {
	return wording.Text(l, "deadline.flag."+string(f.Kind), "date", wording.Date(l, f.On.Time()), "days", strconv.Itoa(promptDays))
}

func flags(received calendar.Date, r *run) []Flag {
	var all []Flag
	for _, t := range r.turns {
		switch {
		case t.Kind == Suspend && t.verdict == late:
			all = append(all, Flag{QuestionIneffective, t.On})
		case t.Kind == Suspend && t.On.Sub(received) > promptDays:
			all = append(all, Flag{QuestionSlow, t.On})
		case t.Kind == Extend && t.verdict == late:
			all = append(all, Flag{ExtensionLate, t.On})
		case t.Kind == Extend && t.verdict == twice:
			all = append(all, Flag{ExtensionTwice, t.On})
		}
	}
	return all
}
