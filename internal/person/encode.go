package person

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Encode writes v as JSON with the values of its Texts, where json.Marshal
// would write placeholders. It is for the moment before sealing and for what
// is handed to the person, and for nothing else.
//
// Exported fields, slices, arrays, maps, pointers and interfaces are followed
// to any depth up to 100. A Text that can't be reached, because it hides
// behind a MarshalJSON of its own, is an error rather than a lost value.
func Encode(v any) ([]byte, error) {
	opened, err := open(reflect.ValueOf(v), 0)
	if err != nil {
		return nil, err
	}
	if !opened.IsValid() {
		return []byte("null"), nil
	}
	b, err := json.Marshal(opened.Interface())
	if err != nil {
		return nil, errors.New("person: value can't be written as JSON") // the cause might quote it
	}
	// Inside a JSON string the quotes would be escaped, so this finds
	// placeholders only.
	if bytes.Contains(b, []byte(hidden)) {
		return nil, errors.New("person: a Text is out of reach of Encode (unexported, or behind a MarshalJSON)")
	}
	return b, nil
}

// Decode reads what Encode wrote. Unknown fields are errors.
func Decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if errors.Is(err, errHidden) {
			return errHidden
		}
		return fmt.Errorf("person: can't read sealed JSON as %T", v)
	}
	if d.More() {
		return fmt.Errorf("person: more than one value where %T was sealed", v)
	}
	return nil
}

// MarshalJSON keeps JSON silent.
func (t Text) MarshalJSON() ([]byte, error) {
	switch {
	case t.IsZero():
		return []byte(`""`), nil
	case t.open:
		return json.Marshal(*t.value)
	}
	return []byte(hidden), nil
}

// UnmarshalJSON takes a JSON string and nothing else.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		return errHidden
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errors.New("person: a Text is a JSON string")
	}
	*t = NewText(s)
	return nil
}

var textType = reflect.TypeFor[Text]()

// open copies a value and opens the Texts of the copy.
func open(v reflect.Value, depth int) (reflect.Value, error) {
	if !v.IsValid() {
		return v, nil
	}
	if depth > 100 {
		return v, errors.New("person: value is nested too deeply")
	}
	if v.Type() == textType {
		t := v.Interface().(Text)
		t.open = true
		return reflect.ValueOf(t), nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return openRef(v, depth)
	case reflect.Struct:
		return openStruct(v, depth)
	case reflect.Slice:
		if v.IsNil() || isPlain(v.Type().Elem()) {
			return v, nil
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		return c, openEach(c, v, depth)
	case reflect.Array:
		if isPlain(v.Type().Elem()) {
			return v, nil
		}
		c := reflect.New(v.Type()).Elem()
		return c, openEach(c, v, depth)
	case reflect.Map:
		return openMap(v, depth)
	}
	return v, nil
}

func openRef(v reflect.Value, depth int) (reflect.Value, error) {
	if v.IsNil() {
		return v, nil
	}
	in, err := open(v.Elem(), depth+1)
	if err != nil {
		return v, err
	}
	if v.Kind() == reflect.Interface {
		c := reflect.New(v.Type()).Elem()
		c.Set(in)
		return c, nil
	}
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(in)
	return c, nil
}

func openStruct(v reflect.Value, depth int) (reflect.Value, error) {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		f, err := open(v.Field(i), depth+1)
		if err != nil {
			return v, err
		}
		c.Field(i).Set(f)
	}
	return c, nil
}

func openEach(c, v reflect.Value, depth int) error {
	for i := range v.Len() {
		e, err := open(v.Index(i), depth+1)
		if err != nil {
			return err
		}
		c.Index(i).Set(e)
	}
	return nil
}

func openMap(v reflect.Value, depth int) (reflect.Value, error) {
	if v.IsNil() || isPlain(v.Type().Elem()) {
		return v, nil
	}
	c := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		e, err := open(it.Value(), depth+1)
		if err != nil {
			return v, err
		}
		c.SetMapIndex(it.Key(), e)
	}
	return c, nil
}

// isPlain says that values of a type hold no others.
func isPlain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return false
	}
	return true
}
