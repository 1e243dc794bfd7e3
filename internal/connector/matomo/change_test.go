package matomo

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/httpapi/httpserver"
	"einsicht/internal/connector/matomo/matomoserver"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

const deletes = "fedcba9876543210fedcba9876543210"

var changeFile = strings.NewReplacer("{token: {env: X}}", "{token: {env: X}, change_token: {env: CHANGE}}", "user_id:", "change: {erase: delete}, user_id:").Replace(connectionFile)

// changeHarness is a server behind a door that can be shut in the middle.
type changeHarness struct {
	*harness
	*connectortest.Plug
	door *httpserver.Server
}

func newChangeHarness(t *testing.T, file string) *changeHarness {
	t.Helper()
	s, err := matomoserver.Start(matomoserver.Options{Token: token, Sites: []int64{1, 2, 4}, Changer: deletes, ChangerSites: []int64{1, 2, 4}})
	if err != nil {
		t.Fatal(err)
	}
	h := &changeHarness{harness: &harness{Server: s}, Plug: &connectortest.Plug{Next: s}}
	if h.door, err = httpserver.Start(h.Plug); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.door.Close()
		s.Close()
		if s.Leaks() > 0 {
			t.Error("a token stood in an address")
		}
	})
	h.connection = parseChanging(t, fmt.Sprintf(file, h.door.URL()))
	return h
}

