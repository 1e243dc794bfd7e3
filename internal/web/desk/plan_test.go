package desk_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/web/webtest"
	"einsicht/internal/wording"
)

func (h *office) planPaths() []string {
	plan, system := h.path()+"/plan", h.o.Inventory.Systems[0].ID
	return []string{plan, plan + "/stand", plan + "/nachweis", plan + "/aufgabe/" + system}
}

func TestEveryPageOfAPlanSpeaksInWholeSentences(t *testing.T) {
	bracket := regexp.MustCompile(`\[[a-z]+\.[a-z._+-]+\]`)
	for _, lang := range wording.Languages {
		for _, role := range []casefile.Role{casefile.Clerk, casefile.Approver, casefile.Officer} {
			for _, state := range []casefile.State{casefile.Received, casefile.Review, casefile.Proposed, casefile.Fulfilling, casefile.Ready} {
				for _, planned := range []bool{true, false} {
					h := newOffice(t)
					if planned {
						h.planned(t)
					}
					if state == casefile.Fulfilling || state.Answered() {
						h.fix()
					}
					h.o.Case.State = state
					b := h.desk(t, role)
					b.Header.Set("Accept-Language", string(lang))
					for _, path := range append(h.planPaths(), h.path(), h.path()+"/plan?system=berichtigung&fund="+h.o.Systems[0].Findings[0].ID.String()) {
						page := b.Get(path)
						if page.Status != 200 {
							t.Errorf("%s %s %s %s: got status %d", lang, role, state, path, page.Status)
						}
						if missing := bracket.FindAllString(string(page.Body), -1); len(missing) > 0 {
							t.Errorf("%s %s %s %s: sentences missing: %v", lang, role, state, path, missing)
						}
						for _, lost := range leadsNowhere(page) {
							t.Errorf("%s %s %s %s: leads nowhere: %s", lang, role, state, path, lost)
						}
					}
				}
			}
		}
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// spoken is what a page says, with a space between the cells of its tables.
func spoken(page *webtest.Page) string {
	_, main, _ := strings.Cut(string(page.Body), "<main")
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString("<main"+main, " "))), " ")
}

// leadsNowhere lists links to places that the page does not have.
func leadsNowhere(page *webtest.Page) []string {
	var lost []string
	for _, link := range page.Links() {
		if id, here := strings.CutPrefix(link, "#"); here && id != "" && !strings.Contains(string(page.Body), `id="`+id+`"`) {
			lost = append(lost, link)
		}
	}
	return lost
}

func TestEveryWordOfAPlanHasASentence(t *testing.T) {
	keys := []string{"case.task." + string(casefile.TaskChange), "desk.task." + string(casefile.TaskChange), "case.event." + casefile.NotePlanned, "case.event." + casefile.NoteMeasure}
	for _, s := range casefile.MeasureStates {
		keys = append(keys, "plan.state."+string(s))
	}
	for _, a := range []connector.Ability{connector.CanErase, connector.CanRectify, connector.CanRestrict} {
		keys = append(keys, "plan.do."+string(a), "plan.task."+string(a))
	}
	for _, w := range fulfilment.Ways {
		keys = append(keys, "plan.way."+string(w))
	}
	for _, key := range keys {
		if !wording.Has(key) {
			t.Errorf("%s has no sentence", key)
		}
	}
}

