package restserver

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Single says how single records of a list are reached. In its path, such as
// "/suppliers/{id}", stand paths of the record's values.
type Single struct {
	List   string // path of the list
	Inside string // a list in the record of which this is an entry; its values are "contacts.id"
	Mark   string // a value that PUT makes true and DELETE makes false, instead of the record
	// Below are lists whose records belong to one: the value of theirs that names
	// it, by the path of the list, and the value of ours. While there are some, the
	// record can't be deleted; with Cascade they go along.
	Below   map[string][2]string
	Cascade bool
}

// Hold lets the system refuse whatever would change the record of a path.
func (s *Server) Hold(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, path)
}

// Deny takes the right to change anything.
func (s *Server) Deny() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = true
}

// SetSingles says anew how single records are reached.
func (s *Server) SetSingles(singles map[string]Single) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Singles = singles
}

// Set puts other records into a list that is held.
func (s *Server) Set(path string, list Records) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Resources[path] = list
}

// single finds the record of a path.
func (s *Server) single(path string) (one Single, record int, entry int, found bool) {
	for template, one := range s.options.Singles {
		wanted, ok := match(template, path)
		if !ok {
			continue
		}
		list, _ := s.options.Resources[one.List].(Records)
		for i, raw := range list {
			if fits(raw, pick(wanted, one.Inside, false)) {
				if one.Inside == "" {
					return one, i, 0, true
				}
				for j, e := range gjson.GetBytes(raw, one.Inside).Array() {
					if fits([]byte(e.Raw), pick(wanted, one.Inside, true)) {
						return one, i, j, true
					}
				}
			}
		}
		return one, 0, 0, false
	}
	return Single{}, 0, 0, false
}

// isSingle says whether a path is that of a record, be it there or not.
func (s *Server) isSingle(path string) bool {
	for template := range s.options.Singles {
		if _, ok := match(template, path); ok {
			return true
		}
	}
	return false
}

// pick takes the values that are of the entry of a list inside, or those that are not.
func pick(wanted map[string]string, inside string, entry bool) map[string]string {
	some := map[string]string{}
	for name, value := range wanted {
		rest, in := strings.CutPrefix(name, inside+".")
		if in = in && inside != ""; in == entry {
			some[map[bool]string{true: rest, false: name}[in]] = value
		}
	}
	return some
}

// one answers a question about one record. The server's lock is held: nothing
// happens between comparing and writing.
func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	may := !s.denied && s.options.Changer != "" && r.Header.Get("Authorization") == "Bearer "+s.options.Changer
	one, at, entry, found := s.single(r.URL.Path)
	fail := func(status int) { http.Error(w, `{"error":"`+http.StatusText(status)+`"}`, status) }
	switch {
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", map[bool]string{true: "GET, OPTIONS, PATCH, PUT, DELETE", false: "GET, OPTIONS"}[may])
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method != http.MethodGet && !may:
		fail(http.StatusForbidden)
		return
	case !found:
		fail(http.StatusNotFound)
		return
	}
	list, _ := s.options.Resources[one.List].(Records)
	raw := list[at]
	tag := etag(raw)
	switch match := r.Header.Get("If-Match"); {
	case r.Method == http.MethodGet:
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": raw})
		return
	case match != "" && match != tag:
		fail(http.StatusPreconditionFailed)
		return
	case slices.Contains(s.held, r.URL.Path):
		fail(http.StatusConflict)
		return
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var next json.RawMessage // nil: deleted
	switch {
	case one.Mark != "" && (r.Method == http.MethodPut || r.Method == http.MethodDelete):
		mark := map[bool]string{true: "true", false: "false"}[r.Method == http.MethodPut]
		next = edit(raw, one.Inside, entry, []byte(`{"`+one.Mark+`":`+mark+`}`))
	case r.Method == http.MethodPatch && gjson.ValidBytes(body) && gjson.ParseBytes(body).IsObject():
		next = edit(raw, one.Inside, entry, body)
	case r.Method == http.MethodDelete:
		if !s.below(one, raw, entry) {
			fail(http.StatusConflict)
			return
		}
		if list, _ = s.options.Resources[one.List].(Records); one.Inside != "" {
			next = edit(raw, one.Inside, entry, nil)
		}
	default:
		fail(http.StatusMethodNotAllowed)
		return
	}
	list = slices.Clone(list)
	if next == nil {
		list = slices.Delete(list, at, at+1)
	} else {
		list[at] = next
	}
	s.options.Resources[one.List] = list
	s.writes.Add(1)
	w.WriteHeader(http.StatusNoContent)
}

// below says whether nothing belongs to a record, or takes it along.
func (s *Server) below(one Single, raw json.RawMessage, entry int) bool {
	if one.Inside != "" {
		raw = json.RawMessage(gjson.GetBytes(raw, one.Inside).Array()[entry].Raw)
	}
	for path, by := range one.Below {
		list, _ := s.options.Resources[path].(Records)
		own := gjson.GetBytes(raw, by[1]).String()
		rest := slices.DeleteFunc(slices.Clone(list), func(r json.RawMessage) bool { return gjson.GetBytes(r, by[0]).String() == own })
		if len(rest) < len(list) && !one.Cascade {
			return false
		}
		s.options.Resources[path] = rest
		if one.Cascade {
			s.orphans()
		}
	}
	return true
}

// orphans takes away what belongs to nothing any more.
func (s *Server) orphans() {
	for _, one := range s.options.Singles {
		owners, _ := s.options.Resources[one.List].(Records)
		for path, by := range one.Below {
			if list, _ := s.options.Resources[path].(Records); one.Inside == "" {
				s.options.Resources[path] = slices.DeleteFunc(slices.Clone(list), func(r json.RawMessage) bool {
					return !slices.ContainsFunc(owners, func(o json.RawMessage) bool {
						return gjson.GetBytes(o, by[1]).String() == gjson.GetBytes(r, by[0]).String()
					})
				})
			}
		}
	}
}

func etag(raw json.RawMessage) string {
	sum := sha256.Sum256(raw)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// edit puts members into a record, or into an entry of the list inside it, which is
// taken out where there are none. Values are as the body has them: null stays null.
func edit(raw json.RawMessage, inside string, entry int, members []byte) json.RawMessage {
	if inside == "" {
		return merge(gjson.ParseBytes(raw), gjson.ParseBytes(members))
	}
	var parts []string
	gjson.ParseBytes(raw).ForEach(func(k, v gjson.Result) bool {
		text := v.Raw
		if k.String() == inside {
			var entries []string
			for i, e := range v.Array() {
				switch {
				case i != entry:
					entries = append(entries, e.Raw)
				case members != nil:
					entries = append(entries, string(merge(e, gjson.ParseBytes(members))))
				}
			}
			text = "[" + strings.Join(entries, ",") + "]"
		}
		parts = append(parts, k.Raw+":"+text)
		return true
	})
	return json.RawMessage("{" + strings.Join(parts, ",") + "}")
}

func merge(record, members gjson.Result) json.RawMessage {
	var parts []string
	left := members.Map()
	record.ForEach(func(k, v gjson.Result) bool {
		text := v.Raw
		if n, ok := left[k.String()]; ok {
			text = n.Raw
			delete(left, k.String())
		}
		parts = append(parts, k.Raw+":"+text)
		return true
	})
	members.ForEach(func(k, v gjson.Result) bool {
		if _, is := left[k.String()]; is {
			parts = append(parts, k.Raw+":"+v.Raw)
		}
		return true
	})
	return json.RawMessage("{" + strings.Join(parts, ",") + "}")
}
