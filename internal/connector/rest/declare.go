package rest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"einsicht/internal/connector"
)

// change says what may be changed in the records of a list, and by which requests.
// What it does not say is not done.
type change struct {
	Read single `yaml:"read"`
	// IfMatch is "etag" or the path of a value: what is sent as If-Match, RFC 9110,
	// 13.1.1, so that the system itself leaves a record alone that changed since.
	IfMatch string `yaml:"if_match"`
	Options bool   `yaml:"options"` // OPTIONS tells what the account may, RFC 9110, 9.3.7
	// Answers say what a status means where it is not what RFC 9110 says.
	Answers  map[string]string `yaml:"answers"`
	Erase    *request          `yaml:"erase"`
	With     []string          `yaml:"with"` // lists below whose records go with one
	Keep     []keep            `yaml:"keep"`
	Rectify  *request          `yaml:"rectify"`
	Restrict *restrict         `yaml:"restrict"`
}

// single says how one record is read. It looks there as it does in its list.
type single struct {
	Path   string            `yaml:"path"`
	Query  map[string]string `yaml:"query"`
	Record string            `yaml:"record"` // where in the answer it stands; empty: the answer itself
}

// request changes one record.
type request struct {
	Method      string            `yaml:"method"`
	Path        string            `yaml:"path"`
	Query       map[string]string `yaml:"query"`
	ContentType string            `yaml:"content_type"`
	// Body is JSON in which a text such as "{mail}" becomes what the record says
	// there afterwards, and "x-{id}" holds a part of what names it.
	Body string `yaml:"body"`
	// Leaves are the values that the record has afterwards, by their paths. None,
	// where it is to be erased: it is gone.
	Leaves map[string]any `yaml:"leaves"`
	Fields []string       `yaml:"fields"` // that may be corrected
}

// restrict says how the system knows that a record is restricted, Art. 18 GDPR.
type restrict struct {
	Set  *request `yaml:"set"`
	Free *request `yaml:"free"`
}

// keep names fields that stay although the record is erased, and why; without
// fields, it is every record of the list.
type keep struct {
	Fields []string `yaml:"fields"`
	Why    string   `yaml:"why"`
}

// checkChange finds what is wrong without the system.
func (r *resource) checkChange(c connector.Connection, at string, parents []*resource) error {
	if len(parents) > 0 {
		r.above = parents[len(parents)-1]
	}
	said := r.Change
	if said == nil {
		return nil
	}
	for _, one := range []struct{ key, wrong string }{
		{"read", r.checkRead()},
		{"if_match", r.checkIfMatch()},
		{"answers", said.checkAnswers()},
		{"erase", r.checkErase()},
		{"with", r.checkWith()},
		{"keep", r.checkKeep()},
		{"rectify", r.checkRectify()},
		{"restrict", r.checkRestrict()},
	} {
		if one.wrong != "" {
			return c.Wrong(at+"change."+one.key, one.wrong)
		}
	}
	return nil
}

func (r *resource) checkRead() string {
	said := r.Change
	said.Read.Record = strings.TrimPrefix(strings.TrimPrefix(said.Read.Record, "$"), ".")
	switch wrong := r.checkTemplate(said.Read.Path); {
	case said.Read.Path == "" && said.Erase == nil && said.Rectify == nil && said.Restrict == nil:
		return ""
	case said.Read.Path == "":
		return "needs the path of one record: nothing is changed that can't be read back"
	case wrong != "":
		return wrong
	case !r.namesOwn(said.Read.Path):
		return "must hold a part of key in braces"
	case said.Read.Record != "" && !isPath(said.Read.Record, false):
		return "record must be names joined by dots"
	}
	return ""
}

// checkTemplate: a path holds what names the record, or those above it, and
// nothing else.
func (r *resource) checkTemplate(path string) string {
	if path == "" {
		return ""
	}
	if !plainPath(path) {
		return "a path must start with / and hold no query"
	}
	for _, m := range inBraces.FindAllStringSubmatch(path, -1) {
		if !slices.Contains(r.names(), m[1]) {
			return "a path may hold parts of key in braces, and above.… for those of the list above"
		}
	}
	return ""
}

// names are the parts of a record's name: its key, and with "above." before it
// that of the list above.
func (r *resource) names() []string {
	all := slices.Clone(r.Key)
	if r.above != nil {
		for _, name := range r.above.names() {
			all = append(all, "above."+name)
		}
	}
	return all
}

// namesOwn says whether a template names the record itself and not only those
// above it, or around the entry of a list.
func (r *resource) namesOwn(template string) bool {
	return slices.ContainsFunc(r.Key, func(k string) bool { return strings.Contains(template, "{"+k+"}") })
}

func (r *resource) namesEntry(q request) bool {
	return slices.ContainsFunc(r.Key, func(k string) bool {
		return (r.Each == "" || strings.HasPrefix(k, r.Each+".")) && strings.Contains(q.Path+q.Body, "{"+k+"}")
	})
}

