package inventory

import "einsicht/internal/wording"

// translation is what a system's "en" key gives. The German text decides.
type translation struct {
	name, purpose, retention, explanation string
	legalBasis, fields, recipients        []string
}

// In returns the system with its texts in a language, as far as the inventory
// has them; an authority's own words stay German where nobody translated them.
func (s System) In(l wording.Lang) System {
	if l != wording.English || s.english == nil {
		return s
	}
	en := s.english
	for _, text := range []struct {
		to   *string
		from string
	}{{&s.Name, en.name}, {&s.Purpose, en.purpose}, {&s.Retention.Text, en.retention}, {&s.Explanation, en.explanation}} {
		if text.from != "" {
			*text.to = text.from
		}
	}
	for _, list := range []struct {
		to   *[]string
		from []string
	}{{&s.LegalBasis, en.legalBasis}, {&s.Fields, en.fields}, {&s.Recipients, en.recipients}} {
		if list.from != nil {
			*list.to = list.from
		}
	}
	return s
}
