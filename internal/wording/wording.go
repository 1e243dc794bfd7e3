// Package wording holds every sentence the portal says, in German and English.
//
// A sentence is a key in de/<area>.yaml and en/<area>.yaml. The German text
// decides; a key that one of the two lacks fails a test. Placeholders stand in
// braces: "Bis {date}".
package wording

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Lang is a language of the portal as BCP 47 tag.
type Lang string

// The languages in which every sentence exists.
const (
	German  Lang = "de"
	English Lang = "en"
)

// Languages lists them in the order in which the portal offers them.
var Languages = []Lang{German, English}

// Parse returns the language for a tag such as "en-GB"; German for any other.
func Parse(tag string) Lang {
	if strings.HasPrefix(strings.ToLower(tag), string(English)) {
		return English
	}
	return German
}

//go:embed de en
var files embed.FS

var sentences = mustRead(files)

// Text returns the sentence of a key with its placeholders filled from name,
// value pairs. A key that does not exist comes back in brackets, so that a
// page shows what is missing and a test finds it.
func Text(l Lang, key string, pairs ...string) string {
	s, ok := sentences[l][key]
	if !ok {
		if s, ok = sentences[German][key]; !ok {
			return "[" + key + "]"
		}
	}
	filled := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		filled = append(filled, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(filled...).Replace(s)
}

// Has says whether a key exists in German.
func Has(key string) bool { _, ok := sentences[German][key]; return ok }

// Date writes a civil date in words: "Freitag, 18. Dezember 2026".
func Date(l Lang, day time.Time) string {
	if l == English {
		return day.Format("Monday, 2 January 2006")
	}
	return fmt.Sprintf("%s, %d. %s %d", weekdays[day.Weekday()], day.Day(), months[day.Month()-1], day.Year())
}

// ShortDate writes a civil date in figures: "18.12.2026", "18 Dec 2026".
func ShortDate(l Lang, day time.Time) string {
	if l == English {
		return day.Format("2 Jan 2006")
	}
	return day.Format("02.01.2006")
}

var (
	weekdays = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
	months   = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)

func mustRead(fsys fs.FS) map[Lang]map[string]string {
	all := map[Lang]map[string]string{}
	for _, l := range Languages {
		all[l] = map[string]string{}
		entries, err := fs.ReadDir(fsys, string(l))
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			b, err := fs.ReadFile(fsys, path.Join(string(l), e.Name()))
			if err != nil {
				panic(err)
			}
			area := map[string]string{}
			if err := yaml.Unmarshal(b, &area); err != nil {
				panic(fmt.Sprintf("wording %s/%s: %v", l, e.Name(), err))
			}
			for k, v := range area {
				if _, twice := all[l][k]; twice {
					panic(fmt.Sprintf("wording %s/%s: %s stands in two files", l, e.Name(), k))
				}
				all[l][k] = strings.TrimSpace(v)
			}
		}
	}
	return all
}
