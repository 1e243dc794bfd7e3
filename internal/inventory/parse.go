package inventory

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/law"
	"einsicht/internal/law/citation"
	"einsicht/internal/law/court"
	"einsicht/internal/person"
)

// Parse reads an inventory and refuses what it does not understand. The error
// joins all faults (*Fault), each naming file, line, key and remedy; warnings
// come with and without an error.
func Parse(filename string, data []byte) (Inventory, []Warning, error) {
	d := &document{file: filename, lines: map[string]int{}}
	inv := Inventory{source: canonical(data)}
	if root := d.open(inv.source); root != nil {
		d.inventory(root, &inv)
	}
	if err := d.err(); err != nil {
		return Inventory{}, d.warnings, err
	}
	return inv, d.warnings, nil
}

// canonical drops what editors and transports change without meaning.
func canonical(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	lines := bytes.Split(data, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimRight(lines[i], " \t")
	}
	return append(bytes.TrimRight(bytes.Join(lines, []byte("\n")), "\n"), '\n')
}

func (d *document) inventory(n *yaml.Node, inv *Inventory) {
	ids := map[string]int{}
	hasPortal := false
	d.mapping(n, "", map[string]key{
		"authority": {func(n *yaml.Node, path string) { d.authority(n, path, &inv.Authority) }, "name who is responsible"},
		"systems": {func(n *yaml.Node, path string) {
			d.sequence(n, path, func(n *yaml.Node, path string) {
				s := d.system(n, path)
				if line, twice := ids[s.ID]; twice && s.ID != "" {
					d.fault(d.lines[path+".id"], path+".id", "is the same as in line %d; give each system its own", line)
				}
				ids[s.ID] = d.lines[path+".id"]
				hasPortal = hasPortal || s.Connector == Portal
				inv.Systems = append(inv.Systems, s)
			})
		}, "list them; [] if there are none"},
	})
	for i := range inv.Systems {
		s := &inv.Systems[i]
		if s.Regime == "" {
			s.Regime = inv.Authority.Regime
		} else if fit := regimesOf[inv.Authority.Land]; fit != nil && !slices.Contains(fit, s.Regime) {
			path := fmt.Sprintf("systems[%d].regime", i)
			d.fault(d.lines[path], path, "does not apply in this Land; write one of %s", listed(fit))
		}
	}
	if !hasPortal {
		d.warn(n.Line, "systems", "the portal itself is missing (connector: portal), so there is no privacy notice for requests; copy the entry from a shipped inventory")
	}
}

func (d *document) authority(n *yaml.Node, path string, a *Authority) {
	rights := append([]law.Right{Information, Complaint}, law.Rights...)
	var keys []string
	d.mapping(n, path, map[string]key{
		"id":                  {d.id(&a.ID), "give a short name for addresses, such as stk-nrw"},
		"name":                {d.text(&a.Name), "write the authority's full name"},
		"controller":          {read: d.text(&a.Controller)},
		"jurisdiction":        {word(d, &a.Land, Lands), "write NW or NI; other Länder are not supported yet"},
		"regime":              {d.noting(word(d, &a.Regime, law.Regimes)), "write one of " + listed(law.Regimes)},
		"body":                {read: word(d, &a.Body, Bodies)},
		"seat_district":       {read: d.noting(d.text(&a.SeatDistrict))},
		"one_district":        {read: d.flag(&a.OneDistrict)},
		"source":              {read: d.text(&a.Source)},
		"contact":             {read: d.contact(&a.Contact)},
		"dpo":                 {read: d.contact(&a.DPO)},
		"supervisory":         {read: d.text(&a.Supervisory)},
		"supervisory_contact": {read: d.contact(&a.SupervisoryContact)},
		"rights":              {read: words(d, &a.Rights, rights)},
		"rights_by_law":       {read: words(d, &a.RightsByLaw, rights)},
		"rights_contact":      {read: d.rightsContact(a, rights)},
		"recipients":          {read: d.texts(&a.Recipients)},
		"processors":          {read: d.texts(&a.Processors)},
		"processor_contacts": {read: func(n *yaml.Node, path string) {
			d.sequence(n, path, func(n *yaml.Node, path string) {
				var c Contact
				d.contact(&c)(n, path)
				a.ProcessorContacts = append(a.ProcessorContacts, c)
			})
		}},
		"inferred_keys": {read: words(d, &keys, []string{"jurisdiction", "regime", "supervisory", "contact", "dpo", "controller"})},
		"note":          {read: d.text(&a.Note)},
	})
	a.InferredKeys = keys
	if a.SeatDistrict != "" && a.Land != "" {
		if _, ok := court.Find(a.Land, a.SeatDistrict); !ok {
			d.fault(d.lines[path+".seat_district"], path+".seat_district", "is no Kreis, Landkreis or kreisfreie Stadt of this Land; write it like Kreis Lippe or Stadt Köln")
		}
	}
	if fit := regimesOf[a.Land]; fit != nil && a.Regime != "" && !slices.Contains(fit, a.Regime) {
		d.fault(d.lines[path+".regime"], path+".regime", "does not apply in this Land; write one of %s", listed(fit))
	}
}

