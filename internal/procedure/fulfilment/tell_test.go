package fulfilment_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/procedure/fulfilment"
)

// letters notes what was written.
type letters struct {
	kinds   []letter.Kind
	to      []person.Text
	way     casefile.AnswerWay
	about   []law.Right
	words   map[string]person.Text
	values  map[string]string
	written []uuid.UUID
	keep    func(context.Context, uuid.UUID) error // of one to the person
}

func (l *letters) Enclose(ctx context.Context, _ casefile.Case, _ calendar.Land, kind letter.Kind, words map[string]person.Text, values map[string]string, _ casefile.Actor, _ time.Time) (uuid.UUID, error) {
	l.kinds, l.words, l.values, l.written = append(l.kinds, kind), words, values, append(l.written, uuid.New())
	return l.written[len(l.written)-1], l.keep(ctx, l.written[len(l.written)-1])
}

func (l *letters) Inform(_ context.Context, _ casefile.Case, to []person.Text, about []law.Right, content person.Text, on calendar.Date, way casefile.AnswerWay, _ casefile.Actor, _ time.Time) (uuid.UUID, error) {
	l.kinds, l.to, l.about, l.way = append(l.kinds, letter.KindRecipientsNotice), to, about, way
	l.words, l.values, l.written = map[string]person.Text{"content": content}, map[string]string{"done": on.String()}, append(l.written, uuid.New())
	return l.written[len(l.written)-1], nil
}

func (h *house) told() fulfilment.Told {
	h.t.Helper()
	told, err := h.Recipients(h.t.Context(), h.clerk, h.c.ID, now)
	must(h.t, err)
	return told
}

// recipients names those of the plan of the decision, with the state of their notice.
func (h *house) recipients() map[string]casefile.NoticeState {
	h.t.Helper()
	all := map[string]casefile.NoticeState{}
	for _, p := range h.told().Plans {
		for _, n := range p.Notices {
			all[n.Text.Recipient.Reveal()] = n.State
		}
	}
	return all
}

func (h *house) noticeOf(recipient string) uuid.UUID {
	h.t.Helper()
	for _, p := range h.told().Plans {
		for _, n := range p.Notices {
			if strings.Contains(n.Text.Recipient.Reveal(), recipient) {
				return n.ID
			}
		}
	}
	h.t.Fatalf("%s is no recipient", recipient)
	return uuid.Nil
}

func (h *house) openTask(kind casefile.TaskKind) bool {
	h.t.Helper()
	open := false
	must(h.t, h.db.View(h.t.Context(), h.c.Authority, func(ctx context.Context) error {
		tasks, err := h.Findings.Tasks(ctx, h.c.ID)
		open = slices.ContainsFunc(tasks, func(t casefile.Task) bool { return t.Kind == kind && t.DoneAt.IsZero() })
		return err
	}))
	return open
}

