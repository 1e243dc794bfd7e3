package export

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"einsicht/internal/disclosure"
	"einsicht/internal/person"
)

// jsonOf is a record. Fields that any record has more than once are lists in all.
func jsonOf(r disclosure.PortableRecord, several map[string]bool) object {
	fields := object{}
	for _, v := range r.Fields {
		var all []any
		for _, value := range v.Values {
			all = append(all, jsonValue(value))
		}
		if several[v.Name] || len(all) != 1 {
			fields = append(fields, member{v.Name, all})
		} else {
			fields = append(fields, member{v.Name, all[0]})
		}
	}
	record := object{{"id", r.ID.String()}}
	if r.Kind != "" {
		record = append(record, member{"kind", r.Kind})
	}
	return append(record, member{"fields", fields})
}

// jsonValue is a text, or the bytes of one that is no UTF-8.
func jsonValue(v person.Text) any {
	if value := v.Reveal(); !utf8.ValidString(value) {
		return base64Value{base64.StdEncoding.EncodeToString([]byte(value))}
	}
	return v.Reveal()
}

type base64Value struct {
	Base64 string `json:"base64"`
}

// writePortableJSON writes one record per line.
func writePortableJSON(w io.Writer, head PortableHead, p disclosure.Portable) error {
	out := bufio.NewWriterSize(w, 32<<10)
	if err := openObject(out, head); err != nil {
		return err
	}
	several := map[string]bool{}
	for _, f := range p.Fields {
		several[f.Name] = f.Several
	}
	out.WriteString(",\n\"records\": [")
	comma := ""
	for r, err := range p.Records() {
		if err != nil {
			return err
		}
		line, err := jsonOf(r, several).MarshalJSON()
		if err != nil {
			return fmt.Errorf("write a record: %w", err)
		}
		out.WriteString(comma + "\n")
		out.Write(line)
		comma = ","
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b appender
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		if err := enc.Encode(m.name); err != nil {
			return nil, err
		}
		b[len(b)-1] = ':' // in place of the line break of Encode
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
		b = b[:len(b)-1]
	}
	return append(b, '}'), nil
}

// appender grows by what is written to it.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}
