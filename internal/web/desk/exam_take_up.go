package desk

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/catalogue"
	"einsicht/internal/law/citation"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// takeUpGround takes up a ground at the systems that were ticked, or at the whole
// case.
func (d Deps) takeUpGround(c *fiber.Ctx, v visitor, at examined, f sent) error {
	systems := slices.DeleteFunc(slices.Clone(f.values["system"]), func(s string) bool { return s == "" })
	if len(systems) == 0 && f.get("whole") == "" {
		return procedure.Incomplete("system", "exam.error.system")
	}
	if len(systems) == 0 {
		systems = []string{""}
	}
	for _, system := range systems {
		claim := casefile.Claim{Ground: f.get("ground"), System: system}
		if err := d.Exam.TakeUp(c.UserContext(), v.actor, at.id, at.right, claim, v.now); err != nil {
			return err
		}
	}
	return nil
}

const offerID = "ausnahmen"

// offer is where a further ground is taken up: found by a search or in the list
// of those that are law here. What is not, or can't be used, says why.
func (e *exam) offer() desk.Offer {
	p := desk.Offer{ID: offerID, Title: e.say("exam.offer"), Text: e.say("exam.offer.text"), AllAre: e.say("exam.offer.all")}
	p.Search = desk.Lookup{
		Action: e.base + "#" + offerID, Label: e.say("exam.search"), Hint: e.say("exam.search.hint"), Value: e.query, Go: e.say("desk.search.go"),
	}
	if p.Error = e.offerError(); e.barred != nil {
		r := e.barred.Refusal
		p.Refused = []desk.Refusal{e.refusal(r.Title, r.Citation, r.Reason, r.Instead)}
	}
	p.Absent = e.absent()
	if e.query != "" {
		p.Search.Clear = kern.Link{Href: e.base + "#" + offerID, Label: e.say("exam.search.clear")}
		p.Found = e.found()
		return p
	}
	p.Groups = e.groups()
	return p
}

// offerError is what the step said to a ground that the page does not offer.
func (e *exam) offerError() string {
	switch {
	case e.back.status == 0 || !e.strayed():
		return ""
	case len(e.back.reasons) > 0:
		return e.reason(e.back.reasons[0])
	case len(e.back.lines) > 0:
		return e.back.lines[0]
	}
	return e.say("desk.errors")
}

// strayed says whether the form that came back stands nowhere on this page.
func (e *exam) strayed() bool {
	ground, is := strings.CutPrefix(e.back.id, "auf-")
	return is && !slices.ContainsFunc(e.x.Grounds, func(a review.Available) bool { return strings.ToLower(a.Ground.ID) == ground })
}

// groups lists what is law here, by the act it stands in.
func (e *exam) groups() []desk.OfferGroup {
	var groups []desk.OfferGroup
	for _, a := range e.x.Grounds {
		act := actOf(a.Ground.Citation)
		i := slices.IndexFunc(groups, func(g desk.OfferGroup) bool { return g.ID == actID(act) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, desk.OfferGroup{ID: actID(act), Title: act})
		}
		one := e.offered(a)
		groups[i].Open = groups[i].Open || one.Form.Open
		groups[i].Offered = append(groups[i].Offered, one)
	}
	for i, g := range groups {
		act := strings.TrimPrefix(e.cite("Art. 1 "+g.Title), "Art. 1 ")
		key := "exam.offer.act.many"
		if len(g.Offered) == 1 {
			key = "exam.offer.act.one"
		}
		groups[i].Title = e.say(key, "act", act, "n", itoa(len(g.Offered)))
	}
	return groups
}

func actOf(cite string) string {
	c, err := citation.Parse(cite)
	if err != nil || len(c.Provisions) == 0 {
		return cite
	}
	return c.Provisions[0].Act
}

func actID(act string) string {
	return "act-" + strings.ReplaceAll(strings.ToLower(act), " ", "-")
}

