package desk

import (
	"slices"
	"strings"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/frame"
	"einsicht/views/kern"
)

// page puts the parts of the page together.
func (s *sheet) page(f frame.Frame) desk.Case {
	c := s.o.Case
	p := desk.Case{
		Frame: f, Light: s.lamp(), Errors: s.refused(), Contents: s.say("desk.contents"),
		Heading: kern.Heading{
			Preline: s.say("case.state." + string(c.State)),
			Title:   c.FileNumber,
			Subline: s.o.Request.Name.Reveal() + " · " + s.rightNames(),
		},
		Next: s.next(), Overview: s.overview(), Identity: s.identity(), Systems: s.systems(), Findings: s.findings(),
		Decision: s.decision(), Fulfilment: s.fulfilment(), Release: s.outgoing(), Letters: s.letters(), Tasks: s.tasks(), History: s.history(), Reckoning: s.reckoning(),
	}
	first, second := s.due(c)
	p.Facts = []kern.Item{{Key: s.say("desk.col.due"), Value: strings.Join(append([]string{first}, second...), " · ")}}
	for _, a := range []struct{ id, title string }{
		{"antrag", p.Overview.Title}, {"identitaet", p.Identity.Title}, {"verfahren", p.Systems.Title}, {"funde", p.Findings.Title},
		{"entscheidung", p.Decision.Title}, {"umsetzung", p.Fulfilment.Title}, {"freigabe", p.Release.Title}, {"schreiben", p.Letters.Title}, {"aufgaben", p.Tasks.Title}, {"verlauf", p.History.Title}, {"frist", p.Reckoning.Title},
	} {
		if a.title != "" {
			p.Anchors = append(p.Anchors, kern.Link{Href: "#" + a.id, Label: a.title})
		}
	}
	return p
}

func (s *sheet) rightNames() string {
	var names []string
	for _, r := range s.o.Rights {
		names = append(names, s.right(r.Right.Right))
	}
	return strings.Join(names, ", ")
}

// steps says for each state which event moves the case on, who may cause it,
// and the last word of the address that does.
var steps = map[casefile.State]struct {
	event  casefile.Event
	action casefile.Action
	verb   string
}{
	casefile.Received: {casefile.Gather, casefile.ActionAskSystems, "befragen"},
	casefile.Review:   {casefile.Propose, casefile.ActionPropose, "vorlegen"},
	casefile.Proposed: {casefile.Release, casefile.ActionRelease, "freigeben"},
}

// next is the one thing to do now, or why it can't be done yet.
func (s *sheet) next() desk.Next {
	c := s.o.Case
	n := desk.Next{Title: s.say("desk.next"), Text: s.say("desk.next." + string(c.State)), Hint: s.askedFor()}
	step, moves := steps[c.State]
	switch {
	case c.State == casefile.Received && s.mayAskFirst() && !s.rightsDecided():
		n.Text = s.say("desk.next.changes")
		n.More = append(n.More, kern.Button{Label: s.say("desk.next.without"), Href: "#entscheidung", Rank: kern.Secondary})
	case c.State == casefile.Received && !s.needsData():
		step = steps[casefile.Review]
		n.Text = s.say("desk.next.written")
	}
	if step.event == casefile.Propose && s.rightsDecided() && !s.undecided() {
		n.Text = s.say("desk.next.decided")
		if len(s.o.Blocked[casefile.Propose]) > 0 {
			n.Text = s.say("desk.next.decided.lacks")
		}
	}
	if s.orders() {
		step.event, step.verb = casefile.Order, "umsetzen"
		n.Text = s.say("plan.next.order")
	}
	switch {
	case moves && s.d.may(s.visitor, step.action):
		s.move(&n, step.event, step.verb)
		if without := s.reasons(casefile.Propose); c.State == casefile.Received && !s.needsData() && n.Form.Shown && len(without) > 0 {
			n.Blocked, n.Reasons = s.say("desk.next.blocked", "what", s.say("case.event.propose")), without
		}
	case moves:
		n.Text = s.say("desk.next.others", "what", s.say("case.event."+string(step.event)), "role", s.say("case.role."+string(roleFor(step.action))))
		n.Reasons = s.reasons(step.event)
		n.Blocked = s.say("desk.next.still")
	case c.State == casefile.Gathering:
		s.waiting(&n)
	case c.State == casefile.Ready || c.State == casefile.Undelivered:
		s.handOver(&n)
	case c.State == casefile.Fulfilling:
		s.fulfilling(&n)
	case c.State == casefile.Released:
		n.Button = kern.Button{Label: s.say("desk.reload"), Href: s.path}
	}
	missing, tasks := s.unanswered(), len(s.openTasks())
	switch waits := c.State == casefile.Delivered || c.State == casefile.Ready && n.Button.Label == ""; {
	case c.State.Over():
	case s.owes():
		s.handDirectly(&n)
	case len(missing) > 0:
		n.Text += " " + s.say("desk.next.missing", "names", s.systemNames(missing...))
	case waits && tasks > 0:
		n.Text += " " + s.say("desk.next.open", "n", itoa(tasks))
	case waits:
		n.Text += " " + s.say("desk.next.nothing")
	}
	s.restsMeanwhile(&n)
	return n
}

