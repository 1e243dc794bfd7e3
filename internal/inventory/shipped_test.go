package inventory

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"einsicht/internal/law/court"
	"einsicht/internal/wording"
)

// counted is how many systems each privacy notice names, also in passing.
var counted = map[string]int{"it-nrw": 19, "krz": 6, "mhkbd-it-fortbildung": 6, "nlq": 11, "stk-nrw": 19}

func TestEveryShippedFileIsReadWithoutFaultOrWarning(t *testing.T) {
	entries, err := fs.ReadDir(ShippedFiles(), ".")
	if err != nil || len(entries) != len(counted) {
		t.Fatalf("got %d files, error %v, want %d", len(entries), err, len(counted))
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			data, err := fs.ReadFile(ShippedFiles(), e.Name())
			if err != nil {
				t.Fatal(err)
			}
			inv, warnings, err := Parse(e.Name(), data)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range warnings {
				t.Errorf("got the warning %v, want none", w)
			}
			id := inv.Authority.ID
			if got, want := e.Name(), id+".yaml"; got != want {
				t.Errorf("got file %s, want %s", got, want)
			}
			if got, want := len(inv.Systems), counted[id]+1; got != want {
				t.Errorf("got %d systems, want %d: those of the notice and the portal", got, want)
			}
			if got, want := bytes.Count(data, []byte("\n  - id: ")), len(inv.Systems); got != want {
				t.Errorf("got %d entries in the file, %d were read", got, want)
			}
		})
	}
}

func TestIDsAreUniqueOverAllShippedAuthorities(t *testing.T) {
	seen := map[string]string{}
	for _, inv := range Shipped() {
		for _, s := range inv.Systems {
			if other, twice := seen[s.ID]; twice {
				t.Errorf("%s stands in %s and in %s", s.ID, other, inv.Authority.ID)
			}
			seen[s.ID] = inv.Authority.ID
		}
	}
}

func TestEveryShippedEntrySaysWhatStaffAndPeopleNeed(t *testing.T) {
	for _, inv := range Shipped() {
		for _, s := range inv.Systems {
			if s.Note == "" || s.Purpose == "" || len(s.Fields) == 0 {
				t.Errorf("%s lacks a note, a purpose or its fields", s.ID)
			}
			if s.Attributable != (s.Explanation == "") {
				t.Errorf("%s: attributable %v with explanation %q", s.ID, s.Attributable, s.Explanation)
			}
			if strings.Contains(s.Note, "../") || strings.Contains(s.Note, " the ") {
				t.Errorf("%s: the note is no German sentence for staff: %s", s.ID, s.Note)
			}
		}
	}
}

func TestThePortalIsASystemOfEveryShippedAuthority(t *testing.T) {
	for _, inv := range Shipped() {
		p, ok := inv.Portal()
		if !ok || !strings.HasSuffix(p.ID, "-einsicht") {
			t.Errorf("%s: got portal %q, want …-einsicht", inv.Authority.ID, p.ID)
			continue
		}
		if len(p.Gaps()) > 0 || len(p.ToConfirm()) > 0 {
			t.Errorf("%s: got gaps %v, to confirm %v; want none: what the program does is known", p.ID, p.Gaps(), p.ToConfirm())
		}
		en := p.In(wording.English)
		for _, pair := range [][2]string{{p.Name, en.Name}, {p.Purpose, en.Purpose}, {p.Retention.Text, en.Retention.Text}, {p.Fields[0], en.Fields[0]}, {p.Recipients[0], en.Recipients[0]}} {
			if pair[0] == pair[1] {
				t.Errorf("%s: got %q in English, want a translation", p.ID, pair[1])
			}
		}
		if p.In(wording.German).Name != p.Name || p.Retention.Text == en.Retention.Text {
			t.Errorf("%s: the translation has changed the original", p.ID)
		}
	}
}

func TestEveryShippedAuthorityHasTheCourtOfItsSeat(t *testing.T) {
	want := map[string]string{"it-nrw": "Düsseldorf", "krz": "Minden", "mhkbd-it-fortbildung": "Düsseldorf", "nlq": "Hannover", "stk-nrw": "Düsseldorf"}
	for _, inv := range Shipped() {
		a := inv.Authority
		c, _ := court.Find(a.Land, a.SeatDistrict)
		if c.Seat != want[a.ID] || a.Body == "" || a.OneDistrict != (a.ID == "krz") {
			t.Errorf("%s: got the court at %q, body %q, one district %t; want %q", a.ID, c.Seat, a.Body, a.OneDistrict, want[a.ID])
		}
	}
}
