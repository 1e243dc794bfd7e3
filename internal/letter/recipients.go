package letter

import (
	"slices"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/person"
)

// Recipient is somebody to whom data were disclosed that were corrected, erased or
// restricted since, as the person is told of it (Art. 19 sentence 2 GDPR).
type Recipient struct {
	Name  person.Text
	State casefile.NoticeState
	Sent  time.Time // when it was told; zero: not yet
}

// toldRecipients names them to who asked, and says which were told what was done. Whoever
// did not ask, or is refused, is not told; and where nothing was changed there is
// nothing to name.
func (w writer) toldRecipients(rights []RightAnswer) (Section, bool) {
	asked := slices.ContainsFunc(rights, func(r RightAnswer) bool {
		return r.Right == law.Notification && (r.Outcome == casefile.Granted || r.Outcome == casefile.PartlyGranted)
	})
	if !asked || !w.in.Changed {
		return Section{}, false
	}
	sec := Section{Part: Recipients, Heading: w.text("letter.recipients.heading")}
	var named List
	for _, r := range w.in.Recipients {
		named.Items = append(named.Items, w.recipient(r))
	}
	if len(named.Items) == 0 {
		sec.Blocks = []Block{Paragraph{w.text("letter.recipients.none")}}
		return sec, true
	}
	sec.Blocks = []Block{Paragraph{w.text("letter.recipients.intro")}, named}
	return sec, true
}

func (w writer) recipient(r Recipient) string {
	name := r.Name.Reveal()
	switch {
	case r.State == casefile.NoticeImpossible:
		return w.text("letter.recipients.impossible", "name", name)
	case r.State.Told() && !r.Sent.IsZero():
		return w.text("letter.recipients.told", "name", name, "date", w.date(r.Sent))
	case r.State == casefile.NoticeOpen:
		// The inventory names it; nobody has said yet that it has anything.
		return w.text("letter.recipients.open", "name", name)
	}
	return w.text("letter.recipients.underway", "name", name)
}
