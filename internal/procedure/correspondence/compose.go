package correspondence

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/law"
	"einsicht/internal/law/assess"
	"einsicht/internal/law/calendar"
	"einsicht/internal/law/deadline"
	"einsicht/internal/letter"
	"einsicht/internal/person"
	"einsicht/internal/procedure"
	"einsicht/internal/wording"
)

// known are the values that follow from the case, so that nobody types them.
var known = []string{"due", "page", "since", "days"}

// ToEnter names the dates and names of a letter that staff have to enter.
func ToEnter(kind letter.Kind) []string {
	return slices.DeleteFunc(kind.Values(), func(name string) bool { return slices.Contains(known, name) })
}

// sheet is what somebody wants to write.
type sheet struct {
	kind   letter.Kind
	about  letter.Kind // of a reminder: the question
	words  map[string]person.Text
	values map[string]string
	to     []person.Text
	way    casefile.AnswerWay // of a letter to others; none: by post
	rights []law.Right        // that it is about; none: those of the case
	by     uuid.UUID          // who of the staff is in charge of it
	land   calendar.Land
	// extends is the day of an extension that the letter itself tells: posted, it
	// moves the clock.
	extends calendar.Date
}

// compose writes a letter from what the case knows and what somebody entered.
func (s *Correspondence) compose(ctx context.Context, c casefile.Case, x sheet, now time.Time) (letter.Letter, error) {
	inv, err := s.Inventories.Version(ctx, c.Inventory)
	if err != nil {
		return letter.Letter{}, err
	}
	request, err := s.Request(ctx, c)
	if err != nil {
		return letter.Letter{}, err
	}
	rights, err := s.Cases.Rights(ctx, c.ID)
	if err != nil {
		return letter.Letter{}, err
	}
	texts, err := s.House.Texts(ctx)
	if err != nil {
		return letter.Letter{}, err
	}
	n := letter.Notice{
		Kind: x.kind, About: x.about, Lang: wording.Parse(request.Lang), Authority: inv.Authority, Texts: texts, To: request.To(), FileNumber: c.FileNumber,
		Received: c.Received.Time(), Date: calendar.DateOf(now).Time(), Words: x.words,
		Body: assess.Body(inv.Authority.Body), CivilServant: request.Residence.CivilServant,
		Court: procedure.Matter{Inventory: inv, Request: request}.Court(),
	}
	if n.NonPublic, err = s.AskedNonPublic(ctx, c, inv); err != nil {
		return letter.Letter{}, err
	}
	if x.kind.ToOthers() {
		n.Lang, n.To = wording.German, x.to
	}
	if n.Rights = x.rights; len(x.rights) == 0 {
		for _, r := range rights[c.ID] {
			n.Rights = append(n.Rights, r.Right)
		}
	}
	if x.by != uuid.Nil {
		if n.InCharge, err = s.Staff.Name(ctx, x.by); err != nil {
			return letter.Letter{}, err
		}
	}
	if n.Values, err = s.values(ctx, c, x, inv.Authority.ID); err != nil {
		return letter.Letter{}, err
	}
	return letter.Write(n)
}

// values adds to what was entered what the case itself knows.
func (s *Correspondence) values(ctx context.Context, c casefile.Case, x sheet, slug string) (map[string]string, error) {
	all := map[string]string{}
	maps.Copy(all, x.values)
	delete(all, Lawful)
	history, err := s.Cases.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if !x.extends.IsZero() {
		history = append(history, casefile.Happening{Kind: string(deadline.Extend), On: x.extends})
	}
	r, err := c.Reckon(x.land, history)
	if err != nil {
		return nil, err
	}
	set := func(name, value string) {
		if slices.Contains(x.kind.Values(), name) {
			all[name] = value
		}
	}
	set("page", s.URL+"/"+slug+"/stand")
	set("due", c.Due.String())
	if x.kind == letter.KindConsultation && c.Due.IsZero() {
		set("due", c.Sort.String()) // the day without any rest: others must not think that there is time
	}
	if x.kind == letter.KindSuspended {
		set("since", c.RestsSince.String())
		set("days", "")
		if r.DaysLeft != nil {
			set("days", strconv.Itoa(*r.DaysLeft))
		}
	}
	return all, nil
}
