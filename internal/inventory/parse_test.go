package inventory

import (
	"errors"
	"strings"
	"testing"
)

// valid is a small inventory; the tests break it at one place each.
const valid = `authority:
  id: muster
  name: Musterbehörde
  jurisdiction: NW
  regime: dsg_nrw
  contact: {street: Musterweg 1, zip: "01234", city: Musterstadt, email: post@muster.invalid}
  rights: [access, complaint]
systems:
  - id: muster-portal
    name: Portal
    legal_basis: ["Art. 6(1)(c) DSGVO"]
    retention: {text: "drei Jahre", years: 3, event: case_closed, end_of_year: true}
    identifiers: [file-number, email]
    portable: false
    attributable: true
    connector: portal
  - id: muster-newsletter
    name: Newsletter
    legal_basis: ["Art. 6(1)(a) DSGVO"]
    retention: {text: "nicht genannt"}
    fields: [E-Mail-Adresse]
    recipients: []
    identifiers: [email]
    portable: true
    attributable: true
    connector: sql
`

func TestAValidInventoryIsReadWithoutFaultOrWarning(t *testing.T) {
	inv, warnings, err := Parse("muster.yaml", []byte(valid))
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v, warnings %v, want none", err, warnings)
	}
	if got, want := len(inv.Systems), 2; got != want {
		t.Fatalf("got %d systems, want %d", got, want)
	}
	s, ok := inv.System("muster-newsletter")
	if !ok || s.Recipients == nil || s.Regime != "dsg_nrw" {
		t.Errorf("got %+v, want no recipients (not: unknown ones) and the authority's regime", s)
	}
	if p, _ := inv.Portal(); p.Recipients != nil {
		t.Errorf("got recipients %v where the notice is silent, want nil", p.Recipients)
	}
	if got, want := inv.Authority.Contact.Zip, "01234"; got != want {
		t.Errorf("got zip %q, want %q", got, want)
	}
	if _, ok := inv.System("muster"); ok {
		t.Error("got a system for an id that is in no entry")
	}
}

