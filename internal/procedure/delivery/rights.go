package delivery

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// decided reads a case under the law of the day on which it was decided.
func (s *Delivery) decided(ctx context.Context, c casefile.Case, now time.Time) (procedure.Matter, error) {
	rights, err := s.Cases.Rights(ctx, c.ID)
	if err != nil {
		return procedure.Matter{}, err
	}
	day := time.Time{}
	for _, r := range rights[c.ID] {
		if r.DecidedAt.After(day) {
			day = r.DecidedAt
		}
	}
	if day.IsZero() {
		day = now
	}
	return s.Matter(ctx, c, day)
}

// rightAnswer is the decision on a right as the letter says it. Grounds that
// nobody may know of are not among its limits.
func rightAnswer(m procedure.Matter, r casefile.Right, lang wording.Lang) letter.RightAnswer {
	text := m.Texts[r.Right]
	answer := letter.RightAnswer{
		Right: r.Right, Outcome: r.Outcome, ForPerson: text.ForPerson,
		Silent: text.ForPerson.IsZero() && !text.Silent.IsZero(),
	}
	for _, l := range text.Limits {
		if !l.SecretFact {
			answer.Limits = append(answer.Limits, limitOf(m, r.Right, l, lang))
		}
	}
	for _, due := range m.Examine(r.Right).Shown.Due {
		name := nameOf(m, due.System, lang)
		switch {
		case r.Right == law.Portability && due.System != "":
			answer.Systems = append(answer.Systems, letter.SystemLine{System: name, Applies: true, Why: due.Text(lang), Citation: due.Citation})
		case r.Right == law.Access, r.Outcome == casefile.Refused:
		case due.System == "":
			answer.Done = append(answer.Done, letter.Promise{Text: due.Text(lang)})
		default:
			answer.Done = append(answer.Done, letter.Promise{System: due.System, Text: name + ": " + due.Text(lang)})
		}
	}
	if r.Right != law.Portability {
		return answer
	}
	// Where the right does not exist at a system, one line of the table says so.
	answer.Limits = slices.DeleteFunc(answer.Limits, func(l letter.Limit) bool {
		i := slices.IndexFunc(text.Limits, func(t casefile.Limit) bool {
			return t.Whole && !t.ReasonsWithheld && t.Citation == l.Citation && nameOf(m, t.System, lang) == l.System
		})
		if i >= 0 {
			answer.Systems = append(answer.Systems, letter.SystemLine{System: l.System, Why: l.Title, Citation: l.Citation})
		}
		return i >= 0
	})
	return answer
}

func limitOf(m procedure.Matter, right law.Right, l casefile.Limit, lang wording.Lang) letter.Limit {
	limit := letter.Limit{System: nameOf(m, l.System, lang), Citation: l.Citation, Effect: l.Effect,
		ForPerson: l.ForPerson, ReasonsWithheld: l.ReasonsWithheld}
	if !l.LookAgain.IsZero() {
		limit.LookAgain = l.LookAgain.Time()
	}
	if g, ok := m.Edition.Ground(l.Ground); ok {
		limit.Title, limit.Instead = g.Title.DE, g.ForLetter.DE
		if lang == wording.English {
			limit.Title, limit.Instead = g.Title.EN, g.ForLetter.EN
		}
	}
	switch {
	case l.ReasonsWithheld: // what would tell the reason stays here
		limit.Citation, limit.Title, limit.Instead, limit.ForPerson = "", "", "", person.Text{}
		return limit
	case limit.ForPerson.IsZero() && (l.Ground == procedure.OthersInCopy || l.Ground == procedure.OthersInExport):
		limit.ForPerson = person.NewText(wording.Text(lang, "letter.data.third_party"))
	case limit.ForPerson.IsZero():
		limit.ForPerson = person.NewText(limit.Title)
	}
	if s, ok := m.Inventory.System(l.System); ok && s.BackupOnly && s.RotationDays > 0 {
		rotation := wording.Text(lang, "letter.limit.rotation", "days", strconv.Itoa(s.RotationDays))
		limit.Instead = strings.TrimSpace(limit.Instead + " " + rotation)
	}
	for _, k := range m.Texts[right].Exam.Known {
		if k.System == l.System && l.Ground == procedure.RetentionDuty {
			limit.Norm = k.Norm
			if !k.Until.IsZero() {
				limit.Until = k.Until.Time()
			}
		}
	}
	if s, ok := m.Inventory.System(l.System); ok && l.Ground == procedure.RetentionDuty && limit.Norm == "" {
		limit.Norm = s.StatutoryDuty
	}
	return limit
}

// notGiven lists the systems of which nothing goes out although something was
// found: where only data to take along were asked for, and Art. 20 does not
// reach.
func notGiven(m procedure.Matter) map[string]bool {
	systems := map[string]bool{}
	if slices.ContainsFunc(m.Rights, func(r casefile.Right) bool { return r.Right == law.Access && r.Outcome != casefile.Refused }) {
		return systems
	}
	for _, l := range m.Texts[law.Portability].Limits {
		if l.Whole && l.System != "" {
			systems[l.System] = true
		}
	}
	return systems
}

func nameOf(m procedure.Matter, system string, lang wording.Lang) string {
	s, ok := m.Inventory.System(system)
	if !ok {
		return ""
	}
	return s.In(lang).Name
}
