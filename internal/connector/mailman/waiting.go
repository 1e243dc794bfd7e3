package mailman

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"einsicht/internal/connector"
)

// parts is how many collections a list has.
const parts = 4

// heldCount is small: each comes with its whole message.
const heldCount = 5

// waiting goes through all lists: who asks to get on or off, which messages
// wait for a moderator, who is shut out. The server can't be asked for a
// person's, so all are read, and only the person's are kept.
func (w *walk) waiting(ctx context.Context) error {
	from := 1
	if w.to != nil {
		from = w.to.OfPage
	}
	return w.pages(ctx, "/lists", nil, w.count, from, func(n int, entries []entry, more bool) (bool, error) {
		if w.to != nil && !slices.ContainsFunc(entries, func(e entry) bool { return e.text("list_id") == w.to.Of }) {
			w.to = nil // gone since: all of this page comes once more
		}
		for _, e := range entries {
			list := e.text("list_id")
			if w.to != nil && list != w.to.Of {
				continue
			}
			if list == "" {
				w.gap("lists")
				continue
			}
			if w.to != nil && w.to.Part == parts {
				w.to = nil
				continue
			}
			if err := w.list(ctx, n, list); err != nil || w.answer.Next != nil {
				return false, err
			}
			if w.at = (spot{Step: w.at.Step, Of: list, OfPage: n, Part: parts}); w.query.Paused(time.Now()) {
				w.answer.Next = w.cursor()
				return false, nil
			}
		}
		return true, nil
	})
}

func (w *walk) list(ctx context.Context, page int, list string) error {
	for part, c := range [parts]struct {
		form  form
		path  string
		query url.Values
		count int
		key   string
	}{
		{requestForm, "/lists/{list}/requests", url.Values{"request_type": {"subscription"}}, w.count, "token"},
		{requestForm, "/lists/{list}/requests", url.Values{"request_type": {"unsubscription"}}, w.count, "token"},
		{heldForm, "/lists/{list}/held", url.Values{}, heldCount, "request_id"},
		{banForm, "/lists/{list}/bans", url.Values{}, w.count, "email"},
	} {
		if w.to != nil && part < w.to.Part {
			continue
		}
		w.at = spot{Step: w.at.Step, Of: list, OfPage: page, Part: part}
		c.query.Set("list", list)
		err := w.collection(ctx, c.form, c.path, c.query, c.count, func(e entry) (string, string, []connector.Field, error) {
			if e["list_id"] == nil {
				e["list_id"], _ = json.Marshal(list)
			}
			return keyOf(e, c.key), list, nil, nil
		})
		if err != nil || w.answer.Next != nil {
			return err
		}
		w.to = nil
	}
	return nil
}

// shutOut goes through the addresses that may be on no list at all.
func (w *walk) shutOut(ctx context.Context) error {
	return w.collection(ctx, banForm, "/bans", nil, w.count, func(e entry) (string, string, []connector.Field, error) {
		return keyOf(e, "email"), "", nil, nil
	})
}

// keyOf names a record within its collection. A token itself would be as good
// as a password.
func keyOf(e entry, name string) string {
	key := e.text(name)
	if key != "" && slices.Contains(secret, name) {
		sum := sha256.Sum256([]byte(key))
		return hex.EncodeToString(sum[:12])
	}
	return key
}

// collection gives the person's records of a collection. Show says under which
// key and on which list a record is given, and what else belongs to it; it is
// asked for the person's records only.
func (w *walk) collection(ctx context.Context, s form, path string, values url.Values, count int, show func(entry) (key, list string, more []connector.Field, err error)) error {
	from, after := 1, ""
	if w.to != nil && w.to.Part == w.at.Part {
		from, after = max(1, w.to.Page), w.to.Key
	}
	w.to = nil
	err := w.pages(ctx, path, values, count, from, func(n int, entries []entry, more bool) (bool, error) {
		if !slices.ContainsFunc(entries, func(e entry) bool { return identity(e) == after }) {
			after = "" // gone since: what comes on this page comes once more
		}
		for _, e := range entries {
			if after != "" {
				if identity(e) == after {
					after = ""
				}
				continue
			}
			w.at.Page, w.at.Key = n, identity(e)
			if w.at.Key == "" {
				w.gap(s.name)
				continue
			}
			if err := w.one(ctx, s, e, show); err != nil || w.answer.Next != nil {
				return false, err
			}
		}
		if w.at.Page, w.at.Key = n+1, ""; more && w.query.Paused(time.Now()) {
			w.answer.Next = w.cursor()
		}
		return w.answer.Next == nil, nil
	})
	if unreadable(err) {
		w.gap(s.name)
		return nil
	}
	return err
}

func (w *walk) one(ctx context.Context, s form, e entry, show func(entry) (string, string, []connector.Field, error)) error {
	if led, _ := w.whose.Leads(whose(e)); len(led) == 0 {
		return nil
	}
	key, list, more, err := show(e)
	if unreadable(err) {
		w.gap(s.name)
	} else if err != nil {
		return err
	}
	return w.give(ctx, s, e, key, list, more, nil)
}

// identity names any entry of any collection for a cursor.
func identity(e entry) string {
	for _, name := range []string{"member_id", "token", "request_id", "email"} {
		if e[name] != nil {
			return keyOf(e, name)
		}
	}
	return ""
}
