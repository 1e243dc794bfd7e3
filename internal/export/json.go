package export

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"einsicht/internal/disclosure"
)

// The shape of daten.json. Its keys are described in the read-me; a change of
// meaning is a new format number.
const jsonFormat = 1

type jsonHead struct {
	Format     int    `json:"format"`
	Authority  string `json:"authority"`
	FileNumber string `json:"file_number"`
	Date       string `json:"date"` // RFC 3339 full-date
}

type jsonSystem struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Purpose    string   `json:"purpose"`
	LegalBasis []string `json:"legal_basis,omitempty"`
	Retention  string   `json:"retention,omitempty"`
	Outcome    string   `json:"outcome"`
	Asked      string   `json:"asked,omitempty"` // RFC 3339, UTC
	GoneBefore string   `json:"gone_before,omitempty"`
	GoneRule   string   `json:"gone_rule,omitempty"`
	Given      int      `json:"given"`
	Withheld   int      `json:"withheld"`
}

type jsonRecord struct {
	Number    int         `json:"number"`
	Kind      string      `json:"kind,omitempty"` // what it is, in words
	Reference string      `json:"reference,omitempty"`
	Withheld  bool        `json:"withheld,omitempty"`
	Why       string      `json:"why,omitempty"`
	Fields    []jsonField `json:"fields,omitempty"`
}

type jsonField struct {
	Name   string  `json:"name"`
	Label  string  `json:"label"`
	Value  *string `json:"value,omitempty"`
	Base64 string  `json:"value_base64,omitempty"` // bytes that are no UTF-8, unchanged
	State  string  `json:"state,omitempty"`
	Why    string  `json:"why,omitempty"`
}

// writeJSON writes one record per line: faithful, and still readable with a text
// editor.
func (p Package) writeJSON(w io.Writer) error {
	out := bufio.NewWriterSize(w, 32<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	head := jsonHead{jsonFormat, p.Authority, p.FileNumber, p.Date.Format(time.DateOnly)}
	if err := openObject(out, head); err != nil {
		return err
	}
	out.WriteString(",\n\"systems\": [")
	for i, s := range p.Disclosed.Systems {
		if i > 0 {
			out.WriteString(",")
		}
		out.WriteString("\n")
		if err := openObject(out, newJSONSystem(s)); err != nil {
			return err
		}
		out.WriteString(",\n\"records\": [")
		comma := ""
		for rec, err := range s.Records() {
			if err != nil {
				return err
			}
			out.WriteString(comma + "\n")
			if err := enc.Encode(newJSONRecord(rec)); err != nil {
				return err
			}
			comma = ","
		}
		out.WriteString("]}")
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

// openObject writes v, which is a struct with a key at least, without its
// closing brace, so that a long list can follow as its last key.
func openObject(out *bufio.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = out.Write(b[:len(b)-1])
	return err
}

func newJSONSystem(s disclosure.System) jsonSystem {
	j := jsonSystem{
		ID: s.ID, Name: s.Name, Purpose: s.Purpose, LegalBasis: s.LegalBasis, Retention: s.Retention.Text,
		Outcome: string(s.Outcome), GoneRule: s.Gone.Rule, Given: s.Given, Withheld: s.Withheld,
	}
	if !s.AskedAt.IsZero() {
		j.Asked = s.AskedAt.UTC().Format(time.RFC3339)
	}
	if !s.Gone.Before.IsZero() {
		j.GoneBefore = s.Gone.Before.Format(time.DateOnly)
	}
	return j
}

func newJSONRecord(rec disclosure.Record) jsonRecord {
	j := jsonRecord{Number: rec.Number, Kind: rec.Label, Reference: rec.Reference.Reveal(), Withheld: rec.Withheld, Why: rec.Why.Reveal()}
	for _, f := range rec.Fields {
		field := jsonField{Name: f.Name, Label: f.Label, State: string(f.State), Why: f.Reason.Reveal()}
		if f.State == disclosure.Shown {
			value := f.Value.Reveal()
			if utf8.ValidString(value) {
				field.Value = &value
			} else {
				field.Base64 = base64.StdEncoding.EncodeToString([]byte(value))
			}
		}
		j.Fields = append(j.Fields, field)
	}
	return j
}

func itoa(n int) string { return strconv.Itoa(n) }
