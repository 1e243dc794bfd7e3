package export

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"

	"einsicht/internal/disclosure"
	"einsicht/internal/wording"
)

// writeSchema describes the JSON file of one system (JSON Schema 2020-12), with title
// and description in German, and in English under x-en. What is described alike has
// the same $id in every package: it ends in a hash of all the rest.
func writeSchema(w io.Writer, head PortableHead, p disclosure.Portable) error {
	rest := schemaOf(head, p)
	text, err := json.Marshal(rest)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	id := takeoutSpace + ":" + head.Authority.ID + ":" + head.System.ID + ":" + hex.EncodeToString(sum[:8])
	text, err = append(object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", id}}, rest...).MarshalJSON()
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	_, err = w.Write(pretty.Bytes())
	return err
}

func schemaOf(head PortableHead, p disclosure.Portable) object {
	word := func(key string) object { return described(nil, "portability.schema."+key) }
	text := object{{"type", "string"}}
	exactly := func(value any) object {
		kind := "string"
		if _, ok := value.(int); ok {
			kind = "integer"
		}
		return object{{"type", kind}, {"const", value}}
	}
	one := func(n Named) object {
		return closed([]string{"id", "name"}, object{{"id", exactly(n.ID)}, {"name", text}})
	}
	kind := text
	if len(p.Kinds) > 0 {
		var kinds []object
		for _, k := range p.Kinds {
			kinds = append(kinds, append(object{{"const", k.Name}}, described(k.Title)...))
		}
		kind = append(object{{"type", "string"}}, member{"oneOf", kinds})
	}
	var fields object
	for _, f := range p.Fields {
		fields = append(fields, member{f.Name, fieldSchema(f)})
	}
	if fields == nil {
		fields = object{}
	}
	record := closed([]string{"id", "fields"}, object{
		{"id", append(object{{"type", "string"}, {"format", "uuid"}}, word("id")...)},
		{"kind", append(kind, word("kind")...)},
		{"fields", append(closed(nil, fields), member{"minProperties", 1})},
	})
	english := p.In(wording.English)
	top := append(described(map[wording.Lang]string{wording.German: p.Name, wording.English: english.Name}), closed(
		[]string{"$schema", "format", "authority", "system", "date", "records"},
		object{
			{"$schema", append(exactly(head.Schema), word("schema")...)},
			{"format", append(exactly(head.Format), word("format")...)},
			{"authority", append(one(head.Authority), word("authority")...)},
			{"system", append(one(head.System), word("system")...)},
			{"date", append(object{{"type", "string"}, {"format", "date"}}, word("date")...)},
			{"records", object{{"type", "array"}, {"items", object{{"$ref", "#/$defs/record"}}}}},
		})...)
	bytes := closed([]string{"base64"}, object{{"base64", object{{"type", "string"}, {"contentEncoding", "base64"}}}})
	return append(top, member{"$defs", object{{"record", record}, {"bytes", append(bytes, word("bytes")...)}}})
}

// closed is an object with these members and no others.
func closed(required []string, members object) object {
	o := object{{"type", "object"}}
	if required != nil {
		o = append(o, member{"required", required})
	}
	return append(o, member{"additionalProperties", false}, member{"properties", members})
}

func fieldSchema(f disclosure.PortableField) object {
	value := object{{"type", "string"}}
	switch {
	case f.Form == disclosure.FormInstant:
		value = append(value, member{"format", "date-time"})
	case f.Form == disclosure.FormDay:
		value = append(value, member{"format", "date"})
	case f.Form == disclosure.FormFile:
		value = append(value, member{"pattern", "^" + Folder})
	}
	var others []object
	if f.Empty && len(value) > 1 {
		others = append(others, object{{"type", "string"}, {"const", ""}})
	}
	if f.Bytes {
		others = append(others, object{{"$ref", "#/$defs/bytes"}})
	}
	if len(others) > 0 {
		value = object{{"anyOf", append([]object{value}, others...)}}
	}
	if f.Several {
		value = object{{"type", "array"}, {"minItems", 1}, {"items", value}}
	}
	return append(described(f.Title, FormKeys(f)...), value...)
}

// FormKeys are the keys of the sentences that say how the values of a field are
// written.
func FormKeys(f disclosure.PortableField) []string {
	keys := []string{"portability.form." + string(cmp.Or(f.Form, disclosure.FormText))}
	if f.Several {
		keys = append(keys, "portability.form.several")
	}
	if f.Unmapped {
		keys = append(keys, "portability.form.unmapped")
	}
	return keys
}

// described are title and sentences in German, and in English under x-en.
func described(title map[wording.Lang]string, keys ...string) object {
	in := func(l wording.Lang) object {
		var o object
		if title[l] != "" {
			o = append(o, member{"title", title[l]})
		}
		var sentences []string
		for _, key := range keys {
			sentences = append(sentences, wording.Text(l, key))
		}
		if len(sentences) > 0 {
			o = append(o, member{"description", strings.Join(sentences, " ")})
		}
		return o
	}
	o := in(wording.German)
	if english := in(wording.English); len(english) > 0 {
		o = append(o, member{"x-en", english})
	}
	return o
}