func (s *sheet) rightsDecided() bool {
	return !slices.ContainsFunc(s.o.Rights, func(r review.Right) bool { return r.Outcome == casefile.Undecided })
}

// undecided says whether the table still asks for a decision, on a finding or anew.
func (s *sheet) undecided() bool {
	return slices.ContainsFunc(s.o.Blocked[casefile.Propose], func(r casefile.Reason) bool {
		return places[r.Key] == "#funde" || r.Key == "case.guard.rights" || r.Key == "case.guard.stale"
	})
}

// restsMeanwhile says what may have to rest before anybody has decided: it can't wait for
// the decision, and nothing else leads there.
func (s *sheet) restsMeanwhile(n *desk.Next) {
	if !slices.Contains([]casefile.State{casefile.Received, casefile.Gathering, casefile.Review}, s.o.Case.State) {
		return
	}
	asked := false
	for _, r := range s.o.Rights {
		if right := r.Right.Right; r.Outcome == casefile.Undecided && (s.o.Request.Meanwhile[right] || right == law.ConsentWithdrawal) {
			asked, n.Text = true, n.Text+" "+s.say("restriction.asked."+string(right))
		}
	}
	if asked {
		n.More = append(n.More, kern.Button{Label: s.say("restriction.see"), Href: restrictionsPath(s.path), Rank: kern.Secondary})
	}
}

// unanswered are the systems that failed.
func (s *sheet) unanswered() (ids []string) {
	for _, sys := range s.o.Systems {
		if sys.Inquiry.State == casefile.Failed {
			ids = append(ids, sys.Inquiry.System)
		}
	}
	return ids
}

// systemNames names systems as people know them.
func (s *sheet) systemNames(ids ...string) string {
	names := slices.Clone(ids)
	for i, id := range ids {
		if system, ok := s.o.Inventory.System(id); ok {
			names[i] = system.In(s.lang).Name
		}
	}
	return strings.Join(names, ", ")
}

func roleFor(a casefile.Action) casefile.Role {
	if a == casefile.ActionRelease {
		return casefile.Approver
	}
	return casefile.Clerk
}

// move offers the event, or leads to what is still missing.
func (s *sheet) move(n *desk.Next, event casefile.Event, verb string) {
	n.Reasons = s.reasons(event)
	if len(n.Reasons) > 0 {
		n.Blocked = s.say("desk.next.blocked", "what", s.say("case.event."+string(event)))
		for _, r := range n.Reasons {
			if r.Href != "" {
				n.Button = kern.Button{Label: s.say("desk.next.first"), Href: r.Href}
				break
			}
		}
		return
	}
	n.Form = s.form("naechster-schritt", verb).done("", s.say("desk.do."+verb))
	n.Form.Buttons[0].Rank = kern.Primary
	if event == casefile.Release || event == casefile.Order {
		n.More = []kern.Button{{Label: s.say("desk.do.zurueckgeben"), Href: "#freigabe", Rank: kern.Tertiary}}
	}
	if event == casefile.Order {
		n.More = append([]kern.Button{{Label: s.say("plan.part.open"), Href: s.path + "/plan", Rank: kern.Secondary}}, n.More...)
	}
}

// reasons lists why an event is refused; each leads to its place on the page.
func (s *sheet) reasons(event casefile.Event) []kern.Link {
	var links []kern.Link
	for _, r := range s.o.Blocked[event] {
		links = append(links, kern.Link{Href: s.settledAt(r), Label: s.reason(r)})
	}
	return links
}