func TestAPlanShowsWhatHappensToEachRecord(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state casefile.MeasureState
		alter func(*procedure.Measure)
		want  []string
		not   []string
	}{
		{"being tried", casefile.Rehearsing, nil, []string{"Wird geprobt", "Löschen", "Löschung (Art. 17 DSGVO)", "orders/4711", "Vorher", "erika@example.org"}, []string{"Nachher"}},
		{"planned", casefile.Planned, nil, []string{"Geplant", "mit 3 Zeilen aus order_items", "mit einer Zeile aus order_notes", "Name Erika Mustermann gelöschte Person",
			"E-Mail erika@example.org leer", "Betrag 12,50 unverändert § 147 Abs. 1 Nr. 4 AO, bis Ende 2036", "Kennwort geht nie hinaus; genannt wird nur, dass es da ist gelöscht"}, nil},
		{"planned to go as a whole", casefile.Planned, func(m *procedure.Measure) { m.Text.After, m.Text.Kept = nil, nil }, []string{"Name Erika Mustermann gelöscht", "Betrag 12,50 gelöscht"}, []string{"Bleibt, weil"}},
		{"of values that programs write", casefile.Planned, func(m *procedure.Measure) {
			m.Text.Reference = "Archiv%20%C3%9Cbersicht/Erledigt%2F2026"
			m.Text.Before = append(m.Text.Before, connector.Field{Name: "created", Label: "Angelegt", Value: text("2025-08-22T23:34:57+02:00")})
			m.Text.After = append(m.Text.After, connector.Field{Name: "created", Label: "Angelegt", Value: text("2026-01-02")})
		}, []string{"Archiv Übersicht/Erledigt/2026", "Angelegt 22.08.2025, 23:34:57 Uhr MESZ 02.01.2026"}, []string{"%20", "2025-08-22T"}},
		{"of a file", casefile.Planned, func(m *procedure.Measure) {
			m.Text.Before = append(m.Text.Before, connector.Field{Name: connector.FileContent, Label: "Akte", Body: &connector.Body{Size: 1}})
		}, []string{"Akte eine Datei gelöscht"}, nil},
		{"being carried out", casefile.Acting, nil, []string{"Wird umgesetzt", "Nachher"}, nil},
		{"for people", casefile.ForUnit, nil, []string{"Von Hand zu ändern", "Das Verfahren ist für das Portal nicht erreichbar", "Was hier von Hand zu tun ist"}, []string{"Nachher"}},
		{"to be corrected by people", casefile.ForUnit, func(m *procedure.Measure) {
			m.Do, m.Right, m.Text.Values = connector.CanRectify, law.Rectification, words("email", "neu@example.org")
		}, []string{"E-Mail erika@example.org neu@example.org", "Name Erika Mustermann unverändert"}, nil},
		{"all that a system holds", casefile.ForUnit, func(m *procedure.Measure) { m.Text.Reference, m.Text.Label, m.Text.Before = "", "", nil }, []string{"Alles, was das Verfahren über die Person enthält"}, []string{"Vorher"}},
		{"stopped", casefile.Asks, nil, []string{"Braucht Ihr Wort", "Der Datensatz hat sich geändert, seit über ihn entschieden wurde"}, nil},
		{"stopped for a reason without words", casefile.Asks, func(m *procedure.Measure) { m.Text.Reason = "connector.nowhere.said" }, []string{"Das Verfahren nennt keinen Grund, den das Portal kennt."}, []string{"connector.nowhere"}},
		{"stays by law", casefile.Stays, nil, []string{"Bleibt, wie es ist", "Art. 17 Abs. 3 Buchst. b DSGVO", "Mittwoch, 31. Dezember 2036", "Ein Gesetz verlangt die Aufbewahrung.", "Geheim vor der Person"}, nil},
		{"done", casefile.Done, nil, []string{"Umgesetzt", "Zurückgelesen 18.11.2026, 12:30 Uhr: Der Datensatz ist, wie geplant.", "Danach im ganzen Verfahren neu gesucht. Datensätze der Person: 1.", "Fassung der Zuordnung: ab12"}, nil},
		{"done and gone, half searched", casefile.Done, func(m *procedure.Measure) { m.Text.Proof.Gone, m.Text.Proof.Searched = true, false }, []string{"Der Datensatz ist nicht mehr da.", "aber nicht im ganzen Verfahren"}, nil},
		{"done by hand", casefile.Done, func(m *procedure.Measure) { m.Text.Proof.Statement = text("Kartei vernichtet") }, []string{"Umgesetzt laut Fachbereich", "Nach dem Wort von Programm", "Kartei vernichtet"}, []string{"Zurückgelesen", "Nachher"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			p := h.planned(t)
			m := h.measure(h.o.Inventory.Systems[0].ID, tt.state)
			if tt.alter != nil {
				tt.alter(&m)
			}
			p.shown.Systems = []fulfilment.System{{System: h.o.Inventory.Systems[0], Measures: []procedure.Measure{m}}}
			p.shown.Rights = p.shown.Rights[:1]
			got := spoken(h.desk(t, casefile.Clerk).Get(h.path() + "/plan"))
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("the page lacks %q: %s", want, got)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(got, not) {
					t.Errorf("the page says %q: %s", not, got)
				}
			}
		})
	}
}

