package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// perPage is how many findings of a system stand on the page at once.
const perPage = 20

// decideFinding decides on one finding and its fields.
func (d Deps) decideFinding(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	decision := f.decision()
	for _, name := range f.values["black"] {
		decision.Fields[name] = disclosure.FieldVerdict{BlackOut: true}
	}
	for _, name := range f.values["show"] {
		decision.Fields[name] = disclosure.FieldVerdict{}
	}
	return d.Review.DecideFindings(c.UserContext(), v.actor, id, f.uuids("finding"), decision, v.now)
}

// decideMany decides on several findings of one system at once.
func (d Deps) decideMany(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if len(f.uuids("finding")) == 0 {
		return procedure.Incomplete("finding", "desk.error.findings")
	}
	return d.Review.DecideFindings(c.UserContext(), v.actor, id, f.uuids("finding"), f.decision(), v.now)
}

func (s sent) decision() disclosure.Decision {
	return disclosure.Decision{
		Verdict: disclosure.Verdict(s.get("verdict")), Fields: map[string]disclosure.FieldVerdict{}, Ground: s.get("ground"),
		ForFile: s.text("for_file"), ForPerson: s.text("for_person"), SilentReason: s.text("silent"), SecretFact: s.get("secret") != "",
	}
}

// findings are the records, system by system.
func (s *sheet) findings() desk.Findings {
	p := desk.Findings{Title: s.say("desk.part.findings"), Text: s.say("desk.findings.text"), EmptyTitle: s.say("desk.findings.empty"), EmptyText: s.say("desk.findings.empty.text")}
	if !s.needsData() {
		p.Text += " " + s.say("desk.belongs.text", "rights", s.rightNames())
	}
	if s.o.Hidden > 0 {
		p.Hidden = s.count("desk.findings.hidden", s.o.Hidden)
	}
	for _, system := range s.o.Systems {
		if len(system.Findings) > 0 {
			p.Systems = append(p.Systems, s.system(system))
		}
	}
	return p
}

func (s *sheet) system(sys review.System) desk.System {
	undecided := 0
	for _, f := range sys.Findings {
		if f.Decision.Verdict == disclosure.Undecided {
			undecided++
		}
	}
	p := desk.System{
		ID: "system-" + sys.ID, Open: s.shown.system == sys.ID || s.back.get("system") == sys.ID, Notes: s.systemNotes(sys.Text),
		Title: s.say("desk.findings.system", "name", sys.In(s.lang).Name, "n", itoa(len(sys.Findings)), "open", itoa(undecided)),
	}
	first, last, page := 0, min(perPage, len(sys.Findings)), 1
	if s.shown.system == sys.ID && s.shown.page > 1 && (s.shown.page-1)*perPage < len(sys.Findings) {
		page = s.shown.page
		first, last = (page-1)*perPage, min(page*perPage, len(sys.Findings))
	}
	for i, f := range sys.Findings[first:last] {
		p.Records = append(p.Records, s.finding(f, sys.ID, page, first+i+1))
	}
	p.Pages = s.pages(sys.ID, page, first, last, len(sys.Findings))
	if s.decides() {
		p.GiveAll, p.Look = s.giveAll(sys, page, first, last)
		p.Bulk = s.bulk(sys, page, first, last)
	}
	return p
}

func (s *sheet) pages(system string, page, first, last, all int) kern.Pages {
	p := kern.Pages{Label: s.say("desk.pages"), Range: s.say("desk.pages.range", "from", itoa(first+1), "to", itoa(last), "all", itoa(all))}
	to := func(n int, key string) kern.Link {
		return kern.Link{Href: s.path + "?system=" + system + "&seite=" + itoa(n) + "#system-" + system, Label: s.say(key)}
	}
	if page > 1 {
		p.Prev = to(page-1, "desk.pages.prev")
	}
	if last < all {
		p.Next = to(page+1, "desk.pages.next")
	}
	return p
}

// decides says whether the visitor may decide on this case now.
func (s *sheet) decides() bool {
	c := s.o.Case.State
	now := s.d.may(s.visitor, casefile.ActionDecide) && (c == casefile.Received || c == casefile.Gathering || c == casefile.Review)
	return s.kept(now, "fund-", "sammel-", "recht-", "luecken")
}

