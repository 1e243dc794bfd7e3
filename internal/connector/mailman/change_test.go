package mailman

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/connector/mailman/mailmanserver"
	"einsicht/internal/person"
)

// TestChanges changes the real server.
func TestChanges(t *testing.T) { connectortest.RunChanges(t, freshOutsideToChange) }

// TestChangesInside makes sure that the server inside is like the real one.
func TestChangesInside(t *testing.T) { connectortest.RunChanges(t, freshInsideToChange) }

func changer(t *testing.T, c connector.Connection) connector.Changer {
	t.Helper()
	open, err := Kind{}.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { open.Close() })
	return open.(connector.Changer)
}

// states rehearses and carries out, and says what came of each; what was rehearsed and
// what was done are the same.
func states(t *testing.T, c connector.Changer, some ...connector.Change) (all []string) {
	t.Helper()
	rehearsed, err := c.Rehearse(t.Context(), some)
	if err != nil {
		t.Fatal(err)
	}
	carried, err := c.Carry(t.Context(), some)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range carried {
		if e.State != rehearsed[i].State || e.Reason != rehearsed[i].Reason {
			t.Errorf("%s: got %s %s, rehearsed as %s %s", some[i].Reference, e.State, e.Reason, rehearsed[i].State, rehearsed[i].Reason)
		}
		all = append(all, strings.TrimSpace(string(e.State)+" "+e.Reason))
	}
	return all
}