func TestAPlanSaysWhereARecordStandsAsTheCaseDoes(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	found := &p.shown.Findings[0]
	found.Record.Reference, found.Record.Origin = "Erledigt%2F2026/7/4711", connector.Origin{Place: "Erledigt/2026", Position: "UID 4711"}
	m := h.measure(found.System, casefile.Done)
	m.Finding, m.Text.Reference = found.ID, found.Record.Reference
	p.shown.Systems = []fulfilment.System{{System: h.o.Inventory.Systems[0], Measures: []procedure.Measure{m}}}
	h.fix()
	for _, path := range []string{"/plan", "/plan/nachweis"} {
		got := spoken(h.desk(t, casefile.Clerk).Get(h.path() + path))
		if want := wording.Text(wording.German, "desk.source.mailbox", "place", "Erledigt/2026", "position", "4711"); !strings.Contains(got, want) || strings.Contains(got, "%2F") {
			t.Errorf("%s: got no %q: %s", path, want, got)
		}
	}
}

func TestAPlanLeadsToItsNextStep(t *testing.T) {
	only := func(states ...casefile.MeasureState) func(*office) {
		return func(h *office) {
			s := fulfilment.System{System: h.o.Inventory.Systems[0]}
			for _, state := range states {
				s.Measures = append(s.Measures, h.measure(s.ID, state))
			}
			h.plans.shown.Systems, h.plans.shown.Rights = []fulfilment.System{s}, h.plans.shown.Rights[:1]
		}
	}
	for _, tt := range []struct {
		name  string
		role  casefile.Role
		state casefile.State
		alter func(*office)
		want  string
		form  string // that is offered
		link  string // that leads there
	}{
		{"nothing to change", casefile.Clerk, casefile.Review, func(h *office) { h.plans.shown.Systems, h.plans.shown.Rights = nil, nil }, "ändert in keinem Verfahren etwas", "", "#umsetzung"},
		{"no plan", casefile.Clerk, casefile.Received, func(h *office) {
			h.plans.shown.Systems, h.plans.shown.Missing = nil, make([]procedure.Wanted, 3)
		}, "Datensätze oder Verfahren, die fehlen: 3. Überholte Maßnahmen: 0.", "/plan/erstellen Plan erstellen", ""},
		{"an old plan", casefile.Approver, casefile.Review, func(h *office) { h.plans.shown.Stale = 2 }, "Datensätze oder Verfahren, die fehlen: 0. Überholte Maßnahmen: 2.", "/plan/erstellen Plan auf den Stand bringen", ""},
		{"an old plan, seen by who only reads", casefile.Officer, casefile.Review, func(h *office) { h.plans.shown.Stale = 2 }, "Überholte Maßnahmen: 2.", "", "#umsetzung"},
		{"nobody said what is right", casefile.Clerk, casefile.Review, func(h *office) {
			h.plans.shown.Systems[0].Measures = h.plans.shown.Systems[0].Measures[:7]
		}, "Sagen Sie, welcher Wert in welchem Datensatz richtig ist", "", "#berichtigung"},
		{"measures that ask", casefile.Clerk, casefile.Review, nil, "2 Maßnahmen lassen sich so nicht umsetzen", "", "/plan?system=SYSTEM&seite=1#m-"},
		{"measures being tried", casefile.Clerk, casefile.Review, only(casefile.Rehearsing, casefile.Planned), "Eine Maßnahme wird geprobt", "", "#umsetzung"},
		{"a plan that is ready", casefile.Clerk, casefile.Review, only(casefile.Planned, casefile.ForUnit), "Legen Sie den Vorgang vor", "", "CASE"},
		{"to be ordered", casefile.Approver, casefile.Proposed, nil, "Gelöschtes kommt nicht zurück", "/umsetzen Umsetzen und danach freigeben", "CASE#freigabe"},
		{"to be ordered by somebody else", casefile.Clerk, casefile.Proposed, nil, "Das tut die Rolle Freigabe", "", "#umsetzung"},
		{"to be ordered by somebody who decided", casefile.Approver, casefile.Proposed, func(h *office) {
			h.plans.shown.Blocked[casefile.Order] = []casefile.Reason{{Key: "case.guard.second_person"}, {Key: "case.guard.findings", Args: []string{"n", "1", "names", ""}}}
		}, "Sie haben in diesem Vorgang selbst entschieden", "", "CASE#funde"},
		{"being carried out", casefile.Clerk, casefile.Fulfilling, only(casefile.Acting, casefile.Done), "entsteht die Antwort von selbst", "", "#umsetzung"},
		{"by hand", casefile.Clerk, casefile.Fulfilling, only(casefile.ForUnit, casefile.Done), "Ein Datensatz ist von Hand zu ändern", "", "/plan/aufgabe/"},
		{"stopped", casefile.Clerk, casefile.Fulfilling, only(casefile.Asks, casefile.ForUnit), "Eine Maßnahme ist stehen geblieben", "", "#m-"},
		{"done", casefile.Clerk, casefile.Ready, only(casefile.Done), "Was getan wurde und woher wir das wissen", "", "/plan/nachweis"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			h.planned(t)
			if tt.alter != nil {
				tt.alter(h)
			}
			if tt.state == casefile.Fulfilling || tt.state == casefile.Ready {
				h.fix()
			}
			h.o.Case.State = tt.state
			page := h.desk(t, tt.role).Get(h.path() + "/plan")
			if !strings.Contains(page.Text(), tt.want) {
				t.Errorf("the page lacks %q: %s", tt.want, page.Text())
			}
			action, label, _ := strings.Cut(tt.form, " ")
			for _, verb := range []string{"/plan/erstellen", "/umsetzen"} {
				if got := strings.Contains(string(page.Body), `action="`+h.path()+verb+`"`); got != (verb == action) {
					t.Errorf("%s is offered: got %t", verb, got)
				}
			}
			if !strings.Contains(page.Text(), label) {
				t.Errorf("no button says %q", label)
			}
			link := strings.NewReplacer("SYSTEM", h.o.Inventory.Systems[0].ID, "CASE", h.path()).Replace(tt.link)
			if link != "" && !slices.ContainsFunc(page.Links(), func(l string) bool { return strings.Contains(l, link) }) {
				t.Errorf("nothing leads to %q: %v", link, page.Links())
			}
		})
	}
}