func (r *resource) checkIfMatch() string {
	if m := r.Change.IfMatch; m != "" && m != etag && !isPath(m, false) {
		return "must be etag or the path of a value"
	}
	return ""
}

func (c *change) checkAnswers() string {
	states := []connector.EffectState{connector.Differs, connector.Hindered, connector.Denied}
	for status, state := range c.Answers {
		if n, err := strconv.Atoi(status); err != nil || n < 400 || n > 599 || !slices.Contains(states, connector.EffectState(state)) {
			return "must say of a status from 400 on what it means: differs, hindered or denied"
		}
	}
	return ""
}

func (r *resource) checkErase() string {
	q := r.Change.Erase
	if q == nil {
		return ""
	}
	if wrong := r.checkRequest(q); wrong != "" {
		return wrong
	}
	for path := range q.Leaves {
		if slices.ContainsFunc(r.Change.Keep, func(k keep) bool { return slices.Contains(k.Fields, path) }) {
			return path + " stands under leaves and under keep"
		}
	}
	if len(q.Fields) > 0 {
		return "fields is for rectify"
	}
	return ""
}

// checkRequest also reads the values of leaves.
func (r *resource) checkRequest(q *request) string {
	if !slices.Contains([]string{"DELETE", "PATCH", "POST", "PUT"}, q.Method) {
		return "method must be DELETE, PATCH, POST or PUT"
	}
	if wrong := r.checkTemplate(q.Path); wrong != "" || q.Path == "" {
		return "needs a path: " + wrong
	}
	if !r.namesEntry(*q) {
		return "neither path nor body holds a part of key in braces that tells the record from its neighbours"
	}
	if q.ContentType != "" && !strings.HasSuffix(q.ContentType, "json") {
		return "content_type must be one of JSON"
	}
	if wrong := r.checkBody(q.Body); wrong != "" {
		return wrong
	}
	for _, path := range slices.Sorted(maps.Keys(q.Leaves)) {
		if wrong := r.settable(path); wrong != "" {
			return wrong
		}
		raw, ok := rawOf(q.Leaves[path])
		if !ok {
			return path + " under leaves must be a text, a number, true, false or null"
		}
		for _, m := range inBraces.FindAllStringSubmatch(raw, -1) {
			if !slices.Contains(r.names(), m[1]) {
				return path + " under leaves may hold parts of key in braces"
			}
		}
	}
	return ""
}

func (r *resource) settable(path string) string {
	switch {
	case !isPath(path, false):
		return path + " must be names joined by dots"
	case slices.ContainsFunc(r.Key, func(k string) bool { return k == path || strings.HasPrefix(k, path+".") }):
		return path + " names the record"
	}
	if f, _ := r.field(path); f.Volatile {
		return path + " is volatile: what stands there afterwards is not compared"
	}
	return ""
}

func (r *resource) checkWith() string {
	for _, name := range r.Change.With {
		if !anyOf(r.Children, func(child *resource) bool { return child.Name == name }) {
			return "there is no list " + name + " below this one"
		}
	}
	if q := r.Change.Erase; len(r.Change.With) > 0 && (q == nil || len(q.Leaves) > 0) {
		return "serves an erasure after which the record is gone"
	}
	return ""
}

func (r *resource) checkKeep() string {
	q := r.Change.Erase
	for _, k := range r.Change.Keep {
		switch {
		case k.Why == "":
			return "says not why"
		case len(k.Fields) == 0 && (q != nil || len(r.Change.Keep) > 1):
			return "without fields it keeps every record: nothing is erased then"
		case len(k.Fields) > 0 && (q == nil || len(q.Leaves) == 0):
			return "with fields it serves an erasure with leaves"
		}
	}
	return ""
}

func (r *resource) checkRectify() string {
	q := r.Change.Rectify
	if q == nil {
		return ""
	}
	if wrong := r.checkRequest(q); wrong != "" {
		return wrong
	}
	if len(q.Fields) == 0 || len(q.Leaves) > 0 {
		return "needs fields, and no leaves"
	}
	for i, path := range q.Fields {
		if wrong := r.settable(path); wrong != "" {
			return wrong
		}
		if f, _ := r.field(path); f.Withhold || slices.Contains(q.Fields[:i], path) || !strings.Contains(q.Body, `"{`+path+`}"`) {
			return path + ` is withheld, named twice, or missing in body as "{` + path + `}"`
		}
	}
	return ""
}

func (r *resource) checkRestrict() string {
	s := r.Change.Restrict
	if s == nil {
		return ""
	}
	if s.Set == nil || s.Free == nil || len(s.Set.Leaves) == 0 || len(s.Set.Leaves) != len(s.Free.Leaves) {
		return "needs set and free, each with the values that it leaves"
	}
	for _, q := range []*request{s.Set, s.Free} {
		if wrong := r.checkRequest(q); wrong != "" {
			return wrong
		}
	}
	for path, value := range s.Set.Leaves {
		free, both := s.Free.Leaves[path]
		if f, _ := r.field(path); !both || f.Withhold || value == free {
			return path + " must be shown, and be something else when the record is free again"
		}
	}
	return ""
}
