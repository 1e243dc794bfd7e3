package imap

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// mostIDs bounds how many mails' ids are kept to find those that belong to the
// same conversations.
const mostIDs = 20_000

// conversations are the ids that stand in mails which are surely the person's
// (RFC 5322, 3.6.4): their own, and those of mails before them.
type conversations struct {
	seed maphash.Seed
	ids  map[uint64]int // an id's hash, and which identifiers led to it
	led  [][][]uuid.UUID
	full bool
}

// add says whether there was room.
func (c *conversations) add(ids []string, led [][]uuid.UUID) bool {
	if c.full = c.full || len(c.ids)+len(ids) > mostIDs; c.full {
		return false
	}
	which := -1
	for i, known := range c.led {
		if sameSets(known, led) {
			which = i
		}
	}
	if which < 0 {
		c.led, which = append(c.led, led), len(c.led)
	}
	for _, id := range ids {
		h := maphash.String(c.seed, id)
		if _, known := c.ids[h]; !known {
			c.ids[h] = which
		}
	}
	return true
}

func sameSets(a, b [][]uuid.UUID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j := range a[i] {
			if a[i][j] != b[i][j] {
				return false
			}
		}
	}
	return true
}

// leads gives the identifiers that led to a mail of the same conversation.
func (c *conversations) leads(ids []string) [][]uuid.UUID {
	for _, id := range ids {
		if which, ok := c.ids[maphash.String(c.seed, id)]; ok {
			return c.led[which]
		}
	}
	return nil
}

var idHeads = []string{"Message-Id", "References", "In-Reply-To"}

