package imapserver

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
)

func signIn(t *testing.T, s *Server) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(s.Addr(), nil)
	if err == nil {
		err = c.Login("u", "p").Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAnOutage(t *testing.T) {
	at := time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)
	s, err := Start(Options{User: "u", Password: "p", Mailboxes: map[string][]Message{"INBOX": nil, "Büro/Süd": {{Raw: []byte("Subject: x\r\n\r\nx\r\n"), Flags: []string{`\Seen`}, At: at}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	addr, before := s.Addr(), signIn(t, s)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := before.Noop().Wait(); err == nil {
		t.Error("a stopped server answers")
	}
	if _, err := imapclient.DialInsecure(addr, nil); err == nil {
		t.Error("a stopped server takes calls")
	}
	if err := s.Resume(); err != nil || s.Addr() != addr {
		t.Fatalf("got %v and %s, want it back at %s", err, s.Addr(), addr)
	}
	c := signIn(t, s)
	if _, err := c.Select("Büro/Süd", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := c.Fetch(imap.UIDSetNum(1), &imap.FetchOptions{Flags: true, InternalDate: true}).Collect()
	if err != nil || len(got) != 1 || !slices.ContainsFunc(got[0].Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), `\Seen`) }) || !got[0].InternalDate.Equal(at) {
		t.Errorf("got %d mails and %v, want the one that is there, as it is", len(got), err)
	}
	if s.Questions() == 0 {
		t.Error("nothing is counted")
	}
}

func TestACrowdIsSearched(t *testing.T) {
	s, err := StartCrowd(Crowd{User: "u", Password: "p", Mailbox: "INBOX", Count: 1000, Message: func(i int) []byte {
		if i%100 == 7 {
			return []byte("From: Erika@example.org\r\n\r\nx\r\n")
		}
		return []byte("From: otto@example.org\r\n\r\nerik\r\n")
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := signIn(t, s)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	within := imap.UIDSet{}
	within.AddRange(100, 500)
	for _, q := range []imap.SearchCriteria{
		{Text: []string{"erika@"}},
		{Header: []imap.SearchCriteriaHeaderField{{Key: "From", Value: "ERIKA"}}},
		{Or: [][2]imap.SearchCriteria{{{Text: []string{"nobody"}}, {Text: []string{"erika"}}}}},
	} {
		q.UID = []imap.UIDSet{within}
		got, err := c.UIDSearch(&q, nil).Wait()
		if want := []imap.UID{108, 208, 308, 408}; err != nil || !slices.Equal(got.AllUIDs(), want) {
			t.Errorf("got %v and %v, want %v", got.AllUIDs(), err, want)
		}
	}
}

func TestAPartOfAMailIsTheSameAsTheLibraryCutsIt(t *testing.T) {
	raw := []byte("From: a@example.org\r\nSubject: Hallo\r\n\r\nErste Zeile\r\nZweite Zeile\r\n")
	for _, section := range []*imap.FetchItemBodySection{
		{},
		{Partial: &imap.SectionPartial{Offset: 0, Size: 10}},
		{Partial: &imap.SectionPartial{Offset: 10, Size: 1 << 20}},
		{Partial: &imap.SectionPartial{Offset: 1000, Size: 10}},
		{Specifier: imap.PartSpecifierText},
		{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Subject"}},
	} {
		got, want := extract(raw, section), imapserver.ExtractBodySection(bytes.NewReader(raw), section)
		if !bytes.Equal(got, want) {
			t.Errorf("%+v: got %q, want %q", section, got, want)
		}
	}
}