func (d *document) rightsContact(a *Authority, rights []law.Right) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		ways := make([]string, len(rights))
		known := map[string]key{}
		for i, r := range rights {
			known[string(r)] = key{read: d.text(&ways[i])}
		}
		d.mapping(n, path, known)
		a.RightsContact = map[law.Right]string{}
		for i, r := range rights {
			if ways[i] != "" {
				a.RightsContact[r] = ways[i]
			}
		}
	}
}

func (d *document) contact(c *Contact) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		d.mapping(n, path, map[string]key{
			"name": {read: d.text(&c.Name)}, "role": {read: d.text(&c.Role)},
			"street": {read: d.text(&c.Street)}, "zip": {read: d.text(&c.Zip)}, "city": {read: d.text(&c.City)},
			"po_box": {read: d.text(&c.POBox)}, "po_zip": {read: d.text(&c.POZip)},
			"phone": {read: d.text(&c.Phone)}, "fax": {read: d.text(&c.Fax)},
			"email": {read: d.text(&c.Email)}, "web": {read: d.text(&c.Web)},
		})
	}
}

func (d *document) system(n *yaml.Node, path string) System {
	var s System
	var english *yaml.Node // read last: it is compared with the German lists
	attributable := false  // given at all
	d.mapping(n, path, map[string]key{
		"id":                  {d.noting(d.id(&s.ID)), "give a short name that stays"},
		"name":                {d.text(&s.Name), "write the name that people know it by"},
		"purpose":             {read: d.text(&s.Purpose)},
		"legal_basis":         {d.legalBasis(&s.LegalBasis), "list the provisions; [] if the notice states none"},
		"inferred":            {read: d.flag(&s.Inferred)},
		"inferred_keys":       {read: words(d, &s.InferredKeys, []string{"purpose", "recipients", "regime", "retention"})},
		"regime":              {read: d.noting(word(d, &s.Regime, law.Regimes))},
		"fields":              {read: d.texts(&s.Fields)},
		"fields_inferred":     {read: d.texts(&s.FieldsInferred)},
		"retention":           {d.retention(&s.Retention), `write {text: "…"}, with "nicht genannt" if the notice is silent`},
		"recipients":          {read: d.texts(&s.Recipients)},
		"processor":           {read: d.text(&s.Processor)},
		"further_processors":  {read: d.texts(&s.FurtherProcessors)},
		"identifiers":         {words(d, &s.Identifiers, person.IdentifierKinds), "list what a person can be looked up by; [] if nothing"},
		"portable":            {d.flag(&s.Portable), "say whether Art. 20 GDPR can apply: true or false"},
		"attributable":        {func(n *yaml.Node, path string) { attributable = true; d.flag(&s.Attributable)(n, path) }, "say whether records can be tied to a person: true or false"},
		"connector":           {word(d, &s.Connector, Connectors), "write one of " + listed(Connectors)},
		"form":                {read: word(d, &s.Form, Forms)},
		"backup_only":         {read: d.flag(&s.BackupOnly)},
		"rotation_days":       {read: d.number(&s.RotationDays)},
		"provided":            {read: func(n *yaml.Node, path string) { s.Provided = new(bool); d.flag(s.Provided)(n, path) }},
		"statutory_retention": {read: d.citation(&s.StatutoryDuty)},
		"retention_only":      {read: d.noting(d.flag(&s.RetentionOnly))},
		"explanation":         {read: d.text(&s.Explanation)},
		"note":                {read: d.text(&s.Note)},
		"en":                  {read: func(n *yaml.Node, _ string) { english = n }},
	})
	if english != nil {
		d.english(english, path+".en", &s)
	}
	// A machine reads what is kept by machines; what people look through by hand
	// may be either.
	if s.Form == "" && s.Connector != "manual" && s.Connector != "" {
		s.Form = Automated
	}
	if s.RetentionOnly && s.StatutoryDuty == "" {
		d.fault(d.lines[path+".retention_only"], path+".retention_only", "needs the statute; add statutory_retention")
	}
	if s.Portable && !slices.ContainsFunc(s.LegalBasis, consentOrContract.MatchString) {
		d.warn(n.Line, path+".portable", "Art. 20 GDPR needs consent or contract, and no such basis is listed; check it")
	}
	if attributable && !s.Attributable && s.Explanation == "" {
		d.warn(n.Line, path+".explanation", "is missing; say to the person in a sentence why nothing can be found here (Art. 11(2) GDPR)")
	}
	return s
}

