package rest

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// record is one record of a list, as JSON.
type record struct {
	resource *resource
	json     gjson.Result
	key      []string
	ref      string
	// of the person, if led says so
	led        [][]uuid.UUID
	confidence connector.Confidence
}

// A record with more values than this is not what the declaration thinks it is.
const (
	maxFields = 5_000
	maxDepth  = 50
)

var errUnreadable = errors.New("record can't be read")

// records makes one record of a list's entry or, with each, one of each entry
// of the list inside it: all else of the entry goes with every one of them.
func (r *resource) records(entry gjson.Result, above *record, f func(record, error) bool) {
	if !entry.IsObject() {
		f(record{}, errUnreadable)
		return
	}
	if r.Each == "" {
		f(r.record(entry, above))
		return
	}
	var list gjson.Result
	entry.ForEach(func(k, v gjson.Result) bool {
		if k.String() == r.Each {
			list = v
		}
		return true
	})
	if list.Type == gjson.Null { // nobody in it
		return
	}
	if !list.IsArray() {
		f(record{}, errUnreadable)
		return
	}
	list.ForEach(func(_, one gjson.Result) bool {
		var b strings.Builder
		between := "{"
		entry.ForEach(func(k, v gjson.Result) bool {
			b.WriteString(between + k.Raw + ":")
			between = ","
			if k.String() == r.Each {
				v = one
			}
			b.WriteString(v.Raw)
			return true
		})
		b.WriteByte('}')
		return f(r.record(gjson.Parse(b.String()), above))
	})
}

func (r *resource) record(j gjson.Result, above *record) (record, error) {
	rec := record{resource: r, json: j, confidence: connector.Check}
	parts := []string{r.Name}
	for _, path := range r.Key {
		v := j.Get(path)
		s := scalar(v)
		if s == "" || v.IsObject() || v.IsArray() {
			return rec, errUnreadable
		}
		rec.key = append(rec.key, s)
		parts = append(parts, url.PathEscape(s))
	}
	if rec.ref = strings.Join(parts, "/"); above != nil {
		rec.ref = above.ref + "/" + rec.ref
	}
	return rec, nil
}

// position names a record within its list.
func (rec *record) position() string { return strings.Join(rec.key, "/") }

// knows says whether the record has a place for the value of a path.
func (rec *record) knows(path string) bool {
	v := rec.json.Get(path)
	if strings.Contains(path, "#") {
		return len(v.Array()) > 0
	}
	return v.Exists()
}

// values are what the record says about whom it concerns. Several says that
// values which belong together are named more than once, so that nobody can
// tell which of them do.
func (rec *record) values() (v connector.Values, several bool) {
	v = connector.Values{}
	multiple := 0
	for kind, paths := range rec.resource.Match {
		var found []string
		if len(paths) == 1 {
			found = flatten(rec.json.Get(paths[0]), nil)
		} else {
			var parts []string
			for _, p := range paths {
				part := flatten(rec.json.Get(p), nil)
				several = several || len(part) > 1
				parts = append(parts, part...)
			}
			found = []string{strings.Join(parts, " ")}
		}
		if len(found) > 1 {
			multiple++
		}
		v[person.IdentifierKind(kind)] = found
	}
	return v, several || multiple > 1
}

// flatten gives the values of a list, however deep.
func flatten(v gjson.Result, into []string) []string {
	if v.IsArray() {
		v.ForEach(func(_, one gjson.Result) bool { into = flatten(one, into); return true })
		return into
	}
	if s := scalar(v); s != "" && !v.IsObject() {
		into = append(into, s)
	}
	return into
}

// scalar is a value as the system wrote it; a long number keeps its figures.
func scalar(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return v.Str
	case gjson.Null:
		return ""
	}
	return v.Raw
}