func TestTheSecondPersonCarriesOutWhatIsPlanned(t *testing.T) {
	carryOut := []casefile.Reason{{Key: "case.guard.carry_out", Args: []string{"n", "3"}}}
	nothing := []casefile.Reason{{Key: "case.guard.nothing_to_do"}}
	for _, tt := range []struct {
		name           string
		planned        bool
		release, order []casefile.Reason
		verb, call     string
	}{
		{"with something to carry out", true, carryOut, nil, "umsetzen", "order"},
		{"with nothing to carry out", false, nil, nothing, "freigeben", "release"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			if tt.planned {
				h.planned(t)
			}
			h.o.Case.State = casefile.Proposed
			h.o.Blocked = map[casefile.Event][]casefile.Reason{casefile.Release: tt.release, casefile.Order: tt.order, casefile.Return: nil}
			b := h.desk(t, casefile.Approver)
			page := b.Get(h.path())
			for _, verb := range []string{"umsetzen", "freigeben"} {
				if got := strings.Contains(string(page.Body), `action="`+h.path()+"/"+verb+`"`); got != (verb == tt.verb) {
					t.Errorf("%s is offered: got %t", verb, got)
				}
			}
			if got := slices.Contains(page.Links(), h.path()+"/plan"); got != tt.planned {
				t.Errorf("leads to the plan: got %t, want %t", got, tt.planned)
			}
			if !slices.Contains(page.Links(), "#freigabe") {
				t.Error("it can't be returned")
			}
			form := page.Form(h.path() + "/" + tt.verb)
			h.refuse = &casefile.Refusal{Reasons: []casefile.Reason{{Key: "case.guard.second_person"}}}
			if refused := b.Submit(form); refused.Status != 409 || !strings.Contains(refused.Text(), "Freigeben muss jemand anderes") {
				t.Errorf("refused: got %d %s", refused.Status, refused.Title())
			}
			h.refuse = nil
			if done := b.Submit(form); done.Status != 303 || !slices.Equal(h.calls, []string{tt.call}) {
				t.Errorf("got %d, steps %v, want %s", done.Status, h.calls, tt.call)
			}
		})
	}
}

