package export_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// annotations are keywords that rule nothing out.
var annotations = []string{"$schema", "$id", "$defs", "title", "description", "x-en"}

// violations holds data against a JSON Schema 2020-12, as far as ours use it. A
// keyword that it does not know is a fault: nothing goes unchecked.
func violations(root, schema, data any, path string) []string {
	fault := func(format string, args ...any) []string { return []string{path + ": " + fmt.Sprintf(format, args...)} }
	s, ok := schema.(map[string]any)
	if !ok {
		return fault("the schema is no object")
	}
	var faults []string
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		want := s[keyword]
		text, isText := data.(string)
		list, isList := data.([]any)
		members, isObject := data.(map[string]any)
		switch keyword {
		case "$ref":
			faults = append(faults, violations(root, at(root, strings.Split(strings.TrimPrefix(want.(string), "#/"), "/")...), data, path)...)
		case "type":
			number, isNumber := data.(float64)
			is := map[string]bool{"string": isText, "array": isList, "object": isObject, "integer": isNumber && number == float64(int(number))}
			if !is[want.(string)] {
				faults = append(faults, fault("is no %s", want)...)
			}
		case "const":
			if data != want {
				faults = append(faults, fault("got %v, want %v", data, want)...)
			}
		case "anyOf", "oneOf":
			holds := 0
			for _, one := range want.([]any) {
				if len(violations(root, one, data, path)) == 0 {
					holds++
				}
			}
			if holds == 0 || keyword == "oneOf" && holds > 1 {
				faults = append(faults, fault("%d of %s hold", holds, keyword)...)
			}
		case "format":
			if isText && !hasFormat(want.(string), text) {
				faults = append(faults, fault("is no %s", want)...)
			}
		case "pattern":
			if isText && !regexp.MustCompile(want.(string)).MatchString(text) {
				faults = append(faults, fault("does not match %s", want)...)
			}
		case "contentEncoding":
			if _, err := base64.StdEncoding.DecodeString(text); isText && (want != "base64" || err != nil) {
				faults = append(faults, fault("is not in %s", want)...)
			}
		case "items":
			for i, item := range list {
				faults = append(faults, violations(root, want, item, fmt.Sprint(path, "/", i))...)
			}
		case "minItems":
			if isList && float64(len(list)) < want.(float64) {
				faults = append(faults, fault("has %d items", len(list))...)
			}
		case "minProperties":
			if isObject && float64(len(members)) < want.(float64) {
				faults = append(faults, fault("has %d members", len(members))...)
			}
		case "required":
			for _, name := range want.([]any) {
				if _, there := members[name.(string)]; isObject && !there {
					faults = append(faults, fault("lacks %s", name)...)
				}
			}
		case "properties":
			for name, one := range want.(map[string]any) {
				if member, there := members[name]; there {
					faults = append(faults, violations(root, one, member, path+"/"+name)...)
				}
			}
		case "additionalProperties":
			properties, _ := s["properties"].(map[string]any)
			for name := range members {
				if _, known := properties[name]; !known && want == false {
					faults = append(faults, fault("%q is not in the schema", name)...)
				}
			}
		default:
			if !slices.Contains(annotations, keyword) {
				faults = append(faults, fault("the schema has an unknown keyword %s", keyword)...)
			}
		}
	}
	return faults
}

func hasFormat(format, text string) bool {
	switch format {
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	case "uuid":
		id, err := uuid.Parse(text)
		return err == nil && id.String() == text
	}
	return false
}