// places says where on the page, or beside it, a reason can be settled.
var places = map[string]string{
	"case.guard.pending":      "#verfahren",
	"case.guard.gather_first": "#verfahren",
	"case.guard.rights":       "#entscheidung",
	"case.guard.findings":     "#funde",
	"case.guard.unverified":   "#identitaet",
	"case.guard.person":       "#identitaet",
	"case.guard.inferred":     "/desk/verzeichnis",
	"case.guard.partial":      "#entscheidung",
	"case.guard.stale":        "#entscheidung",
	"case.guard.residence":    "#entscheidung",
	"case.guard.law":          "/desk/verzeichnis#gesetz",
}

// waiting: the systems are being asked; a unit may be waiting for us.
func (s *sheet) waiting(n *desk.Next) {
	n.Button = kern.Button{Label: s.say("desk.reload"), Href: s.path}
	open := s.openTasks()
	if len(open) > 0 && s.d.may(s.visitor, casefile.ActionAnswerTask) {
		n.Text = s.count("desk.next.tasks", len(open))
		n.Button = kern.Button{Label: s.say("desk.next.task"), Href: "#" + taskID(open[0])}
	}
}

// handOver: the answer is out; on paper it goes by hand.
func (s *sheet) handOver(n *desk.Next) {
	byPost := slices.ContainsFunc(s.openTasks(), func(t casefile.Task) bool {
		return t.Kind == casefile.TaskPost || t.Kind == casefile.TaskDeliver
	})
	if byPost && s.d.may(s.visitor, casefile.ActionAnswerTask) {
		n.Text = s.say("desk.next.post")
		n.Button = kern.Button{Label: s.say("desk.package"), Href: s.path + "/paket"}
		n.More = []kern.Button{{Label: s.say("desk.do.versandt"), Href: "#freigabe", Rank: kern.Secondary}}
	}
}

func (s *sheet) needsData() bool {
	return slices.ContainsFunc(s.o.Rights, needsData)
}

// overview is the request as the applicant wrote it.
func (s *sheet) overview() desk.Overview {
	r, c := s.o.Request, s.o.Case
	o := desk.Overview{Title: s.say("desk.part.request")}
	for _, right := range s.o.Rights {
		asked := desk.RightAsked{Name: s.right(right.Right.Right), Article: s.article(right.Right.Right), Words: r.Concerns[right.Right.Right].Reveal()}
		if right.Due != c.Due && !right.Due.IsZero() {
			asked.Due = s.say("desk.right.due", "date", s.day(right.Due))
		}
		o.Rights = append(o.Rights, asked)
	}
	o.Items = []kern.Item{
		{Key: s.say("desk.request.received"), Value: s.moment(c.ReceivedAt)},
		{Key: s.say("desk.request.about"), Value: s.say("desk.about." + string(r.About))},
		{Key: s.say("desk.request.name"), Value: r.Name.Reveal()},
	}
	add := func(key, value string) {
		if value != "" {
			o.Items = append(o.Items, kern.Item{Key: s.say(key), Value: value})
		}
	}
	add("desk.request.agent", r.Agent.Reveal())
	add("desk.request.email", s.claimed(person.Email, r.Email.Reveal()))
	add("desk.request.address", s.claimed(person.Address, strings.ReplaceAll(r.Address.Reveal(), "\n", ", ")))
	add("desk.request.answer", s.say("desk.way."+string(r.Answer)))
	for _, right := range s.o.Rights {
		if right.Right.Right == law.Rectification {
			o.Items = append(o.Items, s.corrections(casefile.Request{Correction: r.Correction})...)
		}
		if r.Meanwhile[right.Right.Right] {
			add("desk.request.meanwhile", s.right(right.Right.Right))
		}
		if right.Right.Right == law.Portability {
			o.Items = append(o.Items, s.wishedItem()...)
		}
	}
	if r.Consent.Given {
		add("desk.request.consent", s.say("desk.request.consent.at", "at", s.moment(r.Consent.At)))
	}
	return o
}

// claimed says of what stands in the request whether somebody made sure of it.
func (s *sheet) claimed(kind person.IdentifierKind, value string) string {
	if value == "" {
		return ""
	}
	word := "claimed"
	for _, d := range s.o.Identifiers {
		if d.Kind == kind && d.Verified() && strings.EqualFold(strings.ReplaceAll(d.Value.Reveal(), "\n", ", "), value) {
			word = "verified"
		}
	}
	return s.say("desk.request."+word, "value", value)
}
