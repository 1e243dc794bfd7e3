package deadline

import (
	"strconv"
	"strings"

	"einsicht/internal/law/calendar"
	"einsicht/internal/wording"
)

// Step is one line of the reckoning, written for the applicant.
type Step struct {
	Date calendar.Date // the day the line is about
	Key  string        // of package wording
	Args []Arg
}

// Arg fills one placeholder of a step. The value is a calendar.Date, a number
// of days (int), a calendar.Land or the name of a holiday (string).
type Arg struct {
	Name  string
	Value any
}

// Text writes the step as a sentence.
func (s Step) Text(l wording.Lang) string {
	pairs := []string{"date", wording.Date(l, s.Date.Time())}
	for _, a := range s.Args {
		pairs = append(pairs, a.Name, a.text(l))
	}
	return wording.Text(l, s.Key, pairs...)
}

func (a Arg) text(l wording.Lang) string {
	switch v := a.Value.(type) {
	case calendar.Date:
		return wording.Date(l, v.Time())
	case calendar.Land:
		return wording.Text(l, "deadline.land."+string(v))
	case string:
		return wording.Text(l, holidayKey(v))
	case int:
		if v == 1 {
			return wording.Text(l, "deadline.days.one")
		}
		return wording.Text(l, "deadline.days.many", "n", strconv.Itoa(v))
	}
	return ""
}

func holidayKey(name string) string {
	return "deadline.holiday." + strings.ToLower(strings.ReplaceAll(name, " ", "_"))
}

// steps tells the run of rule R; refusal is the run without extension.
func steps(land calendar.Land, received calendar.Date, r, refusal *run) []Step {
	all := []Step{{Date: received, Key: "deadline.step.received"}, monthEnd(received)}
	suspended := 0 // days, of the suspensions that count
	for _, t := range r.turns {
		if s, said := t.step(suspended); said {
			all = append(all, s)
		}
		if t.verdict == counts {
			suspended += t.days
		}
	}
	if due := r.due(); due == nil {
		all = append(all, Step{Date: r.since, Key: "deadline.step.rests", Args: []Arg{{"days", r.left()}}})
	} else {
		if *due != r.end() {
			all = append(all, moved(land, r.end(), *due))
		}
		all = append(all, Step{Date: *due, Key: "deadline.step.due"})
	}
	if last := refusal.due(); r.extended && last != nil {
		all = append(all, Step{Date: *last, Key: "deadline.step.refusal"})
	}
	return all
}

func monthEnd(received calendar.Date) Step {
	end := received.AddMonths(1)
	_, _, from := received.Civil()
	if _, _, to := end.Civil(); from != to {
		return Step{Date: end, Key: "deadline.step.month_clamped"}
	}
	return Step{Date: end, Key: "deadline.step.month"}
}

// moved says why the period does not end on the day that the count gives.
func moved(land calendar.Land, end, due calendar.Date) Step {
	if name, ok := calendar.Holiday(land, end); ok {
		return Step{Date: due, Key: "deadline.step.holiday", Args: []Arg{{"end", end}, {"holiday", name}, {"land", land}}}
	}
	return Step{Date: due, Key: "deadline.step.weekend", Args: []Arg{{"end", end}}}
}

func (t turn) step(suspended int) (s Step, said bool) {
	say := func(key string, args ...Arg) (Step, bool) {
		return Step{Date: t.On, Key: "deadline.step." + key, Args: args}, true
	}
	switch {
	case t.Kind == Suspend && t.verdict == late:
		return say("question_ineffective", Arg{"end", t.limit})
	case t.Kind == Suspend:
		return say("question")
	case t.Kind == Resume && t.verdict == late:
		return Step{}, false // the question had no effect, so neither has its answer
	case t.Kind == Resume && t.days == 0:
		return say("answer_same_day", Arg{"end", t.end})
	case t.Kind == Resume && t.left == 0:
		return say("answer_none_left", Arg{"end", t.end})
	case t.Kind == Resume:
		return say("answer", Arg{"days", t.days}, Arg{"left", t.left}, Arg{"end", t.end})
	case t.verdict == twice:
		return say("extended_twice")
	case t.verdict == late:
		return say("extended_late", Arg{"end", t.limit})
	case t.resting:
		return say("extended_resting")
	case suspended > 0:
		return say("extended_suspended", Arg{"days", suspended}, Arg{"end", t.end})
	default:
		return say("extended", Arg{"end", t.end})
	}
}
