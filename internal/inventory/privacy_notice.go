package inventory

import "einsicht/internal/wording"

// Notice is a text for the public in sections, ready to print.
type Notice struct {
	Title    string
	Intro    string
	Sections []Section
}

// Section is one headed part of a notice.
type Section struct {
	ID      string // stays the same in all languages: "storage"
	Heading string
	Blocks  []Block
}

// Block is a paragraph, the lines of an address below it, and a list.
type Block struct {
	Text  string
	Lines []string
	Items []string
	Gap   bool // says that something is missing that the authority has to add
}

// PrivacyNotice returns what a person must be told when filing a request here,
// Art. 13 GDPR, from the inventory's entry on the portal itself. Each section
// answers one letter of Art. 13(1) and (2).
func PrivacyNotice(l wording.Lang, inv Inventory, portal System) Notice {
	n := notice{l, inv.Authority}
	p := portal.In(l)
	return Notice{
		Title: n.say("title"),
		Intro: n.say("intro", "authority", inv.Authority.Name),
		Sections: []Section{
			n.section("controller", n.controller()...), // (1)(a)
			n.section("dpo", n.dpo()),                  // (1)(b)
			n.section("purpose", Block{Text: p.Purpose + "."}, n.listed("purpose.basis", p.LegalBasis)),      // (1)(c)
			n.section("data", n.listed("data.text", p.Fields)),                                               // as Art. 14(1)(d)
			n.section("source", n.text("source.text")),                                                       // as Art. 14(2)(f)
			n.section("recipients", n.recipients(p)...),                                                      // (1)(e), (f)
			n.section("storage", Block{Text: p.Retention.Text + "."}, n.items("storage", storageDetails)),    // (2)(a)
			n.section("rights", n.items("rights", noticeRights), n.text("rights.how"), n.text("rights.not")), // (2)(b), (c)
			n.section("complaint", n.complaint()...),                                                         // (2)(d)
			n.section("obligation", n.text("obligation.text")),                                               // (2)(e)
			n.section("automated", n.text("automated.text")),                                                 // (2)(f)
		},
	}
}

// What the program itself does with data for a short time, whatever period the
// authority sets for the case.
var storageDetails = []string{"form", "address", "cookie", "package", "early", "record"}

var noticeRights = []string{"access", "rectification", "erasure", "restriction", "consent"}

// notice writes the parts in one language for one authority.
type notice struct {
	l wording.Lang
	a Authority
}

func (n notice) say(key string, pairs ...string) string {
	return wording.Text(n.l, "inventory.notice."+key, pairs...)
}

func (n notice) section(id string, blocks ...Block) Section {
	return Section{ID: id, Heading: n.say(id), Blocks: blocks}
}

func (n notice) text(key string, pairs ...string) Block { return Block{Text: n.say(key, pairs...)} }

func (n notice) listed(key string, items []string) Block {
	return Block{Text: n.say(key), Items: items}
}

func (n notice) items(section string, keys []string) Block {
	b := Block{Text: n.say(section + ".text")}
	for _, k := range keys {
		b.Items = append(b.Items, n.say(section+"."+k))
	}
	return b
}

func (n notice) gap(key string) Block {
	return Block{Text: wording.Text(n.l, "inventory.gap."+key), Gap: true}
}

func (n notice) controller() []Block {
	name := n.a.Controller
	if name == "" {
		name = n.a.Name
	}
	blocks := []Block{{Text: name, Lines: n.a.Contact.Lines(n.l)}}
	if !n.a.Contact.Reachable() {
		blocks = append(blocks, n.gap("contact"))
	}
	return blocks
}

func (n notice) dpo() Block {
	if n.a.DPO.IsZero() {
		return n.gap("dpo")
	}
	return Block{Text: n.a.DPO.Name, Lines: n.a.DPO.Lines(n.l)}
}

func (n notice) recipients(p System) []Block {
	blocks := []Block{n.listed("recipients.text", p.Recipients)}
	// By name where the authority itself names them; a processor that only we take
	// for one is not its statement.
	if len(n.a.Processors) > 0 {
		blocks = append(blocks, n.listed("recipients.processors", n.a.Processors))
	}
	return append(blocks, n.text("recipients.abroad"))
}

func (n notice) complaint() []Block {
	s := n.a.Complaints()
	blocks := []Block{{Text: n.say("complaint.text")}, {Text: s.Name, Lines: s.Lines(n.l)}}
	if !s.Stated {
		blocks = append(blocks, n.gap("supervisory"))
	}
	if s.Unverified {
		blocks = append(blocks, n.gap("supervisory_unverified"))
	}
	return blocks
}
