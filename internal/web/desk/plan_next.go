package desk

import (
	"slices"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// nextStep is the one thing to do to the plan now.
func (s *planSheet) nextStep() desk.Next {
	if len(s.back.reasons) > 0 {
		return s.settle()
	}
	n := desk.Next{Title: s.say("desk.next")}
	asks := s.counted(casefile.Asks)
	switch c := s.p.Case.State; {
	case c == casefile.Received || c == casefile.Review:
		s.nextToPlan(&n)
	case c == casefile.Proposed && s.orders():
		n.Text = s.say("plan.next.order")
		if !s.d.may(s.visitor, casefile.ActionRelease) {
			n.Text = s.say("desk.next.others", "what", s.say("case.event.order"), "role", s.say("case.role.approver"))
			break
		}
		s.move(&n, casefile.Order, "umsetzen")
		s.elsewhere(&n)
	case c == casefile.Fulfilling && asks > 0:
		n.Text, n.Button = s.count("plan.next.stopped", asks), s.toFirst()
	case c == casefile.Fulfilling && s.counted(casefile.ForUnit) > 0:
		n.Text = s.count("plan.next.unit", s.counted(casefile.ForUnit))
	case c == casefile.Fulfilling && len(s.plan.Waits) > 0:
		n.Text, n.Button = s.count("plan.next.silent", len(s.plan.Waits)), kern.Button{Label: s.say("plan.do.to_silent"), Href: "#fortschritt"}
	case c == casefile.Fulfilling:
		n.Text = s.say("plan.next.running")
	case s.p.Plan.Fixed():
		n.Text = s.say("plan.next.done")
	default:
		n.Text = s.say("plan.next.not_now", "state", s.say("case.state."+string(c)))
	}
	if n.Form.Shown || n.Button.Label != "" {
		return n
	}
	n.Button = kern.Button{Label: s.say("plan.to_case"), Href: s.path + "#umsetzung", Rank: kern.Secondary}
	return n
}

// elsewhere lets links that are meant for the page of the case lead there.
func (s *planSheet) elsewhere(n *desk.Next) {
	onCase := func(href *string) {
		if strings.HasPrefix(*href, "#") {
			*href = s.path + *href
		}
	}
	onCase(&n.Button.Href)
	for i := range n.Reasons {
		onCase(&n.Reasons[i].Href)
	}
	n.More = slices.DeleteFunc(n.More, func(b kern.Button) bool { return b.Href == s.path+"/plan" }) // we are there
	for i := range n.More {
		onCase(&n.More[i].Href)
	}
}

// nextToPlan says what the plan still lacks before the case can be proposed.
func (s *planSheet) nextToPlan(n *desk.Next) {
	missing, waits := len(s.p.Missing), s.counted(casefile.Rehearsing)
	switch {
	case missing+s.p.Stale > 0:
		n.Text = s.say("plan.next.draft", "missing", itoa(missing), "stale", itoa(s.p.Stale))
		if s.plans() {
			verb := "plan.do.draft"
			if len(s.p.Systems) > 0 {
				verb = "plan.do.update"
			}
			n.Form = s.form("plan-erstellen", "plan/erstellen").done("", s.say(verb))
			n.Form.Buttons[0].Rank = kern.Primary
		}
	case s.uncorrected():
		n.Text = s.say("plan.next.correct")
		n.Button = kern.Button{Label: s.say("plan.do.to_correct"), Href: "#berichtigung"}
	case s.counted(casefile.Asks) > 0:
		n.Text, n.Button = s.count("plan.next.asks", s.counted(casefile.Asks)), s.toFirst()
	case waits > 0 && len(s.plan.Waits) > 0:
		n.Text, n.Button = s.count("plan.next.silent", len(s.plan.Waits)), kern.Button{Label: s.say("plan.do.to_silent"), Href: "#fortschritt"}
	case waits > 0:
		n.Text = s.count("plan.next.rehearsing", waits)
	case len(s.p.Systems) > 0:
		n.Text = s.say("plan.next.ready")
		n.Button = kern.Button{Label: s.say("plan.to_case"), Href: s.path}
	default:
		n.Text = s.say("plan.next.nothing")
	}
}

// toFirst leads to the first measure that needs somebody's word.
func (s *planSheet) toFirst() kern.Button {
	for _, system := range s.p.Systems {
		for i, m := range system.Measures {
			if m.State == casefile.Asks {
				href := s.path + "/plan?system=" + system.ID + "&seite=" + itoa(i/perPage+1) + "#" + measureID(m)
				return kern.Button{Label: s.say("plan.do.first"), Href: href}
			}
		}
	}
	return kern.Button{}
}

// uncorrected says whether a rectification is granted and nobody said what is right.
func (s *planSheet) uncorrected() bool {
	granted := slices.ContainsFunc(s.p.Rights, func(r casefile.Right) bool { return r.Right == law.Rectification && grants(r.Outcome) })
	return granted && !slices.ContainsFunc(s.plan.Measures, func(m casefile.Measure) bool { return m.Do == connector.CanRectify })
}

// settle says where the reasons are settled for which a step was refused.
func (s *planSheet) settle() desk.Next {
	n := desk.Next{Title: s.say("desk.next"), Text: s.say("plan.next.refused"), Blocked: s.say("desk.next.still")}
	for _, r := range s.back.reasons {
		n.Reasons = append(n.Reasons, kern.Link{Href: s.settledAt(r), Label: s.reason(r)})
	}
	s.elsewhere(&n)
	return n
}
