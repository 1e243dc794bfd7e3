package correspondence

import (
	"slices"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/letter"
)

// afterTheAnswer: recipients are told what was done, and a restriction can end,
// when the answer is long out.
var afterTheAnswer = []letter.Kind{letter.KindRecipientsNotice, letter.KindLiftingNotice, letter.KindArchiveOffer}

// WhyNot says, as a wording key, why a letter that staff write by hand is not
// possible now; empty: it is. verified: somebody made sure of an identifier.
func WhyNot(kind letter.Kind, c casefile.Case, rights []casefile.Right, verified bool) string {
	switch {
	case c.State == casefile.Withdrawn || c.State == casefile.Unidentified:
		return "correspondence.not.over"
	case c.State.Answered() && !slices.Contains(afterTheAnswer, kind):
		return "correspondence.not.answered"
	}
	switch kind {
	case letter.KindInterim:
		if !verified { // it carries data, Art. 12(6) GDPR
			return "correspondence.not.verified"
		}
	case letter.KindNotCompetent:
		if !slices.Contains([]casefile.State{casefile.Received, casefile.Gathering, casefile.Review}, c.State) || slices.ContainsFunc(rights, decided) {
			return "correspondence.not.decided"
		}
	case letter.KindSuspended:
		if c.RestsSince.IsZero() {
			return "correspondence.not.running"
		}
	case letter.KindRecipientsNotice:
		if !allowed(rights, law.Rectification, law.Erasure, law.Restriction) {
			return "correspondence.not.unchanged"
		}
		return notYet(c)
	case letter.KindLiftingNotice:
		if !allowed(rights, law.Restriction) {
			return "correspondence.not.unrestricted"
		}
		return notYet(c)
	case letter.KindConsultation:
		if !asks(rights, law.Access) {
			return "correspondence.not.access"
		}
	case letter.KindArchiveOffer:
		if !asks(rights, law.Erasure) {
			return "correspondence.not.erasure"
		}
	}
	return ""
}

// notYet: before the answer is out nobody has released what these letters tell.
func notYet(c casefile.Case) string {
	if !c.State.Answered() {
		return "correspondence.not.released"
	}
	return ""
}

func decided(r casefile.Right) bool { return r.Outcome != casefile.Undecided }

func asks(rights []casefile.Right, right law.Right) bool {
	return slices.ContainsFunc(rights, func(r casefile.Right) bool { return r.Right == right })
}

// allowed says whether one of the rights was granted, in full or in part.
func allowed(rights []casefile.Right, any ...law.Right) bool {
	return slices.ContainsFunc(rights, func(r casefile.Right) bool {
		return slices.Contains(any, r.Right) && (r.Outcome == casefile.Granted || r.Outcome == casefile.PartlyGranted)
	})
}
