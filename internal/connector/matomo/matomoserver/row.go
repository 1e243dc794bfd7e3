package matomoserver

import (
	"encoding/json"
	"strconv"
)

// row writes an object of names and values, which follow each other. The library
// takes a map of them, and a million visits have a million maps.
func row(pairs ...any) string {
	b := make([]byte, 0, 512)
	b = append(b, '{')
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendValue(b, pairs[i]), ':')
		b = appendValue(b, pairs[i+1])
	}
	return string(append(b, '}'))
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case json.RawMessage:
		return append(b, v...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case string:
		if isPlain(v) {
			return append(append(append(b, '"'), v...), '"')
		}
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts, numbers and lists of them
	}
	return append(b, encoded...)
}

// isPlain says that a text stands in JSON as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
