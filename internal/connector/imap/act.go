package imap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"einsicht/internal/connector"
)

// rights are those of the account that changes in one mailbox.
type rights struct {
	set imap.RightSet
	// unknown: the server keeps no lists of rights.
	unknown bool
	// joint: the server knows one right for marking and expunging (RFC 2086).
	joint bool
}

// allow: RFC 4314, 4.
func (r rights) allow(do connector.Ability) bool {
	has := func(one imap.Right) bool { return slices.Contains(r.set, one) }
	switch {
	case r.unknown:
		return true
	case !has(imap.RightRead):
		return false
	case do == connector.CanErase:
		return has('t') && has('e') || r.joint && has(imap.RightDelete)
	}
	return has(imap.RightWrite)
}

// rights asks what the account may do, without opening the mailbox for it; denied
// says that it may not even see it.
func (w *writer) rights(ctx context.Context, name string) (r rights, denied bool, err error) {
	if w.caps.Has(imap.CapACL) {
		r.joint = true
		for c := range w.caps {
			r.joint = r.joint && !strings.HasPrefix(string(c), "RIGHTS=") // RFC 4314, 2.1.1
		}
		err = w.ask(ctx, "my rights", func() error {
			data, err := w.client.MyRights(name).Wait()
			if err == nil {
				r.set = data.Rights
			}
			return err
		})
	} else {
		r.unknown = true
		_, err = w.examine(ctx, name)
	}
	return r, isRefusal(err), unlessRefused(err)
}

// unlessRefused gives an error but for a refusal that will not be otherwise later.
func unlessRefused(err error) error {
	if no := (*refusal)(nil); errors.As(err, &no) {
		if f := no.failure(connector.ErrConfig); errors.Is(f, connector.ErrUnreachable) {
			return f
		}
		return nil
	}
	return err
}

func isRefusal(err error) bool {
	no := (*refusal)(nil)
	return errors.As(err, &no)
}

// open opens a mailbox so that its mails can be changed. It is never closed with
// CLOSE, which would expunge whatever anybody marked.
func (w *writer) open(ctx context.Context, name string) (validity uint32, err error) {
	w.flags = nil
	err = w.ask(ctx, "select", func() error {
		data, err := w.client.Select(name, &imap.SelectOptions{CondStore: w.caps.Has(imap.CapCondStore)}).Wait()
		if err == nil {
			validity, w.flags = data.UIDValidity, data.PermanentFlags
		}
		return err
	})
	return validity, err
}

// takes says whether a flag can be set in the open mailbox.
func (w *writer) takes(flag imap.Flag) bool {
	return w.flags == nil || hasFlag(w.flags, flag) || hasFlag(w.flags, imap.FlagWildcard) && !strings.HasPrefix(string(flag), `\`)
}

// state reads what can change about a mail; there is false where it is gone.
func (w *writer) state(ctx context.Context, uid imap.UID) (l letter, there bool, err error) {
	got := map[imap.UID]letter{}
	err = w.fetch(ctx, []imap.UID{uid}, imap.FetchOptions{Flags: true, ModSeq: w.caps.Has(imap.CapCondStore)}, 0, got)
	l, there = got[uid]
	return l, there, asFailure(err, connector.ErrBroken)
}

// store sets a flag or takes it away, unless the mail changed since it was read
// (RFC 7162, 3.1.3). Whether it did shows when the mail is read again.
func (w *writer) store(ctx context.Context, uid imap.UID, op imap.StoreFlagsOp, flag imap.Flag, since uint64) error {
	return w.ask(ctx, "store", func() error {
		flags := &imap.StoreFlags{Op: op, Silent: true, Flags: []imap.Flag{flag}}
		return w.client.Store(imap.UIDSetNum(uid), flags, &imap.StoreOptions{UnchangedSince: since}).Close()
	})
}

// attempts is how often a mail is marked that somebody else changes at the same time.
const attempts = 3

// mark sets a flag or takes it away and makes sure that it is so. Nothing is marked
// of a mail that was restricted, or freed, since it was decided about. Done is false
// where the effect says why.
func (w *writer) mark(ctx context.Context, d deed, op imap.StoreFlagsOp, flag imap.Flag) (had, done bool, err error) {
	wanted := op == imap.StoreFlagsAdd
	for range attempts {
		before, there, err := w.state(ctx, d.uid)
		if err != nil || !there {
			d.gone()
			return false, false, err
		}
		if w.account.restricted(before.flags) != d.was() {
			d.stop(connector.Differs, "")
			return false, false, nil
		}
		if hasFlag(before.flags, flag) == wanted {
			return true, true, nil
		}
		if err := w.store(ctx, d.uid, op, flag, before.mod); err != nil {
			d.stop(connector.Denied, becauseDenied)
			return false, false, unlessRefused(err)
		}
		after, there, err := w.state(ctx, d.uid)
		if err != nil || !there {
			d.gone()
			return false, false, err
		}
		if hasFlag(after.flags, flag) == wanted {
			return false, true, nil
		}
		if after.mod == before.mod { // nobody changed it: the server did not do it
			d.stop(connector.Hindered, becauseStays)
			return false, false, nil
		}
	}
	d.stop(connector.Hindered, becauseBusy)
	return false, false, nil
}

// one makes one change.
func (w *writer) one(ctx context.Context, d deed) error {
	if d.Do == connector.CanErase {
		return w.expunge(ctx, d)
	}
	keyword, op := imap.Flag(w.account.mapping.Change.Restrict.Keyword), imap.StoreFlagsAdd
	if d.Lift {
		op = imap.StoreFlagsDel
	}
	if !w.takes(keyword) {
		d.stop(connector.Hindered, becauseNoKeyword)
		return nil
	}
	_, done, err := w.mark(ctx, d, op, keyword)
	if done {
		w.changed(d)
	}
	return err
}

// expunge marks one mail as deleted and has this one expunged (RFC 4315, 2.1). If the
// connection is lost in between, the mail is still there with all it says, and the
// next run finds the mark set. What can't be expunged loses the mark again.
func (w *writer) expunge(ctx context.Context, d deed) error {
	if !w.takes(imap.FlagDeleted) {
		d.stop(connector.Denied, becauseDenied)
		return nil
	}
	had, done, err := w.mark(ctx, d, imap.StoreFlagsAdd, imap.FlagDeleted)
	if !done {
		return err
	}
	now, there, err := w.state(ctx, d.uid)
	switch {
	case err != nil:
		return err
	case there && w.account.restricted(now.flags) != d.was():
		d.stop(connector.Differs, "")
		return w.unmark(ctx, d, had)
	}
	err = w.ask(ctx, "expunge", func() error { return w.client.UIDExpunge(imap.UIDSetNum(d.uid)).Close() })
	if err != nil && !isRefusal(err) {
		return err
	}
	if _, there, err := w.state(ctx, d.uid); err != nil {
		return err
	} else if there {
		d.stop(connector.Hindered, becauseStays)
		return w.unmark(ctx, d, had)
	}
	w.changed(d)
	return nil
}

// unmark takes back a mark that was not there before, so that nobody expunges the mail
// by chance.
func (w *writer) unmark(ctx context.Context, d deed, had bool) error {
	if had {
		return nil
	}
	return unlessRefused(w.store(ctx, d.uid, imap.StoreFlagsDel, imap.FlagDeleted, 0))
}
