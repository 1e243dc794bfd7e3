package sql

import (
	"encoding/json"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// doubted says of a set whether the name at the end of a way has a say: whoever is
// led to by a mail address is to be checked where the record names somebody else.
func (st *statement) doubted(c clue) bool {
	return !slices.Contains(c.Match.By, person.Name) && c.Confidence != connector.Check && len(st.query.OfKind(person.Name)) > 0 &&
		slices.ContainsFunc(st.src.ends(st.db), func(end *source) bool { return end.serves(c.Match) && end.tellsName() })
}

// whose judges by one set alone, with the names that may speak against it.
func (st *statement) whose(c clue) (connector.Whose, error) {
	by := st.db.connection
	by.Match = []connector.Match{c.Match}
	q := connector.Query{Identifiers: c.IDs}
	if st.doubted(c) {
		q.Identifiers = slices.Concat(c.IDs, st.query.OfKind(person.Name))
	}
	return by.Whose(q)
}

// tellsName says whether the rows of a table say whose they are by a name.
func (s *source) tellsName() bool {
	name, ok := s.matches[person.Name]
	return ok && !slices.ContainsFunc(name.columns, func(a attribute) bool { return s.withheld(a.name) })
}

// doubt asks package connector how sure a set is of a record that names somebody.
type doubt struct {
	clue
	whose connector.Whose
	// Of the row before:
	names   string
	reached connector.Confidence
}

// judge takes the names at the end of each way that led to a record, a list in JSON
// on each line: the best of them counts.
func (d *doubt) judge(names []byte) (connector.Confidence, error) {
	if d.reached != "" && d.names == string(names) {
		return d.reached, nil
	}
	d.names, d.reached = string(names), connector.Check
	for line := range strings.Lines(d.names) {
		values := connector.Values{}
		for _, id := range d.IDs {
			values[id.Kind] = []string{id.Value.Reveal()} // the database found it the same
		}
		var some []string
		if err := json.Unmarshal([]byte(line), &some); err != nil {
			return "", err
		}
		values[person.Name] = some
		_, sure := d.whose.Leads(values)
		d.reached = d.reached.Best(sure.Worst(d.Confidence))
	}
	return d.reached, nil
}