// giveAll gives what nothing speaks against: undecided, on this page, and
// reached over verified identifiers. What has fields that nobody gave a meaning
// is left: somebody has to look at it, and it is said how much that is.
func (s *sheet) giveAll(sys review.System, page, first, last int) (form desk.Form, look string) {
	b := s.form("geben-"+sys.ID, "sammel")
	b.hidden("system", sys.ID).hidden("seite", itoa(page)).hidden("verdict", string(disclosure.Give))
	n, left := 0, 0
	for _, f := range sys.Findings[first:last] {
		switch {
		case f.Decision.Verdict != disclosure.Undecided || !f.Verified || f.Record.Confidence == connector.Check:
		case unmapped(f):
			left++
		default:
			b.hidden("finding", f.ID.String())
			n++
		}
	}
	if left > 0 {
		look = s.count("desk.findings.look", left)
	}
	if n == 0 {
		return desk.Form{}, look
	}
	lead, label := "desk.findings.give_all.text", "desk.findings.give_all"
	if !s.needsData() {
		lead, label = "desk.belongs.all.text", "desk.belongs.all"
	}
	b.form.Lead = s.say(lead)
	return b.done("", s.count(label, n)), look
}

// unmapped says whether a record has a value that could leave the house though
// nobody has said what it means.
func unmapped(f review.Finding) bool {
	return slices.ContainsFunc(f.Record.Fields, func(field connector.Field) bool {
		return field.Unmapped && !field.Withheld && !field.Value.IsBlank()
	})
}

func (s *sheet) bulk(sys review.System, page, first, last int) desk.Form {
	b := s.form("sammel-"+sys.ID, "sammel")
	b.hidden("system", sys.ID).hidden("seite", itoa(page))
	var options []kern.Option
	for i, f := range sys.Findings[first:last] {
		label := s.say("desk.findings.numbered", "n", itoa(first+i+1), "label", s.titleOf(f))
		hint := s.verdict(f.Decision)
		if unmapped(f) {
			hint += " · " + s.say("desk.findings.unmapped")
		}
		options = append(options, kern.Option{Value: f.ID.String(), Label: label, Hint: hint})
	}
	b.boxes(b.field("finding", "desk.decide.which"), options)
	s.verdictFields(b, sys.ID, disclosure.Decision{})
	return b.done(s.say("desk.findings.bulk"), s.say("desk.do.sammel"))
}

var confidenceKinds = map[connector.Confidence]kern.Kind{connector.Sure: kern.Success, connector.Likely: kern.Info, connector.Check: kern.Warning}

var verdictKinds = map[disclosure.Verdict]kern.Kind{
	disclosure.Undecided: kern.Warning, disclosure.Give: kern.Success, disclosure.Withhold: kern.Danger, disclosure.NotThisPerson: kern.Info,
}

func (s *sheet) finding(f review.Finding, system string, page, number int) desk.Finding {
	p := desk.Finding{
		ID: "record-" + f.ID.String(), Preline: s.say("desk.findings.number", "n", itoa(number)), Title: s.titleOf(f),
		Tags: []kern.Badge{
			{Kind: verdictKinds[f.Decision.Verdict], Label: s.verdict(f.Decision)},
			{Kind: confidenceKinds[f.Record.Confidence], Label: s.say("desk.findings.confidence", "word", s.say("connector.confidence."+string(f.Record.Confidence)))},
		},
	}
	if unmapped(f) {
		p.Tags = append(p.Tags, kern.Badge{Kind: kern.Warning, Label: s.say("desk.findings.unmapped")})
	}
	if !f.Verified {
		p.Tags = append(p.Tags, kern.Badge{Kind: kern.Warning, Label: s.say("desk.findings.claimed")})
		p.Warning = s.say("desk.findings.unverified")
		if !s.needsData() {
			p.Warning = s.say("desk.belongs.unverified")
		}
	}
	for _, field := range f.Record.Fields {
		p.Fields = append(p.Fields, s.fieldItem(field, f.Decision))
	}
	for i, file := range f.Record.Files() {
		label := s.say("desk.findings.file")
		if !file.Name.IsBlank() {
			label += ": " + file.Name.Reveal()
		}
		p.Files = append(p.Files, kern.Link{Href: s.path + "/datei/" + f.ID.String() + "/" + itoa(i), Label: label})
	}
	p.Source = s.say("desk.findings.source", "place", s.source(system, f.Record))
	if !f.Record.Origin.At.IsZero() {
		p.Source += " " + s.say("desk.findings.written", "at", s.moment(f.Record.Origin.At))
	}
	p.Decision = s.decided(f.Decision)
	switch {
	case !s.decides():
	case s.shown.finding == f.ID.String() || s.back.status != 0 && s.back.id == "fund-"+f.ID.String():
		p.Form = s.findingForm(f, system, page)
		p.Form.Open = true
	default:
		// A hundred forms are a megabyte; most findings are decided many at once.
		p.Ask = kern.Link{Href: s.path + "?system=" + system + "&seite=" + itoa(page) + "&fund=" + f.ID.String() + "#" + p.ID, Label: s.say("exam.finding.decide")}
		if f.Decision.Verdict != disclosure.Undecided {
			p.Ask.Label = s.say("exam.finding.again")
		}
	}
	return p
}

