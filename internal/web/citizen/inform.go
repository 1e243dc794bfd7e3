package citizen

import (
	"github.com/gofiber/fiber/v2"

	"einsicht/internal/casefile"
	"einsicht/internal/inventory"
	"einsicht/internal/problem"
	"einsicht/internal/web/reply"
	"einsicht/internal/wording"
	"einsicht/views/citizen"
)

// showPrivacy is the notice of Art. 13 GDPR for the request itself.
func (s *site) showPrivacy(c *fiber.Ctx, a casefile.Authority) error {
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	portal, ok := inv.Portal()
	if !ok {
		return problem.New(problem.NotFound, "citizen.privacy.none")
	}
	n := inventory.PrivacyNotice(reply.Lang(c), inv, portal)
	d := citizen.Document{Frame: framed(c, a, n.Title), Title: n.Title, Lead: n.Intro}
	for _, section := range n.Sections {
		part := citizen.Part{ID: section.ID, Title: section.Heading}
		for _, b := range section.Blocks {
			part.Blocks = append(part.Blocks, citizen.Block{Text: b.Text, Lines: b.Lines, Items: b.Items, Gap: b.Gap})
		}
		d.Parts = append(d.Parts, part)
	}
	return reply.Page(c, fiber.StatusOK, citizen.DocumentPage(d))
}

// showImprint identifies the provider, § 5 DDG.
func (s *site) showImprint(c *fiber.Ctx, a casefile.Authority) error {
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	i := inv.Authority.Imprint()
	l := reply.Lang(c)
	provider := []citizen.Block{{Text: i.Name, Lines: i.Contact.Lines(l)}}
	if i.Controller != "" && i.Controller != i.Name {
		provider = append(provider, citizen.Block{Text: i.Controller})
	}
	d := citizen.Document{
		Frame: framed(c, a, say(c, "imprint.title")), Title: say(c, "imprint.title"), Lead: say(c, "imprint.lead"),
		Parts: []citizen.Part{
			{ID: "provider", Title: say(c, "imprint.provider"), Blocks: append(provider, gaps(l, i.Gaps)...)},
			{ID: "supervision", Title: say(c, "imprint.supervision"), Blocks: supervision(l, i.Supervisory)},
		},
	}
	return reply.Page(c, fiber.StatusOK, citizen.DocumentPage(d))
}

// showAccessibility is the statement of Directive (EU) 2016/2102, Art. 7.
func (s *site) showAccessibility(c *fiber.Ctx, a casefile.Authority) error {
	inv, err := s.Intake.Inform(c.UserContext(), a)
	if err != nil {
		return err
	}
	facts := inv.Authority.Accessibility()
	l := reply.Lang(c)
	d := citizen.Document{
		Frame: framed(c, a, say(c, "accessibility.title")), Title: say(c, "accessibility.title"),
		Lead: say(c, "accessibility.lead", "authority", a.Name, "law", facts.Law),
		Parts: []citizen.Part{
			{ID: "state", Title: say(c, "accessibility.state"), Blocks: []citizen.Block{{Text: say(c, "accessibility.state.text")}, {Text: say(c, "accessibility.state.gap"), Gap: true}}},
			{ID: "feedback", Title: say(c, "accessibility.feedback"), Blocks: []citizen.Block{{Text: say(c, "accessibility.feedback.text")}, {Text: facts.Name, Lines: facts.Feedback.Lines(l)}}},
			{ID: "enforcement", Title: say(c, "accessibility.enforcement"), Blocks: []citizen.Block{{Text: say(c, "accessibility.enforcement.text")}, {Text: facts.Enforcement.Name, Lines: facts.Enforcement.Lines(l)}}},
		},
	}
	last := &d.Parts[len(d.Parts)-1]
	last.Blocks = append(last.Blocks, gaps(l, facts.Gaps)...)
	return reply.Page(c, fiber.StatusOK, citizen.DocumentPage(d))
}

func supervision(l wording.Lang, s inventory.Supervision) []citizen.Block {
	blocks := []citizen.Block{{Text: s.Name, Lines: s.Lines(l)}}
	if s.Unverified {
		blocks = append(blocks, gaps(l, []string{"inventory.gap.supervisory_unverified"})...)
	}
	return blocks
}

func gaps(l wording.Lang, keys []string) []citizen.Block {
	var blocks []citizen.Block
	for _, key := range keys {
		blocks = append(blocks, citizen.Block{Text: wording.Text(l, key), Gap: true})
	}
	return blocks
}
