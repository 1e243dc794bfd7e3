package connector

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

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
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s%s: no valid YAML: %w", p.file, lineOf(err), ErrConfig)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, p.errorf(nil, "file", "must hold keys and values")
	}
	return doc.Content[0], nil
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
