package connector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxFile is how long a connection file may be, in bytes. The longest that
// somebody wrote by hand has a tenth of it.
const MaxFile = 1 << 20

// place makes errors that say where in which file something is wrong. They
// name keys and quote no values: one of them might be a secret in the wrong
// place.
type place struct{ file string }

func (p place) errorf(n *yaml.Node, key, what string) error {
	where := p.file
	if n != nil && n.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.file, n.Line)
	}
	return fmt.Errorf("%s: %s: %s: %w", where, key, what, ErrConfig)
}

func (p place) parse(data []byte) (*yaml.Node, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s: is larger than 1 MiB, no connection is: %w", p.file, ErrConfig)
	}
	if line := foreign(data); line > 0 {
		return nil, fmt.Errorf("%s:%d: is not written in UTF-8 but perhaps in Latin-1; save it as UTF-8: %w", p.file, line, ErrConfig)
	}
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := documents.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, p.noYAML(data, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, p.errorf(nil, "file", "must hold keys and values")
	}
	// Who appends a second system to a file would believe that it is asked.
	switch err := documents.Decode(&second); {
	case err == nil:
		return nil, p.errorf(&second, "file", "a second document begins here; write each system into a file of its own")
	case !errors.Is(err, io.EOF):
		return nil, p.noYAML(data, err)
	}
	return doc.Content[0], nil
}

// noYAML says where a text stops being YAML and, for the mistake that nobody can
// see, why.
func (p place) noYAML(data []byte, err error) error {
	where := lineOf(err)
	tab := strings.Contains(err.Error(), "tab character") || strings.Contains(err.Error(), "cannot start any token")
	var near int
	if _, err := fmt.Sscanf(where, ":%d", &near); err == nil && tab {
		lines := strings.Split(string(data), "\n")
		for n := max(near-1, 1); n <= min(near+1, len(lines)); n++ { // the parser is a line late, or early
			if line := lines[n-1]; strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t") {
				return fmt.Errorf("%s:%d: a tab stands before the key; indent with blanks: %w", p.file, n, ErrConfig)
			}
		}
	}
	return fmt.Errorf("%s%s: no valid YAML: %w", p.file, where, ErrConfig)
}

// foreign gives the first line that is not UTF-8, or 0.
func foreign(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return 0
}

// decode is Node.Decode, but refuses unknown and repeated keys, aliases and
// values of another type.
func (p place) decode(n *yaml.Node, v any, key string) error {
	if err := p.check(n, reflect.TypeOf(v), key); err != nil {
		return err
	}
	if err := n.Decode(v); err != nil {
		return fmt.Errorf("%s%s: can't be read: %w", p.file, lineOf(err), ErrConfig)
	}
	return nil
}

var (
	nodeType     = reflect.TypeFor[yaml.Node]()
	durationType = reflect.TypeFor[time.Duration]()
	readsItself  = reflect.TypeFor[yaml.Unmarshaler]()
)

func (p place) check(n *yaml.Node, t reflect.Type, key string) error {
	for t.Kind() == reflect.Pointer {
		if t.Implements(readsItself) {
			return nil
		}
		t = t.Elem()
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return p.errorf(n, key, "anchors and aliases are not taken")
	}
	if t == nodeType || reflect.PointerTo(t).Implements(readsItself) {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return p.checkKeys(n, key, func(name string) (reflect.Type, bool) { return fieldOf(t, name) })
	case reflect.Map:
		return p.checkKeys(n, key, func(string) (reflect.Type, bool) { return t.Elem(), true })
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			return p.errorf(n, key, "must be a list")
		}
		for _, e := range n.Content {
			if err := p.check(e, t.Elem(), key); err != nil {
				return err
			}
		}
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		return p.errorf(n, key, "must be a single value")
	}
	if err := n.Decode(reflect.New(t).Interface()); err != nil {
		if t == durationType {
			return p.errorf(n, key, "must be a duration such as 30s")
		}
		return p.errorf(n, key, "must be a "+t.Kind().String())
	}
	return nil
}

func (p place) checkKeys(n *yaml.Node, key string, typeOf func(string) (reflect.Type, bool)) error {
	if n.Kind != yaml.MappingNode {
		return p.errorf(n, key, "must hold keys and values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		full := strings.TrimPrefix(key+"."+name, ".")
		t, known := typeOf(name)
		if !known {
			return p.errorf(n.Content[i], full, "unknown key")
		}
		if seen[name] {
			return p.errorf(n.Content[i], full, "stands here twice")
		}
		seen[name] = true
		if err := p.check(n.Content[i+1], t, full); err != nil {
			return err
		}
	}
	return nil
}

func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); tag == name && f.IsExported() {
			return f.Type, true
		}
	}
	return nil, false
}

// cut takes one key out of a mapping and gives its value and the rest.
func cut(n *yaml.Node, key string) (value, rest *yaml.Node) {
	c := *n
	c.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && value == nil {
			value = n.Content[i+1]
			continue
		}
		c.Content = append(c.Content, n.Content[i], n.Content[i+1])
	}
	return value, &c
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	v, _ := cut(n, key)
	return v
}

// lineOf gives the first line that an error of the YAML library names, as
// ":17". The rest of its message quotes the file.
func lineOf(err error) string {
	s := err.Error()
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		s = wrong.Errors[0]
	}
	var line int
	if i := strings.Index(s, "line "); i >= 0 {
		if _, err := fmt.Sscanf(s[i:], "line %d", &line); err == nil {
			return fmt.Sprintf(":%d", line)
		}
	}
	return ""
}
