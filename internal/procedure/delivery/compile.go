package delivery

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/disclosure"
	"einsicht/internal/export"
	"einsicht/internal/inventory"
	"einsicht/internal/law/calendar"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// answer is everything one package is made of.
type answer struct {
	c         casefile.Case
	input     letter.Input
	disclosed disclosure.Disclosed
	files     []export.Entry
	paths     map[uuid.UUID]map[string]string // of files, by finding and field
	notGiven  map[string]bool                 // systems of which no right to data leaves anything
	reached   []inventory.System              // that Art. 20 GDPR reaches
	portable  []disclosure.Portable           // what of them is taken along
	direct    casefile.Direct                 // to whom the person wants that handed
}

// page is how many findings are opened at once: memory stays bounded.
const page = 500

// compile reads what was decided, lets ready look at it, and says what of it
// goes out.
func (s *Delivery) compile(ctx context.Context, authority, caseID uuid.UUID, now time.Time, ready func(procedure.Matter) error) (*answer, error) {
	a := &answer{}
	var answers []disclosure.SystemAnswer
	var findings []procedure.Found
	decisions := map[uuid.UUID]disclosure.Decision{}
	err := s.Units.View(ctx, authority, func(ctx context.Context) error {
		c, err := s.Cases.Case(ctx, caseID)
		if err != nil {
			return err
		}
		a.c = c
		m, err := s.decided(ctx, c, now)
		if err != nil {
			return err
		}
		if err := ready(m); err != nil {
			return err
		}
		if err := s.address(ctx, a, m, now); err != nil {
			return err
		}
		answers = answersOf(m, a.notGiven)
		for _, f := range m.Findings {
			decisions[f.ID] = f.Decision
		}
		findings = m.Findings
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.uploads(ctx, a, findings)
	if !a.givesData() {
		a.files = nil
		return a, s.takeAlong(ctx, a, decisions)
	}
	portal, own := s.portalRecord(a, answers)
	decisions[own.ID] = disclosure.Decision{Finding: own.ID, Verdict: disclosure.Give}
	source := func(system string) iter.Seq2[disclosure.Finding, error] {
		if system == portal {
			return func(yield func(disclosure.Finding, error) bool) { yield(own, nil) }
		}
		return s.findingsOf(ctx, a, system)
	}
	if a.disclosed, err = disclosure.Apply(a.input.Lang, source, decisions, answers); err != nil {
		return nil, err
	}
	a.input.Disclosed = a.disclosed
	return a, s.takeAlong(ctx, a, decisions)
}

// givesData says whether a right to data is granted at least in part. Without
// one, nothing that was found goes out.
func (a *answer) givesData() bool {
	return slices.ContainsFunc(a.input.Rights, func(r letter.RightAnswer) bool {
		return r.Right.NeedsData() && r.Outcome != casefile.Refused
	})
}

// address fills what the letter says about sender, recipient and rights.
func (s *Delivery) address(ctx context.Context, a *answer, m procedure.Matter, now time.Time) error {
	request, inv := m.Request, m.Inventory
	a.direct = request.Direct
	a.input = letter.Input{
		Lang: wording.Parse(request.Lang), Authority: inv.Authority, FileNumber: a.c.FileNumber, To: request.To(),
		Received: a.c.Received.Time(), Date: calendar.DateOf(now).Time(), Confirmed: map[string]bool{},
		Court: m.Court(), NonPublic: m.NonPublic(), CivilServant: request.Residence.CivilServant,
	}
	for _, r := range m.Rights {
		a.input.Rights = append(a.input.Rights, rightAnswer(m, r, a.input.Lang))
		var err error
		if a.input.InCharge, err = s.Staff.Name(ctx, r.DecidedBy); err != nil {
			return fmt.Errorf("name who decided: %w", err)
		}
	}
	a.notGiven, a.reached = notGiven(m), portable(m)
	a.input.Measures, a.input.BackupDays = measuresOf(m, a.notGiven, a.input.Lang), backupDays(m)
	err := s.recipients(ctx, a, m)
	if err != nil {
		return err
	}
	if a.input.Texts, err = s.Texts(ctx); err != nil {
		return err
	}
	unconfirmed, err := s.Unconfirmed(ctx, inv)
	if err != nil {
		return err
	}
	for _, system := range inv.Systems {
		a.input.Confirmed[system.ID] = !unconfirmed[system.ID]
	}
	return nil
}

// answersOf says what each system of the inventory came to.
func answersOf(m procedure.Matter, notGiven map[string]bool) []disclosure.SystemAnswer {
	var answers []disclosure.SystemAnswer
	for _, system := range m.Inventory.Systems {
		a := disclosure.SystemAnswer{System: system, Outcome: disclosure.NotAsked}
		i := slices.IndexFunc(m.Inquiries, func(q casefile.Inquiry) bool { return q.System == system.ID })
		if notGiven[system.ID] {
			continue
		}
		if i >= 0 {
			text := m.Answered[system.ID]
			a.AskedAt, a.Reason = m.Inquiries[i].AskedAt.In(calendar.Berlin()), addressed(text.Reason)
			a.Outcome = answered(m.Inquiries[i].State, len(text.Gaps) > 0)
			if !text.GoneBefore.IsZero() {
				a.Gone = disclosure.Gone{Before: calendar.DateOf(text.GoneBefore).Time(), Rule: system.Retention.Text}
			}
		}
		answers = append(answers, a)
	}
	return answers
}

// addressed is what a system said about the search, as it is said to the person:
// the same sentence stands at the desk, and speaks of them there.
func addressed(reason string) string {
	if key := "letter." + reason; reason != "" && wording.Has(key) {
		return key
	}
	return reason
}

func answered(state casefile.InquiryState, gaps bool) disclosure.Outcome {
	switch {
	case state.Answered() && gaps:
		return disclosure.Partial
	case state == casefile.FoundSome:
		return disclosure.Found
	case state == casefile.FoundNothing:
		return disclosure.Nothing
	case state == casefile.Unattributable:
		return disclosure.Unattributable
	}
	return disclosure.Failed
}

// portalRecord is what this portal itself holds about the person: the request.
func (s *Delivery) portalRecord(a *answer, answers []disclosure.SystemAnswer) (system string, f disclosure.Finding) {
	f = disclosure.Finding{ID: uuid.New(), Finding: connector.Finding{Reference: a.c.FileNumber, Category: "casefile",
		Label: wording.Text(a.input.Lang, "letter.portal.label"), Confidence: connector.Sure}}
	add := func(key, value string) {
		if value != "" {
			f.Fields = append(f.Fields, connector.Field{Name: key, Label: wording.Text(a.input.Lang, "letter.portal."+key), Value: person.NewText(value)})
		}
	}
	add("file_number", a.c.FileNumber)
	add("received", wording.ShortDate(a.input.Lang, a.c.Received.Time()))
	var to []string
	for _, line := range a.input.To {
		to = append(to, line.Reveal())
	}
	add("applicant", strings.Join(to, ", "))
	for i, answer := range answers {
		if answer.System.Connector == inventory.Portal {
			answers[i].Outcome, answers[i].AskedAt = disclosure.Found, a.c.ReceivedAt.In(calendar.Berlin())
			return answer.System.ID, f
		}
	}
	return "", f
}

// findingsOf reads the findings of a system page by page, each in a reading of
// its own, so that a package of any size holds no transaction open.
func (s *Delivery) findingsOf(ctx context.Context, a *answer, system string) iter.Seq2[disclosure.Finding, error] {
	return func(yield func(disclosure.Finding, error) bool) {
		for after := uuid.Nil; ; {
			found, err := s.openPage(ctx, a, system, after)
			if err != nil {
				yield(disclosure.Finding{}, err)
				return
			}
			for _, f := range found {
				if !yield(f, nil) {
					return
				}
				after = f.ID
			}
			if len(found) < page {
				return
			}
		}
	}
}

func (s *Delivery) openPage(ctx context.Context, a *answer, system string, after uuid.UUID) ([]disclosure.Finding, error) {
	var found []disclosure.Finding
	return found, s.Units.View(ctx, a.c.Authority, func(ctx context.Context) error {
		rows, err := s.Findings.FindingsOf(ctx, a.c.ID, system, after, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			record, err := s.Finding(ctx, a.c, row)
			if err != nil {
				return err
			}
			found = append(found, disclosure.Finding{ID: row.ID, Finding: withPaths(record, a.paths[row.ID])})
		}
		return nil
	})
}

// uploads gives the files of findings whole, beside the data. Each is opened when its
// turn comes in the package, and streamed.
func (s *Delivery) uploads(ctx context.Context, a *answer, findings []procedure.Found) {
	var names export.Names
	a.paths = map[uuid.UUID]map[string]string{}
	for _, f := range findings {
		d := f.Decision
		if d.Verdict != disclosure.Give || d.SecretFact || a.notGiven[f.System] {
			continue
		}
		for _, file := range f.Record.Files() {
			if !d.Gives(file.Field) {
				continue
			}
			path := names.Path(f.System, nameGiven(f.Record, d, file))
			a.files = append(a.files, export.Entry{Name: path, Write: func(w io.Writer) error {
				content, err := s.OpenFile(ctx, a.c, f.ID, file.Field)
				if err != nil {
					return err
				}
				defer content.Close()
				_, err = io.Copy(w, content)
				return err
			}})
			if a.paths[f.ID] == nil {
				a.paths[f.ID] = map[string]string{}
			}
			a.paths[f.ID][file.Field.Name] = path
		}
	}
}

// nameGiven is the name of a file, if it may go out too; else only its ending.
func nameGiven(record connector.Finding, d disclosure.Decision, file connector.Attached) string {
	which := connector.FileName + strings.TrimPrefix(file.Field.Name, connector.FileContent) // file_name_2 of file_content_2
	if slices.ContainsFunc(record.Fields, func(f connector.Field) bool { return f.Name == which && d.Gives(f) }) {
		return file.Name.Reveal()
	}
	return "datei" + connector.Ending(file.Name)
}

// withPaths says of each file that goes out where it lies in the package, in place
// of its content. The content of the others is left out.
func withPaths(record connector.Finding, paths map[string]string) connector.Finding {
	var fields []connector.Field
	for _, field := range record.Fields {
		if field.HoldsFile() {
			path, given := paths[field.Name]
			if !given {
				continue
			}
			field.Value = person.NewText(path)
		}
		fields = append(fields, field)
	}
	record.Fields = fields
	return record
}
