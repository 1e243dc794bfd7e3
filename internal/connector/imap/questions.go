package imap

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"einsicht/internal/connector"
)

// box is a mailbox as it was when it was opened.
type box struct {
	name     string
	validity uint32
	next     imap.UID // no mail has this number or a higher one
	count    uint32
}

// examine opens a mailbox for reading only: no mail loses its mark as new.
func (s *session) examine(ctx context.Context, name string) (box, error) {
	b := box{name: name}
	err := s.ask(ctx, "examine", func() error {
		data, err := s.client.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			b.validity, b.next, b.count = data.UIDValidity, data.UIDNext, data.NumMessages
		}
		return err
	})
	if b.next == 0 { // RFC 3501, 7.1 asks for it; some old servers don't say
		b.next = ^imap.UID(0)
	}
	return b, err
}

// search gives the numbers of the mails, sorted.
func (s *session) search(ctx context.Context, from, until imap.UID, c imap.SearchCriteria) (uids []imap.UID, err error) {
	set := imap.UIDSet{}
	set.AddRange(from, until)
	c.UID = []imap.UIDSet{set}
	err = s.ask(ctx, "search", func() error {
		data, err := s.client.UIDSearch(&c, nil).Wait()
		if err == nil {
			uids = data.AllUIDs()
		}
		return err
	})
	uids = slices.DeleteFunc(uids, func(uid imap.UID) bool { return uid < from || uid > until })
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// letter is what the server gave of one mail.
type letter struct {
	size  int64
	at    time.Time
	flags []imap.Flag
	mod   uint64 // of what can change about it (RFC 7162); 0: the server does not count
	text  []byte // of the section that was asked for
	// refused: the server has the mail and can't give it.
	refused bool
}

// fetch reads the same of several mails. Of a section no more than limit bytes
// are kept, whatever the server sends.
func (s *session) fetch(ctx context.Context, uids []imap.UID, options imap.FetchOptions, limit int64, got map[imap.UID]letter) error {
	if len(uids) == 0 {
		return nil
	}
	options.UID = true
	return s.ask(ctx, "fetch", func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), &options)
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			uid, l, err := readLetter(msg, limit)
			if err != nil {
				return errors.Join(err, cmd.Close())
			}
			if slices.Contains(uids, uid) {
				got[uid] = l
			}
		}
		return cmd.Close()
	})
}

func readLetter(msg *imapclient.FetchMessageData, limit int64) (uid imap.UID, l letter, err error) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataRFC822Size:
			l.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			l.at = item.Time
		case imapclient.FetchItemDataFlags:
			l.flags = item.Flags
		case imapclient.FetchItemDataModSeq:
			l.mod = item.ModSeq
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			if l.text, err = io.ReadAll(io.LimitReader(item.Literal, limit)); err != nil {
				return 0, letter{}, err
			}
		}
	}
	return uid, l, nil
}

// part is a piece of a whole mail. Peek leaves the mail unread.
func part(offset, size int64) imap.FetchOptions {
	return imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: &imap.SectionPartial{Offset: offset, Size: size}}}}
}

// heads are some lines of the head of a mail.
func heads(names ...string) imap.FetchOptions {
	return imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true, Specifier: imap.PartSpecifierHeader, HeaderFields: names}}}
}

// pieces reads what follows the first piece of a long mail, piece by piece: a
// question each, so that the time limit and the memory are those of one piece.
type pieces struct {
	ctx    context.Context
	s      *session
	uid    imap.UID
	offset int64
	rest   []byte
	ended  bool
	err    error // of the server, not of the mail
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		if p.ended {
			return 0, io.EOF
		}
		got := map[imap.UID]letter{}
		if p.err = p.s.fetch(p.ctx, []imap.UID{p.uid}, part(p.offset, pieceSize), pieceSize, got); p.err != nil {
			p.err = asFailure(p.err, connector.ErrBroken)
			return 0, p.err
		}
		p.rest = got[p.uid].text
		p.offset += int64(len(p.rest))
		p.ended = len(p.rest) < pieceSize
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