// idsOf are the ids that a head names.
func idsOf(h gomail.Header) (ids []string) {
	for _, name := range idHeads {
		for f := h.FieldsByKey(name); f.Next(); {
			for id := range strings.FieldsFuncSeq(f.Value(), func(r rune) bool { return r == '<' || r == '>' || r <= ' ' || r == ',' }) {
				if strings.Contains(id, "@") && len(ids) < 500 {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// place is the mails of a mailbox whose ids are known, as a cursor keeps them:
// with them the ids are read again without searching for them.
type place struct {
	Mailbox  string
	Validity uint32
	Runs     []byte // how many numbers to leave out, how many to take, and so on, as varints
	uids     []imap.UID
}

// pack makes Runs of the numbers.
func (p place) pack() place {
	p.Runs = nil
	before := imap.UID(0) // the last that was taken
	for i := 0; i < len(p.uids); {
		n := 1
		for i+n < len(p.uids) && p.uids[i+n] == p.uids[i]+imap.UID(n) {
			n++
		}
		p.Runs = binary.AppendUvarint(binary.AppendUvarint(p.Runs, uint64(p.uids[i]-before-1)), uint64(n))
		before, i = p.uids[i+n-1], i+n
	}
	return p
}

// unpack is the opposite; ok is false where it makes no sense.
func (p place) unpack() (uids []imap.UID, ok bool) {
	at, rest := uint64(0), p.Runs
	for len(rest) > 0 {
		skip, k := binary.Uvarint(rest)
		rest = rest[max(0, k):]
		n, l := binary.Uvarint(rest)
		rest = rest[max(0, l):]
		if k <= 0 || l <= 0 || skip > math.MaxUint32 || n > mostIDs || len(uids) > mostIDs {
			return nil, false
		}
		at += skip
		for range n {
			at++
			uids = append(uids, imap.UID(at))
		}
	}
	return uids, at <= math.MaxUint32
}

// follow reads the heads of the mails that the server finds under the person's
// addresses and keeps the ids of those that are surely hers. A local part such
// as "m" is found in every address there is, so it pauses like the rest.
func (w *walk) follow(ctx context.Context, names []string, start position) error {
	w.talks = conversations{seed: maphash.MakeSeed(), ids: map[uint64]int{}}
	emails := w.whose.Identifiers(person.Email)
	if !w.account.mapping.conversations() || len(emails) == 0 {
		return nil
	}
	if err := w.recall(ctx, names, start.Hers); err != nil {
		return err
	}
	if start.Mailbox != "" && !start.Following {
		return nil
	}
	question := addressed(emails)
	for _, name := range names {
		if name < start.Mailbox {
			continue
		}
		readable, err := w.open(ctx, name)
		if err != nil {
			return err
		}
		if !readable {
			continue // told when its mails are read
		}
		after := imap.UID(0)
		if name == start.Mailbox && w.box.validity == start.Validity {
			after = start.UID
		}
		err = w.stretches(after, func(from, until imap.UID) (bool, error) {
			uids, err := w.find(ctx, from, until, question)
			if err == nil {
				err = w.learn(ctx, uids)
			}
			if err == nil && !w.talks.full && w.query.Paused(time.Now()) {
				w.pack()
				w.answer.Next = w.place(position{Following: true, UID: until})
			}
			return !w.talks.full && w.answer.Next == nil, err
		})
		if err != nil || w.talks.full || w.answer.Next != nil {
			return err
		}
	}
	return nil
}

// pack prepares what was learned for the cursors.
func (w *walk) pack() {
	w.hersAt = nil
	for _, p := range w.learned {
		w.hersAt = append(w.hersAt, p.pack())
	}
}

// learn keeps the ids of those mails of the open mailbox that are surely hers.
func (w *walk) learn(ctx context.Context, uids []imap.UID) error {
	var hers []imap.UID
	err := w.readHeads(ctx, uids, slices.Concat(addressHeads, idHeads), func(uid imap.UID, h gomail.Header) {
		m := mail{head: h, people: map[string][]address{}}
		m.readHead()
		if led, confidence := w.addressed(m); led != nil && confidence != connector.Check && w.talks.add(idsOf(h), led) {
			hers = append(hers, uid)
		}
	})
	if last := len(w.learned) - 1; len(hers) == 0 {
	} else if last >= 0 && w.learned[last].Mailbox == w.box.name && w.learned[last].Validity == w.box.validity {
		w.learned[last].uids = append(w.learned[last].uids, hers...)
	} else {
		w.learned = append(w.learned, place{Mailbox: w.box.name, Validity: w.box.validity, uids: hers})
	}
	return err
}

// recall learns again what an earlier part of the answer had learned. What is
// gone since, or has another number now, is left out.
func (w *walk) recall(ctx context.Context, names []string, hers []place) error {
	for _, p := range hers {
		uids, ok := p.unpack()
		if !ok {
			return connector.Fail(connector.ErrConfig, "cursor", "", nil)
		}
		if !slices.Contains(names, p.Mailbox) {
			continue
		}
		if w.box.name != p.Mailbox {
			if readable, err := w.open(ctx, p.Mailbox); err != nil || !readable {
				if err != nil {
					return err
				}
				continue
			}
		}
		if w.box.validity != p.Validity {
			continue
		}
		if err := w.learn(ctx, uids); err != nil {
			return err
		}
	}
	return nil
}

// related gives those mails of a stretch, but for some that are read anyway,
// that belong to a conversation of the person.
func (w *walk) related(ctx context.Context, from, until imap.UID, but []imap.UID) (found []imap.UID, err error) {
	if len(w.talks.ids) == 0 {
		return nil, nil
	}
	all, err := w.find(ctx, from, until, imap.SearchCriteria{})
	if err != nil {
		return nil, err
	}
	err = w.readHeads(ctx, without(all, but), idHeads, func(uid imap.UID, h gomail.Header) {
		if w.talks.leads(idsOf(h)) != nil {
			found = append(found, uid)
		}
	})
	return found, err
}

// without gives what is in one sorted list and not in another.
func without(all, but []imap.UID) (rest []imap.UID) {
	for _, uid := range all {
		for len(but) > 0 && but[0] < uid {
			but = but[1:]
		}
		if len(but) == 0 || but[0] != uid {
			rest = append(rest, uid)
		}
	}
	return rest
}

// readHeads reads some lines of the heads of mails.
func (w *walk) readHeads(ctx context.Context, uids []imap.UID, names []string, each func(imap.UID, gomail.Header)) error {
	const headsAtOnce = 200
	for len(uids) > 0 {
		some := uids[:min(headsAtOnce, len(uids))]
		uids = uids[len(some):]
		got, err := w.read(ctx, some, heads(names...), mostLine)
		if err != nil {
			return err
		}
		for _, uid := range some {
			text := bytes.NewReader(got[uid].text)
			head, _, _ := readHead(buffered(text, text))
			fields, err := readFields(head)
			if err != nil && fields.Len() == 0 {
				continue
			}
			each(uid, gomail.Header{Header: message.Header{Header: fields}})
		}
	}
	return nil
}
