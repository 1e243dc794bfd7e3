package imapserver

import (
	"bytes"
	"errors"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Crowd is one mailbox whose mails nobody holds: they are made up each time
// they are asked for.
type Crowd struct {
	User, Password, Mailbox string
	Count                   int
	Message                 func(i int) []byte // from 0; the same every time
	At                      time.Time
}

// StartCrowd starts a server with such a mailbox.
func StartCrowd(c Crowd) (*Server, error) {
	return start(func() imapserver.Session { return &crowd{Crowd: c} }, true)
}

// crowd is a session. The mail i has the number i+1.
type crowd struct {
	Crowd
	recent [recent]mailText
}

// recent is how many mails are kept that were made up last: they are searched,
// measured and read one right after the other.
const recent = 1 << 10

type mailText struct {
	uid imap.UID
	raw []byte
}

// text makes up a mail.
func (c *crowd) text(uid imap.UID) []byte {
	kept := &c.recent[uid%recent]
	if kept.uid != uid {
		*kept = mailText{uid, c.Message(int(uid) - 1)}
	}
	return kept.raw
}

var errReadOnly = errors.New("nothing can be changed here")

func (*crowd) Close() error { return nil }

func (c *crowd) Login(user, password string) error {
	if user != c.User || password != c.Password {
		return imapserver.ErrAuthFailed
	}
	return nil
}

func (c *crowd) Select(name string, _ *imap.SelectOptions) (*imap.SelectData, error) {
	if name != c.Mailbox {
		return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNonExistent, Text: "no such mailbox"}
	}
	return &imap.SelectData{NumMessages: uint32(c.Count), UIDNext: imap.UID(c.Count + 1), UIDValidity: 1}, nil
}

func (c *crowd) List(w *imapserver.ListWriter, ref string, patterns []string, _ *imap.ListOptions) error {
	for _, p := range patterns {
		if imapserver.MatchList(c.Mailbox, '/', ref, p) {
			return w.WriteList(&imap.ListData{Mailbox: c.Mailbox, Delim: '/'})
		}
	}
	return nil
}

func (c *crowd) Status(string, *imap.StatusOptions) (*imap.StatusData, error) {
	n := uint32(c.Count)
	return &imap.StatusData{Mailbox: c.Mailbox, NumMessages: &n, UIDNext: imap.UID(n + 1), UIDValidity: 1}, nil
}

func (c *crowd) Search(_ imapserver.NumKind, criteria *imap.SearchCriteria, _ *imap.SearchOptions) (*imap.SearchData, error) {
	var found imap.UIDSet
	c.each(criteria.UID, func(uid imap.UID) error {
		if c.matches(uid, criteria) {
			found.AddNum(uid)
		}
		return nil
	})
	return &imap.SearchData{All: found}, nil
}

// each goes over the numbers in all of the sets; every one where there is none.
func (c *crowd) each(sets []imap.UIDSet, f func(imap.UID) error) error {
	from, until := imap.UID(1), imap.UID(c.Count)
	for _, s := range sets {
		if len(s) == 1 && s[0].Stop != 0 {
			from, until = max(from, s[0].Start), min(until, s[0].Stop)
		}
	}
	for uid := from; uid <= until; uid++ {
		in := true
		for _, s := range sets {
			in = in && s.Contains(uid)
		}
		if in {
			if err := f(uid); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches knows the criteria that the connector asks for.
func (c *crowd) matches(uid imap.UID, criteria *imap.SearchCriteria) bool {
	if len(criteria.Header)+len(criteria.Text)+len(criteria.Or) == 0 {
		return true
	}
	return answers(bytes.ToLower(c.text(uid)), criteria)
}

func answers(raw []byte, criteria *imap.SearchCriteria) bool {
	for _, h := range criteria.Header {
		e, err := message.Read(bytes.NewReader(raw))
		if err != nil || !bytes.Contains([]byte((&mail.Header{Header: e.Header}).Get(h.Key)), bytes.ToLower([]byte(h.Value))) {
			return false
		}
	}
	for _, t := range criteria.Text {
		if !bytes.Contains(raw, bytes.ToLower([]byte(t))) {
			return false
		}
	}
	for _, or := range criteria.Or {
		if !answers(raw, &or[0]) && !answers(raw, &or[1]) {
			return false
		}
	}
	return true
}

func (c *crowd) Fetch(w *imapserver.FetchWriter, numSet imap.NumSet, options *imap.FetchOptions) error {
	uids, ok := numSet.(imap.UIDSet)
	if !ok {
		return errReadOnly
	}
	return c.each([]imap.UIDSet{uids}, func(uid imap.UID) error {
		raw := c.text(uid)
		m := w.CreateMessage(uint32(uid))
		m.WriteUID(uid)
		if options.RFC822Size {
			m.WriteRFC822Size(int64(len(raw)))
		}
		if options.InternalDate {
			m.WriteInternalDate(c.At)
		}
		for _, section := range options.BodySection {
			b := extract(raw, section)
			out := m.WriteBodySection(section, int64(len(b)))
			if _, err := out.Write(b); err != nil {
				return err
			}
			if err := out.Close(); err != nil {
				return err
			}
		}
		return m.Close()
	})
}

// extract is a part of a mail; the library would take each apart and put it
// together again to give the whole of it.
func extract(raw []byte, section *imap.FetchItemBodySection) []byte {
	if section.Specifier != imap.PartSpecifierNone || len(section.Part) > 0 || len(section.HeaderFields) > 0 || len(section.HeaderFieldsNot) > 0 {
		return imapserver.ExtractBodySection(bytes.NewReader(raw), section)
	}
	if p := section.Partial; p != nil {
		from := min(p.Offset, int64(len(raw)))
		raw = raw[from:min(from+p.Size, int64(len(raw)))]
	}
	return raw
}

func (*crowd) Poll(*imapserver.UpdateWriter, bool) error { return nil }

func (*crowd) Idle(_ *imapserver.UpdateWriter, stop <-chan struct{}) error { <-stop; return nil }

func (*crowd) Unselect() error { return nil }

func (*crowd) Create(string, *imap.CreateOptions) error              { return errReadOnly }
func (*crowd) Delete(string) error                                   { return errReadOnly }
func (*crowd) Rename(string, string, *imap.RenameOptions) error      { return errReadOnly }
func (*crowd) Subscribe(string) error                                { return errReadOnly }
func (*crowd) Unsubscribe(string) error                              { return errReadOnly }
func (*crowd) Expunge(*imapserver.ExpungeWriter, *imap.UIDSet) error { return errReadOnly }
func (*crowd) Copy(imap.NumSet, string) (*imap.CopyData, error)      { return nil, errReadOnly }
func (*crowd) Append(string, imap.LiteralReader, *imap.AppendOptions) (*imap.AppendData, error) {
	return nil, errReadOnly
}
func (*crowd) Store(*imapserver.FetchWriter, imap.NumSet, *imap.StoreFlags, *imap.StoreOptions) error {
	return errReadOnly
}
