package portal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/landscape"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
	"einsicht/internal/web/webtest"
	"einsicht/internal/wording"
)

// outcome is what becomes of a measure that can't be carried out.
type outcome struct {
	sentence string
	system   string
	place    string // the table; empty: all of the system
	state    casefile.MeasureState
	reason   string
	planning bool // it shows before the plan is fixed
	words    map[wording.Lang]string
}

var outcomes = []outcome{
	{"a table without primary key", "stk-accreditation", "press_card", casefile.ForUnit, "connector.sql.view", true,
		map[wording.Lang]string{"de": "Die Presseausweise lassen sich nicht einzeln löschen.", "en": "Press cards can't be deleted one by one."}},
	{"a foreign key that forbids", "stk-accreditation", "journalist", casefile.Asks, "connector.sql.foreign_key", true,
		map[wording.Lang]string{"de": "Sie tragen noch einen Hausausweis.", "en": "You still hold a pass to the house."}},
	{"a row under retention", "stk-offline-orders", "payment", casefile.ForUnit, "connector.sql.kept", true,
		map[wording.Lang]string{"de": "Zahlungen bewahren wir zehn Jahre auf (§ 147 Abs. 3 AO).", "en": "We keep payments for ten years (§ 147(3) AO)."}},
	{"a row that changed after planning", "stk-newsletter", "subscriber", casefile.Asks, "fulfilment.reason.differs", false,
		map[wording.Lang]string{"de": "Ihre Anmeldung haben Sie gerade geändert.", "en": "You have just changed your subscription."}},
	{"an account that may only read", "stk-citizen-service", "", casefile.Asks, "connector.sql.denied", false,
		map[wording.Lang]string{"de": "Das Bürgertelefon dürfen wir noch nicht ändern.", "en": "We may not change the citizens' telephone yet."}},
	{"a connector that was turned off", "stk-callbacks", "", casefile.Asks, "fulfilment.reason.no_machine", false,
		map[wording.Lang]string{"de": "Die Rückrufe zieht gerade ein anderes Haus um.", "en": "The callbacks are just being moved to another house."}},
}

