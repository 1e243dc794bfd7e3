package imap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mails reads mails and gives those that are the person's.
func (w *walk) mails(ctx context.Context, uids []imap.UID, about map[imap.UID]letter) error {
	texts, err := w.read(ctx, slices.DeleteFunc(slices.Clone(uids), func(uid imap.UID) bool { return about[uid].refused }), part(0, pieceSize), pieceSize)
	if err != nil {
		return err
	}
	small := w.parseAll(uids, texts)
	for i, uid := range uids {
		if err := ctx.Err(); err != nil {
			return connector.Fail(connector.ErrUnreachable, "fetch", "", err)
		}
		text, there := texts[uid]
		switch {
		case about[uid].refused || text.refused:
			w.gap(w.box.name, "connector.gap.mail_unreadable")
			continue
		case !there: // deleted since the search
			w.gap(w.box.name, "connector.gap.rotated")
			continue
		}
		m, ok := small[i], true
		if len(text.text) >= pieceSize {
			if m, ok, err = w.whole(ctx, uid, text.text); err != nil {
				return err
			}
		}
		delete(texts, uid)
		small[i] = mail{}
		if !ok {
			w.gap(w.box.name, "connector.gap.mail_unreadable")
			continue
		}
		if err := w.give(uid, about[uid], m); err != nil || w.answer.Next != nil {
			return err
		}
	}
	return nil
}

// parseAll reads the mails that are there as a whole, several at a time: that
// takes longer than to get them.
func (w *walk) parseAll(uids []imap.UID, texts map[imap.UID]letter) []mail {
	mails := make([]mail, len(uids))
	var next atomic.Int64
	var panicked atomic.Value
	var wg sync.WaitGroup
	for range min(len(uids), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked.Store(fmt.Sprint(p)) // a goroutine of its own would end the program
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(uids)); i = next.Add(1) - 1 {
				if text, there := texts[uids[i]]; there && !text.refused && len(text.text) < pieceSize {
					mails[i] = parse(bytes.NewReader(text.text), w.content())
				}
			}
		})
	}
	wg.Wait()
	if p := panicked.Load(); p != nil {
		panic(p)
	}
	return mails
}

// content is how many bytes of attachments of one mail are held.
func (w *walk) content() int64 { return held }

// whole reads a long mail of which one piece is there. A connection that is lost
// in between is made again once.
func (w *walk) whole(ctx context.Context, uid imap.UID, first []byte) (m mail, ok bool, err error) {
	for range 2 {
		rest := &pieces{ctx: ctx, s: w.session, uid: uid, offset: int64(len(first))}
		m = parse(io.MultiReader(bytes.NewReader(first), rest), w.content())
		switch {
		case rest.err == nil:
			return m, true, nil
		case errors.Is(rest.err, errLost):
			if err := w.again(ctx, w.box.name); err != nil {
				return mail{}, false, err
			}
		case errors.Is(rest.err, connector.ErrBroken):
			return mail{}, false, nil
		default:
			return mail{}, false, rest.err
		}
	}
	return mail{}, false, nil
}

// give hands out a mail, if it is the person's.
func (w *walk) give(uid imap.UID, about letter, m mail) error {
	led, confidence := w.leads(m)
	if led == nil {
		led, confidence = w.talks.leads(idsOf(m.head)), connector.Check
	}
	if led == nil {
		if m.cut { // what could not be read may have named her
			w.gap(w.box.name, "connector.gap.mail_broken")
		}
		return nil
	}
	if m.broken || m.cut {
		w.gap(w.box.name, "connector.gap.mail_broken")
	}
	if slices.Contains(w.account.tooLarge(m.files), true) {
		w.gap(w.box.name, "connector.gap.attachment")
	}
	f := w.finding(uid, about, m)
	f.Led, f.Confidence = led, confidence
	if confidence != connector.Check {
		f.Hints = w.hints(m, f.Reference)
	}
	w.answer.Outcome = connector.Found
	at := w.cursor(uid)
	if err := w.yield(f, at); err != nil {
		return err
	}
	if w.query.Paused(time.Now()) {
		w.answer.Next = at
	}
	return nil
}

// leads tells whose a mail is. What stands in its text is to be checked at
// best: anybody may write about anybody.
func (w *walk) leads(m mail) (led [][]uuid.UUID, c connector.Confidence) {
	if led, c = w.addressed(m); led != nil && c != connector.Check {
		return led, c
	}
	all := w.reading.values(m.everything())
	for a := range m.everybody() {
		for kind, values := range a.values() {
			all[kind] = append(all[kind], values...)
		}
	}
	led, _ = w.whose.Leads(all)
	return led, connector.Check
}

// addressed tells whose a mail is by who wrote and was written to. Each address
// counts with the name beside it: the address of one and the name of another
// would make a third.
func (w *walk) addressed(m mail) (led [][]uuid.UUID, c connector.Confidence) {
	c = connector.Check
	for a := range m.everybody() {
		sets, reached := w.whose.Leads(a.values())
		if sets == nil {
			continue
		}
		c = c.Best(reached)
		for _, set := range sets {
			if !slices.ContainsFunc(led, func(known []uuid.UUID) bool { return slices.Equal(known, set) }) {
				led = append(led, set)
			}
		}
	}
	return led, c
}

// everybody are those who wrote and were written to, each once.
func (m mail) everybody() iter.Seq[address] {
	return func(yield func(address) bool) {
		seen := map[address]bool{}
		for _, head := range addressHeads {
			for _, a := range m.people[head] {
				if !seen[a] && !yield(a) {
					return
				}
				seen[a] = true
			}
		}
	}
}

func (a address) values() connector.Values {
	v := connector.Values{person.Email: {a.mail}}
	if a.name != "" {
		v[person.Name] = []string{a.name}
	}
	return v
}