func erasing(refs ...string) (some []connector.Change) {
	for _, ref := range refs {
		some = append(some, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	return some
}

func all(state string, n int) []string { return slices.Repeat([]string{state}, n) }

// TestWhatTheRealServerMadeGoes has everything made by the server itself: a list that
// asks a moderator before anybody leaves, an address that its account prefers, a message
// that it holds.
func TestWhatTheRealServerMadeGoes(t *testing.T) {
	h := newOutside(t)
	must := func(method, path string, form url.Values) string {
		t.Helper()
		v, err := h.call(method, path, form)
		if err != nil {
			t.Fatal(err)
		}
		location, _ := v["location"].(string)
		return location[strings.LastIndexByte(location, '/')+1:]
	}
	yes := "true"
	account := must(http.MethodPost, "/users", url.Values{"email": {"Erika@example.org"}, "display_name": {"Erika Mustermann"}})
	must(http.MethodPost, "/addresses/erika@example.org/verify", url.Values{})
	must(http.MethodPost, "/users/"+account+"/preferred_address", url.Values{"email": {"erika@example.org"}})
	join := func(subscriber, list, role string) string {
		return "members/" + must(http.MethodPost, "/members", url.Values{"list_id": {list}, "subscriber": {subscriber}, "role": {role},
			"pre_verified": {yes}, "pre_confirmed": {yes}, "pre_approved": {yes}})
	}
	must(http.MethodPatch, "/lists/"+listIDs[0]+"/config", url.Values{"unsubscription_policy": {"moderate"}})
	t.Cleanup(func() {
		must(http.MethodPatch, "/lists/"+listIDs[0]+"/config", url.Values{"unsubscription_policy": {"confirm"}})
	})
	join("erika@example.org", listIDs[0], "member")
	join(account, listIDs[2], "member") // by the account, not by one of its addresses
	join("erika@example.org", listIDs[1], "owner")
	karl := join("karl@example.org", listIDs[0], "member")
	for _, email := range []string{"erika@example.org", "karl@example.org"} {
		must(http.MethodPost, "/lists/"+listIDs[2]+"/bans", url.Values{"email": {email}})
		must(http.MethodPost, "/members", url.Values{"list_id": {listIDs[1]}, "subscriber": {email}})
		must(http.MethodPost, "/queues/in", url.Values{"list_id": {listIDs[1]}, "text": {
			"From: " + email + "\nTo: bee@lists.example.org\nSubject: x\nMessage-ID: <" + email + ">\n\nText\n"}})
	}
	h.until(t, "/lists/"+listIDs[1]+"/held/count", "count", 2)
	for _, email := range []string{"erika@example.org", "karl@example.org"} { // who is shut out everywhere can do none of this
		must(http.MethodPost, "/bans", url.Values{"email": {email}})
	}

	c := parsed(changeFile, h.front.URL()+"/3.1")
	hers, karls := ask(t, c, "erika@example.org"), ask(t, c, "karl@example.org")
	sorts := map[string]bool{}
	var some []connector.Change
	for _, f := range hers.all {
		sorts[f.Category] = true
		some = append(some, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: f.Reference, Seen: f.Fingerprint()})
	}
	if len(sorts) != len(forms) || !slices.Contains(karls.refs(), karl) {
		t.Fatalf("got %v and %v, want a record of each sort", hers.refs(), karls.refs())
	}
	open := changer(t, c)
	read, err := open.Read(t.Context(), hers.refs())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range hers.all {
		if got := read[f.Reference]; string(got.Fingerprint()) != string(f.Fingerprint()) {
			t.Errorf("%s is read otherwise than it is found", f.Reference)
		}
	}
	// Mailman finds an account by its addresses, too, and an address in other letters.
	if others, err := open.Read(t.Context(), []string{"users/erika@example.org", "addresses/ERIKA@example.org"}); err != nil || len(others) > 0 {
		t.Errorf("got %d records and %v, want none by another name", len(others), err)
	}
	if got := states(t, open, some...); !slices.Equal(got, all("changed", len(some))) {
		t.Errorf("%v: got %v, want all of them gone", hers.refs(), got)
	}
	if left := ask(t, c, "erika@example.org"); left.err != nil || len(left.all) > 0 {
		t.Errorf("got %v and %v, want nothing left", left.refs(), left.err)
	}
	now := ask(t, c, "karl@example.org")
	if !slices.Equal(now.refs(), karls.refs()) {
		t.Errorf("got %v, want %v", now.refs(), karls.refs())
	}
	for i := range now.all {
		if string(now.all[i].Fingerprint()) != string(karls.all[i].Fingerprint()) {
			t.Errorf("%s is not as it was", now.all[i].Reference)
		}
	}
}

// small is a server with Erika, whose account has another's address, and Karl.
func small(t *testing.T) *insideToChange {
	t.Helper()
	h := freshInsideToChange(t).(*insideToChange)
	h.server.Change(func(o *mailmanserver.Options) {
		o.Users = []mailmanserver.User{{ID: "a1", DisplayName: "Erika"}, {ID: "a2", DisplayName: "Karl"}}
		o.Addresses = []mailmanserver.Address{{Email: "Erika@example.org", User: "a1"}, {Email: "max@example.org", User: "a1"}, {Email: "karl@example.org", User: "a2"}}
		o.Members = []mailmanserver.Member{
			{ID: "b1", List: listIDs[0], Email: "erika@example.org"}, {ID: "b2", List: listIDs[1], Email: "erika@example.org"},
			{ID: "b3", List: listIDs[0], Email: "max@example.org"}, {ID: "b4", List: listIDs[0], Email: "karl@example.org"},
		}
		o.Held = []mailmanserver.Held{{ID: 7, List: listIDs[0], Sender: "erika@example.org"}, {ID: 8, List: listIDs[0], Sender: "karl@example.org"}}
	})
	return h
}

func TestNothingIsSweptAwayWithAnother(t *testing.T) {
	membership, address := "hindered "+becauseMembership, "hindered "+becauseAddress
	for name, c := range map[string]struct {
		refs, want []string
		before     func(h *insideToChange, some []connector.Change)
	}{
		"an address with all that hangs on it": {
			[]string{"addresses/erika@example.org", "members/b1", "members/b2"}, all("changed", 3), nil},
		"an address that still stands on a list": {
			[]string{"addresses/erika@example.org", "members/b1"}, []string{membership, "changed"}, nil},
		"an account with somebody else's address": {
			[]string{"users/a1", "addresses/erika@example.org", "members/b1", "members/b2", "members/b3"}, append([]string{address}, all("changed", 4)...), nil},
		"an account whose address stays": {
			[]string{"users/a2", "members/b4"}, []string{address, "changed"}, nil},
		"an account alone": {
			[]string{"users/a2"}, []string{membership}, nil},
		"an account with all that hangs on it": {
			[]string{"users/a2", "members/b4", "addresses/karl@example.org"}, all("changed", 3), nil},
		"an address of which a membership changed since": {
			[]string{"addresses/erika@example.org", "members/b1", "members/b2"}, []string{membership, "changed", "differs"},
			func(_ *insideToChange, some []connector.Change) { some[2].Seen = []byte("another") }},
		"a message that waits": {[]string{"held/" + listIDs[0] + "/7"}, all("changed", 1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := small(t)
			some := erasing(c.refs...)
			if c.before != nil {
				c.before(h, some)
			}
			before := h.Pieces(t)
			got := states(t, changer(t, h.Connection()), some...)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for i, ref := range c.refs {
				if got[i] == "changed" {
					delete(before, ref)
				}
			}
			if now := h.Pieces(t); fmt.Sprint(now) != fmt.Sprint(before) {
				t.Errorf("got\n%v, want\n%v", now, before)
			}
		})
	}
}

// A restriction is lifted so that delivery is as it was.
func TestARestrictionIsLifted(t *testing.T) {
	for name, c := range map[string]struct {
		own, address, lifted map[string]any
		want                 string
	}{
		"with no setting of its own":                       {nil, nil, map[string]any{}, "changed"},
		"with another setting, its status is written down": {map[string]any{"hide_address": "True"}, map[string]any{deliveryStatus: "by_user"}, map[string]any{"hide_address": "True", deliveryStatus: "by_user"}, "changed"},
		"delivery that she turned off herself":             {map[string]any{deliveryStatus: "by_user"}, nil, nil, "hindered " + becauseUndelivered},
		"delivery that is on against her address":          {map[string]any{deliveryStatus: enabled}, map[string]any{deliveryStatus: "by_user"}, nil, "hindered " + becauseUndelivered},
		"delivery that is on anyway":                       {map[string]any{deliveryStatus: enabled}, nil, map[string]any{}, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			h := small(t)
			h.server.Change(func(o *mailmanserver.Options) {
				o.Members[0].Preferences, o.Addresses[0].Preferences = c.own, c.address
			})
			open := changer(t, h.Connection())
			mark := connector.Change{ID: uuid.New(), Do: connector.CanRestrict, Reference: "members/b1"}
			if got := states(t, open, mark); got[0] != c.want {
				t.Fatalf("got %s, want %s", got[0], c.want)
			}
			if c.lifted == nil {
				return
			}
			before := h.Pieces(t)
			if !strings.Contains(before["members/b1"], byModerator) {
				t.Error("nothing is marked")
			}
			if got := states(t, open, mark); got[0] != "changed" || fmt.Sprint(h.Pieces(t)) != fmt.Sprint(before) {
				t.Errorf("marked twice: got %s, want it as it is", got[0])
			}
			mark.Lift = true
			for range 2 { // the second time it is so already
				if got := states(t, open, mark); got[0] != "changed" {
					t.Errorf("got %s, want it lifted", got[0])
				}
			}
			h.server.Change(func(o *mailmanserver.Options) {
				if fmt.Sprint(o.Members[0].Preferences) != fmt.Sprint(c.lifted) {
					t.Errorf("got %v, want %v", o.Members[0].Preferences, c.lifted)
				}
			})
		})
	}
}

