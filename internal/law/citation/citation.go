// Package citation reads and writes how German lawyers cite a provision:
// "§ 12 Abs. 2 Satz 1 Nr. 3 Alt. 1 DSG NRW".
//
// Only the long form is taken, one provision at a time: no "§§ 12, 13", no
// "Art. 6(1)(e)", no "ff.". So a citation names exactly one place in one act, and
// a letter that quotes it says the same as the file.
package citation

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Citation is one provision or several that are read together.
type Citation struct {
	Provisions []Provision
	joints     []string // between them: " i. V. m. " or " und "
}

// Provision is one place in one act.
type Provision struct {
	Sign   string // "§", "Art." or "Erwägungsgrund"
	Number string // "12", "35a"
	Parts  []Part // from the whole to the detail
	Act    string // "DSG NRW"
}

// Part is one step into a provision: {"Abs.", "2"}.
type Part struct{ Unit, Value string }

// joints in the order in which a text is cut at them.
var joints = []string{" i. V. m. ", " und "}

var signs = []string{"§", "Art.", "Erwägungsgrund"}

var (
	number = regexp.MustCompile(`^[1-9][0-9]{0,3}[a-z]?$`)
	letter = regexp.MustCompile(`^[a-z]{1,2}$`)
	act    = regexp.MustCompile(`^\p{Lu}[\p{L}]*(?: (?:[IVX]+|\p{Lu}[\p{L}]*))*$`)
)

// units says how the value of each unit is written. Sentences, numbers, letters
// and alternatives follow each other in any order (§ 52 Nr. 3 Satz 2 VwGO),
// paragraphs only open.
var units = map[string]*regexp.Regexp{
	"Abs.": number, "UAbs.": number, "Satz": number, "Halbsatz": number, "Nr.": number, "Buchst.": letter, "Alt.": number,
}

var opening = []string{"Abs.", "UAbs."}

// Parse reads a citation in the long form.
func Parse(s string) (Citation, error) {
	var c Citation
	for rest := s; ; {
		text, joint, after := cut(rest)
		p, err := parseProvision(text)
		if err != nil {
			return Citation{}, err
		}
		c.Provisions = append(c.Provisions, p)
		if joint == "" {
			return c, nil
		}
		c.joints = append(c.joints, joint)
		rest = after
	}
}

// String writes the citation as Parse reads it.
func (c Citation) String() string {
	var b strings.Builder
	for i, p := range c.Provisions {
		if i > 0 {
			b.WriteString(c.joints[i-1])
		}
		b.WriteString(p.String())
	}
	return b.String()
}

func (p Provision) String() string {
	words := []string{p.Sign, p.Number}
	for _, part := range p.Parts {
		words = append(words, part.Unit, part.Value)
	}
	return strings.Join(append(words, p.Act), " ")
}

// Value returns what stands behind a unit: of "Abs." in "§ 12 Abs. 2 DSG NRW"
// it is "2"; empty if the provision names none.
func (p Provision) Value(unit string) string {
	for _, part := range p.Parts {
		if part.Unit == unit {
			return part.Value
		}
	}
	return ""
}

func parseProvision(s string) (Provision, error) {
	words := strings.Split(s, " ")
	if len(words) < 3 || !slices.Contains(signs, words[0]) {
		return Provision{}, errors.New("no citation; write § 12 Abs. 2 Satz 1 Nr. 1 DSG NRW, Art. 15 Abs. 4 DSGVO or Erwägungsgrund 63 DSGVO")
	}
	p := Provision{Sign: words[0], Number: words[1]}
	if !number.MatchString(p.Number) {
		return Provision{}, fmt.Errorf("%s is followed by no number", p.Sign)
	}
	words = words[2:]
	for len(words) > 1 && units[words[0]] != nil {
		unit, value := words[0], words[1]
		if !units[unit].MatchString(value) {
			return Provision{}, fmt.Errorf("%s is followed by no value of it", unit)
		}
		if p.Value(unit) != "" {
			return Provision{}, fmt.Errorf("%s stands in a provision twice", unit)
		}
		if slices.Contains(opening, unit) && len(p.Parts) > 0 && (unit != "UAbs." || p.Parts[len(p.Parts)-1].Unit != "Abs.") {
			return Provision{}, fmt.Errorf("%s stands behind a detail; write the whole first", unit)
		}
		p.Parts = append(p.Parts, Part{unit, value})
		words = words[2:]
	}
	p.Act = strings.Join(words, " ")
	if !act.MatchString(p.Act) {
		return Provision{}, errors.New("the citation ends in no name of an act")
	}
	return p, nil
}

// cut splits at the first joint.
func cut(s string) (before, joint, after string) {
	at := -1
	for _, j := range joints {
		if i := strings.Index(s, j); i >= 0 && (at < 0 || i < at) {
			at, joint = i, j
		}
	}
	if at < 0 {
		return s, "", ""
	}
	return s[:at], joint, s[at+len(joint):]
}
