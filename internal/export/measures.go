package export

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"io"
	"strings"
	"time"

	"einsicht/internal/disclosure"
	"einsicht/internal/wording"
)

// The names are documented: they stay as they are.
const (
	measuresJSON   = "umsetzung.json"
	measuresCSV    = "umsetzung.csv"
	measuresSchema = "umsetzung.schema.json"
)

// The shape of umsetzung.json, which schema describes; a change of meaning is a new
// format number.
const measuresFormat = 1

//go:embed umsetzung.schema.json
var schema []byte

// measures lists the files about what was done. Without a measure there are none.
func (p Package) measures() []Entry {
	if len(p.Measures.All) == 0 {
		return nil
	}
	return []Entry{
		{measuresJSON, p.writeMeasures},
		{measuresSchema, func(w io.Writer) error { _, err := w.Write(schema); return err }},
		{measuresCSV, p.writeMeasuresTable},
	}
}

type jsonMeasuresHead struct {
	Schema     string `json:"$schema"`
	Format     int    `json:"format"`
	Authority  string `json:"authority"`
	FileNumber string `json:"file_number"`
	Date       string `json:"date"` // RFC 3339 full-date
}

type jsonMeasure struct {
	Number      int          `json:"number"`
	Right       string       `json:"right"`
	Article     string       `json:"article"`
	System      jsonOfSystem `json:"system"`
	Reference   string       `json:"reference,omitempty"`
	WholeSystem bool         `json:"whole_system,omitempty"`
	What        string       `json:"what"`
	State       string       `json:"state"`
	ActedAt     string       `json:"acted_at,omitempty"` // RFC 3339
	ReadBackAt  string       `json:"read_back_at,omitempty"`
	StatedAt    string       `json:"stated_at,omitempty"`
	Proof       string       `json:"proof,omitempty"`
	Statement   string       `json:"statement,omitempty"`
	Fields      []string     `json:"fields,omitempty"`
	Along       int          `json:"along,omitempty"`
	Kept        []jsonKept   `json:"kept,omitempty"`
	Stay        *jsonStay    `json:"stay,omitempty"`
	Meanwhile   string       `json:"meanwhile,omitempty"`
	LiftedAt    string       `json:"lifted_at,omitempty"`
}

type jsonOfSystem struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type jsonKept struct {
	Field string `json:"field,omitempty"`
	Why   string `json:"why"`
}

type jsonStay struct {
	Ground    string `json:"ground,omitempty"`
	Citation  string `json:"citation,omitempty"`
	Norm      string `json:"norm,omitempty"`
	Until     string `json:"until,omitempty"` // RFC 3339 full-date
	LookAgain string `json:"look_again,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Withheld  bool   `json:"withheld,omitempty"`
}

// writeMeasures writes one measure per line, as writeJSON does records.
func (p Package) writeMeasures(w io.Writer) error {
	out := bufio.NewWriterSize(w, 32<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	head := jsonMeasuresHead{measuresSchema, measuresFormat, p.Authority, p.FileNumber, p.Date.Format(time.DateOnly)}
	if err := openObject(out, head); err != nil {
		return err
	}
	out.WriteString(",\n\"measures\": [")
	comma := ""
	for i, m := range p.Measures.All {
		out.WriteString(comma + "\n")
		if err := enc.Encode(newJSONMeasure(i+1, m)); err != nil {
			return err
		}
		comma = ","
	}
	out.WriteString("]}\n")
	return out.Flush()
}

func newJSONMeasure(number int, m disclosure.Measure) jsonMeasure {
	j := jsonMeasure{
		Number: number, Right: string(m.Right), Article: m.Right.Article(), System: jsonOfSystem{m.System.ID, m.System.Name},
		Reference: m.Reference.Reveal(), WholeSystem: m.Whole, What: string(m.Deed), State: string(m.Told()), Proof: string(m.Proof),
		ActedAt: moment(m.ActedAt), ReadBackAt: moment(m.ReadAt), Statement: m.Statement.Reveal(), Fields: m.Fields, Along: m.Along,
		Meanwhile: string(m.Meanwhile), LiftedAt: moment(m.LiftedAt),
	}
	if m.Proof == disclosure.Stated {
		j.ReadBackAt, j.StatedAt = "", moment(m.ReadAt)
	}
	for _, k := range m.Kept {
		j.Kept = append(j.Kept, jsonKept{k.Label, k.Why})
	}
	if s := m.Stay; m.State == disclosure.MeasureStays {
		j.Stay = &jsonStay{Withheld: s.Withheld}
		if !s.Withheld {
			j.Stay = &jsonStay{s.Title, s.Citation, s.Norm, civil(s.Until), civil(s.LookAgain), s.Reason.Reveal(), false}
		}
	}
	return j
}

// writeMeasuresTable writes the same for a spreadsheet, in the words of the letter.
func (p Package) writeMeasuresTable(w io.Writer) error {
	out := bufio.NewWriter(w)
	text := func(key string, pairs ...string) string {
		return wording.Text(p.Measures.Lang, "letter.measures."+key, pairs...)
	}
	out.WriteString(byteOrderMark)
	var head []string
	for _, column := range []string{"number", "right", "system", "reference", "deed", "state", "acted", "read", "proof", "note"} {
		head = append(head, text("table."+column))
	}
	writeRow(out, head)
	for i, m := range p.Measures.All {
		writeRow(out, measureRow(i+1, m, p.Measures.Lang, text))
	}
	return out.Flush()
}

func measureRow(number int, m disclosure.Measure, l wording.Lang, text func(key string, pairs ...string) string) []string {
	reference, read, proof := m.Reference.Reveal(), moment(m.ReadAt), ""
	switch {
	case m.Whole:
		reference = text("table.whole")
	case m.Reference.IsZero():
		reference = cellWithheld
	}
	if m.Proof != "" {
		proof = text("proof."+string(m.Proof), "date", wording.ShortDate(l, m.ReadAt))
	}
	if m.Proof == disclosure.Stated {
		read = ""
	}
	return []string{itoa(number), wording.Text(l, "letter.right."+string(m.Right)) + " (" + m.Right.Article() + ")", m.System.Name, reference,
		text("deed." + string(m.Deed)), text("state." + string(m.Told())), moment(m.ActedAt), read, proof, note(m, l, text)}
}

// note is what else is to be said of a measure, one thing a line.
func note(m disclosure.Measure, l wording.Lang, text func(key string, pairs ...string) string) string {
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(m.Statement.Reveal())
	if m.Meanwhile != "" {
		add(text("note."+string(m.Meanwhile), "date", wording.ShortDate(l, m.LiftedAt)))
	}
	add(strings.Join(m.Fields, ", "))
	if m.Along > 0 {
		add(text("along", "n", itoa(m.Along)))
	}
	for _, k := range m.Kept {
		field := k.Label
		if field == "" {
			field = text("field")
		}
		add(text("note.kept", "field", field, "why", k.Why))
	}
	s := m.Stay
	if s.Withheld {
		add(text("note.reason_withheld"))
		return strings.Join(lines, "\n")
	}
	add(s.Title)
	add(s.Citation)
	add(s.Norm)
	if !s.Until.IsZero() {
		add(text("note.until", "date", wording.ShortDate(l, s.Until)))
	}
	if !s.LookAgain.IsZero() {
		add(text("note.look_again", "date", wording.ShortDate(l, s.LookAgain)))
	}
	if s.Reason.Reveal() != s.Title {
		add(s.Reason.Reveal())
	}
	return strings.Join(lines, "\n")
}

// moment is a time with its zone as RFC 3339 writes it; empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// civil is a day; empty for none.
func civil(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}
