package rest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// asks says whether the query leads into a list, or one inside it, at all.
func (w *walk) asks(r resource) bool {
	return len(w.questions(&r)) > 0 && (slices.ContainsFunc(w.sets, func(s connector.Set) bool { return r.serves(s.Match) }) ||
		slices.ContainsFunc(r.Children, w.asks))
}

// questions are what a list is asked: for values where every set of the query
// has one that the list can be searched by, otherwise for everything.
func (w *walk) questions(r *resource) []question {
	if len(r.Search) == 0 && r.searchBy == "" {
		return []question{{}}
	}
	var ask []question
	done := map[string]bool{}
	for _, s := range w.sets {
		if !r.serves(s.Match) {
			continue
		}
		i := slices.IndexFunc(s.IDs, func(id person.Identifier) bool {
			return r.Search[string(id.Kind)] != "" || string(id.Kind) == r.searchBy
		})
		if i < 0 {
			if r.SearchOnly {
				continue
			}
			return []question{{}}
		}
		kind := s.IDs[i].Kind
		for _, value := range spellings(s.IDs[i]) {
			if key := string(kind) + "\x00" + value; !done[key] {
				done[key] = true
				ask = append(ask, r.question(string(kind), value))
			}
		}
	}
	return ask
}

func (r *resource) question(kind, value string) question {
	if r.searchBy == "" {
		return question{values: url.Values{r.Search[kind]: {value}}}
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // a string
	}
	return question{body: strings.Replace(r.Body, `"{`+kind+`}"`, string(encoded), 1)}
}

// fill takes what a list's path has in braces out of the record.
func (rec *record) fill(r *resource) (q question, ok bool) {
	q.values = url.Values{}
	for _, m := range inBraces.FindAllStringSubmatch(r.Path, -1) {
		v := scalar(rec.json.Get(m[1]))
		if v == "" || v == "." || v == ".." {
			return q, false
		}
		q.values.Set(m[1], v)
	}
	return q, true
}

// spellings are the forms of a value to ask for: as it was given, and as the
// system may have stored it.
func spellings(id person.Identifier) []string {
	all := []string{strings.TrimSpace(id.Value.Reveal())}
	stored, err := person.Stored(id.Kind, id.Value.Reveal())
	if err != nil {
		return nil
	}
	for _, s := range stored {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
