package court

import (
	"slices"
	"testing"

	"einsicht/internal/law/calendar"
)

// perCourt is counted by hand in § 17 JustG NRW and § 73 NJG.
var perCourt = map[Court]int{
	{calendar.NW, "Aachen"}: 4, {calendar.NW, "Arnsberg"}: 8, {calendar.NW, "Düsseldorf"}: 14, {calendar.NW, "Gelsenkirchen"}: 8,
	{calendar.NW, "Köln"}: 7, {calendar.NW, "Minden"}: 7, {calendar.NW, "Münster"}: 5,
	{calendar.NI, "Braunschweig"}: 8, {calendar.NI, "Göttingen"}: 2, {calendar.NI, "Hannover"}: 7, {calendar.NI, "Lüneburg"}: 6,
	{calendar.NI, "Oldenburg"}: 13, {calendar.NI, "Osnabrück"}: 4, {calendar.NI, "Stade"}: 5,
}

func TestEveryDistrictHasOneCourt(t *testing.T) {
	got, seen := map[Court]int{}, map[string]bool{}
	for _, land := range []calendar.Land{calendar.NW, calendar.NI} {
		for _, d := range Districts(land) {
			if seen[d.Name] {
				t.Errorf("%s stands there twice", d.Name)
			}
			seen[d.Name] = true
			got[d.Court]++
			if c, ok := Find(land, d.Name); !ok || c != d.Court {
				t.Errorf("%s: got %v, want %v", d.Name, c, d.Court)
			}
		}
		if b, ok := BasisOf(land); !ok || b.Verified == (b.Unverified != "") || b.Read == "" || b.Source == "" {
			t.Errorf("%s: got %+v, want what the table rests on", land, b)
		}
	}
	if len(seen) != 98 {
		t.Errorf("got %d districts, want 98", len(seen))
	}
	for c, want := range perCourt {
		if got[c] != want {
			t.Errorf("%s: got %d districts, want %d", c.Name(), got[c], want)
		}
	}
	if len(got) != len(perCourt) {
		t.Errorf("got %d courts, want %d", len(got), len(perCourt))
	}
}

func TestWhatIsNoDistrictHasNoCourt(t *testing.T) {
	for _, tt := range []struct {
		name     string
		land     calendar.Land
		district string
	}{
		{"nothing", calendar.NW, ""},
		{"a postcode", calendar.NW, "32657"},
		{"a municipality", calendar.NW, "Lemgo"},
		{"a district of the other Land", calendar.NW, "Landkreis Hildesheim"},
		{"another Land", "BY", "Stadt München"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c, ok := Find(tt.land, tt.district); ok || !c.IsZero() || c.Name() != "" {
				t.Errorf("got %v, want none", c)
			}
		})
	}
}

func TestDistrictsAreListedAsPeopleLookForThem(t *testing.T) {
	var names []string
	for _, d := range Districts(calendar.NW) {
		names = append(names, d.Name)
	}
	want := []string{
		"Städteregion Aachen", "Stadt Bielefeld", "Stadt Bochum", "Stadt Bonn", "Kreis Borken", "Stadt Bottrop", "Kreis Coesfeld",
		"Stadt Dortmund", "Stadt Duisburg", "Kreis Düren", "Stadt Düsseldorf", "Ennepe-Ruhr-Kreis",
	}
	if got := names[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	Districts(calendar.NW)[0].Name = "Nirgendwo"
	if got := Districts(calendar.NW)[0].Name; got != want[0] {
		t.Errorf("a caller changed the table to %s", got)
	}
}

// The seats are those of the shipped authorities.
func TestTheCourtFollowsFromSeatAndResidence(t *testing.T) {
	krz := Seat{calendar.NW, "Kreis Lippe", true}
	ministry := Seat{calendar.NW, "Stadt Düsseldorf", false}
	nlq := Seat{calendar.NI, "Landkreis Hildesheim", false}
	for _, tt := range []struct {
		name string
		seat Seat
		at   Residence
		want string
		rule Rule
	}{
		{"krz, somebody of its Kreis", krz, Residence{District: "Kreis Lippe"}, "Minden", BySeat},
		{"krz, somebody of another court's district", krz, Residence{District: "Stadt Köln"}, "Minden", BySeat},
		{"krz, somebody from abroad", krz, Residence{Outside: true}, "Minden", BySeat},
		{"krz, no address", krz, Residence{Unknown: true}, "Minden", BySeat},
		{"a ministry, somebody in Cologne", ministry, Residence{District: "Stadt Köln"}, "Köln", ByResidence},
		{"a ministry, somebody at its seat", ministry, Residence{District: "Stadt Düsseldorf"}, "Düsseldorf", ByResidence},
		{"a ministry, somebody in Lippe", ministry, Residence{District: "Kreis Lippe"}, "Minden", ByResidence},
		{"a ministry, somebody in Munich", ministry, Residence{Outside: true}, "Düsseldorf", ByDefendant},
		{"a ministry, no address", ministry, Residence{Unknown: true}, "", Unsettled},
		{"a ministry, nobody has said anything", ministry, Residence{}, "", Unsettled},
		{"a ministry, a district of another Land that nobody called outside", ministry, Residence{District: "Region Hannover"}, "", Unsettled},
		{"unknown goes before a district somebody once entered", ministry, Residence{District: "Stadt Köln", Unknown: true}, "", Unsettled},
		{"NLQ, somebody in Emden", nlq, Residence{District: "Stadt Emden"}, "Oldenburg", ByResidence},
		{"NLQ, somebody in Cologne", nlq, Residence{Outside: true}, "Hannover", ByDefendant},
		{"a seat that is no district", Seat{calendar.NW, "Lemgo", true}, Residence{}, "", BySeat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, rule := Competent(tt.seat, tt.at)
			if c.Seat != tt.want || rule != tt.rule {
				t.Errorf("got %q by %s, want %q by %s", c.Seat, rule, tt.want, tt.rule)
			}
			if rule.Citation() == "" {
				t.Error("the rule cites nothing")
			}
		})
	}
	if c, ok := ministry.Court(); !ok || c.Name() != "Verwaltungsgericht Düsseldorf" {
		t.Errorf("the court of the seat: got %q", c.Name())
	}
}
