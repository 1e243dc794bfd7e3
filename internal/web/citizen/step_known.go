package citizen

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/person"
	"einsicht/internal/web/reply"
	"einsicht/views/citizen"
	"einsicht/views/kern"
)

// What a person can be found by beyond name, contact and birth date. A field is
// asked only where one of the authority's systems can be searched by it.
var (
	furtherKinds = []person.IdentifierKind{
		person.Account, person.Company, person.PersonnelNumber, person.IBAN, person.Handle, person.DisplayName, person.ConferenceID,
	}
	rareKinds = []person.IdentifierKind{person.SessionID, person.VisitorID, person.SSHFingerprint}
)

// formerFields take one value per line.
var formerFields = map[string]person.IdentifierKind{
	"more-email": person.Email, "former-name": person.Name, "former-address": person.Address,
}

// stepKnown asks what helps to find the person's data.
var stepKnown = step{
	slug: "angaben", number: 3,
	fields: func(*draft) []string {
		names := []string{
			"name", "email", "born", "born-day", "born-month", "born-year", "street", "zip", "city", "phone",
			"more-email", "former-name", "former-address",
		}
		for _, k := range furtherKinds {
			names = append(names, string(k))
		}
		names = append(names, "ip", "ip-date", "ip-date-day", "ip-date-month", "ip-date-year", "ip-time")
		for _, k := range rareKinds {
			names = append(names, string(k))
		}
		return names
	},
	check: func(d *draft, wrong faults) {
		if d.typed("name") == "" {
			wrong["name"] = "name"
		}
		for _, k := range []person.IdentifierKind{person.Email, person.Phone, person.IBAN} {
			if v := d.typed(string(k)); v != "" && malformed(k, v) {
				wrong[string(k)] = string(k)
			}
		}
		for _, line := range d.lines("more-email") {
			if malformed(person.Email, line) {
				wrong["more-email"] = "email"
			}
		}
		if _, given, ok := d.date("born"); given && !ok {
			wrong["born"] = "date"
		}
		if given, field := d.visitFault(); given && field != "" {
			wrong[field] = field
		}
	},
	show: showKnown,
}

func showKnown(w writer) []citizen.FormPart {
	name := w.line("name", true, autocomplete(w.d, "name"))
	name.Label = w.say("field.name." + string(w.d.about()))
	email := w.line("email", false, autocomplete(w.d, "email"))
	email.Type, email.InputMode = "email", "email"
	phone := w.line("phone", false, autocomplete(w.d, "tel"))
	phone.Type, phone.InputMode, phone.Width = "tel", "tel", 20
	born := w.date("born")
	born.Birthday = w.d.about() == casefile.Self
	former := citizen.Fields{kern.Lines(w.area("more-email", 3)), kern.Lines(w.area("former-name", 3)), kern.Lines(w.area("former-address", 3))}
	for _, k := range furtherKinds {
		if systems := w.searchedBy(k); len(systems) > 0 {
			former = append(former, kern.Line(w.further(k, systems)))
		}
	}
	parts := []citizen.FormPart{
		{Fields: citizen.Fields{kern.Line(name), kern.Line(email), kern.DateField(born)}},
		{Title: w.say("known.address"), Fields: address(w, "")},
		{Fields: citizen.Fields{kern.Line(phone)}},
		{ID: "weitere", Title: w.say("known.further"), Text: w.say("known.further.text"), Folded: true, Open: w.anyWrong("more-email", "iban"), Fields: former},
	}
	if rare := rareFields(w); len(rare) > 0 {
		parts = append(parts, citizen.FormPart{ID: "selten", Title: w.say("known.rare"), Text: w.say("known.rare.text"), Folded: true, Open: w.anyWrong("ip", "ip-date", "ip-time"), Fields: rare})
	}
	return parts
}

func rareFields(w writer) citizen.Fields {
	var rare citizen.Fields
	if len(w.searchedBy(person.IPTime)) > 0 {
		ip, at := w.line("ip", false, "off"), w.line("ip-time", false, "off")
		ip.Width, at.Width = 20, 10
		rare = append(rare, kern.Line(ip), kern.DateField(w.date("ip-date")), kern.Line(at))
	}
	for _, k := range rareKinds {
		if systems := w.searchedBy(k); len(systems) > 0 {
			rare = append(rare, kern.Line(w.further(k, systems)))
		}
	}
	return rare
}

