package imap

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/connectortest"
	"einsicht/internal/person"
)

// opened plants Erika's mails in one folder after the other and opens the connection.
func opened(t *testing.T, h *changing) (connector.Changer, []string) {
	t.Helper()
	refs := h.Plant(t, connectortest.Erika, 6)
	c, err := Kind{}.Open(t.Context(), h.connection)
	if err != nil {
		t.Fatal(err)
	}
	return c.(connector.Changer), refs
}

// server is a mail server with lists of rights, of two users.
func server(t *testing.T) *changing {
	t.Helper()
	return freshToChange(t)(t).(*changing)
}

// in gives the references of a folder.
func in(refs []string, folder string) (some []string) {
	for _, ref := range refs {
		if n, _ := readReference(ref); n.mailbox == folder {
			some = append(some, ref)
		}
	}
	return some
}

// carried makes one change of a mail as it is there.
func carried(t *testing.T, c connector.Changer, do connector.Ability, ref string) connector.Effect {
	t.Helper()
	found, err := c.Read(t.Context(), []string{ref})
	if err != nil {
		t.Fatal(err)
	}
	effects, err := c.Carry(t.Context(), []connector.Change{{ID: uuid.New(), Do: do, Reference: ref, Seen: found[ref].Fingerprint()}})
	if err != nil {
		t.Fatal(err)
	}
	return effects[0]
}

func TestAMailThatSomebodyElseMarkedAsDeletedStays(t *testing.T) {
	h := server(t)
	c, refs := opened(t, h)
	inbox := in(refs, "INBOX")
	h.flag(t, inbox[1], imap.StoreFlagsAdd, imap.FlagDeleted)
	before := h.Pieces(t)
	if e := carried(t, c, connector.CanErase, inbox[0]); e.State != connector.Changed || !e.Gone() {
		t.Fatalf("got %s (%s)", e.State, e.Reason)
	}
	delete(before, inbox[0])
	now := h.Pieces(t)
	for ref, said := range before {
		if now[ref] != said {
			t.Errorf("%s is not as it was", ref)
		}
	}
	if len(now) != len(before) {
		t.Errorf("got %d mails, want %d", len(now), len(before))
	}
}

