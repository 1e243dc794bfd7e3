package portal_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/cmd/internal/portal/portaltest"
	"einsicht/internal/casefile"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/law"
)

// Two cases of one person: data to take along alone, and with access.
func TestWhatIsTakenAlongIsAPackageOfItsOwn(t *testing.T) {
	t.Parallel()
	h := portaltest.Start(t, portaltest.Options{Own: true})
	w := portaltest.NewWork(t, h, "stk-nrw")
	w.ConfirmLaw(t)
	erika := h.Landscape.Person("erika")
	w.Plant(t, erika, 2, 11)

	alone := takesAlong(t, h, w, law.Portability)
	both := takesAlong(t, h, w, law.Access, law.Portability)
	ids := map[string][]string{}
	for name, id := range map[string]uuid.UUID{"alone": alone, "with access": both} {
		answer := w.Fetch(t, id)
		inner := portaltest.Unpack(t, answer[export.TakeoutName])
		if _, copied := answer["daten.json"]; copied != (name == "with access") {
			t.Errorf("%s: daten.json is there: %v", name, copied)
		}
		checked, err := export.CheckAny(bytes.NewReader(answer[export.TakeoutName]), int64(len(answer[export.TakeoutName])))
		if err != nil || !strings.Contains(string(answer["LIESMICH.txt"]), checked.Fingerprint) {
			t.Errorf("%s: got %+v, %v, want it signed, and the fingerprint in LIESMICH.txt", name, checked, err)
		}
		head, err := export.ReadJSON(bytes.NewReader(inner["daten/"+onConsent+".json"]), func(r disclosure.PortableRecord) error {
			ids[name] = append(ids[name], r.ID.String())
			return nil
		})
		if err != nil || head.System.ID != onConsent || head.Authority.ID != "stk-nrw" || len(ids[name]) == 0 {
			t.Fatalf("%s: got %v, %d records, %v", name, head, len(ids[name]), err)
		}
		if !bytes.Contains(inner["daten/"+onConsent+".json"], []byte(erika.Email)) {
			t.Errorf("%s: her address is not there", name)
		}
		fileNumber := w.Case(t, id).FileNumber
		for entry, content := range inner {
			if strings.Contains(entry, onTask) || bytes.Contains(content, []byte(onTask)) || bytes.Contains(content, []byte(fileNumber)) || bytes.Contains(content, []byte("Rückruf")) {
				t.Errorf("%s: %s tells of the case, or of a system that Art. 20 does not reach", name, entry)
			}
		}
		letter := string(answer["Auskunft.html"])
		offer := map[string]string{"alone": "geben wir Ihnen auf Antrag Auskunft", "with access": "finden Sie in dieser Auskunft"}[name]
		for _, want := range []string{"Datenmitnahme.zip", "technisch nicht machbar", offer} {
			if !strings.Contains(letter, want) {
				t.Errorf("%s: want %q in the letter", name, want)
			}
		}
		for _, want := range []string{"Was Sie nicht mitnehmen können", "Rückruf", "Art. 20 Abs. 3 Satz 2 DSGVO", offer} {
			if page := strings.ReplaceAll(string(answer["Datenmitnahme.html"]), "\u00a0", " "); !strings.Contains(page, want) {
				t.Errorf("%s: want %q on the page", name, want)
			}
		}
	}
	if !slices.Equal(ids["alone"], ids["with access"]) {
		t.Errorf("got ids %v and %v, want the same", ids["alone"], ids["with access"])
	}
	h.Audit(t)
}

// takesAlong decides a case of erika: all that was found is given.
func takesAlong(t *testing.T, h *portaltest.House, w *portaltest.Work, rights ...law.Right) uuid.UUID {
	t.Helper()
	return takesAlongFrom(t, h, w, submit(t, h, w, rights...), rights...)
}

// takesAlongFrom answers a case that somebody has filed.
func takesAlongFrom(t *testing.T, h *portaltest.House, w *portaltest.Work, id uuid.UUID, rights ...law.Right) uuid.UUID {
	t.Helper()
	w.Gather(t, id)
	w.ProveEmail(t, id, h.Landscape.Person("erika").Email)
	w.VerifyByFacts(t, id)
	w.Gather(t, id)
	w.DecideAll(t, id)
	w.ConfirmAll(t, id)
	for _, s := range []string{onConsent, "stk-accounts", "stk-brochures", "stk-offline-orders"} {
		know(t, h, w, id, law.Portability, casefile.Known{System: s, Provided: "yes"})
	}
	for _, right := range rights {
		w.Weigh(t, id, right)
		if got := w.DecideRight(t, id, right, said); right == law.Portability && got != casefile.PartlyGranted {
			t.Fatalf("got %s, want it partly granted", got)
		}
	}
	w.Release(t, id)
	w.WaitForPackage(t, id)
	return id
}