func TestWhatIsATaskForTheUnit(t *testing.T) {
	without := func(part string) string {
		if !strings.Contains(changeFile, part) {
			panic(part)
		}
		return strings.Replace(changeFile, part, "", 1)
	}
	for name, c := range map[string]struct {
		file, ref, field, want string
		do                     connector.Ability
	}{
		"nothing is declared":              {connectionFile, "members/b1", "", becauseUndeclared, connector.CanErase},
		"this sort is not":                 {without("bans, "), "bans/karl@example.org", "", becauseUndeclared, connector.CanErase},
		"records of a sort that must stay": {strings.Replace(without("held, "), "restrict:", "keep: [{records: [held], why: § 3 ArchivG NRW}], restrict:", 1), "held/" + listIDs[0] + "/7", "", becauseKept, connector.CanErase},
		"a name of a membership":           {changeFile, "members/b1", displayed, becauseUndeclared, connector.CanRectify},
		"an address":                       {changeFile, "addresses/karl@example.org", prefix + "email", becauseField, connector.CanRectify},
		"an account can't be restricted":   {changeFile, "users/a1", "", becauseUndeclared, connector.CanRestrict},
	} {
		t.Run(name, func(t *testing.T) {
			h := small(t)
			h.server.Change(func(o *mailmanserver.Options) { o.Bans = []mailmanserver.Ban{{Email: "karl@example.org"}} })
			before := h.Pieces(t)
			change := connector.Change{ID: uuid.New(), Do: c.do, Reference: c.ref}
			if c.field != "" {
				change.Values = map[string]person.Text{c.field: person.NewText("x")}
			}
			open := changer(t, parsed(c.file, h.gate.URL()+"/3.1"))
			if got := states(t, open, change); got[0] != "undeclared "+c.want {
				t.Errorf("got %s, want %s", got[0], c.want)
			}
			effects, err := open.Rehearse(t.Context(), []connector.Change{change})
			if err != nil {
				t.Fatal(err)
			}
			if kept := effects[0].Kept; c.want == becauseKept && (len(kept) == 0 || kept[0].Why != "§ 3 ArchivG NRW") {
				t.Errorf("got %v, want the statute", kept)
			}
			if fmt.Sprint(h.Pieces(t)) != fmt.Sprint(before) {
				t.Error("something changed")
			}
		})
	}
}