func TestATornRunIsFinished(t *testing.T) {
	h := server(t)
	c, refs := opened(t, h)
	inbox := in(refs, "INBOX")
	h.Cut(1 << 30)
	var some []connector.Change
	for _, ref := range inbox {
		some = append(some, connector.Change{ID: uuid.New(), Do: connector.CanErase, Reference: ref})
	}
	cut := false
	h.between(func(q string) {
		if strings.Contains(q, "UID EXPUNGE") && !cut {
			cut = true
			h.Cut(0)
		}
	})
	if _, err := c.Carry(t.Context(), some); !errors.Is(err, connector.ErrUnreachable) {
		t.Fatalf("got %v, want %v", err, connector.ErrUnreachable)
	}
	if !strings.Contains(h.Pieces(t)[inbox[0]], `\Deleted`) {
		t.Fatal("nothing is marked: this test checks nothing")
	}
	found, err := c.Read(t.Context(), inbox)
	if err != nil || len(found) != len(inbox) {
		t.Fatalf("got %d mails and %v, want all of them: marked is not gone", len(found), err)
	}
	effects, err := c.Carry(t.Context(), some)
	for _, e := range effects {
		if e.State != connector.Changed {
			t.Errorf("got %s (%s), want %s", e.State, e.Reason, connector.Changed)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if found, err := c.Read(t.Context(), inbox); err != nil || len(found) > 0 {
		t.Errorf("got %d mails and %v, want none", len(found), err)
	}
}

// What others do between the reading of a mail and its marking.
func TestAMailThatChangesInTheMiddle(t *testing.T) {
	for name, c := range map[string]struct {
		flag imap.Flag
		when string
		want connector.EffectState
	}{
		"being read hinders nothing":                       {imap.FlagSeen, "UID STORE", connector.Changed},
		"being restricted stops it":                        {"$Restricted", "UID STORE", connector.Differs},
		"being restricted after it was marked stops it":    {"$Restricted", "after the mark", connector.Differs},
		"being read before it is expunged hinders nothing": {imap.FlagSeen, "UID EXPUNGE", connector.Changed},
	} {
		t.Run(name, func(t *testing.T) {
			h := server(t)
			changer, refs := opened(t, h)
			ref := in(refs, "INBOX")[0]
			h.flag(t, ref, imap.StoreFlagsDel, imap.FlagSeen)
			done, marked := false, false
			h.between(func(q string) {
				now := strings.Contains(q, c.when)
				if c.when == "after the mark" { // the first question after the mark
					now = marked && !strings.Contains(q, "UID STORE")
					marked = marked || strings.Contains(q, "UID STORE")
				}
				if now && !done {
					done = true
					h.flag(t, ref, imap.StoreFlagsAdd, c.flag)
				}
			})
			e := carried(t, changer, connector.CanErase, ref)
			if !done {
				t.Fatal("nothing happened in between: this test checks nothing")
			}
			if e.State != c.want {
				t.Errorf("got %s (%s), want %s", e.State, e.Reason, c.want)
			}
			piece, there := h.Pieces(t)[ref]
			if there == (c.want == connector.Changed) || strings.Contains(piece, `\Deleted`) {
				t.Errorf("there: %v, marked: %v", there, strings.Contains(piece, `\Deleted`))
			}
			if !strings.Contains(h.said(), "UNCHANGEDSINCE") {
				t.Error("the server was not told to leave a mail that changed")
			}
		})
	}
}

func TestWhatCanNotBeExpungedLosesItsMark(t *testing.T) {
	// Without imap_acl nobody can ask for rights: only the attempt tells.
	d := startDovecot(t, "mail_location = maildir:DIR/users/%u/mail", "mail_plugins = acl", "plugin {", "  acl = vfile", "}")
	h := changingOf(t, d, testUser, "pflege")
	c, refs := opened(t, h)
	h.allow(t, "user="+testUser+" lr", "user=pflege lrswt")
	before := h.Pieces(t)
	e := carried(t, c, connector.CanErase, in(refs, "INBOX")[0])
	if e.State != connector.Hindered && e.State != connector.Denied {
		t.Errorf("got %s (%s), want it hindered or denied", e.State, e.Reason)
	}
	if now := h.Pieces(t); fmt.Sprint(now) != fmt.Sprint(before) {
		t.Error("the mails are not as they were")
	}
}

func TestWhatIsATaskForTheUnit(t *testing.T) {
	h := server(t)
	_, refs := opened(t, h)
	kept, free := in(refs, "Bürger und Leute")[0], in(refs, "INBOX")[0]
	whole := withChanges(h.user, h.changer)
	for name, c := range map[string]struct {
		file   string
		do     connector.Ability
		ref    string
		reason string
	}{
		"a mail is never corrected":                       {whole, connector.CanRectify, free, becauseSent},
		"mails of a mailbox that must stay":               {whole, connector.CanErase, kept, becauseKept},
		"nothing is declared":                             {whole[:strings.Index(whole, "  change:\n")], connector.CanErase, free, becauseUndeclared},
		"erasing is not declared":                         {strings.Replace(whole, "    erase: expunge\n", "", 1), connector.CanErase, free, becauseUndeclared},
		"restricting is not declared":                     {strings.Replace(whole, "    restrict: {keyword: $Restricted}\n", "", 1), connector.CanRestrict, free, becauseUndeclared},
		"there is no account that changes":                {strings.Replace(whole, "  change_user: "+h.changer+"\n", "", 1), connector.CanErase, free, becauseReadOnly},
		"the server can't expunge a mail by its own name": {whole, connector.CanErase, free, becauseNoUIDPlus},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.Pieces(t)
			front := newProxy(t, h.inner)
			if c.reason == becauseNoUIDPlus {
				front.rewrite(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(" UIDPLUS "), []byte(" UIDMORE ")) })
			}
			opened, err := Kind{}.Open(t.Context(), connection(t, c.file, front.addr))
			if err != nil {
				t.Fatal(err)
			}
			changer := opened.(connector.Changer)
			change := []connector.Change{{ID: uuid.New(), Do: c.do, Reference: c.ref, Values: map[string]person.Text{"mail_subject": person.NewText("x")}}}
			for _, try := range []func() ([]connector.Effect, error){
				func() ([]connector.Effect, error) { return changer.Rehearse(t.Context(), change) },
				func() ([]connector.Effect, error) { return changer.Carry(t.Context(), change) },
			} {
				effects, err := try()
				if err != nil || effects[0].State != connector.Undeclared || effects[0].Reason != c.reason {
					t.Fatalf("got %v and %v, want %s", effects, err, c.reason)
				}
				if e := effects[0]; c.reason == becauseKept && (len(e.Kept) != len(e.Before.Fields) || e.Kept[0].Why != "§ 3 ArchivG NRW") {
					t.Errorf("got %v, want every field kept by its statute", e.Kept)
				}
			}
			if fmt.Sprint(h.Pieces(t)) != fmt.Sprint(before) {
				t.Error("the mails are not as they were")
			}
			if strings.Contains(front.said(), "STORE") || strings.Contains(front.said(), "EXPUNGE") {
				t.Error("the server was told to change something")
			}
		})
	}
}

