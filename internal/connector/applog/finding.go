package applog

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/connector/logs"
	"einsicht/internal/person"
)

// give hands over a line of the person.
func (d *desk) give(e entry, led [][]uuid.UUID, sure connector.Confidence) {
	others := d.others(e, led)
	f := e.finding(others, d.connection.Version)
	f.Reference, f.Led, f.Confidence = d.Reference(e.Text), led, sure
	if sure != connector.Check {
		f.Hints = d.hints(e, others, d.connection.System+"/"+f.Reference)
	}
	d.Give(f)
}

// finding is what a line says, whoever it is about; others are the groups that speak
// about somebody else.
func (e entry) finding(others []int, version string) connector.Finding {
	f := connector.Finding{Category: cmp.Or(e.Category, e.Name), Label: e.Label, Origin: e.Origin(e.at, version)}
	for g, name := range e.pattern.groups {
		start, end := e.groups[2*g], e.groups[2*g+1]
		if name == "" || start < 0 || start == end {
			continue
		}
		field := connector.Field{Name: name, Label: e.Labels[name]}
		if field.Withheld = slices.Contains(e.Withhold, name); !field.Withheld {
			field.ThirdParty = e.any(others, start, end)
			field.Value = person.NewText(e.without(start, end))
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// declaredOthers are the groups that are declared to speak about somebody else.
func (e entry) declaredOthers() (groups []int) {
	for _, name := range e.ThirdParty {
		groups = append(groups, e.expression.SubexpIndex(name))
	}
	return groups
}

// others gives the groups that speak about somebody else: those declared so,
// and marks of people that are not the person's. A meeting has many guests, so
// where it alone led here, everybody named is another.
func (d *desk) others(e entry, led [][]uuid.UUID) (groups []int) {
	groups = e.declaredOthers()
	own := d.byOwnMark(led)
	for _, h := range e.holds {
		value := e.group(h.group)
		if h.kind == person.ConferenceID || value == "" || h.kind != person.IPTime && d.query.Known(h.kind, value) {
			continue
		}
		if !own || tellsApart(h.kind) && len(d.query.OfKind(h.kind)) > 0 {
			groups = append(groups, h.group)
		}
	}
	return groups
}

// byOwnMark says that something other than a meeting led to a line.
func (d *desk) byOwnMark(led [][]uuid.UUID) bool {
	return slices.ContainsFunc(led, func(set []uuid.UUID) bool {
		return slices.ContainsFunc(d.query.Identifiers, func(id person.Identifier) bool {
			return id.Kind != person.ConferenceID && slices.Contains(set, id.ID)
		})
	})
}

// any says that one of the groups stands in a part of the line, or around it.
func (e entry) any(groups []int, start, end int) bool {
	return slices.ContainsFunc(groups, func(g int) bool {
		return e.groups[2*g] >= 0 && e.groups[2*g] < end && start < e.groups[2*g+1]
	})
}

// without gives a part of the line, and of what is withheld in it only a mark.
func (e entry) without(start, end int) string {
	var s []byte
	at := start
	for {
		from, to := end, end
		for _, name := range e.Withhold {
			g := e.expression.SubexpIndex(name)
			if a, b := max(e.groups[2*g], at), min(e.groups[2*g+1], end); e.groups[2*g] >= 0 && a < b && a < from {
				from, to = a, b
			}
		}
		s = append(s, e.Text[at:from]...)
		if from == end {
			return logs.Text(s)
		}
		s, at = append(s, "…"...), to
	}
}

// hints are the further marks of the person that a line names.
func (d *desk) hints(e entry, others []int, record string) (found []person.Identifier) {
	for _, h := range e.holds {
		value := e.group(h.group)
		if value == "" || slices.Contains(others, h.group) {
			continue
		}
		if h.kind == person.IPTime {
			value += " " + e.at.UTC().Format(time.RFC3339)
		} else if !tellsApart(h.kind) {
			continue
		}
		if id, ok := d.query.Hint(h.kind, value, record); ok {
			found = append(found, id)
		}
	}
	return found
}
