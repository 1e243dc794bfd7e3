package imapserver

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// session is one connection: at first of nobody, then of the account that reads or of
// the one that changes. Both see the same mailboxes.
type session struct {
	imapserver.Session // nil before somebody signed in
	options            Options
	user               *imapmemserver.User
}

func (s *session) Login(user, password string) error {
	mails := imapmemserver.NewUserSession(s.user)
	switch {
	case user == s.options.User && password == s.options.Password:
		s.Session = reading{mails}
	case s.options.Changer != "" && user == s.options.Changer && password == s.options.ChangePassword:
		s.Session = changing{mails}
	default:
		return imapserver.ErrAuthFailed
	}
	return nil
}

func (s *session) Close() error {
	if s.Session == nil {
		return nil
	}
	return s.Session.Close()
}

// changing is the session of an account that may do everything.
type changing struct{ *imapmemserver.UserSession }

// Select says which flags can be set; the library names those only that stand
// somewhere (RFC 3501, 7.1).
func (c changing) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := c.UserSession.Select(name, options)
	if err == nil {
		data.PermanentFlags = []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft, imap.FlagWildcard}
	}
	return data, err
}

// reading is the session of an account that may read and nothing else.
type reading struct{ *imapmemserver.UserSession }

var errNoPerm = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNoPerm, Text: "may only read"}

func (reading) Create(string, *imap.CreateOptions) error              { return errNoPerm }
func (reading) Delete(string) error                                   { return errNoPerm }
func (reading) Rename(string, string, *imap.RenameOptions) error      { return errNoPerm }
func (reading) Expunge(*imapserver.ExpungeWriter, *imap.UIDSet) error { return errNoPerm }
func (reading) Copy(imap.NumSet, string) (*imap.CopyData, error)      { return nil, errNoPerm }
func (reading) Move(*imapserver.MoveWriter, imap.NumSet, string) error {
	return errNoPerm
}
func (reading) Append(string, imap.LiteralReader, *imap.AppendOptions) (*imap.AppendData, error) {
	return nil, errNoPerm
}
func (reading) Store(*imapserver.FetchWriter, imap.NumSet, *imap.StoreFlags, *imap.StoreOptions) error {
	return errNoPerm
}