func TestAMailboxThatMustStayAndIsRenamedStopsEverything(t *testing.T) {
	h := server(t)
	_, refs := opened(t, h)
	file := strings.Replace(withChanges(h.user, h.changer), "Bürger und *", "Bürger", 1)
	c, err := Kind{}.Open(t.Context(), connection(t, file, h.addr))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.(connector.Changer).Rehearse(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: refs[0]}})
	if !errors.Is(err, connector.ErrConfig) || !strings.Contains(err.Error(), "imap.change.keep.0") {
		t.Errorf("got %v, want the key", err)
	}
}

func TestNumbersOfAMailboxThatWasMadeAnewNameNothing(t *testing.T) {
	h := server(t)
	c, refs := opened(t, h)
	n, _ := readReference(in(refs, "INBOX")[0])
	n.validity++
	before := h.Pieces(t)
	effects, err := c.Carry(t.Context(), []connector.Change{{Do: connector.CanErase, Reference: n.reference()}})
	if err != nil || effects[0].State != connector.Missing {
		t.Errorf("got %v and %v, want it missing", effects, err)
	}
	if fmt.Sprint(h.Pieces(t)) != fmt.Sprint(before) {
		t.Error("another mail was changed")
	}
}

func TestChangesAreDeclaredStrictly(t *testing.T) {
	whole := withChanges(testUser, "pflege")
	for name, c := range map[string]struct{ from, to, want string }{
		"another account":          {"change_user: pflege", "change_user: " + testUser, "change_user: must be another account"},
		"its password":             {"  change_password: {env: X}\n", "", "needs secrets.change_password"},
		"one way to erase":         {"erase: expunge", "erase: delete", "change.erase"},
		"a keyword":                {"$Restricted", `\Seen`, "change.restrict.keyword"},
		"why mails stay":           {`, why: "§ 3 ArchivG NRW"`, "", "change.keep.0.why"},
		"which mailboxes":          {"[Bürger und *]", "[]", "change.keep.0.mailboxes"},
		"no key that nobody knows": {"erase: expunge", "rectify: [x]", "unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(whole, c.from) {
				t.Fatal(c.from)
			}
			err := Kind{}.Check(connection(t, strings.Replace(whole, c.from, c.to, 1), "127.0.0.1:143"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		file string
		want []connector.Ability
	}{
		"all":        {whole, []connector.Ability{connector.CanFind, connector.CanPreview, connector.CanErase, connector.CanRestrict}},
		"by nobody":  {strings.Replace(whole, "  change_user: pflege\n", "", 1), []connector.Ability{connector.CanFind, connector.CanPreview}},
		"erase only": {strings.Replace(whole, "    restrict: {keyword: $Restricted}\n", "", 1), []connector.Ability{connector.CanFind, connector.CanPreview, connector.CanErase}},
	} {
		if got := (Kind{}).Abilities(connection(t, c.file, "127.0.0.1:143")); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// Who reads a mail by its name does not know who asks, and never shows more to her than
// who searched for her.
func TestReadTakesNoLessForOthersThanFind(t *testing.T) {
	h := server(t)
	c, refs := opened(t, h)
	read, err := c.Read(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Find(t.Context(), connectortest.Erika.Query(), nil, func(f connector.Finding, _ connector.Cursor) error {
		other := read[f.Reference]
		for i, field := range f.Fields {
			if field.ThirdParty && !other.Fields[i].ThirdParty {
				t.Errorf("%s: %s is others' when it is found, and not when it is read", f.Reference, field.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
