package inventory

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
)

// Fault is one thing that is wrong in a file: where, and what to do.
type Fault struct {
	File string
	Line int
	Key  string // "systems[3].retention"
	Text string
}

func (f *Fault) Error() string {
	s := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Key != "" {
		s += f.Key + ": "
	}
	return s + f.Text
}

// Warning is something the authority should look at; the file is read anyway.
type Warning Fault

func (w Warning) String() string { f := Fault(w); return f.Error() }

// document reads one file strictly and collects all faults, never a value.
type document struct {
	file     string
	faults   []*Fault
	warnings []Warning
	lines    map[string]int // where keys stand that only the whole file can judge
}

// key says how the value of a key is read and, if it may not be missing, what
// to write.
type key struct {
	read     func(n *yaml.Node, path string)
	required string
}

// open returns the root of the one document in the file; nil if there is none.
func (d *document) open(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			d.fault(1, "", "is empty; write an authority and its systems")
		} else {
			d.syntax(err)
		}
		return nil
	}
	if err := dec.Decode(&second); err == nil {
		d.fault(second.Line, "", "a second document begins; write one file per authority")
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
	}
	return doc.Content[0]
}

var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func (d *document) syntax(err error) {
	line, text := 1, err.Error()
	if m := syntaxError.FindStringSubmatch(text); m != nil {
		text = m[2]
		if m[1] != "" {
			line, _ = strconv.Atoi(m[1])
		}
	}
	d.fault(line, "", "is not YAML: %s", text)
}

func (d *document) fault(line int, path, format string, args ...any) {
	d.faults = append(d.faults, &Fault{d.file, line, path, fmt.Sprintf(format, args...)})
}

func (d *document) warn(line int, path, format string, args ...any) {
	d.warnings = append(d.warnings, Warning{d.file, line, path, fmt.Sprintf(format, args...)})
}

// err joins the faults in the order of the lines; nil if there are none.
func (d *document) err() error {
	slices.SortStableFunc(d.faults, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	errs := make([]error, len(d.faults))
	for i, f := range d.faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// mapping reads the known keys of a mapping and faults all others.
func (d *document) mapping(n *yaml.Node, path string, known map[string]key) {
	if n.Kind != yaml.MappingNode {
		d.fault(n.Line, path, "is no mapping; write key: value")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		p := join(path, k.Value)
		if line, twice := seen[k.Value]; twice {
			d.fault(k.Line, p, "stands here a second time, first in line %d; keep one", line)
			continue
		}
		seen[k.Value] = k.Line
		field, ok := known[k.Value]
		switch {
		case !ok:
			d.fault(k.Line, p, "unknown key; known are %s", strings.Join(sortedKeys(known), ", "))
		case v.Kind == yaml.AliasNode:
			d.fault(v.Line, p, "is an alias; write the value out")
		default:
			field.read(v, p)
		}
	}
	for name, field := range known {
		if _, ok := seen[name]; !ok && field.required != "" {
			d.fault(n.Line, join(path, name), "is missing; %s", field.required)
		}
	}
}

// sequence reads the items of a list.
func (d *document) sequence(n *yaml.Node, path string, item func(n *yaml.Node, path string)) {
	if n.Kind != yaml.SequenceNode {
		d.fault(n.Line, path, "is no list; write [first, second], or [] for none")
		return
	}
	for i, v := range n.Content {
		item(v, fmt.Sprintf("%s[%d]", path, i))
	}
}

// text reads a text that is not empty.
func (d *document) text(to *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
			d.fault(n.Line, path, "is no text; write one or leave the key out")
			return
		}
		*to = strings.TrimSpace(n.Value)
	}
}

// texts reads a list of texts; an empty list stays different from none.
func (d *document) texts(to *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		list := []string{}
		d.sequence(n, path, func(n *yaml.Node, path string) {
			var s string
			d.text(&s)(n, path)
			list = append(list, s)
		})
		*to = list
	}
}

func (d *document) flag(to *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n.Tag != "!!bool" || n.Decode(to) != nil {
			d.fault(n.Line, path, "is neither true nor false; write one of them")
		}
	}
}

// number reads a whole number from 1 to 36500: a hundred years in days.
func (d *document) number(to *int) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		i, err := strconv.Atoi(n.Value)
		if n.Tag != "!!int" || err != nil || i < 1 || i > 36500 {
			d.fault(n.Line, path, "is no number of them; write a whole number from 1 to 36500")
			return
		}
		*to = i
	}
}

// word reads one of a closed list of words.
func word[T ~string](d *document, to *T, words []T) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || !slices.Contains(words, T(n.Value)) {
			d.fault(n.Line, path, "is no known word; write one of %s", listed(words))
			return
		}
		*to = T(n.Value)
	}
}

// words reads a list of words from a closed list, each at most once.
func words[T ~string](d *document, to *[]T, known []T) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		list := []T{}
		d.sequence(n, path, func(n *yaml.Node, path string) {
			var w T
			word(d, &w, known)(n, path)
			if w != "" && slices.Contains(list, w) {
				d.fault(n.Line, path, "stands in the list twice; keep one")
			}
			list = append(list, w)
		})
		*to = list
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func listed[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, ", ")
}

func sortedKeys(m map[string]key) []string {
	var names []string
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