func TestEachFaultNamesFileLineAndKey(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a key nobody knows": {"    fields: [E-Mail-Adresse]", "    feilds: [E-Mail-Adresse]",
			"muster.yaml:21: systems[1].feilds: unknown key; known are attributable,"},
		"a key nobody knows in the authority": {"  regime:", "  land: NW\n  regime:",
			"muster.yaml:5: authority.land: unknown key"},
		"a key nobody knows at the top": {"systems:", "system: []\nsystems:",
			"muster.yaml:8: system: unknown key"},
		"a key nobody knows in the retention": {`{text: "nicht genannt"}`, `{text: "6 Wochen", weeks: 6}`,
			"muster.yaml:20: systems[1].retention.weeks: unknown key"},
		"a key nobody knows in a contact": {"street:", "strasse:",
			"muster.yaml:6: authority.contact.strasse: unknown key"},
		"no basis": {"    legal_basis: [\"Art. 6(1)(a) DSGVO\"]\n", "",
			"muster.yaml:17: systems[1].legal_basis: is missing; list the provisions"},
		"no retention": {"    retention: {text: \"nicht genannt\"}\n", "",
			"muster.yaml:17: systems[1].retention: is missing; write {text:"},
		"no word on whether records can be tied to a person": {"    portable: true\n    attributable: true\n", "    portable: true\n",
			"muster.yaml:17: systems[1].attributable: is missing"},
		"retention as a mere text": {`{text: "nicht genannt"}`, "6 Wochen",
			"muster.yaml:20: systems[1].retention: is malformed; write {text:"},
		"retention without words": {`{text: "nicht genannt"}`, `{days: 42}`,
			"muster.yaml:20: systems[1].retention.text: is missing"},
		"retention with an empty text": {`{text: "nicht genannt"}`, `{text: ""}`,
			"muster.yaml:20: systems[1].retention.text: is no text"},
		"retention in two units": {`{text: "nicht genannt"}`, `{text: "x", days: 42, months: 2}`,
			"muster.yaml:20: systems[1].retention: gives more than one period"},
		"retention of half a day": {`{text: "nicht genannt"}`, `{text: "x", days: 0.5}`,
			"muster.yaml:20: systems[1].retention.days: is no number of them"},
		"retention of a negative period": {`{text: "nicht genannt"}`, `{text: "x", days: -1}`,
			"muster.yaml:20: systems[1].retention.days: is no number of them"},
		"retention from an unknown event": {`{text: "nicht genannt"}`, `{text: "x", event: someday}`,
			"muster.yaml:20: systems[1].retention.event: is no known word; write one of accreditation_decision,"},
		"retention that is unstated and stated": {`{text: "nicht genannt"}`, `{text: "nicht genannt", days: 3}`,
			"muster.yaml:20: systems[1].retention: says that nothing is stated and gives a period"},
		"an end of the year without a period": {`{text: "nicht genannt"}`, `{text: "x", end_of_year: true}`,
			"muster.yaml:20: systems[1].retention.end_of_year: needs a period"},
		"a right nobody knows": {"[access, complaint]", "[access, forgetting]",
			"muster.yaml:7: authority.rights[1]: is no known word; write one of information,"},
		"the same right twice": {"[access, complaint]", "[access, access]",
			"muster.yaml:7: authority.rights[1]: stands in the list twice"},
		"a regime nobody knows": {"regime: dsg_nrw", "regime: bdsg",
			"muster.yaml:5: authority.regime: is no known word; write one of dsg_nrw, bdsg_nonpublic, ndsg"},
		"a regime of another Land": {"regime: dsg_nrw", "regime: ndsg",
			"muster.yaml:5: authority.regime: does not apply in this Land; write one of dsg_nrw, bdsg_nonpublic"},
		"a system's regime of another Land": {"    fields:", "    regime: ndsg\n    fields:",
			"muster.yaml:21: systems[1].regime: does not apply in this Land"},
		"another Land": {"jurisdiction: NW", "jurisdiction: BY",
			"muster.yaml:4: authority.jurisdiction: is no known word; write one of NW, NI"},
		"a kind of identifier nobody knows": {"identifiers: [email]", "identifiers: [mail]",
			"muster.yaml:23: systems[1].identifiers[0]: is no known word; write one of email,"},
		"a kind of source nobody knows": {"connector: sql", "connector: excel",
			"muster.yaml:26: systems[1].connector: is no known word; write one of applog,"},
		"the same id twice": {"id: muster-newsletter", "id: muster-portal",
			"muster.yaml:17: systems[1].id: is the same as in line 9"},
		"an id that is none": {"id: muster-newsletter", "id: Muster Newsletter",
			"muster.yaml:17: systems[1].id: is no id"},
		"the same key twice": {"    name: Newsletter\n", "    name: Newsletter\n    name: Rundbrief\n",
			"muster.yaml:19: systems[1].name: stands here a second time, first in line 18"},
		"a truth that is none": {"portable: true", "portable: yes",
			"muster.yaml:24: systems[1].portable: is neither true nor false"},
		"an empty text": {"name: Newsletter", "name:",
			"muster.yaml:18: systems[1].name: is no text"},
		"a text where a list belongs": {"fields: [E-Mail-Adresse]", "fields: E-Mail-Adresse",
			"muster.yaml:21: systems[1].fields: is no list"},
		"a list where a mapping belongs": {"contact: {street: Musterweg 1, zip: \"01234\", city: Musterstadt, email: post@muster.invalid}", "contact: []",
			"muster.yaml:6: authority.contact: is no mapping"},
		"an alias": {"    name: Newsletter", "    name: &n Newsletter\n    purpose: *n",
			"muster.yaml:19: systems[1].purpose: is an alias"},
		"a body that is none": {"  regime:", "  body: state\n  regime:",
			"muster.yaml:5: authority.body: is no known word; write one of land, municipal, other"},
		"a seat that is no district": {"  regime:", "  seat_district: Musterstadt\n  regime:",
			"muster.yaml:5: authority.seat_district: is no Kreis, Landkreis or kreisfreie Stadt"},
		"a seat in another Land": {"  regime:", "  seat_district: Landkreis Hildesheim\n  regime:",
			"muster.yaml:5: authority.seat_district: is no Kreis, Landkreis or kreisfreie Stadt of this Land"},
		"a form that is none": {"    connector: sql\n", "    connector: sql\n    form: digital\n",
			"muster.yaml:27: systems[1].form: is no known word; write one of automated, paper"},
		"an internal schedule as a statute": {"    connector: sql\n", "    connector: sql\n    statutory_retention: Aktenplan\n",
			"muster.yaml:27: systems[1].statutory_retention: is no citation of a statute"},
		"kept for a duty alone, and no duty named": {"    connector: sql\n", "    connector: sql\n    retention_only: true\n",
			"muster.yaml:27: systems[1].retention_only: needs the statute"},
		"backups that never rotate": {"    connector: sql\n", "    connector: sql\n    rotation_days: 0\n",
			"muster.yaml:27: systems[1].rotation_days: is no number of them"},
		"a second document": {"    connector: sql\n", "    connector: sql\n---\nauthority: {}\n",
			"muster.yaml:27: a second document begins"},
		"no systems": {valid[strings.Index(valid, "systems:"):], "",
			"muster.yaml:1: systems: is missing"},
		"no authority": {valid[:strings.Index(valid, "systems:")], "",
			"muster.yaml:1: authority: is missing"},
		"nothing at all": {valid, "# nothing\n", "muster.yaml:1: is empty"},
		"no YAML":        {"    name: Newsletter\n", "    name: [Newsletter\n", "muster.yaml:"},
		"a translation of another length": {"    connector: sql\n", "    connector: sql\n    en: {fields: [e-mail, name]}\n",
			"muster.yaml:27: systems[1].en.fields: has another number of entries"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(valid, c.old, c.new, 1)
			if broken == valid {
				t.Fatal("the sample is not broken: the test checks nothing")
			}
			inv, _, err := Parse("muster.yaml", []byte(broken))
			if err == nil {
				t.Fatal("got no error, want", c.want)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if inv.Authority.ID != "" || inv.Systems != nil {
				t.Error("got half an inventory with the error, want none")
			}
			var f *Fault
			if !errors.As(err, &f) || f.File != "muster.yaml" || f.Line < 1 {
				t.Errorf("got %#v, want a fault with file and line", f)
			}
		})
	}
}