// A server before Mailman may let accounts read only.
func TestWhatMailmanRefusesStopsNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		want   string
	}{
		"not allowed":  {http.StatusForbidden, "denied " + becauseDenied},
		"not possible": {http.StatusConflict, "hindered " + becauseRefused},
		"gone":         {http.StatusNotFound, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			h := small(t)
			h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
				refused := r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/members/b1")
				if refused {
					w.WriteHeader(c.status)
				}
				return refused
			})
			effects, err := changer(t, h.Connection()).Carry(t.Context(), erasing("members/b1", "members/b2"))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(effects[0].State) + " " + effects[0].Reason); got != c.want || effects[1].State != connector.Changed {
				t.Errorf("got %s and %s, want %s and the other done", got, effects[1].State, c.want)
			}
		})
	}
	t.Run("said to be done, and is not", func(t *testing.T) {
		h := small(t)
		h.server.Spoil(func(_ http.ResponseWriter, r *http.Request) bool { return r.Method == http.MethodDelete })
		effects, err := changer(t, h.Connection()).Carry(t.Context(), erasing("members/b1"))
		if err != nil || effects[0].State != connector.Hindered || effects[0].Reason != becauseStays {
			t.Errorf("got %v and %v, want %s", effects, err, becauseStays)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		h := small(t)
		h.server.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return r.Method == http.MethodDelete
		})
		if _, err := changer(t, h.Connection()).Carry(t.Context(), erasing("members/b1")); !errors.Is(err, connector.ErrUnreachable) {
			t.Errorf("got %v, want %v: nobody knows whether it was heard", err, connector.ErrUnreachable)
		}
	})
}

func TestChangesAreDeclaredStrictly(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"a sort that there is":      {"[members, requests", "[persons, requests", "change.erase.0"},
		"a sort that has a name":    {"rectify: [addresses", "rectify: [members", "change.rectify.0"},
		"a sort that can be marked": {"restrict: [members]", "restrict: [users]", "change.restrict.0"},
		"why records stay":          {"restrict:", "keep: [{records: [held]}], restrict:", "change.keep.0.why"},
		"which stay":                {"restrict:", "keep: [{why: x}], restrict:", "change.keep.0.records"},
		"erased or kept":            {"restrict:", "keep: [{records: [held], why: x}], restrict:", "stands under erase, too"},
		"no key that nobody knows":  {"restrict:", "mask: [users], restrict:", "unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(changeFile, c.from) {
				t.Fatal(c.from)
			}
			if err := (Kind{}).Check(parsed(strings.Replace(changeFile, c.from, c.to, 1), "http://127.0.0.1/3.1")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	read := []connector.Ability{connector.CanFind, connector.CanPreview}
	for file, want := range map[string][]connector.Ability{
		connectionFile: read,
		changeFile:     append(slices.Clone(read), connector.CanErase, connector.CanRectify, connector.CanRestrict),
		strings.Replace(changeFile, ", restrict: [members]", "", 1): append(slices.Clone(read), connector.CanErase, connector.CanRectify),
	} {
		if got := (Kind{}).Abilities(parsed(file, "http://127.0.0.1/3.1")); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
