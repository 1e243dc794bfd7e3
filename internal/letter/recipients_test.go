package letter_test

import (
	"strings"
	"testing"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

func TestWhoAsksIsToldWhoTheRecipientsWere(t *testing.T) {
	for name, c := range map[string]struct {
		alter func(*letter.Input)
		want  []string // nothing: the letter says nothing of recipients
	}{
		"each with what became of its notice": {func(*letter.Input) {}, []string{
			"Art. 19 DSGVO", "Bürgerhaus: unterrichtet am 04.12.2026.", "Versandhaus: wird noch unterrichtet.",
			"Altes Amt: nicht unterrichtet, weil das unmöglich war", "Rathaus: Wir prüfen noch, ob Ihre Daten dorthin gegangen sind."}},
		"there were none":              {func(in *letter.Input) { in.Recipients = nil }, []string{"hatten wir niemandem weitergegeben"}},
		"in part":                      {func(in *letter.Input) { in.Rights[1].Outcome = casefile.PartlyGranted }, []string{"Bürgerhaus"}},
		"the person did not ask":       {func(in *letter.Input) { in.Rights = in.Rights[:1] }, nil},
		"that is refused":              {func(in *letter.Input) { in.Rights[1].Outcome = casefile.Refused }, nil},
		"nothing was changed anywhere": {func(in *letter.Input) { in.Changed = false }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			in := recipients(t, wording.German)
			c.alter(&in)
			got := textOf(write(t, in), letter.Recipients)
			if (got == "") != (len(c.want) == 0) {
				t.Fatalf("got %q", got)
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
			}
		})
	}
}

// recipients is an answer to who had data erased and asks who had got them.
func recipients(t *testing.T, l wording.Lang) letter.Input {
	in := carried(t, l)
	in.Rights = []letter.RightAnswer{{Right: law.Erasure, Outcome: casefile.Granted}, {Right: law.Notification, Outcome: casefile.Granted}}
	in.Changed = true
	in.Recipients = []letter.Recipient{
		{Name: person.NewText("Bürgerhaus"), State: casefile.NoticeConfirmed, Sent: time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC)},
		{Name: person.NewText("Versandhaus"), State: casefile.NoticeUnderway},
		{Name: person.NewText("Altes Amt"), State: casefile.NoticeImpossible},
		{Name: person.NewText("Rathaus"), State: casefile.NoticeOpen},
	}
	return in
}