func TestTheCaseLeadsToItsPlan(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alter func(*office)
		want  []string
		not   []string
		link  string
		boxed bool // the next step leads there
	}{
		{"a case that changes nothing", func(h *office) { h.o.Rights = h.o.Rights[:1] }, nil, []string{"Umsetzung"}, "", false},
		{"an objection that is not decided", func(h *office) { h.o.Rights[1].Right.Right = law.Objection }, []string{"Bis dahin lassen sich Daten vorläufig einschränken"}, []string{"Plan öffnen"}, "/einschraenkung", false},
		{"a right that is granted and has no plan", func(h *office) {
			h.o.Rights[1].Outcome = casefile.Granted
			h.o.Blocked[casefile.Propose] = []casefile.Reason{{Key: "case.guard.plan_missing", Args: []string{"n", "4"}}}
		}, []string{"„Zur Freigabe vorlegen“ geht noch nicht", "Der Plan der Umsetzung passt noch nicht zur Entscheidung (offen: 4)"}, []string{"Geplant:"}, "/plan", true},
		{"a right that is granted and changes nothing", func(h *office) { h.o.Rights[1].Outcome = casefile.Granted; h.o.Blocked[casefile.Propose] = nil }, []string{"ändert in keinem Verfahren etwas"}, nil, "/plan", false},
		{"a plan that asks", func(h *office) {
			h.planned(t)
			h.o.Blocked[casefile.Propose] = []casefile.Reason{{Key: "case.guard.plan_waits", Args: []string{"n", "4"}}}
		}, []string{"Braucht Ihr Wort: 2", "Geplant: 2", "Von Hand zu ändern: 4"}, nil, "/plan", true},
		{"a plan of rights that are refused by now", func(h *office) {
			h.planned(t)
			h.o.Rights[0].Outcome, h.o.Rights[1].Outcome = casefile.Refused, casefile.Refused
		}, []string{"Geplant: 2"}, nil, "/plan", false},
		{"a plan that stopped", func(h *office) { h.planned(t); h.fix() }, []string{"2 Maßnahmen sind stehen geblieben", "Anton Frei hat den Plan am 18.11.2026, 10:30 Uhr freigegeben"}, nil, "/plan", true},
		{"a plan that waits for a system", func(h *office) {
			p := h.planned(t)
			h.fix()
			system := h.o.Inventory.Systems[0]
			p.shown.Systems = []fulfilment.System{{System: system, Measures: []procedure.Measure{h.measure(system.ID, casefile.Acting)}}}
			p.waits = map[string]map[casefile.Job]casefile.Tries{system.ID: {casefile.JobChange: {Since: received, Count: 1}}}
		}, []string{"Ein Verfahren antwortet nicht; der Plan wartet.", "Verfahren, die nicht antworten: 1", "Wird umgesetzt: 1"}, nil, "/plan", true},
		{"a plan that people carry out", func(h *office) {
			h.planned(t)
			h.fix()
			for i := range h.plans.shown.Systems {
				h.plans.shown.Systems[i].Measures = slices.DeleteFunc(h.plans.shown.Systems[i].Measures, func(m procedure.Measure) bool { return m.State == casefile.Asks })
			}
			h.o.Tasks = []casefile.Task{{ID: uuid.New(), Case: h.o.Case.ID, Kind: casefile.TaskChange, System: h.o.Inventory.Systems[1].ID, CreatedAt: received}}
		}, []string{"4 Datensätze sind von Hand zu ändern", "Im Verfahren ändern: "}, nil, "/plan/aufgabe/SECOND", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			tt.alter(h)
			page := h.desk(t, casefile.Clerk).Get(h.path())
			for _, want := range tt.want {
				if !strings.Contains(page.Text(), want) {
					t.Errorf("the page lacks %q: %s", want, page.Text())
				}
			}
			for _, not := range tt.not {
				if strings.Contains(page.Text(), not) {
					t.Errorf("the page says %q", not)
				}
			}
			link := h.path() + strings.Replace(tt.link, "SECOND", h.o.Inventory.Systems[1].ID, 1)
			if tt.link != "" && !slices.Contains(page.Links(), link) {
				t.Errorf("nothing leads to %s", link)
			}
			_, box, _ := strings.Cut(string(page.Body), `class="ein-next"`)
			box, _, _ = strings.Cut(box, "</section>")
			if tt.boxed != strings.Contains(box, `href="`+link+`"`) {
				t.Errorf("the next step leads there: got %t", !tt.boxed)
			}
			if lost := leadsNowhere(page); len(lost) > 0 {
				t.Errorf("leads nowhere: %v", lost)
			}
			if h.plans.viewed > 0 {
				t.Error("the page of the case opened the plan")
			}
		})
	}
}