func TestWhatTheLawAsksAboutASystemIsReadOrNotKnown(t *testing.T) {
	read := func(keys string) System {
		t.Helper()
		inv, _, err := Parse("muster.yaml", []byte(strings.Replace(valid, "    connector: sql\n", keys, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return inv.Systems[1]
	}
	if s := read("    connector: sql\n"); s.Form != Automated || s.Provided != nil || s.BackupOnly || s.StatutoryDuty != "" {
		t.Errorf("got %+v, want automated and nothing else known", s)
	}
	if s := read("    connector: manual\n"); s.Form != "" {
		t.Errorf("got %s for what people look through by hand, want nothing known", s.Form)
	}
	s := read("    connector: manual\n    form: paper\n    backup_only: true\n    rotation_days: 90\n    provided: false\n" +
		"    statutory_retention: § 147 Abs. 3 AO\n    retention_only: true\n")
	if s.Form != Paper || !s.BackupOnly || s.RotationDays != 90 || s.Provided == nil || *s.Provided || s.StatutoryDuty != "§ 147 Abs. 3 AO" || !s.RetentionOnly {
		t.Errorf("got %+v, want all six as written", s)
	}
}

func TestAllFaultsAreReportedAtOnceInTheOrderOfLinesWithoutQuotingAnyValue(t *testing.T) {
	broken := strings.NewReplacer(
		"jurisdiction: NW", "jurisdiction: GEHEIM",
		"connector: portal", "connector: GEHEIM",
		"portable: true", "portable: GEHEIM",
		`{text: "nicht genannt"}`, `{text: "x", days: GEHEIM}`,
	).Replace(valid)
	_, _, err := Parse("muster.yaml", []byte(broken))
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{"muster.yaml:4:", "muster.yaml:16:", "muster.yaml:20:", "muster.yaml:24:"}
	if len(lines) != len(want) {
		t.Fatalf("got %d faults, want %d:\n%v", len(lines), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("got %s, want it to begin with %s", lines[i], want[i])
		}
	}
	if strings.Contains(err.Error(), "GEHEIM") {
		t.Errorf("an error quotes what stood in the file: %v", err)
	}
}

func TestWarningsNameFileLineAndKey(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"social security law":         {"Art. 6(1)(a) DSGVO", "Art. 6(1)(a) DSGVO; § 67a SGB X", "muster.yaml:19: systems[1].legal_basis[0]: SGB, AO and BMG"},
		"tax law":                     {"Art. 6(1)(a) DSGVO\"", "Art. 6(1)(a) DSGVO\", \"§ 147 AO\"", "muster.yaml:19: systems[1].legal_basis[1]: SGB, AO and BMG"},
		"registration law":            {"Art. 6(1)(a) DSGVO\"", "Art. 6(1)(a) DSGVO\", \"§ 3 Bundesmeldegesetz\"", "muster.yaml:19: systems[1].legal_basis[1]: SGB, AO and BMG"},
		"no portal":                   {"connector: portal", "connector: manual", "muster.yaml:1: systems: the portal itself is missing"},
		"portable without its basis":  {"Art. 6(1)(a) DSGVO", "Art. 6(1)(e) DSGVO", "muster.yaml:17: systems[1].portable: Art. 20 GDPR needs consent or contract"},
		"unattributable, unexplained": {"    portable: true\n    attributable: true", "    portable: true\n    attributable: false", "muster.yaml:17: systems[1].explanation: is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, warnings, err := Parse("muster.yaml", []byte(strings.Replace(valid, c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) != 1 || !strings.HasPrefix(warnings[0].String(), c.want) {
				t.Errorf("got %v, want one: %s", warnings, c.want)
			}
		})
	}
	_, warnings, err := Parse("muster.yaml", []byte(strings.Replace(valid, "Art. 6(1)(a) DSGVO", "Art. 6(1)(a) DSGVO, AOK-Satzung, XSGB", 1)))
	if err != nil || len(warnings) > 0 {
		t.Errorf("got %v, %v for words that only look alike, want nothing", warnings, err)
	}
}

func TestTheVersionChangesWithTheTextAndNotWithLineEnds(t *testing.T) {
	hash := func(text string) [32]byte {
		t.Helper()
		inv, _, err := Parse("muster.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := Parse("elsewhere.yaml", inv.Source())
		if err != nil || again.SHA256() != inv.SHA256() {
			t.Fatalf("the canonical text gives another version (error %v)", err)
		}
		return inv.SHA256()
	}
	was := hash(valid)
	if hash("\xef\xbb\xbf"+strings.ReplaceAll(valid, "\n", " \r\n")+"\n\n") != was {
		t.Error("got another version for other line ends, want the same")
	}
	if hash(strings.Replace(valid, "name: Newsletter", "name: Rundbrief", 1)) == was {
		t.Error("got the same version for another text")
	}
}
