package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"einsicht/internal/law"
	"einsicht/internal/law/citation"

	"go.yaml.in/yaml/v3"
)

// document is what one file may hold.
type document struct {
	Acts    []Act    `yaml:"acts"`
	Rights  []Right  `yaml:"rights"`
	Grounds []Ground `yaml:"grounds"`
	Absent  []Absent `yaml:"absent"`
}

// reader gathers the files and judges them together: a ground may cite an act of
// another file.
type reader struct {
	acts    []placed[Act]
	rights  []placed[Right]
	grounds []placed[Ground]
	absent  []placed[Absent]
	faults  []*Fault
}

// placed is an entry and where it stands.
type placed[T any] struct {
	v    T
	file string
	key  string // "grounds[3]"
	node *yaml.Node
}

func (r *reader) file(name string, data []byte) {
	var d document
	root, faults := strict(name, data, &d)
	if faults != nil {
		r.faults = append(r.faults, faults...)
		return
	}
	r.acts = place(r.acts, d.Acts, name, root, "acts")
	r.rights = place(r.rights, d.Rights, name, root, "rights")
	r.grounds = place(r.grounds, d.Grounds, name, root, "grounds")
	r.absent = place(r.absent, d.Absent, name, root, "absent")
}

func place[T any](to []placed[T], entries []T, file string, root *yaml.Node, key string) []placed[T] {
	for i, e := range entries {
		to = append(to, placed[T]{e, file, fmt.Sprintf("%s[%d]", key, i), valueOf(root, key).Content[i]})
	}
	return to
}

// faultAt notes what is wrong with a key of an entry.
func faultAt[T any](r *reader, p placed[T], key, format string, args ...any) {
	n := p.node
	if v := valueOf(n, key); v != nil {
		n = v
	}
	r.faults = append(r.faults, &Fault{p.file, n.Line, p.key + "." + key, fmt.Sprintf(format, args...)})
}

func (r *reader) book() (Book, error) {
	var b Book
	acts := map[string]Act{}
	for _, p := range r.acts {
		r.act(p, acts)
		b.acts = append(b.acts, p.v)
	}
	seen := map[law.Right]bool{}
	for _, p := range r.rights {
		r.right(p, acts)
		if seen[p.v.Right] {
			faultAt(r, p, "right", "stands in the catalogue twice")
		}
		seen[p.v.Right] = true
		b.rights = append(b.rights, p.v)
	}
	ids := map[string]bool{}
	for _, p := range r.grounds {
		if ids[p.v.ID] {
			faultAt(r, p, "id", "another ground has this id")
		}
		ids[p.v.ID] = true
		b.grounds = append(b.grounds, r.ground(p, acts))
	}
	for _, p := range r.grounds {
		if p.v.Ends != "" && !ids[p.v.Ends] {
			faultAt(r, p, "ends", "there is no ground with this id")
		}
	}
	for _, p := range r.absent {
		if ids[p.v.ID] {
			faultAt(r, p, "id", "another entry has this id")
		}
		ids[p.v.ID] = true
		r.noSuch(p, acts)
		b.absent = append(b.absent, p.v)
	}
	slices.SortFunc(b.acts, func(x, y Act) int { return strings.Compare(x.Name, y.Name) })
	return b, r.err()
}

func (r *reader) err() error {
	slices.SortStableFunc(r.faults, func(a, b *Fault) int { return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line) })
	errs := make([]error, len(r.faults))
	for i, f := range r.faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

func (r *reader) act(p placed[Act], acts map[string]Act) {
	a := p.v
	require(r, p, "name", a.Name != "")
	require(r, p, "title", a.Title != "")
	require(r, p, "source", strings.HasPrefix(a.Source, "https://"))
	require(r, p, "read", a.Read != "")
	if _, twice := acts[a.Name]; twice {
		faultAt(r, p, "name", "another act has this name")
	}
	if !a.ReadUntil.IsZero() && a.ReadUntil.Before(a.InForce) {
		faultAt(r, p, "read_until", "lies before in_force")
	}
	acts[a.Name] = a
}

func (r *reader) right(p placed[Right], acts map[string]Act) {
	x := p.v
	closed(r, p, "right", []law.Right{x.Right}, limitable)
	closed(r, p, "needs", x.Needs, abilities)
	r.cites(p.file, valueOf(p.node, "citation"), p.key+".citation", x.Citation, acts)
	sentence(r, p, "title", x.Title)
	questions(r, p, "requires", x.Requires)
	for i, c := range x.Contents {
		n := valueOf(p.node, "contents").Content[i]
		key := fmt.Sprintf("%s.contents[%d]", p.key, i)
		r.cites(p.file, valueOf(n, "citation"), key+".citation", c.Citation, acts)
		if c.ID == "" || c.DE == "" || c.EN == "" {
			r.faults = append(r.faults, &Fault{p.file, n.Line, key, "needs id, de and en"})
		}
	}
	for _, s := range x.Steps {
		sentence(r, p, "steps", s)
	}
	for _, c := range []string{x.Clock.Action, x.Clock.Refusal} {
		if c != "" {
			r.cites(p.file, valueOf(p.node, "clock"), p.key+".clock", c, acts)
		}
	}
	require(r, p, "contents", len(x.Contents) > 0)
	require(r, p, "steps", len(x.Steps) > 0)
	require(r, p, "clock", x.Clock.Action != "" || x.Clock.AtOnce)
}