// TestSixThingsThatCantBeErased has all of them in one plan, for a person who reads
// German and one who reads English. Each stops for its reason, stays as it is, and
// keeps nothing else from being done.
func TestSixThingsThatCantBeErased(t *testing.T) {
	t.Parallel()
	c := housed(t, append(slices.Clone(erased), "stk-offline-orders"))
	people := map[wording.Lang]landscape.Person{"de": c.erika, "en": c.house.Landscape.Person("same-day")}
	for _, p := range people {
		for _, system := range c.systems {
			if _, err := c.house.Landscape.Plant(ctx, system, p.ID, 3, 11); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.hinder(t, people)
	before := c.contents(t)
	c.start(t)
	cases := map[wording.Lang]uuid.UUID{}
	for lang, p := range people {
		a := c.work.Application(p)
		a.Request.Lang = string(lang)
		cases[lang] = c.decidedErasure(t, a)
		c.work.Reside(t, cases[lang], casefile.Residence{District: "Stadt Köln"})
		c.work.Plan(t, cases[lang])
		c.mustStop(t, cases[lang], true)
		c.settle(t, lang, cases[lang], casefile.Asks, true)
	}
	c.stop()
	for _, id := range cases {
		c.work.Order(t, id)
	}
	c.hinderMore(t, people)
	changed := c.contents(t)
	c.start(t)
	for lang, id := range cases {
		c.until(t, "all has ended or asks", func() bool {
			c.id = id
			return c.inState(t, casefile.Planned)+c.inState(t, casefile.Acting) == 0
		})
		c.mustStop(t, id, false)
		c.settle(t, lang, id, casefile.Asks, false)
		c.giveUp(t, lang, id)
		c.work.WaitForPackage(t, id)
		c.mustTell(t, lang, c.work.Fetch(t, id))
	}
	c.mustHold(t, cases, before, changed)
	c.house.Audit(t)
}

// hinder makes what stands in the way before anything is planned.
func (c *chaos) hinder(t *testing.T, people map[wording.Lang]landscape.Person) {
	t.Helper()
	const press, reader, changer = "stk-accreditation", "stk_accreditation_reader", "stk_accreditation_changer"
	c.in(t, press, `create table press_card_log (card_no int, email varchar(254)); -- no key
		create view press_card as select * from press_card_log;
		grant select on press_card to `+reader+`; grant select, update, delete on press_card to `+changer+`;
		create table house_pass (pass_no serial primary key, journalist_id bigint references journalist)`)
	for _, p := range people {
		c.in(t, press, "insert into press_card_log values (1, $1)", p.Email)
		c.in(t, press, "insert into house_pass (journalist_id) select min(journalist_id) from journalist where email = $1", p.Email)
	}
	if n := c.lines(t, press, "select count(journalist_id)::text from house_pass"); n[0] != fmt.Sprint(len(people)) {
		t.Fatalf("%s people have a pass, want all", n[0])
	}
	file := c.connection(press)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, `    - name: press_card
      key: [card_no, email]
      match: {email: {columns: [email]}}
      change: {erase: delete}
`...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// hinderMore makes what comes in between, while nobody works.
func (c *chaos) hinderMore(t *testing.T, people map[wording.Lang]landscape.Person) {
	t.Helper()
	for _, p := range people {
		c.in(t, "stk-newsletter", "update subscriber set consented_at = now() where subscriber_id = (select min(subscriber_id) from subscriber where email = $1)", p.Email)
	}
	c.in(t, "stk-citizen-service", "revoke update, delete on all tables in schema public from stk_citizen_service_changer")
	if err := os.Remove(c.connection("stk-callbacks")); err != nil {
		t.Fatal(err)
	}
}

func (c *chaos) connection(system string) string {
	return filepath.Join(c.house.Connections, system+".yaml")
}

// those are the measures of an outcome.
func (o outcome) those(measures []procedure.Measure) (some []procedure.Measure) {
	for _, m := range measures {
		place, _, _ := strings.Cut(m.Text.Reference, "/")
		if m.System == o.system && (o.place == "" || place == o.place && m.Text.Reason == o.reason) {
			some = append(some, m)
		}
	}
	return some
}

// mustStop makes sure that each outcome shows, with its sentence on the page, and
// that nothing else stops.
func (c *chaos) mustStop(t *testing.T, id uuid.UUID, planning bool) {
	t.Helper()
	measures := c.work.Measures(t, id)
	stopped := map[uuid.UUID]bool{}
	for _, o := range outcomes {
		if o.planning != planning {
			continue
		}
		some := o.those(measures)
		if len(some) == 0 {
			t.Errorf("%s: no measure stops for it", o.sentence)
		}
		for _, m := range some {
			stopped[m.ID] = true
			if m.State != o.state || m.Text.Reason != o.reason || !m.Text.Proof.ReadAt.IsZero() {
				t.Errorf("%s: %s: got %s, %s with proof %v, want %s, %s", o.sentence, m.Text.Reference, m.State, m.Text.Reason, m.Text.Proof.ReadAt, o.state, o.reason)
			}
		}
		if len(some) > 0 {
			c.mustShow(t, id, some[0], o)
		}
	}
	done := map[string]int{}
	for _, m := range measures {
		waits := m.State == casefile.Asks || m.State == casefile.ForUnit && planning
		if waits && !stopped[m.ID] {
			t.Errorf("%s: %s stops, too: %s, %s", m.System, m.Text.Reference, m.State, m.Text.Reason)
		}
		if m.State == casefile.Done && (m.Text.Proof.ReadAt.IsZero() || m.Text.Proof.Gone == (m.Text.Left != nil)) {
			t.Errorf("%s: %s is done with proof %+v", m.System, m.Text.Reference, m.Text.Proof)
		}
		if m.State == casefile.Done {
			done[m.System]++
		}
	}
	for _, system := range []string{"stk-brochures", "stk-accreditation", "stk-newsletter", "stk-offline-orders"} {
		if !planning && done[system] == 0 {
			t.Errorf("%s: nothing is done", system)
		}
	}
}

// mustShow looks at the page of the plan in both languages.
func (c *chaos) mustShow(t *testing.T, id uuid.UUID, m procedure.Measure, o outcome) {
	t.Helper()
	clerk := staffAt(t, c.house, "Karla Sommer")
	for _, lang := range wording.Languages {
		article := measureOnPage(clerk, fmt.Sprintf("/desk/vorgang/%s/plan?lang=%s&system=%s", id, lang, m.System), m.ID)
		for _, want := range []string{wording.Text(lang, "plan.state."+string(o.state)), wording.Text(lang, o.reason)} {
			if !strings.Contains(article, want) {
				t.Errorf("%s, %s: the page lacks %q: %s", o.sentence, lang, want, article)
			}
		}
	}
}

// measureOnPage is what stands about a measure, on whichever page it stands.
func measureOnPage(b *webtest.Browser, path string, id uuid.UUID) string {
	for page := 1; page < 9; page++ {
		body := string(b.Get(fmt.Sprintf("%s&seite=%d", path, page)).Body)
		if _, rest, found := strings.Cut(body, `id="m-`+id.String()+`"`); found {
			article, _, _ := strings.Cut(rest, "</article>")
			return html.UnescapeString(article)
		}
	}
	return ""
}

// settle has staff leave what asks, and say why.
func (c *chaos) settle(t *testing.T, lang wording.Lang, id uuid.UUID, state casefile.MeasureState, planning bool) {
	t.Helper()
	measures := c.work.Measures(t, id)
	for _, o := range outcomes {
		var ids []uuid.UUID
		for _, m := range o.those(measures) {
			if m.State == state || o.reason == "connector.sql.kept" && planning {
				ids = append(ids, m.ID)
			}
		}
		if o.planning != planning || len(ids) == 0 {
			continue
		}
		err := c.house.Steps.Fulfilment.Decide(ctx, c.work.Clerk, id, ids, fulfilment.Leave, person.NewText(o.words[lang]), person.NewText("geprüft"), c.house.Now())
		if err != nil {
			t.Fatalf("%s: %v %v", o.sentence, err, portaltest.ReasonsOf(err))
		}
	}
}

// giveUp has the units say that they can't do it either.
func (c *chaos) giveUp(t *testing.T, lang wording.Lang, id uuid.UUID) {
	t.Helper()
	measures := c.work.Measures(t, id)
	for _, o := range outcomes {
		if slices.ContainsFunc(o.those(measures), func(m procedure.Measure) bool { return m.State == casefile.ForUnit }) {
			if err := c.house.Steps.Fulfilment.Confirm(ctx, c.work.Clerk, id, o.system, false, person.NewText(o.words[lang]), c.house.Now()); err != nil {
				t.Fatalf("%s: %v", o.sentence, err)
			}
		}
	}
}

// mustTell makes sure that the answer says of each why it stays, and claims of none
// that it was erased.
func (c *chaos) mustTell(t *testing.T, lang wording.Lang, p portaltest.Package) {
	t.Helper()
	letter := html.UnescapeString(string(p["Auskunft.html"]))
	stays, _, _ := strings.Cut(wording.Text(lang, "letter.measures.stays.erased"), "{")
	erased, _, _ := strings.Cut(wording.Text(lang, "letter.measures.done.erased"), "{")
	for _, want := range []string{stays, erased, wording.Text(lang, "letter.measures.searched")} {
		if !strings.Contains(letter, want) {
			t.Errorf("%s: the answer lacks %q", lang, want)
		}
	}
	var told struct {
		Measures []struct {
			System    struct{ ID string }
			Reference string
			State     string
		}
	}
	if err := json.NewDecoder(bytes.NewReader(p["umsetzung.json"])).Decode(&told); err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if !strings.Contains(letter, o.words[lang]) {
			t.Errorf("%s, %s: the answer lacks why", o.sentence, lang)
		}
		if n := strings.Count(letter, o.words[lang]); n > 0 && !strings.Contains(before(letter, o.words[lang]), stays) {
			t.Errorf("%s, %s: the answer does not say that it stays", o.sentence, lang)
		}
		n := 0
		for _, m := range told.Measures {
			place, _, _ := strings.Cut(m.Reference, "/")
			if m.System.ID == o.system && (o.place == "" || o.place == place) && m.State == "stays" {
				n++
			}
			if m.System.ID == o.system && o.place == "" && m.State != "stays" {
				t.Errorf("%s, %s: %s is told as %s", o.sentence, lang, m.Reference, m.State)
			}
		}
		if n == 0 {
			t.Errorf("%s, %s: nothing is told to stay", o.sentence, lang)
		}
	}
}

// before is what stands shortly before a text.
func before(text, at string) string {
	i := strings.Index(text, at)
	return text[max(0, i-600):i]
}

// mustHold makes sure that of the systems exactly that is gone which is told to be.
func (c *chaos) mustHold(t *testing.T, cases map[wording.Lang]uuid.UUID, before, changed []string) {
	t.Helper()
	want, masked := map[string]int{}, map[string]int{}
	for _, id := range cases {
		for _, m := range c.work.Measures(t, id) {
			if m.State == casefile.Done && m.Do == connector.CanErase {
				want[m.System]++
			}
			if m.State == casefile.Done && len(m.Text.Left) > 0 {
				masked[m.System]++
			}
		}
	}
	lost, more := differ(changed, c.contents(t))
	for _, system := range c.systems {
		if got := of(lost, system); got != want[system] {
			t.Errorf("%s: %d rows are gone or changed, want %d", system, got, want[system])
		}
		if got := of(more, system); got != masked[system] {
			t.Errorf("%s: %d rows are changed, want %d", system, got, masked[system])
		}
	}
	if lost, _ := differ(before, changed); len(lost) != len(cases) {
		t.Errorf("%d rows were changed after planning, want %d: this checks nothing", len(lost), len(cases))
	}
}

func of(lines []string, system string) (n int) {
	for _, line := range lines {
		if strings.HasPrefix(line, system+" ") {
			n++
		}
	}
	return n
}
