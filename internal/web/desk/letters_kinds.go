package desk

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/letter"
	"einsicht/internal/procedure/correspondence"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// withForm are letters that leave with something else that happens in the case;
// the form for it stands there.
var withForm = map[letter.Kind]string{
	letter.KindIdentity: "fragen-fold", letter.KindClarification: "praezisieren-fold", letter.KindExtension: "verlaengern-fold", letter.KindClosing: "beenden-fold",
}

// choices are the letters in the order in which staff look for them. Receipts,
// reminders and the news that the clock runs again write themselves.
var choices = []struct {
	group string
	kinds []letter.Kind
}{
	{"person", []letter.Kind{
		letter.KindIdentity, letter.KindClarification, letter.KindExtension, letter.KindInterim, letter.KindSuspended, letter.KindNotCompetent,
		letter.KindLiftingNotice, letter.KindClosing,
	}},
	{"others", []letter.Kind{letter.KindRecipientsNotice, letter.KindConsultation, letter.KindArchiveOffer}},
}

// chooseLetter lists what can be written in the case, and says of the rest why
// not.
func (s *sheet) chooseLetter(c *fiber.Ctx) error {
	title := s.say("desk.letters.new")
	p := desk.LetterKinds{
		Frame: s.d.frame(c, s.visitor, title, ""), Back: s.toLetters(), Lead: s.say("desk.letters.choose"),
		Heading: kern.Heading{Preline: s.o.Case.FileNumber, Title: title},
	}
	for _, g := range choices {
		group := desk.KindGroup{ID: "an-" + g.group, Title: s.say("desk.letters.group." + g.group)}
		for _, k := range g.kinds {
			group.Kinds = append(group.Kinds, s.choice(k))
		}
		p.Groups = append(p.Groups, group)
	}
	return reply.Page(c, fiber.StatusOK, desk.LetterKindsPage(p))
}

func (s *sheet) choice(k letter.Kind) desk.KindChoice {
	one := desk.KindChoice{
		ID: "art-" + string(k), Title: s.say("letters.kind." + string(k)), Article: s.say("desk.letter." + string(k) + ".article"), Text: s.say("desk.letter." + string(k)),
		Why: s.whyNot(k), Label: s.say("desk.letters.begin"),
	}
	if one.Why != "" {
		one.Label = s.say("desk.letters.not")
	} else {
		one.Href = s.path + "/schreiben/neu?art=" + string(k)
		if place, ok := withForm[k]; ok {
			one.Href, one.Label = s.path+"#"+place, s.say("desk.letters.form")
		}
	}
	return one
}

// writable says whether staff write this kind by itself.
func writable(k letter.Kind) bool { return slices.Contains(correspondence.ByHand, k) }

// whyNot says why a letter is not possible now; empty: it is.
func (s *sheet) whyNot(k letter.Kind) string {
	why := func(key string) string { return s.say("correspondence.not." + key) }
	var rights []casefile.Right
	for _, r := range s.o.Rights {
		rights = append(rights, r.Right)
	}
	if key := correspondence.WhyNot(k, s.o.Case, rights, len(casefile.Verified(s.o.Identifiers)) > 0); key != "" {
		return s.say(key)
	}
	switch k {
	case letter.KindIdentity, letter.KindClarification:
		if !s.o.Case.RestsSince.IsZero() {
			return why("resting")
		}
		if s.inTray(letter.KindIdentity, letter.KindClarification) {
			return why("question_in_tray")
		}
		if k == letter.KindClarification && !s.asksAccess() {
			return why("access")
		}
	case letter.KindExtension:
		if s.o.Reckoning.Extended {
			return why("extended")
		}
		if s.inTray(letter.KindExtension) {
			return why("extension_in_tray")
		}
		if !s.extendable() {
			return why("extension_late")
		}
	case letter.KindClosing:
		if known := s.o.Blocked[casefile.GiveUp]; len(known) > 0 {
			return s.reason(known[0])
		}
		if ok, why := s.mayEnd(); !ok {
			return why
		}
	}
	return ""
}