// titleOf is what a record is, as the system calls it where nobody said it in words.
func (s *sheet) titleOf(f review.Finding) string {
	return cmp.Or(f.Record.Title(s.lang), f.Record.Category)
}

func (s *sheet) verdict(d disclosure.Decision) string {
	word := string(d.Verdict)
	switch {
	case word == "":
		word = "undecided"
	case d.Verdict == disclosure.Give && !s.needsData():
		return s.say("desk.belongs.give")
	}
	return s.say("case.verdict." + word)
}

// fieldItem is one datum with what is to be minded about it.
func (s *sheet) fieldItem(f connector.Field, d disclosure.Decision) kern.Item {
	item := kern.Item{Key: f.Title(s.lang), Value: s.readable(f)}
	if !s.needsData() {
		item.Lines = s.marksOf(f)
		return item
	}
	verdict, decided := d.Fields[f.Name]
	for _, mark := range []struct {
		is  bool
		key string
	}{
		{f.Withheld, "desk.field.withheld"},
		{f.ThirdParty && !(decided && !verdict.BlackOut), "desk.field.third_party"},
		{f.ThirdParty && decided && !verdict.BlackOut, "desk.field.third_party_shown"},
		{f.Unmapped, "desk.field.unmapped"},
		{decided && verdict.BlackOut && !f.ThirdParty, "desk.field.black"},
	} {
		if mark.is {
			item.Lines = append(item.Lines, s.say(mark.key))
		}
	}
	return item
}

// marksOf is what is to be minded about a datum of which nothing goes out.
func (s *sheet) marksOf(f connector.Field) (lines []string) {
	if f.ThirdParty {
		lines = append(lines, s.say("desk.belongs.third_party"))
	}
	if f.Unmapped {
		lines = append(lines, s.say("desk.field.unmapped"))
	}
	return lines
}

// readable is the value as staff can look at it; of a file its size.
func (s *sheet) readable(f connector.Field) string {
	if f.Body != nil {
		return itoa(int((f.Body.Size+1023)/1024)) + " KiB"
	}
	return disclosure.Readable(s.lang, f.Value.Reveal(), calendar.Berlin())
}

// sourceWords are the words for where a record stood, by kind of system.
var sourceWords = map[string]string{
	"sql": "table", "drupal": "table", "matomo": "table", "mailman": "part", "rest": "part", "imap": "mailbox", "ldap": "directory", "webdav": "folder",
	"weblog": "line", "maillog": "line", "authlog": "line", "applog": "line", "cdr": "row",
}

// source says where a record stood.
func (s *sheet) source(system string, f connector.Finding) string {
	place, position := f.Origin.Place, f.Origin.Position
	if f.Category == "manual" {
		return s.say("desk.source.unit")
	}
	in, _ := s.o.Inventory.System(system)
	word := sourceWords[in.Connector]
	for prefix, kind := range map[string]string{"UID ": "mailbox", "byte ": "line", "row ": "row"} {
		if after, ok := strings.CutPrefix(position, prefix); ok {
			word, position = kind, after
		}
	}
	if word == "" || place == "" || position == "" {
		return strings.TrimSpace(place + " " + position)
	}
	return s.say("desk.source."+word, "place", place, "position", position)
}

// decided is what was written down about a decision.
func (s *sheet) decided(d disclosure.Decision) []kern.Item {
	if d.Verdict == disclosure.Undecided {
		return nil
	}
	items := []kern.Item{{Key: s.say("desk.decided.by"), Value: s.say("desk.decided.who", "name", s.who(d.By), "at", s.moment(d.At))}}
	add := func(key, value string) {
		if value != "" {
			items = append(items, kern.Item{Key: s.say(key), Value: value})
		}
	}
	add("exam.finding.ground", s.groundName(d.Ground))
	add("desk.decided.for_person", d.ForPerson.Reveal())
	add("desk.decided.for_file", d.ForFile.Reveal())
	add("desk.decided.silent", d.SilentReason.Reveal())
	if d.SecretFact {
		add("desk.decided.secret", s.say("desk.decided.secret.yes"))
	}
	return items
}
