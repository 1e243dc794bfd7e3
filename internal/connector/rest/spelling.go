package rest

import (
	"slices"
	"strings"

	"einsicht/internal/person"
)

type identifier = person.Identifier

// spellings are the forms of a value to ask for: as it was given, and as the
// system may have stored it.
func spellings(id identifier) []string {
	all := []string{strings.TrimSpace(id.Value.Reveal())}
	stored, err := person.Stored(id.Kind, id.Value.Reveal())
	if err != nil {
		return nil
	}
	for _, s := range stored {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
