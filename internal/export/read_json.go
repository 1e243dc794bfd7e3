package export

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/google/uuid"

	"einsicht/internal/disclosure"
	"einsicht/internal/person"
)

// errShape says that a file is not one of a package to take along. It names no value:
// they are somebody's.
var errShape = errors.New("this is no file of records as a package to take along has it")

// ReadJSON reads a file daten/SYSTEM.json again, one record after the other. It takes
// nothing that ours does not write. An error of each ends it.
func ReadJSON(r io.Reader, each func(disclosure.PortableRecord) error) (PortableHead, error) {
	j := jsonReader{json.NewDecoder(r)}
	j.UseNumber()
	var head PortableHead
	err := j.object(func(key string) error {
		switch key {
		case "$schema":
			return j.into(&head.Schema)
		case "format":
			return j.into(&head.Format)
		case "authority":
			return j.into(&head.Authority)
		case "system":
			return j.into(&head.System)
		case "date":
			return j.into(&head.Date)
		case "records":
			if head.Format != takeoutForm { // it stands before them
				return fmt.Errorf("%w: format %d is not known", errShape, head.Format)
			}
			return j.list(func() error {
				record, err := j.record()
				if err != nil {
					return err
				}
				return each(record)
			})
		}
		return errShape
	})
	if err == nil {
		if _, more := j.Token(); !errors.Is(more, io.EOF) {
			err = errShape
		}
	}
	return head, err
}

type jsonReader struct{ *json.Decoder }

func (j jsonReader) record() (disclosure.PortableRecord, error) {
	var r disclosure.PortableRecord
	err := j.object(func(key string) error {
		switch key {
		case "id":
			return j.id(&r.ID)
		case "kind":
			return j.text(&r.Kind)
		case "fields":
			return j.object(func(name string) error {
				values, err := j.values()
				r.Fields = append(r.Fields, disclosure.PortableValues{Name: name, Values: values})
				return err
			})
		}
		return errShape
	})
	if err == nil && (r.ID == uuid.Nil || len(r.Fields) == 0) {
		err = errShape
	}
	return r, err
}

// values are one value, or a list of them.
func (j jsonReader) values() ([]person.Text, error) {
	token, err := j.next()
	if err != nil {
		return nil, err
	}
	if token != json.Delim('[') {
		value, err := j.value(token)
		return []person.Text{value}, err
	}
	var all []person.Text
	for j.More() {
		if token, err = j.next(); err != nil {
			return nil, err
		}
		value, err := j.value(token)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	if len(all) == 0 {
		return nil, errShape
	}
	_, err = j.next()
	return all, err
}

// value is a text, or bytes in base64 that are none.
func (j jsonReader) value(token json.Token) (person.Text, error) {
	if text, ok := token.(string); ok {
		return person.NewText(text), nil
	}
	if token != json.Delim('{') {
		return person.Text{}, errShape
	}
	var value []byte
	err := j.members(func(key string) error {
		var text string
		if err := j.text(&text); err != nil || key != "base64" {
			return errShape
		}
		var err error
		if value, err = base64.StdEncoding.Strict().DecodeString(text); err != nil || utf8.Valid(value) {
			return errShape
		}
		return nil
	})
	if err == nil && value == nil {
		err = errShape
	}
	return person.NewText(string(value)), err
}

func (j jsonReader) id(to *uuid.UUID) error {
	var text string
	if err := j.text(&text); err != nil {
		return err
	}
	id, err := uuid.Parse(text)
	if err != nil || id.String() != text {
		return errShape
	}
	*to = id
	return nil
}

func (j jsonReader) text(to *string) error {
	token, err := j.next()
	if err != nil {
		return err
	}
	text, ok := token.(string)
	if !ok {
		return errShape
	}
	*to = text
	return nil
}

// object reads one, a member after the other, each at most once.
func (j jsonReader) object(member func(key string) error) error {
	if token, err := j.next(); err != nil || token != json.Delim('{') {
		return errors.Join(errShape, err)
	}
	return j.members(member)
}

func (j jsonReader) members(member func(key string) error) error {
	seen := map[string]bool{}
	for j.More() {
		var key string
		if err := j.text(&key); err != nil {
			return err
		}
		if seen[key] {
			return errShape
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := j.next()
	return err
}

func (j jsonReader) list(item func() error) error {
	if token, err := j.next(); err != nil || token != json.Delim('[') {
		return errors.Join(errShape, err)
	}
	for j.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err := j.next()
	return err
}

// next is the next token. What the decoder says quotes what it read.
func (j jsonReader) next() (json.Token, error) {
	token, err := j.Token()
	return token, shape(err)
}

func (j jsonReader) into(v any) error { return shape(j.Decode(v)) }

// shape keeps errors of reading, and lets no value through in others.
func shape(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends in the middle", errShape)
	case errors.As(err, &syntax), errors.As(err, &kind):
		return errShape
	}
	return fmt.Errorf("read the file: %w", err)
}
