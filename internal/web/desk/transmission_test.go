package desk_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/delivery"
	"einsicht/internal/procedure/review"
)

func TestWhoReleasesHandsDataOverDirectly(t *testing.T) {
	h := newOffice(t)
	h.o.Case.State = casefile.Ready
	one := func(id string, state casefile.TransmissionState, receipt string) procedure.Transmission {
		return procedure.Transmission{Transmission: casefile.Transmission{ID: uuid.New(), State: state, EndedAt: now}, Text: casefile.TransmissionText{
			Controller: casefile.Controller{ID: id, Name: "Stelle " + id}, SHA256: "abc123", Receipt: receipt,
		}}
	}
	h.direct = delivery.Direct{
		Begun: []procedure.Transmission{one("a", casefile.Transmitted, "head.payload.signature"), one("b", casefile.NotReceived, "")},
		Can:   []casefile.Controller{{ID: "a", Name: "Stelle a"}, {ID: "b", Name: "Stelle b"}, {ID: "c", Name: "Stelle c"}},
	}
	path := "/desk/vorgang/" + h.o.Case.ID.String()
	b := h.desk(t, casefile.Approver)
	page := b.Get(path)
	for _, want := range []string{"Direkt an Stelle a", "SHA-256 abc123", "head.payload.signature", "nicht angenommen"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("want %q on the page", want)
		}
	}
	form := page.Form(path + "/uebermitteln")
	if body := string(page.Body); strings.Contains(body, `name="controller" value="a"`) || !strings.Contains(body, `value="b"`) || !strings.Contains(body, `value="c"`) {
		t.Error("who has the data already is offered, or who has not is not")
	}
	if sent := b.Submit(form.With("controller", "c")); sent.Status != 303 {
		t.Errorf("got %d, want it done", sent.Status)
	}
	if last := h.calls[len(h.calls)-1]; !strings.Contains(last, "transmit c") {
		t.Errorf("got %q, want it handed to c", last)
	}
	if strings.Contains(string(h.desk(t, casefile.Clerk).Get(path).Body), "/uebermitteln") {
		t.Error("a clerk is offered what only who releases may do")
	}
}

// TestTheDeskKnowsWhatThePersonChose: what is chosen for them needs no second look at
// the request, and nobody is chosen for whom they did not ask.
func TestTheDeskKnowsWhatThePersonChose(t *testing.T) {
	c := casefile.Controller{ID: "c", Name: "Stelle c"}
	for name, tt := range map[string]struct {
		asked   casefile.Direct
		chosen  string
		want    string
		request bool // it stands with the request, too
	}{
		"one of the list":         {casefile.Direct{Listed: c}, "c", "hat im Antrag „Stelle c“ gewählt.", true},
		"one that is gone":        {casefile.Direct{Listed: casefile.Controller{ID: "x", Name: "Stelle x"}}, "", "hat im Antrag „Stelle x“ gewählt.", true},
		"another":                 {casefile.Direct{Other: person.NewText("Turnverein Köln")}, "", "nennt im Antrag „Turnverein Köln“. Diese Stelle stand beim Absenden nicht auf der Liste.", true},
		"they take it themselves": {casefile.Direct{}, "", "hat im Antrag keine Stelle gewählt.", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newOffice(t)
			h.o.Case.State = casefile.Ready
			h.o.Request.Direct = tt.asked
			h.o.Rights = append(h.o.Rights, review.Right{Right: casefile.Right{Right: law.Portability}})
			h.direct = delivery.Direct{Can: []casefile.Controller{{ID: "b", Name: "Stelle b"}, c}}
			path := "/desk/vorgang/" + h.o.Case.ID.String()
			page := h.desk(t, casefile.Approver).Get(path)
			if got := page.Form(path + "/uebermitteln").Values.Get("controller"); got != tt.chosen {
				t.Errorf("got %q chosen, want %q", got, tt.chosen)
			}
			if got := strings.Contains(page.Text(), "sie steht noch aus"); got != (tt.chosen != "") {
				t.Errorf("said that it is still to be done: %v", got)
			}
			want := 1
			if tt.request {
				want = 2
			}
			if got := strings.Count(page.Text(), tt.want); got != want {
				t.Errorf("said %d times, want %d: %q", got, want, tt.want)
			}
		})
	}
}
