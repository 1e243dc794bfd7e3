package control

import (
	"embed"
	"slices"
	"strings"
)

//go:embed template
var templates embed.FS

// begin is a text to start with for a kind of system, with made-up names in it;
// for a kind without one only what every text has.
func begin(system, kind string) string {
	text, err := templates.ReadFile("template/" + kind + ".yaml")
	if err != nil {
		text = []byte("system: {{system}}\nkind: " + kind + "\n")
	}
	return strings.ReplaceAll(string(text), "{{system}}", system)
}

// kindToBeginWith is the one that somebody chose, else what the register names,
// if a machine can be asked that way.
func kindToBeginWith(chosen, named string, kinds []string) string {
	for _, k := range []string{chosen, named} {
		if slices.Contains(kinds, k) && k != people {
			return k
		}
	}
	return ""
}

// people is the kind that asks nobody: a unit searches by hand.
const people = "manual"
