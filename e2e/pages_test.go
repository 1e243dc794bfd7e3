package e2e

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"einsicht/internal/landscape"
	"einsicht/internal/law"
)

//go:embed axe/axe.min.js
var axe string

// Rules of axe-core: all of WCAG 2.2 A and AA and what it calls best practice,
// and those of them that see colours.
const (
	allRules    = `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']`
	colourRules = `['color-contrast', 'link-in-text-block']`
)

// still ends what is changing slowly on a page, such as a button's colour.
const still = `(() => {
	for (let i = 0; i < 10; i++) {
		document.body.offsetHeight;
		const moving = document.getAnimations();
		if (moving.length === 0) return;
		moving.forEach(a => a.finish());
	}
})()`

// inspect runs axe-core on the page.
func (s *session) inspect(rules, what string) {
	s.t.Helper()
	if !ask[bool](s, "typeof axe !== 'undefined'") {
		if err := s.eval(axe, nil); err != nil {
			s.t.Fatalf("%s: %v", s.name, err)
		}
	}
	var said string
	err := s.eval(`axe.run(document, {
		runOnly: `+rules+`,
		resultTypes: ['violations'], selectors: false,
	}).then(r => JSON.stringify({passed: r.passes.length, violations: r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.any.concat(n.all, n.none)[0]?.message ?? ''))}))}))`, &said)
	if err != nil {
		s.t.Fatalf("%s: %s: axe: %v", s.name, what, err)
	}
	var result struct {
		Passed     int
		Violations []struct {
			ID, Help string
			Nodes    []string
		}
	}
	if err := json.Unmarshal([]byte(said), &result); err != nil {
		s.t.Fatal(err)
	}
	if rules == allRules && result.Passed < 10 {
		s.t.Errorf("%s: %s: axe found only %d rules to apply: this checks nothing", s.name, what, result.Passed)
	}
	for _, v := range result.Violations {
		s.t.Errorf("%s: %s: %s: %s\n\t%s", s.name, what, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// fits says that nobody has to scroll sideways.
func (s *session) fits(what string) {
	s.t.Helper()
	wide := ask[[]string](s, `(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return [];
		return ['' + document.documentElement.scrollWidth].concat([...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 120)));
	})()`)
	if len(wide) > 0 {
		s.t.Errorf("%s: %s: wider than the window: %s", s.name, what, strings.Join(wide, "\n\t"))
	}
}

// looks is how each page is inspected.
var looks = []struct {
	width int64
	dark  bool
	rules string
}{{1280, false, allRules}, {1280, true, colourRules}, {320, true, colourRules}, {320, false, allRules}}

// everyLook inspects the page as it is on a desk and on a phone, by day and by
// night.
func (s *session) everyLook() {
	s.t.Helper()
	for _, l := range looks {
		s.look(l.width, l.dark)
		s.inspect(l.rules, fmt.Sprintf("%s at %d px, dark %t", s.path(), l.width, l.dark))
		if !l.dark {
			s.fits(fmt.Sprintf("%s at %d px", s.path(), l.width))
		}
	}
	s.look(1280, false)
}

// offered is what a page lets people read and do.
type offered struct {
	Text     string
	Controls []string
	Useless  []string // what does nothing without scripts
}

// offers reads a page. What needs a script to do anything must not be shown
// without one.
func (s *session) offers() offered {
	s.t.Helper()
	return ask[offered](s, `(() => {
		const shown = e => !e.closest('[hidden]');
		const useless = [];
		for (const a of document.querySelectorAll('a')) {
			const href = a.getAttribute('href') ?? '';
			if (!href || href === '#' || href.startsWith('javascript:')) useless.push(a.outerHTML);
			if (href.startsWith('#') && href.length > 1 && !document.getElementById(href.slice(1))) useless.push('leads nowhere: ' + a.outerHTML);
		}
		for (const b of document.querySelectorAll('button')) if (shown(b) && (b.type !== 'submit' || !b.form?.getAttribute('action'))) useless.push(b.outerHTML);
		for (const f of document.forms) if (![...f.elements].some(e => e.type === 'submit')) useless.push(f.outerHTML.slice(0, 200));
		for (const e of document.querySelectorAll('[onclick], [onchange], [onsubmit]')) useless.push(e.outerHTML.slice(0, 200));
		return {
			text: document.querySelector('main').textContent.replace(/\s+/g, ' '),
			controls: [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(shown).filter(e => e.type !== 'hidden' && !e.matches('[data-print]'))
				.map(e => [e.tagName, e.type ?? '', e.name ?? '', e.getAttribute('href') ?? '', e.id].join(' ')),
			useless,
		};
	})()`)
}

// changing is what differs whenever a page is read: how a page says when
// something was, and the number for questions about a failure.
var changing = regexp.MustCompile(`\d{2}:\d{2}|Kennnummer für Rückfragen: [0-9a-f]+|Such(e|en) läuft.*`)

// TestEveryPageIsForEverybody opens every address of the route table that
// answers with a page, so that a new page can't be forgotten: parameters come
// from the running demonstration, and one that nothing is known for fails.
func TestEveryPageIsForEverybody(t *testing.T) {
	places := furnish(t)
	visited := 0
	for _, r := range house.routes(t) {
		if r.Method != "GET" || r.Class != "page" {
			continue
		}
		visited++
		paths := places.paths(r.Path)
		if len(paths) == 0 {
			t.Errorf("%s: nothing to put in its place, so it was not visited", r.Path)
		}
		for _, path := range paths {
			t.Run(strings.ReplaceAll(strings.Trim(path, "/"), "/", " "), func(t *testing.T) {
				s := places.visitor(t, r.Path, r.Auth)
				s.open(path)
				if got, want := s.path(), strings.SplitN(path, "?", 2)[0]; r.Auth != "public" && got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
				if part := places.shows[path]; part != "" && s.text(part) == "" {
					t.Errorf("%s is not there: this checks nothing", part)
				}
				s.everyLook()
				var with, without offered
				var a, b string
				for range 3 { // a job that ends between the two may change what stands there, scripts or not
					with = s.offers()
					s.withoutScripts(true)
					s.open(path)
					without = s.offers()
					s.withoutScripts(false)
					if a, b = changing.ReplaceAllString(with.Text, ""), changing.ReplaceAllString(without.Text, ""); a == b && slices.Equal(with.Controls, without.Controls) {
						break
					}
					s.open(path)
				}
				if a != b {
					t.Errorf("without scripts the page reads otherwise:\n%s\n%s", a, b)
				}
				if !slices.Equal(with.Controls, without.Controls) {
					t.Errorf("without scripts the page offers %v\nwith them %v", without.Controls, with.Controls)
				}
				for _, u := range without.Useless {
					t.Errorf("does nothing without scripts: %s", u)
				}
			})
		}
	}
	if visited < 20 {
		t.Errorf("only %d pages: this checks nothing", visited)
	}
}

// places is what stands for the parameters of addresses, and who visits.
type places struct {
	values   map[string][]string            // by name of a parameter
	of       map[string]map[string][]string // by name and case, where it differs from case to case
	queries  map[string][]string            // further states of a page, by its path
	shows    map[string]string              // what must be seen on a page, as it is there for that
	visitors map[string]*session            // by who may come in
}

// paths puts values in the place of a route's parameters; none if there is a
// parameter that nothing is known for.
func (p *places) paths(pattern string) []string {
	all := []string{""}
	for _, part := range strings.Split(strings.TrimPrefix(pattern, "/"), "/") {
		var longer []string
		for _, before := range all {
			for _, v := range p.parts(part, before) {
				longer = append(longer, before+"/"+v)
			}
		}
		all = longer
	}
	for _, path := range all {
		for _, q := range p.queries[path] {
			all = append(all, path+"?"+q)
		}
	}
	return all
}

// parts are what can stand for a part of an address after what goes before it.
func (p *places) parts(part, before string) []string {
	name, parameter := strings.CutPrefix(part, ":")
	if !parameter {
		return []string{part}
	}
	if all := p.of[name]; all != nil {
		if strings.HasPrefix(before, "/desk/vorgang/") {
			return all[strings.Split(before, "/")[3]]
		}
		return all["own"]
	}
	return p.values[name]
}

// visitor is the session of those who may come in, with this test's name on
// what it complains about.
func (p *places) visitor(t *testing.T, path, auth string) *session {
	t.Helper()
	if strings.HasPrefix(path, "/desk/verfahren") {
		auth = "operator"
	}
	s := p.visitors[auth]
	if s == nil {
		t.Fatalf("nobody is known who may come in as %q", auth)
	}
	s.t = t
	return s
}

// furnish brings cases into several states, with letters, and an invitation.
func furnish(t *testing.T) *places {
	t.Helper()
	const authority = "stk-nrw"
	p := &places{
		values: map[string][]string{"authority": {authority}}, of: map[string]map[string][]string{"right": {}, "letter": {}},
		queries: map[string][]string{}, shows: map[string]string{}, visitors: map[string]*session{"public": newSession(t, "anybody")},
	}
	citizen := newSession(t, "citizen")
	staff := newSession(t, "staff")
	staff.signIn(authority, clerk)
	p.visitors["citizen"], p.visitors["staff"] = citizen, staff

	nobody := everythingOf(house.Landscape.Person(landscape.Nobody))
	received := citizen.fileFor(authority, nobody, func(name string) {
		citizen.everyLook()
		citizen.picture(name)
	}, law.Erasure)
	p.examined(staff, staff.openCase(received))
	p.decided(staff, staff.openCase(citizen.fileFor(authority, nobody, nothing, law.Objection)))
	erasure := staff.openCase(citizen.fileFor(authority, nobody, nothing, law.Erasure))
	p.planned(staff, erasure, "stk-callbacks")
	p.visitors["recipient"] = mailed(t, newSession(t, "another"), staff, authority, "stk-callbacks", nobody)
	p.shows["/"+authority+"/mitteilung/lesen"] = "#bestaetigen"
	p.controlled(t, authority, "stk-press-export")
	p.of["system"] = map[string][]string{"own": p.values["system"], last(erasure): {"stk-callbacks"}}

	found := citizen.file(authority, everythingOf(house.Landscape.Person(landscape.JuergenSz)), nothing)
	path := staff.openCase(found)
	staff.gather(false)
	staff.picture("fall")
	staff.write("fragen-doubts", "Der Name kommt oft vor.")
	staff.write("fragen-question", "Wie lautet Ihr Kundenzeichen?")
	staff.send("#fragen")
	p.add(path, law.Access)
	staff.expectFailure(path + "/antwort") // it can't be seen yet, and the page says so
	p.of["letter"][last(path)] = staff.letters()
	p.queries[path+"/schreiben/neu"] = []string{"art=suspended"}

	citizen.enter(authority, found)
	p.of["letter"]["own"] = citizen.letters()
	p.shows["/desk/verzeichnis"], p.shows["/"+authority+"/vorgang"] = "#gesetz", "#schreiben"
	p.shows[path+"/schreiben/neu?art=suspended"] = "#schreiben"

	invitation := house.invite(t, authority, "clerk", fmt.Sprintf("Neu %d", time.Now().UnixNano()))
	p.values["token"] = []string{last(invitation)}
	return p
}

// examined brings a case that no system was asked about into a state with a
// ground that holds, one that fails and one that waits for answers.
func (p *places) examined(staff *session, path string) {
	staff.t.Helper()
	p.add(path, law.Erasure)
	staff.expectFailure(path + "/antwort")
	erasure := path + "/recht/erasure"
	staff.open(erasure)
	for _, system := range []string{"stk-newsletter", "stk-citizen-service"} {
		staff.pick("#betrifft", "concerned", system)
	}
	staff.send("#betrifft")
	staff.takeUp("EU-17-3e", "stk-newsletter")
	staff.examine(groundForm("EU-17-3e", "stk-newsletter"))
	staff.takeUp("NRW-10-2", "stk-citizen-service")
	staff.takeUp("NRW-10-1-A", "stk-citizen-service")
	staff.picture("recht-loeschung")
	p.shows[erasure] = "#gepruefte .ein-place"
	p.queries[erasure] = []string{"q=Aufbewahrungspflicht", "q=nichts+davon"}
	p.queries[path+"/schreiben/neu"] = []string{"art=archive-offer"}
}

// decided brings a case to where the answer can be looked at.
func (p *places) decided(staff *session, path string) {
	staff.t.Helper()
	p.add(path, law.Objection)
	staff.rightPage(path, law.Objection)
	staff.pick("#betrifft", "concerned", "stk-newsletter")
	staff.send("#betrifft")
	staff.pick("#voraussetzungen-form", "a-situation", "yes")
	staff.send("#voraussetzungen-form")
	staff.decideRight(path, law.Objection)
	staff.picture("recht-widerspruch")
	p.shows[path+"/recht/objection"], p.shows[path+"/antwort"] = "#ergebnis .kern-description-list", "#vorschau .ein-words"
}

// planned grants an erasure and makes its plan; what the system holds is changed by
// hand.
func (p *places) planned(staff *session, path, system string) {
	staff.t.Helper()
	p.add(path, law.Erasure)
	staff.rightPage(path, law.Erasure)
	staff.pick("#betrifft", "concerned", system)
	staff.send("#betrifft")
	staff.pick("#voraussetzungen-form", "a-ground", "yes")
	staff.send("#voraussetzungen-form")
	staff.decideRight(path, law.Erasure)
	staff.open(path + "/plan")
	staff.send("#plan-erstellen")
	staff.picture("plan")
	p.shows[path+"/plan"], p.shows[path+"/plan/aufgabe/"+system] = "#plan-"+system+" article", "#datensaetze article"
}

// add notes a case with its right.
func (p *places) add(path string, right law.Right) {
	id := last(path)
	p.values["id"] = append(p.values["id"], id)
	p.of["right"][id] = []string{string(right)}
}

// letters are the ids of what was written in the case that is open.
func (s *session) letters() []string {
	s.t.Helper()
	all := ask[[]string](s, `[...document.querySelectorAll('#schreiben [id^=brief-]')].map(e => e.id.slice(6))`)
	if len(all) == 0 {
		s.t.Fatalf("%s: no letters: this checks nothing\n%s", s.name, s.text("#schreiben"))
	}
	return all
}

// last is the last part of a path.
func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }
