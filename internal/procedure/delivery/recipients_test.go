package delivery

import (
	"testing"

	"einsicht/internal/casefile"
	"einsicht/internal/procedure"
)

// The answer says of nobody that we still check whether they got data, after staff said
// that they did.
func TestARecipientIsCheckedOnlyWhereNobodySaidThatItHasData(t *testing.T) {
	for name, c := range map[string]struct {
		state    casefile.NoticeState
		source   casefile.NoticeSource
		returned string
		want     casefile.NoticeState
	}{
		"the inventory names it":            {casefile.NoticeOpen, casefile.FromInventory, "", casefile.NoticeOpen},
		"a record names it":                 {casefile.NoticeOpen, casefile.FromFinding, "", casefile.NoticeOpen},
		"staff named it":                    {casefile.NoticeOpen, casefile.FromStaff, "", casefile.NoticeUnderway},
		"a mail to it was not read":         {casefile.NoticeOpen, casefile.FromInventory, "recipients.returned.unread", casefile.NoticeUnderway},
		"staff named it, and it got none":   {casefile.NoticeNone, casefile.FromStaff, "", casefile.NoticeNone},
		"a mail was not read, a letter was": {casefile.NoticeSent, casefile.FromInventory, "recipients.returned.unread", casefile.NoticeSent},
	} {
		n := procedure.Notice{Notice: casefile.Notice{State: c.state}, Text: casefile.NoticeText{Source: c.source, Returned: c.returned}}
		if got := standing(n); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
