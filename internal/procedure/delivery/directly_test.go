package delivery

import (
	"strings"
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

// listing is a list of controllers.
type listing struct {
	controllers
	all []casefile.Controller
}

func (l listing) Controllers(string) []casefile.Controller { return l.all }

// Nobody reads that their data go to somebody whom they did not choose.
func TestOnlyWhoChoseSomebodyIsToldThatTheDataGoThere(t *testing.T) {
	club, office := casefile.Controller{ID: "verein", Name: "Beispielverein"}, casefile.Controller{ID: "amt", Name: "Beispielamt"}
	for name, c := range map[string]struct {
		listed []casefile.Controller
		direct casefile.Direct
		want   string
	}{
		"one that is listed":          {[]casefile.Controller{office, club}, casefile.Direct{Listed: club}, "Auf Ihren Wunsch übermitteln wir dieselbe Datei direkt an: Beispielverein (Art"},
		"one that was listed":         {[]casefile.Controller{office}, casefile.Direct{Listed: club}, "Wenn Sie es wünschen, übermitteln wir dieselbe Datei direkt an: Beispielamt (Art"},
		"one that never was":          {[]casefile.Controller{office}, casefile.Direct{Other: person.NewText("Sparkasse")}, "Wenn Sie es wünschen"},
		"nobody":                      {[]casefile.Controller{office, club}, casefile.Direct{}, "Wenn Sie es wünschen, übermitteln wir dieselbe Datei direkt an: Beispielamt, Beispielverein (Art"},
		"one, where nobody is listed": {nil, casefile.Direct{Other: person.NewText("Sparkasse")}, "technisch nicht machbar"},
	} {
		a := &answer{direct: c.direct}
		a.input.Lang = wording.German
		if got := (&Delivery{Others: listing{all: c.listed}}).directly(a); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