// leaves gives every value of the record under its path, declared or not.
func (rec *record) leaves() ([]connector.Field, error) {
	l := leaves{resource: rec.resource}
	l.walk("", "", rec.json, 0)
	if l.tooMany {
		return nil, errUnreadable
	}
	return connector.DistinctFields(l.fields), nil
}

type leaves struct {
	resource *resource
	fields   []connector.Field
	tooMany  bool
}

// walk follows a value. Its name counts the entries of lists, its path has # in
// their place, as the declaration has it.
func (l *leaves) walk(name, path string, v gjson.Result, depth int) {
	if l.tooMany = l.tooMany || depth > maxDepth || len(l.fields) >= maxFields; l.tooMany {
		return
	}
	declared, ok := l.resource.field(path)
	switch {
	case ok && declared.Withhold: // that it is there, and nothing of it
		l.add(name, "", declared, ok)
	case v.IsObject():
		empty := true
		v.ForEach(func(k, one gjson.Result) bool {
			empty = false
			l.walk(join(name, k.String()), join(path, k.String()), one, depth+1)
			return !l.tooMany
		})
		if empty && name != "" {
			l.add(name, "", declared, ok)
		}
	case v.IsArray():
		l.list(name, path, v, depth)
	default:
		l.add(name, scalar(v), declared, ok)
	}
}

// list writes plain values in one line and walks through all else.
func (l *leaves) list(name, path string, v gjson.Result, depth int) {
	plain := true
	v.ForEach(func(_, one gjson.Result) bool {
		plain = !one.IsObject() && !one.IsArray()
		return plain
	})
	if plain {
		declared, ok := l.resource.field(path)
		if inside, has := l.resource.Fields[join(path, "#")]; has {
			declared, ok = inside, true
		}
		text := strings.Join(flatten(v, nil), ", ")
		if declared.Withhold {
			text = ""
		}
		l.add(name, text, declared, ok)
		return
	}
	i := 0
	v.ForEach(func(_, one gjson.Result) bool {
		l.walk(join(name, strconv.Itoa(i)), join(path, "#"), one, depth+1)
		i++
		return !l.tooMany
	})
}

func (l *leaves) add(name, value string, d field, declared bool) {
	l.fields = append(l.fields, connector.Field{
		Name: name, Label: d.Label, Value: person.NewText(value), Category: d.Category,
		ThirdParty: d.ThirdParty, Withheld: d.Withhold, Unmapped: !declared, Volatile: d.Volatile,
	})
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// hints gives the further identifiers that the record names.
func (rec *record) hints(w *connector.Recall, system string, zone *time.Location) []person.Identifier {
	var hints []person.Identifier
	for _, h := range rec.resource.Hints {
		kind := person.IdentifierKind(h.Kind)
		if len(h.Paths) == 1 {
			for _, v := range flatten(rec.json.Get(h.Paths[0]), nil) {
				if id, ok := w.Hint(kind, v, system+"/"+rec.ref); ok {
					hints = append(hints, id)
				}
			}
			continue
		}
		var parts []string
		for i, p := range h.Paths {
			s := scalar(rec.json.Get(p))
			if kind == person.IPTime && i == 1 {
				at, _ := readTime(s, zone)
				s = at.Format(time.RFC3339)
			}
			parts = append(parts, s)
		}
		if id, ok := w.Hint(kind, strings.Join(parts, " "), system+"/"+rec.ref); ok {
			hints = append(hints, id)
		}
	}
	return hints
}

// readTime reads a time as interfaces write it: RFC 3339, the same without a
// zone, a day, or seconds or milliseconds since 1970.
func readTime(s string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", time.DateOnly, "02.01.2006 15:04:05", "02.01.2006"} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at, true
		}
	}
	switch n, err := strconv.ParseInt(s, 10, 64); {
	case err != nil || n <= 0 || n > 1e14:
		return time.Time{}, false
	case n > 1e11:
		return time.UnixMilli(n), true
	default:
		return time.Unix(n, 0), true
	}
}
