package matomo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"einsicht/internal/connector"
	"einsicht/internal/person"
	"einsicht/internal/wording"
)

const exporting = "PrivacyManager.exportDataSubjects"

// stored says what came of asking for a visit.
type stored int

const (
	whole stored = iota
	gone
	large // more than one answer may hold
)

// export asks for all that is stored about the visits and gives them one by one,
// until f says no.
func (s *statistics) export(ctx context.Context, some []theirs, f func(theirs, []connector.Field, stored) (bool, error)) (more bool, err error) {
	if len(some) == 0 {
		return true, nil
	}
	var raw json.RawMessage
	var all export
	err = s.ask(ctx, exporting, named(some), &raw)
	if err == nil {
		all, err = readExport(raw)
	}
	switch {
	case (tooLarge(err) || err == nil && len(all.loose) > 0) && len(some) > 1:
		// Plugins add what does not say to which visit it belongs.
		half := len(some) / 2
		if more, err := s.export(ctx, some[:half], f); err != nil || !more {
			return more, err
		}
		return s.export(ctx, some[half:], f)
	case tooLarge(err):
		return f(some[0], nil, large)
	case err != nil:
		return false, err
	}
	for _, v := range some {
		is := whole
		fields, ok := all.fields(v.visit)
		if !ok {
			is = gone
		}
		if more, err := f(v, fields, is); err != nil || !more {
			return more, err
		}
	}
	return true, nil
}

// named names visits as PrivacyManager takes them.
func named(some []theirs) form {
	f := form{}
	for i, v := range some {
		f.Set(fmt.Sprintf("visits[%d][idsite]", i), fmt.Sprint(v.Site))
		f.Set(fmt.Sprintf("visits[%d][idvisit]", i), fmt.Sprint(v.ID))
	}
	return f
}

func tooLarge(err error) bool {
	var f *connector.Failure
	return errors.As(err, &f) && f.Code == "answer too large"
}

// export is what is stored about some visits.
type export struct {
	visits map[text][]record // by idsite/idvisit
	loose  []record          // names no visit
	// actions are the pages behind the numbers, by table and column that hold
	// the number.
	actions map[string]map[text]text
}

// record is a row of a table.
type record struct {
	table string
	row   map[string]text
}

// readExport reads the tables; none at all is a list, as PHP writes it.
func readExport(raw []byte) (export, error) {
	e := export{visits: map[text][]record{}, actions: map[string]map[text]text{}}
	if raw = bytes.TrimSpace(raw); string(raw) == "[]" {
		return e, nil
	}
	var tables map[string][]map[string]text
	if err := json.Unmarshal(raw, &tables); err != nil || tables == nil {
		return e, e.readAnything(raw)
	}
	for _, table := range inOrder(tables) {
		for _, row := range tables[table] {
			e.add(record{table, row})
		}
	}
	return e, nil
}

// readAnything reads tables of which some are none: a plugin may give what it
// likes.
func (e *export) readAnything(raw []byte) error {
	var tables map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tables); err != nil || tables == nil {
		return connector.Fail(connector.ErrBroken, exporting, "not the JSON that was expected", nil)
	}
	for _, table := range inOrder(tables) {
		var rows []json.RawMessage
		if err := json.Unmarshal(tables[table], &rows); err != nil {
			rows = []json.RawMessage{tables[table]}
		}
		for _, one := range rows {
			r := record{table: table}
			if err := json.Unmarshal(one, &r.row); err == nil {
				e.add(r)
				continue
			}
			var value text
			if json.Unmarshal(one, &value) == nil && value != "" {
				e.loose = append(e.loose, record{table, map[string]text{"value": value}})
			}
		}
	}
	return nil
}

// inOrder gives the visit itself first, then its actions, then the rest.
func inOrder[rows any](tables map[string]rows) []string {
	return slices.SortedFunc(maps.Keys(tables), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
}

func rank(table string) int {
	if i := slices.Index([]string{"log_visit", "log_link_visit_action"}, table); i >= 0 {
		return i
	}
	return 2
}

func (e *export) add(r record) {
	if r.row == nil {
		return
	}
	if column, ok := strings.CutPrefix(r.table, "log_action_"); ok {
		if e.actions[column] == nil {
			e.actions[column] = map[text]text{}
		}
		e.actions[column][r.row["idaction"]] = r.row["name"]
		return
	}
	if r.row["idvisit"] == "" || r.row["idsite"] == "" {
		e.loose = append(e.loose, r)
		return
	}
	key := r.row["idsite"] + "/" + r.row["idvisit"]
	e.visits[key] = append(e.visits[key], r)
}

// fields are all rows of a visit, each value by its own name; ok is false where it
// is gone. What names no visit is of this one: readers ask for it alone.
func (e export) fields(v visit) (fields []connector.Field, ok bool) {
	for _, r := range append(e.visits[text(keyOf(v))], e.loose...) {
		ok = ok || r.table == "log_visit"
		for _, column := range slices.Sorted(maps.Keys(r.row)) {
			if value := e.value(r.table, column, r.row[column]); value != "" {
				name := r.table + "." + column
				// A column that has a name for people is mapped; plugins add others.
				fields = append(fields, connector.Field{
					Name: name, Value: person.NewText(value), Unmapped: !wording.Has("connector.field." + name),
				})
			}
		}
	}
	return connector.DistinctFields(fields), ok
}

// value puts the page in the place of its number, and writes an address as
// people do.
func (e export) value(table, column string, value text) string {
	if name := e.actions[table+"_"+column][value]; name != "" {
		return string(name)
	}
	if column == "location_ip" {
		if b, err := hex.DecodeString(string(value)); err == nil {
			if ip, ok := netip.AddrFromSlice(b); ok {
				return ip.String()
			}
		}
	}
	return string(value)
}
