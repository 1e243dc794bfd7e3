package letter

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"einsicht/internal/letter/textblock"
	"einsicht/internal/wording"
)

// Texts are the text blocks of letters in one version: the shipped ones and, in
// their place, those an authority has worded itself. The zero Texts are the
// shipped ones.
type Texts struct {
	own map[wording.Lang]map[string]string // by wording key
	sum [sha256.Size]byte
}

// ParseTexts reads an authority's own text blocks; name is the file's, for the
// faults. What the file does not name stays as shipped.
func ParseTexts(name string, data []byte) (Texts, error) {
	rules := map[string]textblock.Rule{}
	keys := map[string]string{}
	for _, b := range Blocks() {
		rules[b.Name] = textblock.Rule{Mandatory: b.Mandatory, Known: b.Placeholders, Needed: b.Needed}
		keys[b.Name] = b.key
	}
	read, err := textblock.Parse(name, data, rules)
	if err != nil {
		return Texts{}, err
	}
	t := Texts{own: map[wording.Lang]map[string]string{}, sum: sha256.Sum256(data)}
	for _, l := range wording.Languages {
		t.own[l] = map[string]string{}
		for block, texts := range read {
			t.own[l][keys[block]] = texts[l]
		}
	}
	return t, nil
}

// SHA256 names the version: of an authority's own texts the hash of the file, of
// the shipped ones that of all their sentences.
func (t Texts) SHA256() [sha256.Size]byte {
	if t.own != nil {
		return t.sum
	}
	h := sha256.New()
	for _, b := range Blocks() {
		for _, l := range wording.Languages {
			fmt.Fprintf(h, "%s %s %q\n", b.Name, l, b.Shipped(l))
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Text returns a block as it stands in this version, with its placeholders.
func (t Texts) Text(l wording.Lang, b TextBlock) string { return t.template(l, b.key) }

func (t Texts) template(l wording.Lang, key string) string {
	if s, ok := t.own[l][key]; ok {
		return s
	}
	return wording.Text(l, key)
}

func (t Texts) fill(l wording.Lang, key string, pairs ...string) string {
	s, ok := t.own[l][key]
	if !ok {
		return wording.Text(l, key, pairs...)
	}
	filled := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		filled = append(filled, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(filled...).Replace(s)
}

// TextBlock is a sentence of letters that an authority can word itself.
type TextBlock struct {
	Name         string
	Kind         Kind     // of the letter it stands in
	Mandatory    bool     // can't be left out
	Placeholders []string // that can stand in it
	Needed       []string // that must
	key          string
}

// Shipped returns the text the program comes with.
func (b TextBlock) Shipped(l wording.Lang) string { return wording.Text(l, b.key) }

// common are placeholders of every notice; the day of the request is nobody
// else's business.
var (
	common       = []string{"authority", "contact", "date", "file_number", "in_charge"}
	forApplicant = append(slices.Clone(common), "received")
)

// Blocks lists the text blocks, those of the answer first.
func Blocks() []TextBlock {
	var blocks []TextBlock
	for _, b := range answerBlocks {
		key := "letter." + b.name
		needed := placeholders(key)
		blocks = append(blocks, TextBlock{
			Name: b.name, Kind: KindAnswer, key: key, Mandatory: !b.optional, Needed: needed, Placeholders: append(needed, b.also...),
		})
	}
	for _, p := range slices.Sorted(maps.Keys(headings())) {
		blocks = append(blocks, TextBlock{Name: "heading." + string(p), key: "letters.heading." + string(p), Mandatory: true})
	}
	for _, k := range Kinds {
		blocks = append(blocks, k.blocks()...)
	}
	return blocks
}

func headings() map[Part]bool {
	parts := map[Part]bool{}
	for _, k := range Kinds {
		for _, p := range plans[k].pieces {
			if p.build == nil {
				parts[p.part] = true
			}
		}
	}
	return parts
}

// blocks lists those of one kind. What must stand in a text is what the shipped
// one says of the letter's own dates and names.
func (k Kind) blocks() []TextBlock {
	p := plans[k]
	own := append(k.Values(), p.derived...)
	known := append(slices.Clone(own), forApplicant...)
	if p.toOthers {
		known = append(slices.Clone(own), common...)
	}
	var blocks []TextBlock
	add := func(name string, mandatory bool) {
		key := "letters." + string(k) + "." + name
		needed := slices.DeleteFunc(placeholders(key), func(p string) bool { return !slices.Contains(own, p) })
		blocks = append(blocks, TextBlock{Name: string(k) + "." + name, Kind: k, key: key, Mandatory: mandatory, Placeholders: known, Needed: needed})
	}
	add("subject", true)
	for _, i := range append(p.items(), bases[k]) {
		switch {
		case i.block == "":
		case i.variant == nil:
			add(i.block, !i.optional)
		default:
			for _, v := range i.variants {
				add(i.block+"."+v, !i.optional)
			}
		}
	}
	return blocks
}

func (p plan) items() []item {
	var all []item
	for _, piece := range p.pieces {
		all = append(all, piece.items...)
	}
	return all
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// placeholders of the shipped German text, which decides.
func placeholders(key string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(wording.Text(wording.German, key), -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// answerBlocks are the sentences of the answer, without "letter.".
var answerBlocks = []struct {
	name     string
	optional bool
	also     []string // placeholders that the shipped text does without
}{
	{name: "subject"}, {name: "greeting"}, {name: "opening"}, {name: "closing"}, {name: "german_decides"},
	{name: "summary.intro"}, {name: "summary.granted"}, {name: "summary.partly-granted"}, {name: "summary.refused"},
	{name: "summary.nothing-held"}, {name: "summary.unattributable"}, {name: "summary.do"}, {name: "summary.do_unattributable"}, {name: "summary.disagree"},
	{name: "summary.disagree_unsettled"},
	{name: "outcome.granted"}, {name: "outcome.partly-granted"}, {name: "outcome.refused"}, {name: "outcome.nothing-held"},
	{name: "outcome.nothing-held.rectification"}, {name: "outcome.nothing-held.erasure"}, {name: "outcome.nothing-held.restriction"},
	{name: "outcome.nothing-held.notification"}, {name: "outcome.nothing-held.portability"}, {name: "outcome.nothing-held.objection"},
	{name: "outcome.nothing-held.consent-withdrawal"},
	{name: "outcome.unattributable"}, {name: "outcome.ground"}, {name: "outcome.no_reasons"},
	{name: "limit.until"}, {name: "limit.look_again"}, {name: "limit.instead"},
	{name: "measures.intro"}, {name: "measures.backup"}, {name: "measures.backup_unknown"},
	{name: "recipients.intro"}, {name: "recipients.none"}, {name: "recipients.told"}, {name: "recipients.open"}, {name: "recipients.impossible"},
	{name: "confirmation.yes"}, {name: "confirmation.none"}, {name: "confirmation.limits"},
	{name: "searched.intro"}, {name: "searched.partial_text"},
	{name: "automated.automated"}, {name: "automated.transfers"},
	{name: "rights.intro"}, {name: "rights.rectification"}, {name: "rights.erasure"}, {name: "rights.restriction"}, {name: "rights.objection"},
	{name: "complaint.text"}, {name: "complaint.no_effect"},
	{name: "remedy.court"}, {name: "remedy.rule", also: []string{"seat"}},
	{name: "remedy.bdsg_nonpublic", optional: true, also: []string{"court", "seat", "authority"}},
	{name: "remedy.civil_servant_ni", optional: true, also: []string{"court", "seat", "authority"}},
}
