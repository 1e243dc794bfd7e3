package webdav

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// template is a folder whose name says whose it is: /users/{account}/.
type template []step

// step is one folder of a template: a name, or an identifier with what stands
// around it.
type step struct {
	before, after string
	kind          person.IdentifierKind // empty: before is the whole name
}

func parseTemplate(text string) (template, error) {
	segments, ok := cutPath(text)
	if !ok {
		return nil, errors.New("must be a folder below url, such as /users/{account}/")
	}
	var t template
	for _, s := range segments {
		before, rest, open := strings.Cut(s, "{")
		if !open {
			t = append(t, step{before: norm.NFC.String(s)})
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		kind, err := person.ParseIdentifierKind(name)
		if !closed || err != nil || strings.ContainsAny(after, "{}") {
			return nil, errors.New("a folder holds one identifier at most, such as {account} or {email}")
		}
		t = append(t, step{before: norm.NFC.String(before), after: norm.NFC.String(after), kind: kind})
	}
	if len(t.kinds()) == 0 {
		return nil, errors.New("names no identifier, such as {account}")
	}
	return t, nil
}

func (t template) kinds() []person.IdentifierKind {
	var kinds []person.IdentifierKind
	for _, s := range t {
		if s.kind != "" {
			kinds = append(kinds, s.kind)
		}
	}
	return kinds
}

// meets says whether the template's folders can lie below or above a root.
func (t template) meets(root string) bool {
	segments, _ := splitEscaped(root)
	_, _, on := t.follow(segments, func(person.IdentifierKind, string) bool { return true })
	return on
}

// follow compares a folder with the template: on says that it lies on the way
// to a folder of the person, or inside, and in says inside.
func (t template) follow(segments []string, is func(person.IdentifierKind, string) bool) (v connector.Values, in, on bool) {
	v = connector.Values{}
	for i, s := range segments[:min(len(segments), len(t))] {
		value, ok := t[i].value(s)
		if !ok || t[i].kind != "" && !is(t[i].kind, value) {
			return nil, false, false
		}
		if t[i].kind != "" {
			v[t[i].kind] = append(v[t[i].kind], value)
		}
	}
	return v, len(segments) >= len(t), true
}

// value takes the identifier out of a folder's name. Names come composed and
// decomposed (NFC, NFD), depending on the machine that wrote them.
func (s step) value(name string) (string, bool) {
	name = norm.NFC.String(name)
	if s.kind == "" {
		return "", name == s.before
	}
	rest, ok := strings.CutPrefix(name, s.before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, s.after)
}

// known compares single values with the person's.
type known map[person.IdentifierKind]connector.Whose

// known prepares it for all kinds that the share can tell.
func (s *share) known(q connector.Query) (known, error) {
	all := known{}
	for _, m := range s.connection.Match {
		for _, k := range m.By {
			alone := s.connection
			alone.Match = []connector.Match{{By: []person.IdentifierKind{k}, Confidence: connector.Check}}
			w, err := alone.Whose(q)
			if err != nil {
				return nil, err
			}
			all[k] = w
		}
	}
	return all, nil
}

func (k known) is(kind person.IdentifierKind, value string) bool {
	w, ok := k[kind]
	if !ok {
		return false
	}
	led, _ := w.Leads(connector.Values{kind: {value}})
	return led != nil
}

// place is what the path of a folder says.
type place struct {
	values connector.Values
	on     bool // on the way to the person's folder, or inside
}

func (w *walk) place(segments []string) place {
	p := place{values: connector.Values{}}
	for _, t := range w.share.templates {
		v, in, on := t.follow(segments, w.known.is)
		p.on = p.on || on
		for kind, values := range v {
			if in {
				p.values[kind] = append(p.values[kind], values...)
			}
		}
	}
	return p
}

// everywhere says that files of the person may lie anywhere.
func (s *share) everywhere() bool { return len(s.holds) > 0 || s.mapping.Owner.Authors }

// cutPath takes a path as people write it apart.
func cutPath(text string) ([]string, bool) {
	if !strings.HasPrefix(text, "/") {
		return nil, false
	}
	trimmed := strings.Trim(text, "/")
	if trimmed == "" {
		return nil, true
	}
	segments := strings.Split(trimmed, "/")
	return segments, !slices.ContainsFunc(segments, climbs)
}

// climbs: such a name leads elsewhere, or nowhere.
func climbs(name string) bool {
	return name == "" || name == "." || name == ".." || strings.ContainsRune(name, 0)
}

// joinPath writes a folder in the one escaped form in which paths are compared.
func joinPath(segments []string) string {
	var b strings.Builder
	b.WriteByte('/')
	for _, s := range segments {
		b.WriteString(url.PathEscape(s))
		b.WriteByte('/')
	}
	return b.String()
}

// splitEscaped is the opposite; a name may hold a slash.
func splitEscaped(path string) ([]string, bool) {
	trimmed := strings.Trim(path, "/")
	if trimmed == "" {
		return nil, true
	}
	var segments []string
	for s := range strings.SplitSeq(trimmed, "/") {
		name, err := url.PathUnescape(s)
		if err != nil || climbs(name) {
			return nil, false
		}
		segments = append(segments, name)
	}
	return segments, true
}

// isName: a name that needs no escaping in XML.
func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
	}) < 0 && !strings.ContainsAny(s[:1], "0123456789-.")
}