func (e *exam) offered(a review.Available) desk.Offered {
	g := a.Ground
	id := "auf-" + strings.ToLower(g.ID)
	p := desk.Offered{ID: id + "-offer", Title: e.sentence(g.Title), Law: e.statute(g, id+"-norm"), Text: e.say("exam.offered", "effect", e.known("law.effect."+string(g.Effect)), "decision", e.known("exam.decision."+string(g.Decision)))}
	b := e.form(id, "aufgreifen")
	b.hidden("ground", g.ID)
	var taken []string
	var free []kern.Option
	for _, system := range placesOf(a) {
		if _, yes := e.claimed(assess.Place{Ground: g.ID, System: system}); yes {
			taken = append(taken, e.systemName(system))
		} else {
			free = append(free, kern.Option{Value: system, Label: e.systemName(system)})
		}
	}
	if len(taken) > 0 {
		p.Taken = e.say("exam.offered.taken", "names", strings.Join(taken, ", "))
	}
	if len(free) == 0 || !e.decides() {
		return p
	}
	if free[0].Value == "" {
		b.hidden("whole", "1")
		b.form.Lead = e.say("exam.offered.whole")
	} else {
		b.boxes(b.field("system", "exam.offered.where"), free)
	}
	p.Form = b.done("", e.say("exam.take_up", "title", e.sentence(g.Title)))
	return p
}

// placesOf lists the systems of a ground; one about the whole case has a single
// place without a name.
func placesOf(a review.Available) []string {
	if a.Ground.Reach == catalogue.Case {
		return []string{""}
	}
	return a.Systems
}

// found answers a search: what can be taken up, what limits another right, and
// what can't be used, with the reason.
func (e *exam) found() desk.Found {
	hits := e.x.Edition.Find(e.query)
	p := desk.Found{Title: e.say("exam.found")}
	for _, g := range hits.Grounds {
		i := slices.IndexFunc(e.x.Grounds, func(a review.Available) bool { return a.Ground.ID == g.ID })
		switch {
		case i >= 0:
			p.Offered = append(p.Offered, e.offered(e.x.Grounds[i]))
		case !g.Limits(e.about):
			p.Refusals = append(p.Refusals, e.elsewhere(g, "exam.found.other_right"))
		case !slices.ContainsFunc(hits.Refusals, func(r catalogue.Refusal) bool { return r.Citation == g.Citation }):
			p.Refusals = append(p.Refusals, e.elsewhere(g, "exam.found.other_place"))
		}
	}
	for _, r := range hits.Refusals {
		p.Refusals = append(p.Refusals, e.refusal(r.Title, r.Citation, r.Reason, r.Instead))
	}
	if len(p.Offered)+len(p.Refusals) == 0 {
		p.None = e.say("exam.found.none")
	}
	return p
}

// elsewhere says of a ground that it is law, but not against this right or not
// for these systems.
func (e *exam) elsewhere(g catalogue.Ground, key string) desk.Refusal {
	var rights []string
	for _, r := range g.Rights {
		if name := e.words.known("case.right." + string(r)); name != "" {
			rights = append(rights, name)
		}
	}
	return desk.Refusal{Title: e.sentence(g.Title), Citation: e.cite(g.Citation), Reason: e.say(key, "rights", strings.Join(rights, ", "), "right", e.right(e.about))}
}

func (e *exam) refusal(title catalogue.Sentence, cite string, reason, instead catalogue.Sentence) desk.Refusal {
	return desk.Refusal{Title: e.sentence(title), Citation: e.cite(cite), Reason: e.sentence(reason), InsteadIs: e.say("exam.instead"), Instead: e.sentence(instead)}
}

// absent lists what people look for here in vain, and what nobody may use.
func (e *exam) absent() desk.Refusals {
	p := desk.Refusals{Text: e.say("exam.absent.text")}
	for _, g := range e.x.Blocked {
		p.All = append(p.All, e.refusal(g.Title, g.Citation, g.Unusable, g.Replacement))
	}
	for _, a := range e.x.Absent {
		p.All = append(p.All, e.refusal(a.Title, a.Citation, a.Reason, a.Instead))
	}
	p.Title = e.say("exam.absent", "n", itoa(len(p.All)))
	return p
}