// ground judges a ground and fills in what its acts say.
func (r *reader) ground(p placed[Ground], acts map[string]Act) Ground {
	g := p.v
	require(r, p, "id", g.ID != "")
	sentence(r, p, "title", g.Title)
	closed(r, p, "rights", g.Rights, limitable)
	closed(r, p, "regimes", g.Regimes, law.Regimes)
	closed(r, p, "reach", []Reach{g.Reach}, reaches)
	closed(r, p, "effect", []Effect{g.Effect}, effects)
	closed(r, p, "decision", []Decision{g.Decision}, decisions)
	if g.Task != "" {
		closed(r, p, "task", []Task{g.Task}, tasks)
	}
	require(r, p, "rights", len(g.Rights) > 0)
	if g.Usable() {
		require(r, p, "conditions", len(g.Conditions) > 0)
		require(r, p, "on_file", len(g.OnFile) > 0)
		sentence(r, p, "replacement", g.Replacement)
	} else {
		sentence(r, p, "unusable", g.Unusable)
	}
	questions(r, p, "conditions", g.Conditions)
	for _, c := range g.Conditions {
		if c.Fact != "" {
			closed(r, p, "conditions", []Fact{c.Fact}, facts)
		}
	}
	for _, s := range g.OnFile {
		sentence(r, p, "on_file", s)
	}
	if (g.Effect == Ends) != (g.Ends != "") {
		faultAt(r, p, "ends", "goes with the effect ends, and only with it")
	}
	if g.Reasons.Allowed() {
		sentence(r, p, "reasons_withholdable", g.Reasons.If)
	}
	if !g.SecretFact.IsZero() {
		sentence(r, p, "secret_fact", g.SecretFact)
	}
	if !g.ForLetter.IsZero() {
		sentence(r, p, "for_letter", g.ForLetter)
		if !g.Usable() || !g.Effect.IsLimit() {
			faultAt(r, p, "for_letter", "is said of a limit in a letter; this ground is none")
		}
	}
	if g.Verified == (g.Unverified != "") {
		faultAt(r, p, "unverified", "say what is not verified, or mark the ground verified")
	}
	for key, c := range map[string]string{"citation": g.Citation, "on_file_under": g.OnFileUnder, "reasons_withholdable": g.Reasons.Under} {
		if key == "citation" || c != "" {
			r.cites(p.file, valueOf(p.node, key), p.key+"."+key, c, acts)
		}
	}
	for _, c := range []string{g.Citations.Municipal, g.Citations.Other} {
		if c != "" {
			r.cites(p.file, valueOf(p.node, "citations"), p.key+".citations", c, acts)
		}
	}
	g.questions = slices.Clip(g.Conditions)
	if g.Decision == Discretion {
		g.questions = append(g.questions, discretion)
	}
	c, err := citation.Parse(g.Citation)
	if err != nil {
		return g // already noted
	}
	main := acts[c.Provisions[0].Act]
	g.Source = main.Source
	if g.ValidFrom.IsZero() {
		g.ValidFrom = main.InForce
	}
	for _, provision := range c.Provisions {
		a := acts[provision.Act]
		if g.Verified && !a.Verified {
			faultAt(r, p, "verified", "the text of %s itself is not verified", a.Name)
		}
		if !a.ReadUntil.IsZero() && (g.readUntil.IsZero() || a.ReadUntil.Before(g.readUntil)) {
			g.readUntil = a.ReadUntil
		}
	}
	return g
}

func (r *reader) noSuch(p placed[Absent], acts map[string]Act) {
	a := p.v
	require(r, p, "id", a.ID != "")
	require(r, p, "words", len(a.Words) > 0)
	closed(r, p, "regimes", a.Regimes, law.Regimes)
	closed(r, p, "rights", a.Rights, limitable)
	sentence(r, p, "title", a.Title)
	sentence(r, p, "reason", a.Reason)
	sentence(r, p, "instead", a.Instead)
	if a.Citation != "" {
		r.cites(p.file, valueOf(p.node, "citation"), p.key+".citation", a.Citation, acts)
	}
}

// cites notes a citation that resolve refuses.
func (r *reader) cites(file string, n *yaml.Node, key, text string, acts map[string]Act) {
	line := 0
	if n != nil {
		line = n.Line
	}
	if _, err := resolve(text, acts); err != nil {
		r.faults = append(r.faults, &Fault{file, line, key, err.Error()})
	}
}

func require[T any](r *reader, p placed[T], key string, ok bool) {
	if !ok {
		faultAt(r, p, key, "is missing")
	}
}

func sentence[T any](r *reader, p placed[T], key string, s Sentence) {
	if strings.TrimSpace(s.DE) == "" || strings.TrimSpace(s.EN) == "" {
		faultAt(r, p, key, "needs a sentence in German and in English")
	}
}

func questions[T any](r *reader, p placed[T], key string, list []Condition) {
	ids := map[string]bool{}
	for _, c := range list {
		sentence(r, p, key, c.Sentence)
		if c.ID == "" || ids[c.ID] {
			faultAt(r, p, key, "every condition needs an id of its own")
		}
		if !strings.HasSuffix(c.DE, "?") || !strings.HasSuffix(c.EN, "?") {
			faultAt(r, p, key, "write every condition as a question")
		}
		ids[c.ID] = true
	}
}

func closed[T any, W ~string](r *reader, p placed[T], key string, words, known []W) {
	for _, w := range words {
		if !slices.Contains(known, w) {
			faultAt(r, p, key, "holds no known word; known are %v", known)
		}
	}
}