func TestAllTasksLeadToThoseOfAPlan(t *testing.T) {
	h := newOffice(t)
	system := h.o.Inventory.Systems[1]
	h.tasks = []casefile.Task{{ID: uuid.New(), Case: h.o.Case.ID, Kind: casefile.TaskChange, System: system.ID, CreatedAt: received}}
	page := h.desk(t, casefile.Clerk).Get("/desk/aufgaben")
	if !strings.Contains(page.Text(), "Im Verfahren ändern") || !slices.Contains(page.Links(), h.path()+"/plan/aufgabe/"+system.ID) {
		t.Errorf("got %s, %v", page.Text(), page.Links())
	}
}

func TestTheProofSaysHowEachIsKnown(t *testing.T) {
	h := newOffice(t)
	p := h.planned(t)
	b := h.desk(t, casefile.Officer)
	if page := b.Get(h.path() + "/plan/nachweis"); page.Status != 200 || !strings.Contains(page.Text(), "Noch kein Nachweis") {
		t.Errorf("before the plan is fixed: got %d", page.Status)
	}
	h.fix()
	for range 60 { // no page of it is left out
		p.shown.Systems[1].Measures = append(p.shown.Systems[1].Measures, h.measure(h.o.Inventory.Systems[1].ID, casefile.Done))
	}
	page := b.Get(h.path() + "/plan/nachweis")
	for want, n := range map[string]int{
		strings.Repeat("abcd", 16):                                                      1,
		"Freigegeben Anton Frei, 18.11.2026, 10:30 Uhr":                                 1,
		"Der Datensatz ist, wie geplant.":                                               62,
		"Fassung der Zuordnung: ab12ab12":                                               62,
		"Nach dem Wort von Carla Klee, 16.11.2026, 10:30 Uhr: In der Kartei vernichtet": 1,
		"Bleibt nach Art. 17 Abs. 3 Buchst. b DSGVO.":                                   2,
		"Bleibt, weil: Der Datensatz gehört zu einem laufenden Verfahren.":              1,
		"Noch nicht umgesetzt.":                                                         6,
	} {
		if got := strings.Count(spoken(page), want); got != n {
			t.Errorf("%q: got %d times, want %d", want, got, n)
		}
	}
	if !strings.Contains(string(page.Body), "data-print") {
		t.Error("it can't be printed")
	}
}

