package imap

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// Find goes through the mailboxes by name, and through each by the numbers of
// its mails.
func (a *account) Find(ctx context.Context, q connector.Query, from connector.Cursor, yield func(connector.Finding, connector.Cursor) error) (connector.Answer, error) {
	w := &walk{account: a, query: q, yield: yield, gaps: map[connector.Gap]int{}}
	w.answer = connector.Answer{Outcome: connector.Nothing, Reason: "connector.imap.searched"}
	whose, err := a.connection.Whose(q)
	if err != nil {
		return connector.Answer{}, err
	}
	w.whose = connector.NewRecall(whose, q)
	if w.whose.Nobody() {
		return connector.Answer{Outcome: connector.Unattributable, Reason: "connector.no_identifier"}, nil
	}
	sets, err := a.connection.Sets(q)
	if err != nil {
		return connector.Answer{}, err
	}
	if a.mapping.Read != "all" {
		w.question = prefilter(sets)
	}
	w.reading = read(whose)
	if w.session, err = a.signIn(ctx); err != nil {
		return connector.Answer{}, err
	}
	defer func() { w.session.close(ctx) }()
	names, err := a.mailboxes(ctx, w.session)
	if err == nil {
		err = w.all(ctx, names, from)
	}
	w.tellGaps()
	return w.answer, err
}

// walk goes through the mails of one question.
type walk struct {
	account  *account
	query    connector.Query
	whose    *connector.Recall
	reading  reading
	question imap.SearchCriteria
	yield    func(connector.Finding, connector.Cursor) error
	answer   connector.Answer
	gaps     map[connector.Gap]int // by gap without its count

	session *session
	box     box
	talks   conversations
	learned []place // where their ids stand
	hersAt  []place // the same for cursors
	anew    int     // connections that had to be made again
}

// position is what a cursor says: everything up to this mail was given or, while
// conversations are followed, read for that.
type position struct {
	Mailbox   string
	Validity  uint32
	UID       imap.UID
	Following bool    `json:",omitempty"`
	Hers      []place `json:",omitempty"`
}

func (w *walk) cursor(uid imap.UID) connector.Cursor { return w.place(position{UID: uid}) }

// place completes a position in the open mailbox.
func (w *walk) place(p position) connector.Cursor {
	p.Mailbox, p.Validity, p.Hers = w.box.name, w.box.validity, w.hersAt
	c, err := json.Marshal(p)
	if err != nil {
		panic(err) // text and numbers only
	}
	return c
}

func (w *walk) all(ctx context.Context, names []string, from connector.Cursor) error {
	var start position
	if len(from) > 0 && json.Unmarshal(from, &start) != nil {
		return connector.Fail(connector.ErrConfig, "cursor", "", nil)
	}
	if err := w.follow(ctx, names, start); err != nil || w.answer.Next != nil {
		return err
	}
	w.pack()
	if following := from == nil || start.Following; following {
		start = position{}
		if w.talks.full {
			w.gap("", "connector.gap.conversations")
		}
	} else if !slices.Contains(names, start.Mailbox) {
		w.gap(start.Mailbox, "connector.gap.rotated")
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n < start.Mailbox })
	for i, name := range names {
		readable, err := w.open(ctx, name)
		if err != nil {
			return err
		}
		if !readable {
			w.gap(name, "connector.gap.mailbox")
			continue
		}
		after := imap.UID(0)
		switch {
		case name != start.Mailbox:
		case w.box.validity == start.Validity:
			after = start.UID
		default: // RFC 3501, 2.3.1.1: the numbers mean other mails now
			w.gap(name, "connector.gap.renumbered")
		}
		last := i == len(names)-1
		err = w.stretches(after, func(from, until imap.UID) (bool, error) {
			if err := w.stretch(ctx, from, until); err != nil || w.answer.Next != nil {
				return false, err
			}
			if end := last && until >= w.box.next-1; !end && w.query.Paused(time.Now()) {
				w.answer.Next = w.cursor(until)
			}
			return w.answer.Next == nil, nil
		})
		if err != nil || w.answer.Next != nil {
			return err
		}
	}
	return nil
}

// open makes a mailbox the one that is read; false says that it may not be.
func (w *walk) open(ctx context.Context, name string) (readable bool, err error) {
	b, err := w.session.examine(ctx, name)
	if errors.Is(err, errLost) {
		if err = w.again(ctx, ""); err == nil {
			b, err = w.session.examine(ctx, name)
		}
	}
	if no := (*refusal)(nil); errors.As(err, &no) {
		if no.code == imap.ResponseCodeUnavailable || no.code == imap.ResponseCodeInUse { // for now, RFC 5530
			return false, no.failure(connector.ErrUnreachable)
		}
		return false, nil
	}
	w.box = b
	return err == nil, err
}

// perStretch is about how many mails one question is about.
const perStretch = 1000

// stretches cuts the numbers of the mailbox into stretches and goes on for as
// long as it is told to.
func (w *walk) stretches(after imap.UID, each func(from, until imap.UID) (more bool, err error)) error {
	end := w.box.next - 1
	width := (uint64(end) + perStretch) * perStretch / (uint64(w.box.count) + perStretch)
	for from := uint64(after) + 1; w.box.count > 0 && from <= uint64(end); from += width {
		more, err := each(imap.UID(from), imap.UID(min(from+width-1, uint64(end))))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// stretch gives the person's mails of a stretch.
func (w *walk) stretch(ctx context.Context, from, until imap.UID) error {
	hits, err := w.find(ctx, from, until, w.question)
	if err != nil {
		return err
	}
	related, err := w.related(ctx, from, until, hits)
	if err != nil {
		return err
	}
	uids := slices.Concat(hits, related)
	slices.Sort(uids)
	for len(uids) > 0 && w.answer.Next == nil {
		some := uids[:min(200, len(uids))]
		uids = uids[len(some):]
		sizes, err := w.read(ctx, some, w.account.about(), 0)
		if err != nil {
			return err
		}
		for len(some) > 0 && w.answer.Next == nil {
			n := together(some, sizes)
			if err := w.mails(ctx, some[:n], sizes); err != nil {
				return err
			}
			some = some[n:]
		}
	}
	return nil
}

// atOnce is how many bytes of mails are in memory at once, but for the one that
// is being read.
const atOnce = 4 * pieceSize

// together says how many of these mails are read with one question.
func together(uids []imap.UID, sizes map[imap.UID]letter) (n int) {
	total := int64(0)
	for ; n < len(uids); n++ {
		total += min(sizes[uids[n]].size, pieceSize)
		if n > 0 && total > atOnce {
			break
		}
	}
	return n
}

func (w *walk) gap(place, reason string) { w.gaps[connector.Gap{Place: place, Reason: reason}]++ }

// tellGaps adds up what could not be read.
func (w *walk) tellGaps() {
	for g, n := range w.gaps {
		g.Count = n
		w.answer.Gaps = append(w.answer.Gaps, g)
	}
	slices.SortFunc(w.answer.Gaps, func(a, b connector.Gap) int {
		return cmp.Or(strings.Compare(a.Place, b.Place), strings.Compare(a.Reason, b.Reason))
	})
}