func parseChanging(t *testing.T, text string) connector.Connection {
	t.Helper()
	c, err := connector.ParseConnection("statistik.yaml", []byte(text))
	if err == nil {
		c, err = c.Resolve(func(r connector.Ref) (string, error) {
			return map[string]string{"X": token, "CHANGE": deletes + "\n"}[r.Env], nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChanges(t *testing.T) {
	connectortest.RunChanges(t, func(t *testing.T) connectortest.ChangeHarness { return newChangeHarness(t, changeFile) })
}

func (h *changeHarness) Reads() int64 { return h.door.Reads() }

func (h *changeHarness) Break(t *testing.T) func() {
	t.Helper()
	h.door.Stop()
	return func() {
		if err := h.door.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *changeHarness) Fingerprint(t *testing.T) string { return fmt.Sprint(h.Pieces(t)) }

func (h *changeHarness) Pieces(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, v := range h.All() {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprintf("visits/%d/%d", v.Site, v.ID)] = string(b)
	}
	return all
}

func (h *changeHarness) Correct(string) map[string]string { return nil }

// edit changes the visits of a reference behind everybody's back.
func (h *changeHarness) edit(ref string, change func([]matomoserver.Visit, int) []matomoserver.Visit) {
	h.Change(func(o *matomoserver.Options) {
		o.Visits = slices.Clone(o.Visits)
		i := slices.IndexFunc(o.Visits, func(v matomoserver.Visit) bool { return ref == fmt.Sprintf("visits/%d/%d", v.Site, v.ID) })
		o.Visits = change(o.Visits, i)
	})
}

// Alter lets the visit go on.
func (h *changeHarness) Alter(_ *testing.T, ref string) {
	h.edit(ref, func(all []matomoserver.Visit, i int) []matomoserver.Visit {
		all[i].Actions = append(slices.Clone(all[i].Actions), matomoserver.Action{At: all[i].Last, URL: "https://example.org/weiter"})
		return all
	})
}

func (h *changeHarness) Remove(_ *testing.T, ref string) {
	h.edit(ref, func(all []matomoserver.Visit, i int) []matomoserver.Visit { return slices.Delete(all, i, i+1) })
}

// Deny takes the sites from the account, which still signs in.
func (h *changeHarness) Deny(*testing.T) {
	h.Change(func(o *matomoserver.Options) { o.ChangerSites = []int64{2} })
}

func (h *changeHarness) open(t *testing.T) connector.Changer {
	t.Helper()
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(connector.Changer)
}

func erasing(refs ...string) (all []connector.Change) {
	for _, ref := range refs {
		all = append(all, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	return all
}

func TestWhatMatomoKeepsStopsNoOther(t *testing.T) {
	h := newChangeHarness(t, changeFile)
	refs := h.Plant(t, connectortest.Erika, 3)
	h.Server.Change(func(o *matomoserver.Options) { o.Held = []int64{99_998} })
	effects, err := h.open(t).Carry(t.Context(), erasing(refs...))
	if err != nil || effects[0].State != connector.Changed || effects[1].State != connector.Hindered || effects[1].Reason != becauseRefused || effects[2].State != connector.Changed {
		t.Errorf("got %v and %v, want that the second stays", effects, err)
	}
}

func TestWhatMatomoConfirmsIsReadBack(t *testing.T) {
	h := newChangeHarness(t, changeFile)
	refs := h.Plant(t, connectortest.Erika, 1)
	h.Server.Change(func(o *matomoserver.Options) { o.Idle = true })
	effects, err := h.open(t).Carry(t.Context(), erasing(refs...))
	if err != nil || effects[0].State != connector.Hindered || effects[0].Reason != becauseStays || effects[0].Gone() {
		t.Errorf("got %v and %v, want that it is still there", effects, err)
	}
}

func TestSitesThatNobodyNamedAreLeftAlone(t *testing.T) {
	h := newChangeHarness(t, changeFile)
	h.Plant(t, connectortest.Erika, 1)
	before, changer := h.Pieces(t), h.open(t)
	for ref := range before {
		if !strings.HasPrefix(ref, "visits/2/") {
			continue
		}
		effects, err := changer.Carry(t.Context(), erasing(ref))
		if err != nil || effects[0].State != connector.Missing || fmt.Sprint(before) != fmt.Sprint(h.Pieces(t)) {
			t.Errorf("%s: got %v and %v, want that there is no such visit", ref, effects, err)
		}
		return
	}
	t.Fatal("there is no visit of another site")
}

// Matomo deletes without a transaction: what it did not finish is neither done nor
// as it was, and shows when it is read.
func TestAVisitOfWhichHalfIsGoneIsNotGone(t *testing.T) {
	h := newChangeHarness(t, changeFile)
	refs := h.Plant(t, connectortest.Erika, 1)
	changer := h.open(t)
	read, err := changer.Read(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	some := erasing(refs...)
	some[0].Seen = read[refs[0]].Fingerprint()
	h.Server.Change(func(o *matomoserver.Options) { o.Torn = true })
	if _, err := changer.Carry(t.Context(), some); !errors.Is(err, connector.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, connector.ErrUnreachable)
	}
	h.Server.Change(func(o *matomoserver.Options) { o.Torn = false })
	effects, err := changer.Carry(t.Context(), some)
	if err != nil || effects[0].State != connector.Differs || effects[0].Gone() {
		t.Errorf("got %v and %v, want %s", effects, err, connector.Differs)
	}
}

func TestALostAnswerIsNotAskedForAgain(t *testing.T) {
	h := newChangeHarness(t, changeFile)
	refs := h.Plant(t, connectortest.Erika, 1)
	changer := h.open(t)
	h.Cut(3) // the first question reads
	_, err := changer.Carry(t.Context(), erasing(refs...))
	if !errors.Is(err, connector.ErrUnreachable) || h.Deletes() != 1 {
		t.Errorf("got %v after %d deletions, want %v after one", err, h.Deletes(), connector.ErrUnreachable)
	}
	effects, err := changer.Carry(t.Context(), erasing(refs...))
	if err != nil || effects[0].State != connector.Missing || h.Deletes() != 1 {
		t.Errorf("again: got %v, %v and %d deletions, want that it is not there", effects, err, h.Deletes())
	}
}

func TestOnlyWhatIsDeclaredIsDone(t *testing.T) {
	for _, c := range []struct {
		name, file string
		do         connector.Ability
		reason     string
		abilities  int
	}{
		{"nothing", connectionFile, connector.CanErase, becauseUndeclared, 2},
		{"no token", strings.Replace(changeFile, ", change_token: {env: CHANGE}", "", 1), connector.CanErase, becauseReadOnly, 2},
		{"correcting", changeFile, connector.CanRectify, becauseNoRectify, 3},
		{"marking", changeFile, connector.CanRestrict, becauseNoRestrict, 3},
	} {
		h := newChangeHarness(t, c.file)
		refs := h.Plant(t, connectortest.Erika, 1)
		some := erasing(refs...)
		some[0].Do, some[0].Values = c.do, map[string]person.Text{"log_visit.user_id": person.NewText("x")}
		before := h.Pieces(t)
		effects, err := h.open(t).Carry(t.Context(), some)
		if err != nil || effects[0].State != connector.Undeclared || effects[0].Reason != c.reason || !wording.Has(c.reason) || len(effects[0].Before.Fields) == 0 {
			t.Errorf("%s: got %v and %v, want %s", c.name, effects, err, c.reason)
		}
		if fmt.Sprint(before) != fmt.Sprint(h.Pieces(t)) || h.Deletes() > 0 {
			t.Errorf("%s: something was changed", c.name)
		}
		if got := (Kind{}).Abilities(h.connection); len(got) != c.abilities {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestChangesAreChecked(t *testing.T) {
	for _, change := range []string{"{erase: mask}", "{}", "{erase: delete, rectify: [x]}"} {
		c := parseChanging(t, fmt.Sprintf(strings.Replace(changeFile, "{erase: delete}", change, 1), "http://127.0.0.1"))
		if err := (Kind{}).Check(c); !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "matomo.change") {
			t.Errorf("%s: got %v", change, err)
		}
	}
}