// A plan that waits for a system says for which, why and until when, and a clerk lets it
// be tried at once.
func TestAPlanSaysForWhatItWaits(t *testing.T) {
	for _, tt := range []struct {
		name  string
		role  casefile.Role
		state casefile.State
		last  casefile.MeasureState
		job   casefile.Job
		alter func(*casefile.Tries)
		want  []string
		tries bool // a button lets it be tried now
	}{
		{"carried out in vain", casefile.Clerk, casefile.Fulfilling, casefile.Acting, casefile.JobChange, nil, []string{
			"antwortet nicht (seit 16.11.2026, 10:30 Uhr)", "Versuch 3 von 8 war vergeblich (16.11.2026, 10:31 Uhr).", "Das Verfahren antwortet nicht (press, 57P01).",
			"Nächster Versuch: ", "Eine Maßnahme wartet auf ein Verfahren, das nicht antwortet.", "Ein Verfahren antwortet nicht; der Plan wartet.", "Antwortet nicht Wird umgesetzt: 1"}, true},
		{"rehearsed in vain", casefile.Approver, casefile.Review, casefile.Rehearsing, casefile.JobRehearse, nil, []string{"antwortet nicht (seit ", "Antwortet nicht Wird geprobt: 1", "der Plan wartet"}, true},
		{"of an attempt that broke off here", casefile.Clerk, casefile.Fulfilling, casefile.Acting, casefile.JobChange, func(t *casefile.Tries) { t.Trouble.Kind, t.Trouble.Place, t.Trouble.Code = casefile.Lost, "", "" },
			[]string{"Versuche schlagen fehl", "Der Versuch brach auf unserer Seite ab."}, true},
		{"begun anew", casefile.Clerk, casefile.Fulfilling, casefile.Acting, casefile.JobChange, func(t *casefile.Tries) { t.Count, t.Trouble.Next = 0, now }, []string{"Der nächste Versuch läuft oder beginnt gleich."}, false},
		{"of which the job is lost", casefile.Clerk, casefile.Fulfilling, casefile.Acting, casefile.JobChange, func(t *casefile.Tries) { t.Trouble.Next = now.Add(-time.Hour) }, []string{"Der nächste Versuch läuft oder beginnt gleich."}, true},
		{"seen by who only reads", casefile.Officer, casefile.Fulfilling, casefile.Acting, casefile.JobChange, nil, []string{"Versuch 3 von 8 war vergeblich"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			p := h.planned(t)
			s := fulfilment.System{System: h.o.Inventory.Systems[0], Measures: []procedure.Measure{h.measure(h.o.Inventory.Systems[0].ID, tt.last)}}
			p.shown.Systems, p.shown.Rights, h.o.Case.State = []fulfilment.System{s}, p.shown.Rights[:1], tt.state
			tries := casefile.Tries{Since: received, Count: 3, Trouble: casefile.Trouble{At: received.Add(time.Minute), Kind: casefile.Unreachable, Place: "press", Code: "57P01", Next: now.Add(time.Hour)}}
			if tt.alter != nil {
				tt.alter(&tries)
			}
			p.waits = map[string]map[casefile.Job]casefile.Tries{s.ID: {tt.job: tries}}
			b := h.desk(t, tt.role)
			action := h.path() + "/plan/jetzt"
			for _, path := range []string{"/plan", "/plan/stand"} {
				page := b.Get(h.path() + path)
				for _, want := range tt.want {
					if strings.Contains(want, "der Plan wartet") && path != "/plan" {
						continue // the next step stands on the page of the plan
					}
					if !strings.Contains(spoken(page), want) {
						t.Errorf("%s lacks %q: %s", path, want, spoken(page))
					}
				}
				if !strings.Contains(string(page.Body), `hx-get="`+h.path()+`/plan/stand"`) {
					t.Errorf("%s: nothing renews it", path)
				}
				if got := strings.Contains(string(page.Body), `action="`+action+`"`); got != tt.tries {
					t.Errorf("%s: offers to try now: got %t, want %t", path, got, tt.tries)
				}
			}
			if !tt.tries {
				return
			}
			done := b.Submit(b.Get(h.path() + "/plan/stand").Form(action))
			if done.Status != 303 || !slices.Equal(h.calls, []string{"try now " + s.ID}) {
				t.Errorf("tried now: got %d, steps %v", done.Status, h.calls)
			}
			h.restrict()
			if page := b.Get(h.path() + "/einschraenkung"); !strings.Contains(string(page.Body), `action="`+h.path()+`/einschraenkung/jetzt"`) {
				t.Error("the page of restrictions does not offer it")
			}
		})
	}
}

