package desk_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/delivery"
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
