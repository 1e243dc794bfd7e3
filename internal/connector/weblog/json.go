package weblog

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
)

// jsonLines is the format of servers that write one JSON object a line.
type jsonLines struct {
	names map[string]string // by key; "request.remote_ip" is a key in an object
}

func newJSON(c connector.Connection, fields map[string]string) (*jsonLines, error) {
	if len(fields) == 0 {
		return nil, c.Wrong("fields", "is missing: json needs to know which key holds time, address, account and so on")
	}
	j := &jsonLines{names: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			return nil, c.Wrong("fields."+name, "must be one of "+strings.Join(names, ", "))
		}
		key := fields[name]
		if key == "" || j.names[key] != "" {
			return nil, c.Wrong("fields."+name, "must name a key, and no other may name the same")
		}
		j.names[key] = name
	}
	return j, nil
}

func (j *jsonLines) has(name string) bool {
	return slices.Contains(slices.Collect(maps.Values(j.names)), name)
}

func (j *jsonLines) read(raw []byte) (r record, ok bool) {
	d := json.NewDecoder(strings.NewReader(logs.Text(raw)))
	d.UseNumber()
	var object map[string]any
	if d.Decode(&object) != nil || object == nil || d.More() {
		return r, false
	}
	r.values = map[string]string{}
	j.collect(&r, "", object)
	r.at, ok = jsonTime(r.values["time"])
	return r, ok
}

func (j *jsonLines) collect(r *record, prefix string, object map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		path := prefix + key
		if inner, ok := object[key].(map[string]any); ok {
			j.collect(r, path+".", inner)
			continue
		}
		text := jsonText(object[key])
		if name := j.names[path]; name != "" {
			r.values[name] = text
		} else {
			r.other = append(r.other, value{path, text})
		}
	}
}

func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// jsonTime reads a time as servers write it: in words, or as seconds or
// milliseconds since 1970.
func jsonTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, timeLayout, "2006-01-02T15:04:05.999999999-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if seconds, ok := since1970(s, time.Second); ok && seconds.Year() < 2200 {
		return seconds, true
	}
	return since1970(s, time.Millisecond)
}

func (j *jsonLines) time(raw []byte) (time.Time, bool) {
	r, ok := j.read(raw)
	return r.at, ok
}

// intact says that each line begins and ends as an object does.
func (*jsonLines) intact(lines []byte) bool {
	n := bytes.Count(lines, []byte{'\n'})
	return n > 0 && lines[0] == '{' && bytes.Count(lines, []byte("}\n{")) == n-1 && bytes.HasSuffix(lines, []byte("}\n"))
}
