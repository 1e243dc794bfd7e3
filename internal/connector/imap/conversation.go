package imap

import (
	"bufio"
	"bytes"
	"context"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
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

func (c *conversations) add(ids []string, led [][]uuid.UUID) {
	if c.full = c.full || len(c.ids)+len(ids) > mostIDs; c.full {
		return
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

// follow reads the heads of the mails that the server finds under the person's
// addresses and keeps the ids of those that are surely hers. It is done anew
// for each part of an answer and gives the same each time.
func (w *walk) follow(ctx context.Context, names []string) error {
	w.talks = conversations{seed: maphash.MakeSeed(), ids: map[uint64]int{}}
	emails := w.whose.Identifiers(person.Email)
	if !w.account.mapping.conversations() || len(emails) == 0 {
		return nil
	}
	question := addressed(emails)
	for _, name := range names {
		readable, err := w.open(ctx, name)
		if err != nil {
			return err
		}
		if !readable {
			continue // told when its mails are read
		}
		err = w.stretches(0, func(from, until imap.UID) (bool, error) {
			uids, err := w.find(ctx, from, until, question)
			if err != nil {
				return false, err
			}
			err = w.readHeads(ctx, uids, slices.Concat(addressHeads, idHeads), func(_ imap.UID, h gomail.Header) {
				m := mail{head: h, people: map[string][]address{}}
				m.readHead()
				if led, confidence := w.whose.Leads(m.addressed()); led != nil && confidence != connector.Check {
					w.talks.add(idsOf(h), led)
				}
			})
			return !w.talks.full, err
		})
		if err != nil || w.talks.full {
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
			head, _, _ := readHead(bufio.NewReader(bytes.NewReader(got[uid].text)))
			fields, err := textproto.ReadHeader(bufio.NewReader(bytes.NewReader(head)))
			if err != nil && fields.Len() == 0 {
				continue
			}
			each(uid, gomail.Header{Header: message.Header{Header: fields}})
		}
	}
	return nil
}