// address asks for a postal address; prefix tells two on one form apart.
func address(w writer, prefix string) citizen.Fields {
	street := w.line(prefix+"street", false, autocomplete(w.d, "street-address"))
	zip := w.line(prefix+"zip", false, autocomplete(w.d, "postal-code"))
	city := w.line(prefix+"city", false, autocomplete(w.d, "address-level2"))
	zip.Width = 10
	return citizen.Fields{kern.Line(street), kern.Line(zip), kern.Line(city)}
}

// autocomplete lets the browser fill in the person's own data, and nobody
// else's.
func autocomplete(d *draft, token string) string {
	if d.about() == casefile.Self {
		return token
	}
	return "off"
}

func (w writer) further(k person.IdentifierKind, systems []string) kern.Input {
	i := w.line(string(k), false, "off")
	i.Hint = strings.TrimSpace(i.Hint + " " + w.say("known.systems", "systems", strings.Join(systems, ", ")))
	return i
}

// searchedBy names the systems that can be searched by a kind, three at most.
func (w writer) searchedBy(k person.IdentifierKind) []string {
	var names []string
	for _, s := range w.inv.Systems {
		if s.Attributable && s.Connector != inventory.Portal && slices.Contains(s.Identifiers, k) && len(names) < 3 {
			names = append(names, s.In(reply.Lang(w.c)).Name)
		}
	}
	return names
}

func (w writer) anyWrong(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return w.wrong[n] != "" })
}

func malformed(k person.IdentifierKind, value string) bool {
	_, err := person.Normal(k, value)
	return err != nil
}

// date reads a day from its three fields.
func (d *draft) date(name string) (day calendar.Date, given, ok bool) {
	year, month, of := d.typed(name+"-year"), d.typed(name+"-month"), d.typed(name+"-day")
	if year+month+of == "" {
		return day, false, true
	}
	at, err := time.Parse("2006-1-2", year+"-"+strings.TrimLeft(month, "0")+"-"+strings.TrimLeft(of, "0"))
	if err != nil || at.Year() < 1850 {
		return day, true, false
	}
	return calendar.Day(at.Year(), at.Month(), at.Day()), true, true
}

// visit is when the person visited a page, and from which address.
func (d *draft) visit() (value string, ok bool) {
	ip, err := netip.ParseAddr(d.typed("ip"))
	day, given, sound := d.date("ip-date")
	at, errTime := time.Parse("15:04", d.typed("ip-time"))
	if err != nil || !given || !sound || errTime != nil {
		return "", false
	}
	year, month, of := day.Civil()
	when := time.Date(year, month, of, at.Hour(), at.Minute(), 0, 0, calendar.Berlin())
	return person.FormatIPTime(ip, when), true
}

// visitFault says which of the fields of a visit can't be read: an address
// without its time leads to nobody.
func (d *draft) visitFault() (given bool, field string) {
	_, dated, sound := d.date("ip-date")
	if d.typed("ip") == "" && d.typed("ip-time") == "" && !dated {
		return false, ""
	}
	if _, err := netip.ParseAddr(d.typed("ip")); err != nil {
		return true, "ip"
	}
	if !dated || !sound {
		return true, "ip-date"
	}
	if _, err := time.Parse("15:04", d.typed("ip-time")); err != nil {
		return true, "ip-time"
	}
	return true, ""
}

// identifiers are what the person can be looked up by. They are claimed.
func (d *draft) identifiers() []person.Identifier {
	var all []person.Identifier
	add := func(k person.IdentifierKind, value string) {
		if value != "" {
			all = append(all, person.Identifier{Kind: k, Value: person.NewText(value)})
		}
	}
	add(person.Name, d.typed("name"))
	add(person.Email, d.typed("email"))
	if day, given, ok := d.date("born"); given && ok {
		add(person.Birthdate, day.String())
	}
	add(person.Address, d.address("", ", "))
	add(person.Phone, d.typed("phone"))
	for _, name := range []string{"more-email", "former-name", "former-address"} {
		for _, line := range d.lines(name) {
			add(formerFields[name], line)
		}
	}
	for _, k := range slices.Concat(furtherKinds, rareKinds) {
		add(k, d.typed(string(k)))
	}
	if visit, ok := d.visit(); ok {
		add(person.IPTime, visit)
	}
	return all
}

// address writes the postal address of the fields with a prefix; empty unless
// there is a street and a town.
func (d *draft) address(prefix, between string) string {
	street, town := d.typed(prefix+"street"), strings.TrimSpace(d.typed(prefix+"zip")+" "+d.typed(prefix+"city"))
	if street == "" || town == "" {
		return ""
	}
	return street + between + town
}
