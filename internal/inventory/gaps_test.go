package inventory

import (
	"slices"
	"testing"

	"einsicht/internal/wording"
)

func TestWhatIsMissingAndWhatIsToBeConfirmed(t *testing.T) {
	for id, c := range map[string]struct{ gaps, confirm []string }{
		"stk-citizen-service": {},
		"stk-weblog":          {[]string{"legal_basis", "recipients"}, []string{"legal_basis"}},
		"stk-cookies":         {[]string{"legal_basis"}, []string{"legal_basis"}}, // recipients: [] says that there are none
		"stk-accounts":        {[]string{"legal_basis", "retention", "recipients"}, []string{"legal_basis", "portable", "fields"}},
		"itnrw-statistics-database": {[]string{"legal_basis", "retention", "recipients"},
			[]string{"legal_basis", "portable", "regime"}},
		"itnrw-drupal":             {[]string{"legal_basis", "retention_partly"}, []string{"legal_basis", "fields"}},
		"itnrw-federal-statistics": {[]string{"fields", "retention"}, []string{"fields"}},
		"nlq-contacts":             {[]string{"retention", "recipients"}, nil},
	} {
		t.Run(id, func(t *testing.T) {
			var s System
			for _, inv := range Shipped() {
				if found, ok := inv.System(id); ok {
					s = found
				}
			}
			if got, want := s.Gaps(), keys("gap", c.gaps); s.ID == "" || !slices.Equal(got, want) {
				t.Errorf("gaps: got %v, want %v", got, want)
			}
			if got, want := s.ToConfirm(), keys("confirm", c.confirm); !slices.Equal(got, want) {
				t.Errorf("to confirm: got %v, want %v", got, want)
			}
		})
	}
}

func TestWhatAnAuthoritysNoticeDoesNotSay(t *testing.T) {
	want := map[string]struct{ gaps, confirm []string }{
		"it-nrw":               {[]string{"rights"}, nil},
		"krz":                  {},
		"mhkbd-it-fortbildung": {[]string{"contact", "dpo", "supervisory", "complaint", "rights"}, []string{"jurisdiction", "supervisory"}},
		"nlq":                  {[]string{"email", "dpo", "supervisory"}, []string{"supervisory"}},
		"stk-nrw":              {},
	}
	for _, inv := range Shipped() {
		a := inv.Authority
		if got, want := a.Gaps(), keys("gap", want[a.ID].gaps); !slices.Equal(got, want) {
			t.Errorf("%s: gaps: got %v, want %v", a.ID, got, want)
		}
		if got, want := a.ToConfirm(), keys("confirm", want[a.ID].confirm); !slices.Equal(got, want) {
			t.Errorf("%s: to confirm: got %v, want %v", a.ID, got, want)
		}
	}
}

func TestEveryKeyOfAGapHasItsSentence(t *testing.T) {
	for _, inv := range Shipped() {
		a := inv.Authority
		all := slices.Concat(a.Gaps(), a.ToConfirm(), a.Imprint().Gaps, a.Accessibility().Gaps)
		for _, s := range inv.Systems {
			all = slices.Concat(all, s.Gaps(), s.ToConfirm())
		}
		for _, key := range all {
			if !wording.Has(key) {
				t.Errorf("%s has no sentence", key)
			}
		}
	}
	for _, k := range []string{"purpose", "recipients", "regime", "retention", "jurisdiction", "supervisory", "contact", "dpo", "controller"} {
		if !wording.Has("inventory.confirm." + k) {
			t.Errorf("inventory.confirm.%s has no sentence", k)
		}
	}
}

func TestComplaintsGoToTheAuthorityOfTheLandWhereTheNoticeIsSilent(t *testing.T) {
	want := map[string]struct {
		city               string
		stated, unverified bool
	}{
		"it-nrw": {"Düsseldorf", true, false}, "krz": {"Düsseldorf", true, false}, "stk-nrw": {"Düsseldorf", true, false},
		"mhkbd-it-fortbildung": {"Düsseldorf", false, false}, "nlq": {"Hannover", false, true},
	}
	for _, inv := range Shipped() {
		s, w := inv.Authority.Complaints(), want[inv.Authority.ID]
		if s.City != w.city || s.Stated != w.stated || s.Unverified != w.unverified || !s.Reachable() {
			t.Errorf("%s: got %+v, want %+v", inv.Authority.ID, s, w)
		}
	}
}

func TestASupervisoryAuthorityThatWeAddedIsNotTheNoticesStatement(t *testing.T) {
	a := Authority{Land: "NI", SupervisoryContact: Contact{City: "Musterstadt", Email: "post@muster.invalid"}}
	if s := a.Complaints(); !s.Stated || s.City != "Musterstadt" {
		t.Errorf("got %+v, want the address given, as stated", s)
	}
	a.InferredKeys = []string{"supervisory"}
	if s := a.Complaints(); s.Stated || s.City != "Musterstadt" {
		t.Errorf("got %+v, want the address given, as ours", s)
	}
}

func keys(kind string, short []string) []string {
	var long []string
	for _, s := range short {
		long = append(long, "inventory."+kind+"."+s)
	}
	return long
}
