package deadline

import "einsicht/internal/law/calendar"

// rule is one way to read the law. Its zero switches are rule R.
type rule struct {
	dayZero calendar.Date
	free    func(calendar.Date) bool // on which days no period ends

	chain        chain
	strictNotice bool // a notice of extension must be out within the bare month
	restart      bool // the whole period begins again when the answer is in
	inclusive    bool // the day of the question counts as suspended too
	noSuspension bool
	shiftFirst   bool // the end of month one moves off a free day before suspended days are added
}

// chain says from where the two further months are counted.
type chain int

const (
	fromReceipt   chain = iota // three months from receipt
	fromDue                    // two months from the end of month one as moved off a free day
	fromMonthsEnd              // two months from the bare end of month one
)

// run is what became of a rule after the events of a case.
type run struct {
	rule
	one, three calendar.Date // ends of month one and of three months, before the move off free days
	extended   bool
	rests      bool
	since      calendar.Date // of the suspension that is running
	turns      []turn
}

// turn is what one event did.
type turn struct {
	Event
	verdict verdict
	end     calendar.Date // where the period ends after it, before the move off free days
	limit   calendar.Date // the day by which the event had to happen
	left    int           // a suspension: days left while the clock rests
	days    int           // a resumption: days the clock rested
	resting bool          // an extension: notified while the clock rests
}

// verdict is whether an event has effect and, if not, why.
type verdict int

const (
	counts verdict = iota
	late
	twice
)

// run applies events. Those of counted, if any, have the effect they have
// there; otherwise the rule decides.
func (r rule) run(events []Event, counted []turn) *run {
	c := &run{rule: r, one: r.dayZero.AddMonths(1), three: r.dayZero.AddMonths(3)}
	bare := c.one
	if r.shiftFirst {
		c.one = r.shift(c.one)
	}
	for i, e := range events {
		t := turn{Event: e}
		switch e.Kind {
		case Suspend:
			t.limit = r.shift(c.end())
			if e.On.After(t.limit) || r.noSuspension {
				t.verdict = late
			}
		case Resume:
			if !c.rests {
				t.verdict = late
			}
		case Extend:
			t.limit, t.resting = r.shift(c.one), c.rests
			if r.strictNotice {
				t.limit, t.resting = bare, false
			}
			switch {
			case c.extended:
				t.verdict = twice
			case e.On.After(t.limit) && !t.resting:
				t.verdict = late
			}
		}
		if counted != nil {
			t.verdict = counted[i].verdict
		}
		if t.verdict == counts {
			c.apply(&t)
		}
		t.end = c.end()
		c.turns = append(c.turns, t)
	}
	return c
}

func (c *run) apply(t *turn) {
	switch t.Kind {
	case Suspend:
		c.rests, c.since = true, t.On
		t.left = c.left()
	case Resume:
		t.left, t.days = c.left(), t.On.Sub(c.since)
		c.one, c.three = c.resumed(c.one, 1, t.On), c.resumed(c.three, 3, t.On)
		c.rests = false
	case Extend:
		c.extended = true
		switch c.chain {
		case fromDue:
			c.three = c.shift(c.one).AddMonths(2)
		case fromMonthsEnd:
			c.three = c.one.AddMonths(2)
		}
	}
}

// resumed moves an end of the period when the clock runs again. The day of the
// question has run, the day of the answer has not: what was left after the
// question is left after the answer. Where the bare end had already passed and
// only the weekend was still open, nothing is left.
func (c *run) resumed(end calendar.Date, months int, answer calendar.Date) calendar.Date {
	if c.restart {
		return answer.AddMonths(months)
	}
	left := max(0, end.Sub(c.since))
	if c.inclusive {
		left++
	}
	return answer.AddDays(left)
}

// end is the last day before it moves off a free day.
func (c *run) end() calendar.Date {
	if c.extended {
		return c.three
	}
	return c.one
}

// due is the last day; nil while the clock rests.
func (c *run) due() *calendar.Date {
	if c.rests {
		return nil
	}
	due := c.shift(c.end())
	return &due
}

// left is the number of days that remain when the resting clock runs again.
func (c *run) left() int { return max(0, c.end().Sub(c.since)) }

// shift moves an end off free days: Art. 3(4) Reg. 1182/71, § 193 BGB.
func (r rule) shift(d calendar.Date) calendar.Date {
	for r.free(d) {
		d = d.AddDays(1)
	}
	return d
}