func TestRecipientsAreTheOnesOfWhatWasChanged(t *testing.T) {
	named := connector.Field{Name: "forwarded_to", Value: person.NewText("Bürgerbüro Musterstadt")}
	for name, c := range map[string]struct {
		prepare func(*house, []procedure.Measure)
		want    bool // there are recipients
	}{
		"records were erased": {func(*house, []procedure.Measure) {}, true},
		"nothing was changed, since all stays": {func(h *house, all []procedure.Measure) {
			for _, m := range all {
				m.State = casefile.Stays
				h.put(m)
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			all := h.planned(2, connector.CanErase)
			all[0].Text.Before = append(all[0].Text.Before, named, connector.Field{Name: "recipient", Value: person.NewText("Versand GmbH")})
			h.put(all[0])
			c.prepare(h, all)
			must(t, h.change())
			must(t, h.CarryOut(t.Context(), h.c.Authority, h.c.ID, now)) // settles where nothing is to be done
			got := h.recipients()
			if !c.want {
				if len(got) > 0 || h.openTask(casefile.TaskNotify) {
					t.Errorf("got %v, want no recipient and no task", got)
				}
				return
			}
			if got["Bürgerbüro Musterstadt"] != casefile.NoticeOpen || got["Versand GmbH"] != casefile.NoticeOpen || len(got) < 3 {
				t.Errorf("got %v, want those that the record and the inventory name", got)
			}
			if !h.openTask(casefile.TaskNotify) {
				t.Error("nobody is asked to tell them")
			}
			if id := h.noticeOf("Versand"); id.Version() != 4 {
				t.Errorf("got an id of version %d, want one at random: it is seen in addresses", id.Version())
			}
		})
	}
}

func TestARecipientIsToldOnceAndOnlyWhatItNeeds(t *testing.T) {
	h := newHouse(t)
	all := h.planned(2, connector.CanErase)
	all[0].Text.Before = append(all[0].Text.Before, connector.Field{Name: "recipient", Value: person.NewText("Versand GmbH")})
	h.put(all[0])
	to := []person.Text{person.NewText("Versand GmbH"), person.NewText("Weg 1, 12345 Ort")}
	said := person.NewText("rows/0: gelöscht")
	must(t, h.change())
	id := h.noticeOf("Versand")
	for _, p := range h.told().Plans {
		for _, n := range p.Notices {
			if draft := n.Draft.Reveal(); n.ID == id && (!strings.Contains(draft, "rows/0: gelöscht") || strings.Contains(draft, "Erika") || strings.Count(draft, "\n") != 1) {
				t.Errorf("the draft says %q, want both records, what was done, and no name", draft)
			}
		}
	}
	must(t, h.Tell(t.Context(), h.clerk, h.c.ID, id, to, said, now))
	if h.letters.about[0] != law.Erasure || h.letters.values["done"] != "2026-11-02" || h.letters.words["content"].Reveal() != said.Reveal() {
		t.Errorf("got a letter about %v, %v, %v", h.letters.about, h.letters.values, h.letters.words)
	}
	if err := h.Tell(t.Context(), h.clerk, h.c.ID, id, to, said, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("told twice: got %v", err)
	}
	if got := h.recipients()["Versand GmbH"]; got != casefile.NoticeUnderway {
		t.Errorf("got %s before it was posted", got)
	}
}

func TestEveryRecipientIsSettledOrTheTaskStays(t *testing.T) {
	h := newHouse(t)
	h.planned(1, connector.CanErase)
	must(t, h.change())
	plan := h.told().Plans[0]
	ctx, id := t.Context(), h.c.ID
	must(t, h.AddRecipient(ctx, h.clerk, id, plan.ID, person.NewText("Nachbaramt"), []string{system}, now))
	if err := h.AddRecipient(ctx, h.clerk, id, plan.ID, person.NewText("nachbaramt "), []string{system}, now); !errors.Is(err, problem.Invalid) {
		t.Errorf("named twice: got %v", err)
	}
	var others []uuid.UUID
	for _, n := range plan.Notices {
		others = append(others, n.ID)
	}
	if err := h.RuleOut(ctx, h.clerk, id, others, casefile.NoticeNone, person.Text{}, now); !errors.Is(err, problem.Invalid) {
		t.Errorf("ruled out without a reason: got %v", err)
	}
	must(t, h.RuleOut(ctx, h.clerk, id, others[:1], casefile.NoticeImpossible, person.NewText("aufgelöst"), now))
	must(t, h.RuleOut(ctx, h.clerk, id, others[1:], casefile.NoticeNone, person.NewText("nie übermittelt"), now))
	office := h.noticeOf("Nachbaramt")
	must(t, h.LetUnitTell(ctx, h.clerk, id, office, now))
	if !h.openTask(casefile.TaskNotify) {
		t.Error("the task is closed before the unit told")
	}
	must(t, h.UnitTold(ctx, h.clerk, id, office, person.NewText("am Telefon"), now))
	if h.openTask(casefile.TaskNotify) {
		t.Error("the task is open after the last was told")
	}
	must(t, h.RecipientAnswered(ctx, h.clerk, id, office, person.NewText("auch gelöscht"), now))
	got := h.recipients()
	if got["Nachbaramt"] != casefile.NoticeConfirmed {
		t.Errorf("got %v", got)
	}
	for kind, want := range map[string]int{"notice.decided": 2 + len(others), "notice.sent": 1, "notice.answered": 1} {
		if n := h.ledger(kind); n != want {
			t.Errorf("%s: got %d entries, want %d", kind, n, want)
		}
	}
	must(t, h.Reconsider(ctx, h.clerk, id, others[0], now))
	if !h.openTask(casefile.TaskNotify) {
		t.Error("the task stays closed when one is to be told after all")
	}
}

func TestNobodyIsToldBeforeItIsDone(t *testing.T) {
	h := newHouse(t)
	h.planned(1, connector.CanErase)
	h.inTx(func(ctx context.Context) error {
		n := procedure.Notice{Notice: casefile.Notice{ID: uuid.New(), Plan: h.plan.ID, Case: h.c.ID, State: casefile.NoticeOpen, MadeAt: now}}
		n.Text.Recipient, n.Text.Systems = person.NewText("Amt"), []string{system}
		return h.PutNotices(ctx, h.c, n)
	})
	to := []person.Text{person.NewText("Amt"), person.NewText("Ort")}
	if err := h.Tell(t.Context(), h.clerk, h.c.ID, h.noticeOf("Amt"), to, to[0], now); !errors.Is(err, problem.Conflict) {
		t.Errorf("got %v, want it refused", err)
	}
	if h.openTask(casefile.TaskNotify) {
		t.Error("the task is open before anything was done")
	}
}

func TestAMailAnnouncesALetterAndSaysNothingOfIt(t *testing.T) {
	h := newHouse(t)
	all := h.planned(1, connector.CanErase)
	all[0].Text.Before = append(all[0].Text.Before, connector.Field{Name: "recipient", Value: person.NewText("Versand GmbH")})
	h.put(all[0])
	must(t, h.change())
	var others []uuid.UUID
	for _, n := range h.told().Plans[0].Notices {
		if n.Text.Recipient.Reveal() != "Versand GmbH" {
			others = append(others, n.ID)
		}
	}
	if len(others) > 0 {
		must(t, h.RuleOut(t.Context(), h.clerk, h.c.ID, others, casefile.NoticeNone, person.NewText("nie übermittelt"), now))
	}
	id, said := h.noticeOf("Versand"), person.NewText("rows/0: gelöscht")
	for _, address := range []string{"", "Versand GmbH", "a@", "Versand <a@example.org>", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org"} {
		if err := h.TellByMail(t.Context(), h.clerk, h.c.ID, id, person.NewText(address), said, now); !errors.Is(err, problem.Invalid) {
			t.Errorf("to %q: got %v, want it refused", address, err)
		}
	}
	address := person.NewText("datenschutz@versand.example")
	must(t, h.TellByMail(t.Context(), h.clerk, h.c.ID, id, address, said, now))
	n := h.told().Plans[0].Notices[slices.IndexFunc(h.told().Plans[0].Notices, func(n fulfilment.TellingNotice) bool { return n.ID == id })]
	if n.State != casefile.NoticeUnderway || !n.Mailed() || n.Expires != calendar.Day(2026, 11, 16) || len(n.CodeMAC) != 32 || !strings.HasPrefix(n.Number, "STK-NRW-M-2026-") {
		t.Errorf("got %s, number %q until %s", n.State, n.Number, n.Expires)
	}
	if code, ok := casefile.ParseAccessCode(n.Text.Code.Reveal()); !ok || code != n.Text.Code.Reveal() || !n.Text.Mail.Equal(address) {
		t.Error("code or address is missing in what is sealed")
	}
	if h.letters.way != casefile.ByPortal || len(h.letters.to) != 2 || h.letters.words["content"].Reveal() != said.Reveal() {
		t.Errorf("got a letter %s to %d lines", h.letters.way, len(h.letters.to))
	}
	if h.queue.jobs[len(h.queue.jobs)-1] != casefile.JobNotice || h.openTask(casefile.TaskNotify) {
		t.Errorf("got jobs %v, and staff are asked: %t", h.queue.jobs, h.openTask(casefile.TaskNotify))
	}
	if err := h.UnitTold(t.Context(), h.clerk, h.c.ID, id, said, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("the unit told what was mailed: got %v", err)
	}

	must(t, h.StopMail(t.Context(), h.clerk, h.c.ID, id, now))
	if got := h.recipients()["Versand GmbH"]; got != casefile.NoticeOpen || !h.openTask(casefile.TaskNotify) {
		t.Errorf("stopped: got %s, and staff are asked: %t", got, h.openTask(casefile.TaskNotify))
	}
	if err := h.StopMail(t.Context(), h.clerk, h.c.ID, id, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("stopped twice: got %v", err)
	}
	must(t, h.Tell(t.Context(), h.clerk, h.c.ID, id, []person.Text{address, address}, said, now))
	if err := h.StopMail(t.Context(), h.clerk, h.c.ID, id, now); !errors.Is(err, problem.Conflict) {
		t.Errorf("a letter stopped as a mail: got %v", err)
	}
	if got := h.ledger("notice.decided"); got != 3+len(others) {
		t.Errorf("got %d entries, want one for each word of staff", got)
	}
}
