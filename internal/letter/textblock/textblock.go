// Package textblock reads the sentences that an authority writes for its own
// letters, in place of those the program is shipped with.
//
// A file is YAML: under the name of each block its text in German and English.
//
//	receipt.period:
//	  de: "Wir antworten bis zum {due}."
//	  en: "We answer by {due}."
//
// It is read strictly: whatever is not known, is missing or stands there twice is
// a fault that names file, line and block. So nothing the law demands gets lost
// in rewording.
package textblock

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"einsicht/internal/inventory"
	"einsicht/internal/wording"
)

// Rule says what the text of a block may and must hold.
type Rule struct {
	Mandatory bool     // can be worded, not left empty
	Known     []string // placeholders that can stand in it
	Needed    []string // placeholders that must
}

// Parse reads a file. Every block needs a rule, every rule need not have a block.
func Parse(file string, data []byte, rules map[string]Rule) (map[string]map[wording.Lang]string, error) {
	r := reader{file: file, rules: rules, blocks: map[string]map[wording.Lang]string{}}
	if root := r.root(data); root != nil {
		r.each(root, "", r.block)
	}
	return r.blocks, r.err()
}

type reader struct {
	file   string
	rules  map[string]Rule
	blocks map[string]map[wording.Lang]string
	faults []*inventory.Fault
}

var syntax = regexp.MustCompile(`(?s)line (\d+): (.*)$`)

func (r *reader) root(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.fault(1, "", "is empty; write block: {de: …, en: …}")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	if err := dec.Decode(&second); err == nil {
		r.fault(second.Line, "", "a second document begins; write one per file")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	return doc.Content[0]
}

func (r *reader) syntax(err error) {
	line, text := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := syntax.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	r.fault(line, "", "is not YAML: %s", text)
}

func (r *reader) fault(line int, block, format string, args ...any) {
	r.faults = append(r.faults, &inventory.Fault{File: r.file, Line: line, Key: block, Text: fmt.Sprintf(format, args...)})
}

// err joins the faults in the order of the lines; nil if there are none.
func (r *reader) err() error {
	slices.SortStableFunc(r.faults, func(a, b *inventory.Fault) int { return cmp.Compare(a.Line, b.Line) })
	errs := make([]error, len(r.faults))
	for i, f := range r.faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// each visits the keys of a mapping, none of them twice.
func (r *reader) each(n *yaml.Node, block string, visit func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		r.fault(n.Line, block, "is no mapping; write block: {de: …, en: …}")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if line, twice := seen[k.Value]; twice {
			r.fault(k.Line, cmp.Or(block, k.Value), "%s stands here a second time, first in line %d; keep one", k.Value, line)
			continue
		}
		seen[k.Value] = k.Line
		visit(k, v)
	}
}

func (r *reader) block(key, value *yaml.Node) {
	name := key.Value
	rule, known := r.rules[name]
	if !known {
		r.fault(key.Line, name, "is no text block")
		return
	}
	texts := map[wording.Lang]string{}
	r.each(value, name, func(lang, text *yaml.Node) {
		switch {
		case !slices.Contains(wording.Languages, wording.Lang(lang.Value)):
			r.fault(lang.Line, name, "%s is no language; known are %s", lang.Value, listed(wording.Languages))
		case text.Kind != yaml.ScalarNode || text.Tag != "!!str" || text.Anchor != "":
			r.fault(text.Line, name, "%s: is no text", lang.Value)
		default:
			texts[wording.Lang(lang.Value)] = strings.TrimSpace(text.Value)
			r.text(text, name, lang.Value, rule)
		}
	})
	for _, l := range wording.Languages {
		if _, ok := texts[l]; !ok && value.Kind == yaml.MappingNode {
			r.fault(key.Line, name, "%s is missing; write the text in both languages", l)
		}
	}
	if de, en := texts[wording.German], texts[wording.English]; (de == "") != (en == "") && len(texts) == len(wording.Languages) && !rule.Mandatory {
		r.fault(key.Line, name, "is empty in one language; write it in both or leave it out in both")
	}
	r.blocks[name] = texts
}

// placeholder also finds what is none, such as a brace alone.
var placeholder = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

func (r *reader) text(n *yaml.Node, name, lang string, rule Rule) {
	text := strings.TrimSpace(n.Value)
	if text == "" {
		if rule.Mandatory {
			r.fault(n.Line, name, "%s: is empty; the law demands this part, so word it but do not leave it out", lang)
		}
		return
	}
	var found []string
	for _, braced := range placeholder.FindAllString(text, -1) {
		p := strings.Trim(braced, "{}")
		if !slices.Contains(rule.Known, p) {
			r.fault(n.Line, name, "%s: %s is no placeholder here; known are %s", lang, braced, listed(rule.Known))
		}
		found = append(found, p)
	}
	for _, p := range rule.Needed {
		if !slices.Contains(found, p) {
			r.fault(n.Line, name, "%s: {%s} is missing; the text must say it", lang, p)
		}
	}
}

func listed[T ~string](words []T) string {
	if len(words) == 0 {
		return "none"
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, ", ")
}