// consentOrContract finds the bases under which Art. 20(1)(a) GDPR can apply.
var consentOrContract = regexp.MustCompile(`Art\. ?(6 ?\(1\) ?\([ab]\)|9 ?\(2\) ?\(a\))`)

// specialLaw finds social security, tax and registration law, which goes first
// and whose limits of rights the catalogue does not know.
var specialLaw = regexp.MustCompile(`\b(SGB|AO|BMG)\b|Sozialgesetzbuch|Abgabenordnung|Bundesmeldegesetz`)

func (d *document) legalBasis(to *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		d.texts(to)(n, path)
		for i, basis := range *to {
			if specialLaw.MatchString(basis) {
				d.warn(n.Content[i].Line, fmt.Sprintf("%s[%d]", path, i),
					"SGB, AO and BMG have rules of their own on these rights, which the catalogue does not know; have each answer checked")
			}
		}
	}
}

func (d *document) retention(r *Retention) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.MappingNode {
			d.fault(n.Line, path, `is malformed; write {text: "what the notice says", days: 42}, the period only if there is one`)
			return
		}
		d.mapping(n, path, map[string]key{
			"text": {d.text(&r.Text), `write what the notice says, or "nicht genannt"`},
			"days": {read: d.number(&r.Days)}, "months": {read: d.number(&r.Months)}, "years": {read: d.number(&r.Years)},
			"event":            {read: word(d, &r.Event, Events)},
			"end_of_year":      {read: d.flag(&r.EndOfYear)},
			"direct_hours":     {read: d.number(&r.DirectHours)},
			"unconfirmed_days": {read: d.number(&r.UnconfirmedDays)},
			"session":          {read: d.flag(&r.Session)},
		})
		given := 0
		for _, p := range []int{r.Days, r.Months, r.Years} {
			if p > 0 {
				given++
			}
		}
		if given > 1 {
			d.fault(n.Line, path, "gives more than one period; write days, months or years")
		}
		if r.EndOfYear && given == 0 {
			d.fault(n.Line, path+".end_of_year", "needs a period that starts there; write days, months or years")
		}
		if given > 0 && slices.Contains(unstated, r.Text) {
			d.fault(n.Line, path, "says that nothing is stated and gives a period; keep one of them")
		}
	}
}

func (d *document) english(n *yaml.Node, path string, s *System) {
	en := &translation{}
	d.mapping(n, path, map[string]key{
		"name": {read: d.text(&en.name)}, "purpose": {read: d.text(&en.purpose)},
		"retention": {read: d.text(&en.retention)}, "explanation": {read: d.text(&en.explanation)},
		"legal_basis": {read: d.texts(&en.legalBasis)}, "fields": {read: d.texts(&en.fields)},
		"recipients": {read: d.texts(&en.recipients)},
	})
	for _, list := range []struct {
		key    string
		en, de []string
	}{{"legal_basis", en.legalBasis, s.LegalBasis}, {"fields", en.fields, s.Fields}, {"recipients", en.recipients, s.Recipients}} {
		if list.en != nil && len(list.en) != len(list.de) {
			d.fault(n.Line, join(path, list.key), "has another number of entries than the German list; translate each")
		}
	}
	s.english = en
}

// citation reads a provision in the long form: an internal schedule is no legal
// obligation, Art. 17(3)(b) GDPR.
func (d *document) citation(to *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		d.text(to)(n, path)
		if _, err := citation.Parse(*to); err != nil && *to != "" {
			d.fault(n.Line, path, "is no citation of a statute; write it like § 147 Abs. 3 AO")
		}
	}
}

// noting remembers in which line a key stands.
func (d *document) noting(read func(*yaml.Node, string)) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		d.lines[path] = n.Line
		read(n, path)
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (d *document) id(to *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || len(n.Value) > 64 || !idForm.MatchString(n.Value) {
			d.fault(n.Line, path, "is no id; write small letters, figures and single hyphens, 64 at most")
			return
		}
		*to = n.Value
	}
}
