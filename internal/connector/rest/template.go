package rest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// rawOf writes a value of the declaration as JSON.
func rawOf(value any) (raw string, ok bool) {
	switch value.(type) {
	case nil, bool, int, int64, uint64, float64, string:
		b, err := json.Marshal(value)
		return string(b), err == nil
	}
	return "", false
}

// checkBody: what stands in braces names the record or one of its values.
func (r *resource) checkBody(body string) string {
	if body == "" {
		return ""
	}
	if !json.Valid([]byte(body)) {
		return "body must be JSON"
	}
	wrong := ""
	var look func(v gjson.Result)
	look = func(v gjson.Result) {
		v.ForEach(func(k, one gjson.Result) bool {
			if one.IsObject() || one.IsArray() {
				look(one)
			} else if one.Type == gjson.String {
				for _, m := range inBraces.FindAllStringSubmatch(one.Str, -1) {
					whole := m[0] == one.Str && isPath(m[1], false)
					if !whole && !slices.Contains(r.names(), m[1]) {
						wrong = `body: a value is either a path of the record such as "{mail}", or a text that holds parts of key in braces`
					}
				}
			}
			return wrong == ""
		})
	}
	look(gjson.Parse(body))
	return wrong
}

// filling puts values into templates. A value is never put together with other text
// as JSON: it is decoded and encoded, each by itself.
type filling struct {
	names  map[string]string // what names the record
	record gjson.Result      // as it is to be
	omit   map[string]bool   // paths of values that are not sent
}

// body fills a template, whose members stay in their order.
func (f filling) body(template string) string {
	if template == "" {
		return ""
	}
	raw, _ := f.value(gjson.Parse(template))
	return raw
}

func (f filling) value(v gjson.Result) (raw string, omit bool) {
	switch {
	case v.IsObject():
		var members []string
		v.ForEach(func(k, one gjson.Result) bool {
			if raw, omit := f.value(one); !omit {
				members = append(members, k.Raw+":"+raw)
			}
			return true
		})
		return "{" + strings.Join(members, ",") + "}", false
	case v.IsArray():
		var entries []string
		v.ForEach(func(_, one gjson.Result) bool {
			if raw, omit := f.value(one); !omit {
				entries = append(entries, raw)
			}
			return true
		})
		return "[" + strings.Join(entries, ",") + "]", false
	case v.Type != gjson.String:
		return v.Raw, false
	}
	if m := inBraces.FindStringSubmatch(v.Str); m != nil && m[0] == v.Str {
		if f.omit[m[1]] {
			return "", true
		}
		if one := f.record.Get(m[1]); one.Exists() && !strings.HasPrefix(m[1], "above.") {
			return one.Raw, false
		}
		if _, names := f.names[m[1]]; !names {
			return "null", false
		}
	}
	return quote(f.text(v.Str)), false
}

// text fills what names the record into a text.
func (f filling) text(s string) string {
	return inBraces.ReplaceAllStringFunc(s, func(name string) string {
		if value, ok := f.names[strings.Trim(name, "{}")]; ok {
			return value
		}
		return name
	})
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// replace puts a value into the place that a path has in a record, and leaves all
// else as it stands, in its order. False: there is no such place.
func replace(v gjson.Result, path, raw string) (string, bool) {
	name, below, deeper := strings.Cut(path, ".")
	var parts []string
	done, i := false, 0
	v.ForEach(func(k, one gjson.Result) bool {
		at, prefix := k.String(), k.Raw+":"
		if v.IsArray() {
			at, prefix = strconv.Itoa(i), ""
		}
		i++
		text := one.Raw
		if at == name && !done {
			if deeper {
				text, done = replace(one, below, raw)
			} else {
				text, done = raw, true
			}
		}
		parts = append(parts, prefix+text)
		return true
	})
	switch {
	case v.IsObject():
		return "{" + strings.Join(parts, ",") + "}", done
	case v.IsArray():
		return "[" + strings.Join(parts, ",") + "]", done
	}
	return v.Raw, false
}