func TestProgressOpensNoPlan(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state casefile.State
		last  casefile.MeasureState
		polls bool
	}{
		{"while it is tried", casefile.Review, casefile.Rehearsing, true},
		{"once it is planned", casefile.Review, casefile.Planned, false},
		{"while what is planned waits for its job", casefile.Fulfilling, casefile.Planned, true},
		{"while it is carried out", casefile.Fulfilling, casefile.Acting, true},
		{"while people have to act", casefile.Fulfilling, casefile.ForUnit, false},
		{"once it stopped", casefile.Fulfilling, casefile.Asks, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newOffice(t)
			p := h.planned(t)
			s := fulfilment.System{System: h.o.Inventory.Systems[0], Measures: []procedure.Measure{h.measure(h.o.Inventory.Systems[0].ID, casefile.Done), h.measure(h.o.Inventory.Systems[0].ID, tt.last)}}
			p.shown.Systems, h.o.Case.State = []fulfilment.System{s}, tt.state
			b := h.desk(t, casefile.Officer)
			page := b.Get(h.path() + "/plan/stand")
			if p.viewed > 0 || strings.Contains(string(page.Body), "Bestellung") {
				t.Error("the plan was opened")
			}
			if !strings.Contains(page.Text(), "1 von 2 Maßnahmen sind abgeschlossen") {
				t.Errorf("got %s", page.Text())
			}
			for _, at := range []*webtest.Page{page, b.Get(h.path() + "/plan")} {
				polls := strings.Contains(string(at.Body), `hx-get="`+h.path()+`/plan/stand"`)
				reload := slices.Contains(at.Links(), h.path()+"/plan/stand")
				if polls != tt.polls || reload != tt.polls {
					t.Errorf("%s: polls %t, offers to reload %t, want %t", at.Path, polls, reload, tt.polls)
				}
			}
			if tt.polls == strings.Contains(page.Text(), "Plan neu laden") {
				t.Error("who waits is not told that it is over, or too early")
			}
		})
	}
}

func TestNoAddressOfAPlanSaysAnythingAboutAPerson(t *testing.T) {
	h := newOffice(t)
	h.planned(t)
	h.fix()
	b := h.desk(t, casefile.Clerk)
	n := 0
	for _, path := range h.planPaths() {
		page := b.Get(path)
		for _, link := range append(page.Links(), regexp.MustCompile(`(?:action|hx-get)="[^"]*"`).FindAllString(string(page.Body), -1)...) {
			n++
			for _, said := range []string{"Erika", "Mustermann", "example.org", "4711", "orders", "email"} {
				if strings.Contains(link, said) {
					t.Errorf("%s: the address %s says %s", path, link, said)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d addresses: this checks nothing", n)
	}
}
