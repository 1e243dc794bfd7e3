package desk

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"einsicht/internal/casefile"
	"einsicht/internal/connector"
	"einsicht/internal/law/calendar"
	"einsicht/internal/problem"
	"einsicht/internal/procedure"
	"einsicht/internal/web/reply"
	"einsicht/views/desk"
	"einsicht/views/kern"
)

func (d Deps) propose(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Review.Propose(c.UserContext(), v.actor, id, f.text("note"), v.now)
}

func (d Deps) sendBack(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.get("note") == "" {
		return procedure.Incomplete("note", "desk.error.return")
	}
	return d.Review.Return(c.UserContext(), v.actor, id, f.text("note"), v.now)
}

func (d Deps) release(c *fiber.Ctx, v visitor, id uuid.UUID, _ sent) error {
	return d.Review.Release(c.UserContext(), v.actor, id, v.now)
}

func (d Deps) giveUp(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	if f.get("reasons") == "" {
		return procedure.Incomplete("reasons", "desk.error.reason")
	}
	return d.Review.GiveUp(c.UserContext(), v.actor, id, f.text("reasons"), f.text("for_person"), v.now)
}

func (d Deps) posted(c *fiber.Ctx, v visitor, id uuid.UUID, f sent) error {
	return d.Delivery.Posted(c.UserContext(), v.actor, id, f.date("posted"), v.now)
}

// download gives staff the package, to print and post it.
func (d Deps) download(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	p, err := d.Delivery.Provide(c.UserContext(), v.actor, id, v.now)
	if err != nil {
		return err
	}
	started, now := time.Now(), v.now
	return reply.Download(c, reply.File{Name: p.Name(), Type: "application/zip", Size: p.Text.Size}, func(ctx context.Context, w io.Writer) error {
		return p.Stream(ctx, w, func() time.Time { return now.Add(time.Since(started)) })
	})
}

// outgoing is what the second person does, and how the answer leaves.
func (s *sheet) outgoing() desk.Release {
	c := s.o.Case
	p := desk.Release{Title: s.say("desk.part.release"), Text: s.say("desk.release.text")}
	if s.kept(s.can(casefile.Propose, casefile.ActionPropose), "vorlegen") {
		b := s.form("vorlegen", "vorlegen")
		b.area(b.optional(b.field("note", "desk.propose.note")), "")
		p.Forms = append(p.Forms, b.done(s.say("desk.propose.title"), s.say("desk.do.vorlegen")))
	}
	if s.kept(s.can(casefile.Return, casefile.ActionReturn), "zurueckgeben") {
		b := s.form("zurueckgeben", "zurueckgeben")
		b.area(b.field("note", "desk.return.note"), "")
		p.Forms = append(p.Forms, b.done(s.say("desk.return.title"), s.say("desk.do.zurueckgeben")))
	}
	if len(p.Forms) > 0 {
		p.Hint = s.askedFor()
	}
	ends, why := s.mayEnd()
	if s.can(casefile.GiveUp, casefile.ActionDecide) && !ends {
		p.NotYet = desk.Said{Title: s.say("desk.giveup.title"), Text: why}
	}
	if s.kept(s.can(casefile.GiveUp, casefile.ActionDecide) && ends, "beenden") {
		b := s.form("beenden", "beenden")
		b.form.Lead = s.say("desk.giveup.text")
		b.area(b.field("reasons", "desk.giveup.reasons"), "")
		b.area(b.field("for_person", "desk.giveup.for_person"), "")
		p.Forms = append(p.Forms, b.done(s.say("desk.giveup.title"), s.say("desk.do.beenden")))
	}
	p.Facts = append(s.handedOver(), s.transmitted()...)
	if f := s.transmission(); f.Shown {
		p.Forms = append(p.Forms, f)
	}
	if c.State.Answered() && !c.State.Over() {
		p.Package = kern.Button{Label: s.say("desk.package"), Href: s.path + "/paket", Rank: kern.Secondary, Icon: "download"}
	}
	if s.kept(s.can(casefile.Post, casefile.ActionAnswerTask), "versandt") {
		b := s.form("versandt", "versandt")
		b.date(b.field("posted", "desk.posted.on"), s.today())
		p.Posted = b.done(s.say("desk.posted.title"), s.say("desk.do.versandt"))
	}
	return p
}

// can says whether the state knows the event, nothing speaks against it and the
// visitor may cause it.
func (s *sheet) can(event casefile.Event, a casefile.Action) bool {
	reasons, known := s.o.Blocked[event]
	return known && len(reasons) == 0 && s.d.may(s.visitor, a)
}

func (s *sheet) handedOver() []kern.Item {
	c := s.o.Case
	var items []kern.Item
	add := func(key, value string) {
		if value != "" {
			items = append(items, kern.Item{Key: s.say(key), Value: value})
		}
	}
	add("desk.release.notified", s.moment(c.NotifiedAt))
	add("desk.release.delivered", s.moment(c.DeliveredAt))
	add("desk.release.effective", s.day(c.EffectiveOn))
	if !c.AvailableUntil.IsZero() {
		add("desk.release.until", s.day(calendar.DateOf(c.AvailableUntil)))
	}
	return items
}

// openFile hands staff a file of a finding. Its name stays out of the headers: it
// may say something about a person.
func (d Deps) openFile(c *fiber.Ctx, v visitor) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	finding, err := uuid.Parse(c.Params("finding"))
	if err != nil {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	n, err := strconv.Atoi(c.Params("n"))
	if err != nil {
		return problem.New(problem.NotFound, "problem.notfound")
	}
	file, err := d.Review.File(c.UserContext(), v.actor, id, finding, n, v.now)
	if err != nil {
		return err
	}
	said := reply.File{Name: finding.String() + connector.Ending(file.Name), Type: "application/octet-stream", Size: file.Size}
	return reply.Download(c, said, func(_ context.Context, w io.Writer) error {
		_, err := file.WriteTo(w)
		return err
	})
}
