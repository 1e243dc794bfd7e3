package rest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"einsicht/internal/connector"
)

// planned is what a request makes of a record.
type planned struct {
	gone   bool
	raw    string // the record afterwards
	sets   map[string]string
	fields []connector.Field
	body   string
}

// shows says whether a record holds every value that was to be written. A value that
// was to be none may also be left out.
func (p planned) shows(record gjson.Result) bool {
	for path, raw := range p.sets {
		got, want := record.Get(path), gjson.Parse(raw)
		if scalar(got) != scalar(want) || got.Exists() && got.Type != want.Type {
			return false
		}
	}
	return true
}

// plan works out what a record is to be and what is sent for it.
func (r *run) plan(d deed, q *request, now standing, before connector.Finding) (planned, refusal) {
	p := planned{raw: now.json.Raw, sets: map[string]string{}, gone: d.Do == connector.CanErase && len(q.Leaves) == 0}
	f := filling{names: d.at.names(), omit: map[string]bool{}}
	wanted := map[string]string{}
	for path, value := range q.Leaves {
		wanted[path], _ = rawOf(value)
		if text, ok := value.(string); ok {
			wanted[path] = quote(f.text(text))
		}
	}
	for _, path := range q.Fields {
		value, corrected := d.Values[path]
		if !corrected {
			f.omit[path] = q.Method == http.MethodPatch
			continue
		}
		raw, ok := like(now.json.Get(path), value.Reveal())
		if !ok {
			return p, refusal{connector.Hindered, becauseValue}
		}
		wanted[path] = raw
	}
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		next, there := replace(gjson.Parse(p.raw), path, wanted[path])
		switch {
		case there:
			p.raw, p.sets[path] = next, wanted[path]
		case d.Do == connector.CanErase: // nothing to take the place of
			f.omit[path] = q.Method == http.MethodPatch
		default:
			return p, refusal{connector.Hindered, becauseNoField}
		}
	}
	f.record = gjson.Parse(p.raw)
	if p.body = f.body(q.Body); p.gone {
		return p, refusal{}
	}
	after := now.record
	after.json = f.record
	fields, err := after.leaves()
	if err != nil {
		return p, refusal{connector.Hindered, becauseValue}
	}
	if p.fields = fields; d.Do == connector.CanErase && forgets(d.at.resource, q, before.Fields) {
		return p, refusal{connector.Undeclared, becauseOpen}
	}
	return p, refusal{}
}

// forgets says whether a mask leaves something standing that nobody thought of.
func forgets(r *resource, q *request, fields []connector.Field) bool {
	said := slices.Concat(r.Key, slices.Collect(maps.Keys(q.Leaves)))
	for _, k := range r.Change.Keep {
		said = append(said, k.Fields...)
	}
	return slices.ContainsFunc(fields, func(f connector.Field) bool {
		return !slices.ContainsFunc(said, func(path string) bool { return within(f.Name, path) })
	})
}

// within says whether a value stands at a path or below it.
func within(name, path string) bool { return name == path || strings.HasPrefix(name, path+".") }

// kept lists the fields that stay, and why.
func kept(r *resource, fields []connector.Field) (all []connector.Kept) {
	for _, f := range fields {
		for _, k := range r.Change.Keep {
			if slices.ContainsFunc(k.Fields, func(path string) bool { return within(f.Name, path) }) {
				all = append(all, connector.Kept{Field: f.Name, Why: k.Why})
				break
			}
		}
	}
	return all
}

// like writes a text as JSON of the sort that stands there: a number stays one.
func like(now gjson.Result, text string) (raw string, ok bool) {
	switch {
	case now.IsObject() || now.IsArray():
		return "", false
	case now.Type == gjson.String, now.Type == gjson.Null && text != "":
		return quote(text), true
	case text == "":
		return "null", true
	}
	want := gjson.Parse(text)
	same := want.Type == now.Type || now.IsBool() && want.IsBool()
	return text, same && gjson.Valid(text)
}
