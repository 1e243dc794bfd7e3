package desk

import (
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/calendar"
	"einsicht/internal/procedure/review"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

// history tells what happened, the latest first. Findings that somebody decided
// one after the other are one line.
func (s *sheet) history() desk.History {
	h := desk.History{Title: s.say("desk.part.history")}
	for i := len(s.o.History) - 1; i >= 0; i-- {
		e := s.o.History[i]
		n, which := 1, s.which(e)
		ofFinding := func(o review.Happened) bool { return o.Kind == casefile.NoteDecided && s.rightDecided(o) == "" }
		for ofFinding(e) && i > 0 && ofFinding(s.o.History[i-1]) && s.o.History[i-1].Actor == e.Actor {
			i, n = i-1, n+1
		}
		title := s.say("case.event." + e.Kind)
		if which != "" {
			title += ": " + which
		}
		if n > 1 {
			title = s.say("desk.history.decided", "n", itoa(n))
		}
		if len(e.Text.Missing)+len(e.Text.Partial) > 0 {
			title = s.say("desk.history.settled")
		}
		if e.Text.Asked != "" {
			title += ": " + s.systemNames(e.Text.Asked)
		}
		if subject := s.subject(e.Text.Ref); e.Kind == casefile.NoteLetter && subject != "" {
			title += ": " + subject
		}
		by := s.who(e.Actor)
		if e.Kind == casefile.NoteRecipient && e.Actor == e.Text.Ref {
			by = s.say("desk.who.recipient")
		}
		text := s.say("desk.history.by", "name", by)
		if len(e.Text.Missing) > 0 {
			text += " " + s.say("desk.history.missing", "names", s.systemNames(e.Text.Missing...))
		}
		if len(e.Text.Partial) > 0 {
			text += " " + s.say("desk.history.partial", "names", s.systemNames(e.Text.Partial...))
		}
		if !e.Text.ForPerson.IsZero() {
			text += " " + s.say("desk.history.for_person", "text", e.Text.ForPerson.Reveal())
		}
		if !e.Text.ForFile.IsZero() {
			text += " " + s.say("desk.history.for_file", "text", e.Text.ForFile.Reveal())
		}
		h.Events = append(h.Events, kern.Event{When: s.moment(e.At), Machine: calendar.DateOf(e.At).String(), Title: title, Text: text})
	}
	return h
}

// which says about what an entry of the history is, where its kind alone does not.
func (s *sheet) which(e review.Happened) string {
	switch e.Kind {
	case casefile.NoteVerified:
		for _, d := range s.o.Identifiers {
			if d.ID == e.Text.Ref {
				return s.say("case.kind."+string(d.Kind)) + ", " + s.legible(d.Kind, d.Value)
			}
		}
	case casefile.NoteDecided:
		if right := s.rightDecided(e); right != "" {
			return s.right(right)
		}
		for _, system := range s.o.Systems {
			for i, f := range system.Findings {
				if f.ID == e.Text.Ref {
					return system.In(s.lang).Name + ", " + s.say("desk.findings.number", "n", itoa(i+1))
				}
			}
		}
	}
	return ""
}

// rightDecided is the right of which an entry tells the decision that stands; none where
// it tells of a finding, or the right was decided anew since.
func (s *sheet) rightDecided(e review.Happened) law.Right {
	for _, r := range s.o.Rights {
		if e.Kind == casefile.NoteDecided && e.Text.Ref == uuid.Nil && r.Outcome != casefile.Undecided && r.DecidedAt.Equal(e.At) {
			return r.Right.Right
		}
	}
	return ""
}
