package imap

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// named is a mail by its name.
type named struct {
	mailbox  string
	validity uint32
	uid      imap.UID
}

func (n named) reference() string {
	return url.PathEscape(n.mailbox) + "/" + strconv.FormatUint(uint64(n.validity), 10) + "/" + strconv.FormatUint(uint64(n.uid), 10)
}

// readReference takes references to the letter: what is written otherwise names
// nothing.
func readReference(reference string) (named, bool) {
	parts := strings.Split(reference, "/")
	if len(parts) != 3 {
		return named{}, false
	}
	name, errName := url.PathUnescape(parts[0])
	validity, errValidity := strconv.ParseUint(parts[1], 10, 32)
	uid, errUID := strconv.ParseUint(parts[2], 10, 32)
	n := named{name, uint32(validity), imap.UID(uid)}
	return n, errName == nil && errValidity == nil && errUID == nil && n.uid != 0 && n.reference() == reference
}

// Read gives single mails as Find does. One that the server has and can't give is an
// error: it is not gone.
func (a *account) Read(ctx context.Context, references []string) (map[string]connector.Finding, error) {
	s, err := a.signIn(ctx)
	if err != nil {
		return nil, err
	}
	defer s.close(ctx)
	names, err := a.mailboxes(ctx, s)
	if err != nil {
		return nil, err
	}
	return a.records(ctx, s, names, references)
}

// records reads mails of these mailboxes. A connection that is lost is not made
// again: who changes something must know.
func (a *account) records(ctx context.Context, s *session, names, references []string) (map[string]connector.Finding, error) {
	wanted := map[string][]named{}
	for _, ref := range references {
		if n, ok := readReference(ref); ok && slices.Contains(names, n.mailbox) {
			wanted[n.mailbox] = append(wanted[n.mailbox], n)
		}
	}
	found := map[string]connector.Finding{}
	for _, name := range names {
		if len(wanted[name]) == 0 {
			continue
		}
		b, err := s.examine(ctx, name)
		if err != nil {
			return nil, asFailure(err, connector.ErrConfig)
		}
		w := &walk{account: a, session: s, box: b}
		for _, n := range wanted[name] {
			if n.validity != b.validity { // RFC 3501, 2.3.1.1: the number means another mail now
				continue
			}
			f, there, err := w.record(ctx, n.uid)
			if err != nil {
				return nil, err
			}
			if there {
				found[f.Reference] = f
			}
		}
	}
	return found, nil
}

// about is what is asked of a mail besides what it says.
func (a *account) about() imap.FetchOptions {
	return imap.FetchOptions{RFC822Size: true, InternalDate: true, Flags: a.mapping.Change != nil && a.mapping.Change.Restrict != nil}
}

// record reads one mail of the open mailbox, without knowing whose it is.
func (w *walk) record(ctx context.Context, uid imap.UID) (f connector.Finding, there bool, err error) {
	options := w.account.about()
	options.BodySection = part(0, pieceSize).BodySection
	got := map[imap.UID]letter{}
	if err := w.session.fetch(ctx, []imap.UID{uid}, options, pieceSize, got); err != nil {
		return f, false, asFailure(err, connector.ErrBroken)
	}
	l, there := got[uid]
	if !there {
		return f, false, nil
	}
	if l.size > 0 && len(l.text) == 0 {
		return f, true, connector.Fail(connector.ErrBroken, "fetch", "no text", nil)
	}
	text := io.Reader(bytes.NewReader(l.text))
	rest := &pieces{ctx: ctx, s: w.session, uid: uid, offset: int64(len(l.text))}
	if len(l.text) >= pieceSize {
		text = io.MultiReader(text, rest)
	}
	m := parse(text, w.content())
	if rest.err != nil {
		return f, true, rest.err
	}
	f = w.finding(uid, l, m)
	for i := range f.Fields {
		if b := f.Fields[i].Body; b != nil { // the connection ends before anybody could open it
			closed := *b
			closed.Open, f.Fields[i].Body = nil, &closed
		}
	}
	return f, true, nil
}

// References gives the names of all mails of the mailboxes that are searched. One that
// may not be read is an error: what was erased may stand there again.
func (a *account) References(ctx context.Context, yield func(string) error) error {
	s, err := a.signIn(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	names, err := a.mailboxes(ctx, s)
	if err != nil {
		return err
	}
	for _, name := range names {
		b, err := s.examine(ctx, name)
		if err != nil {
			return asFailure(err, connector.ErrConfig)
		}
		w := &walk{account: a, session: s, box: b}
		err = w.stretches(0, func(from, until imap.UID) (bool, error) {
			uids, err := s.search(ctx, from, until, imap.SearchCriteria{})
			if err != nil {
				return false, asFailure(err, connector.ErrConfig)
			}
			for _, uid := range uids {
				if err := yield(w.reference(uid)); err != nil {
					return false, err
				}
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
