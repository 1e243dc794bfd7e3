package cdr

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// leads is Whose.Leads, which reads the same few numbers over and over.
func (w *walk) leads(values connector.Values) ([][]uuid.UUID, connector.Confidence) {
	var key strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(values)) {
		key.WriteString("\x1e" + string(kind) + "\x1f" + strings.Join(values[kind], "\x1f"))
	}
	known, ok := w.known[key.String()]
	if !ok {
		known.led, known.confidence = w.whose.Leads(values)
		remember(w.known, key.String(), known)
	}
	return known.led, known.confidence
}

// remember keeps the last few answers.
func remember[T any](answers map[string]T, key string, answer T) {
	if len(answers) > 100 {
		clear(answers)
	}
	answers[key] = answer
}

// identifying gives what a row says about whom it concerns. Numbers that end
// otherwise than all that are asked for are left out: most rows are somebody
// else's.
func (w *walk) identifying(tab *table, r row) connector.Values {
	var values connector.Values
	for i, col := range tab.columns {
		value := r.cells[i]
		if col.kind == "" || value == "" {
			continue
		}
		if col.kind == person.Phone {
			var ok bool
			if value, ok = w.mapping.Numbers.whole(value); !ok || !w.endings[ending(value)] {
				continue
			}
		}
		if values == nil {
			values = connector.Values{}
		}
		values[col.kind] = append(values[col.kind], value)
	}
	return values
}

// trace gives the further identifiers that a row names. A further number is the
// one that was called.
func (w *walk) trace(values connector.Values, record string) []person.Identifier {
	var hints []person.Identifier
	for _, kind := range []person.IdentifierKind{person.Email, person.Account, person.PersonnelNumber, person.FileNumber} {
		for _, v := range values[kind] {
			h, known := w.hints[string(kind)+" "+v]
			if !known {
				h.id, h.ok = w.query.Hint(kind, v, "")
				remember(w.hints, string(kind)+" "+v, h)
			}
			if h.ok {
				h.id.Record = record
				hints = append(hints, h.id)
			}
		}
	}
	return hints
}

func (w *walk) finding(tab *table, r row, at time.Time, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	f := w.record(tab, r, w.file.name(), w.row)
	f.Reference, f.Led, f.Confidence, f.Origin.At = w.reference(tab, r), led, c, at
	return f
}

// record is what a row says, whomever it concerns.
func (e *exports) record(tab *table, r row, file string, n int) connector.Finding {
	f := connector.Finding{
		Category: cmp.Or(e.mapping.Category, "call"), Label: e.mapping.Label,
		Origin: connector.Origin{Place: file, Position: "row " + strconv.Itoa(n), Mapping: e.connection.Version},
	}
	f.Fields = tab.fields(r)
	return f
}

// fields are the cells of a row.
func (tab *table) fields(r row) (fields []connector.Field) {
	for i, col := range tab.columns {
		field := connector.Field{
			Name: tab.names[i], Label: col.Label, Category: col.Category, ThirdParty: col.ThirdParty, Withheld: col.Withhold, Unmapped: !col.mapped,
		}
		if !col.Withhold {
			field.Value = person.NewText(r.cells[i])
		}
		fields = append(fields, field)
	}
	return fields
}

// reference names a row by its key columns or, without any, by its text and how
// often that stood there before: the same whatever the file is called, and in
// whatever way it is written.
func (w *walk) reference(tab *table, r row) string {
	group, sum := tab.group(r)
	if len(tab.key) > 0 {
		return group
	}
	return group + "/" + strconv.FormatUint(uint64(w.recent.Count([8]byte(sum[:8]))), 10)
}

// group is the reference of a row but for the count, and the hash that is counted.
func (tab *table) group(r row) (string, [sha256.Size]byte) {
	if len(tab.key) > 0 {
		parts := []string{"call"}
		for _, i := range tab.key {
			parts = append(parts, url.PathEscape(r.cells[i]))
		}
		return strings.Join(parts, "/"), [sha256.Size]byte{}
	}
	sum := sha256.Sum256([]byte(strings.Join(r.cells, "\x1f")))
	return "row/" + hex.EncodeToString(sum[:16]), sum
}
