package imap

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// mostAnew is how many times in one question a connection is made again. Some
// servers end it at each mail that they can't read themselves.
const mostAnew = 100

// again makes a new connection, with the same mailbox open.
func (w *walk) again(ctx context.Context, name string) error {
	w.session.conn.Close()
	if w.anew++; w.anew > mostAnew {
		return connector.Fail(connector.ErrUnreachable, "connect", "again and again", nil)
	}
	s, err := w.account.signIn(ctx)
	if err != nil {
		return err
	}
	w.session = s
	if name == "" {
		return nil
	}
	b, err := s.examine(ctx, name)
	if err != nil {
		return asFailure(err, connector.ErrUnreachable)
	}
	if b.validity != w.box.validity {
		return connector.Fail(connector.ErrUnreachable, "examine", "renumbered", nil)
	}
	return nil
}

// find asks for the mails of a stretch. Where the server can't search (a
// charset it does not know, a mail it can't read), it is asked for all of them.
func (w *walk) find(ctx context.Context, from, until imap.UID, question imap.SearchCriteria) ([]imap.UID, error) {
	uids, err := w.session.search(ctx, from, until, question)
	if errors.Is(err, errLost) {
		if err = w.again(ctx, w.box.name); err != nil {
			return nil, err
		}
		uids, err = w.session.search(ctx, from, until, imap.SearchCriteria{})
	}
	if no := (*refusal)(nil); errors.As(err, &no) {
		uids, err = w.session.search(ctx, from, until, imap.SearchCriteria{})
	}
	return uids, asFailure(err, connector.ErrBroken)
}

// read fetches the same of several mails. A mail that the server can't give
// takes the others of the question with it, and with some servers the
// connection: they are asked for again in halves, until it stands alone.
func (w *walk) read(ctx context.Context, uids []imap.UID, options imap.FetchOptions, limit int64) (map[imap.UID]letter, error) {
	got := map[imap.UID]letter{}
	return got, w.readInto(ctx, uids, options, limit, got)
}

func (w *walk) readInto(ctx context.Context, uids []imap.UID, options imap.FetchOptions, limit int64, got map[imap.UID]letter) error {
	err := w.session.fetch(ctx, uids, options, limit, got)
	if errors.Is(err, errLost) {
		if err := w.again(ctx, w.box.name); err != nil {
			return err
		}
	} else if no := (*refusal)(nil); !errors.As(err, &no) {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(uids), func(uid imap.UID) bool { _, there := got[uid]; return there })
	switch len(missing) {
	case 0:
		return nil
	case 1:
		if len(uids) == 1 {
			got[missing[0]] = letter{refused: true}
			return nil
		}
		return w.readInto(ctx, missing, options, limit, got)
	}
	half := len(missing) / 2
	if err := w.readInto(ctx, missing[:half], options, limit, got); err != nil {
		return err
	}
	return w.readInto(ctx, missing[half:], options, limit, got)
}
