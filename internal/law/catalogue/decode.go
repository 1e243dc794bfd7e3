package catalogue

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Fault is one thing that is wrong in a file: where, and what to do.
type Fault struct {
	File string
	Line int
	Key  string // "grounds[3].citation"
	Text string
}

func (f *Fault) Error() string {
	s := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Key != "" {
		s += f.Key + ": "
	}
	return s + f.Text
}

// strict decodes one document into a pointer to a struct. It refuses unknown and
// repeated keys, anchors, aliases and a second document, each with its place.
// The root tells where what was decoded stands.
func strict(file string, data []byte, into any) (root *yaml.Node, faults []*Fault) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, []*Fault{{file, 1, "", "is empty; write acts, rights, grounds or absent"}}
	} else if err != nil {
		return nil, []*Fault{syntax(file, err)}
	}
	if err := dec.Decode(&second); err == nil {
		return nil, []*Fault{{file, second.Line, "", "a second document begins; write one per file"}}
	} else if !errors.Is(err, io.EOF) {
		return nil, []*Fault{syntax(file, err)}
	}
	root = doc.Content[0]
	w := walk{file: file}
	w.check(root, reflect.TypeOf(into).Elem(), "")
	if len(w.faults) > 0 {
		return nil, w.faults
	}
	if err := root.Decode(into); err != nil {
		return nil, []*Fault{syntax(file, err)}
	}
	return root, nil
}

// valueOf returns what stands behind a key of a mapping.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

var syntaxError = regexp.MustCompile(`(?s)line (\d+): (.*)$`)

func syntax(file string, err error) *Fault {
	f := &Fault{file, 1, "", "is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	if m := syntaxError.FindStringSubmatch(err.Error()); m != nil {
		f.Text = "is not YAML: " + m[2]
		fmt.Sscan(m[1], &f.Line)
	}
	return f
}

type walk struct {
	file   string
	faults []*Fault
}

func (w *walk) fault(n *yaml.Node, key, text string) {
	w.faults = append(w.faults, &Fault{w.file, n.Line, key, text})
}

var readsText = reflect.TypeFor[encoding.TextUnmarshaler]()

func (w *walk) check(n *yaml.Node, t reflect.Type, key string) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		w.fault(n, key, "is an anchor or an alias; write the value out")
		return
	}
	scalar := reflect.PointerTo(t).Implements(readsText)
	switch {
	case !scalar && t.Kind() == reflect.Struct:
		w.mapping(n, t, key)
	case !scalar && t.Kind() == reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			w.fault(n, key, "is no list; write [first, second], or leave the key out")
			return
		}
		for i, item := range n.Content {
			w.check(item, t.Elem(), fmt.Sprintf("%s[%d]", key, i))
		}
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		w.fault(n, key, "is no single value; write one or leave the key out")
	default:
		if err := n.Decode(reflect.New(t).Interface()); err != nil {
			w.fault(n, key, "is no "+nameOf(t, scalar))
		}
	}
}

func (w *walk) mapping(n *yaml.Node, t reflect.Type, key string) {
	if n.Kind != yaml.MappingNode {
		w.fault(n, key, "is no mapping; write key: value")
		return
	}
	known := fieldsOf(t)
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		full := strings.TrimPrefix(key+"."+k.Value, ".")
		first, twice := seen[k.Value]
		field, ok := known[k.Value]
		seen[k.Value] = k.Line
		switch {
		case !ok:
			w.fault(k, full, "unknown key")
		case twice:
			w.fault(k, full, fmt.Sprintf("stands here a second time, first in line %d; keep one", first))
		default:
			w.check(v, field, full)
		}
	}
}

func fieldsOf(t reflect.Type) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			for n, inner := range fieldsOf(f.Type) {
				known[n] = inner
			}
		case name != "" && name != "-":
			known[name] = f.Type
		}
	}
	return known
}

func nameOf(t reflect.Type, readsText bool) string {
	switch {
	case readsText:
		return "day; write 2026-01-31"
	case t.Kind() == reflect.Bool:
		return "yes or no; write true or false"
	case t.Kind() == reflect.Int:
		return "whole number"
	}
	return "text"
}
