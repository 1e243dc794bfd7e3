package sql

import (
	"maps"
	"regexp"
	"slices"

	"einsicht/internal/connector"
)

// Change says what may be changed in the rows of a table, and how. What it does
// not say is not done.
type Change struct {
	Erase string `yaml:"erase"` // "delete" or "mask"; empty: not at all
	// With lists what goes before a row, since it is nothing without it.
	With     []With    `yaml:"with"`
	Mask     Mask      `yaml:"mask"`
	Keep     []Keep    `yaml:"keep"`
	Rectify  []string  `yaml:"rectify"`
	Restrict *Restrict `yaml:"restrict"`
}

// With are rows of another table whose columns are the same as On says (own
// column → column there). A mapped table says itself what goes with its rows.
type With struct {
	Table string            `yaml:"table"`
	On    map[string]string `yaml:"on"`
	With  []With            `yaml:"with"`
}

// Mask says what takes the place of values. Each column of the table stands in
// one of its parts or under Keep: what nobody thought of is not left there.
type Mask struct {
	Empty []string `yaml:"empty"` // NULL, or an empty text where there must be one
	// Text may name columns of the key, as in "user {id}", for columns that are
	// unique.
	Text       map[string]string `yaml:"text"`
	Generalise map[string]string `yaml:"generalise"` // column → "year" or "month" of a date
}

// Keep names columns that stay under a mask, and why; without columns, it is
// every row of the table.
type Keep struct {
	Columns []string `yaml:"columns"`
	Why     string   `yaml:"why"`
}

// Restrict says how the system knows that a record is restricted (Art. 18 GDPR):
// what a column holds then, and what it holds when it no longer is. Empty: NULL,
// or an empty text where there must be one.
type Restrict struct {
	Column string `yaml:"column"`
	Set    string `yaml:"set"`
	Free   string `yaml:"free"`
}

// The ways to erase.
const (
	deleting = "delete"
	masking  = "mask"
)

// Abilities are those of a kind with such tables: what no table declares, or
// nobody may do, is none.
func (m Mapping) Abilities() []connector.Ability {
	all := []connector.Ability{connector.CanFind, connector.CanPreview}
	if m.ChangeDSN == "" {
		return all
	}
	for _, one := range []struct {
		ability  connector.Ability
		declares func(*Change) bool
	}{
		{connector.CanErase, func(c *Change) bool { return c.Erase != "" }},
		{connector.CanRectify, func(c *Change) bool { return len(c.Rectify) > 0 }},
		{connector.CanRestrict, func(c *Change) bool { return c.Restrict != nil }},
	} {
		if slices.ContainsFunc(m.Tables, func(t Table) bool { return t.Change != nil && one.declares(t.Change) }) {
			all = append(all, one.ability)
		}
	}
	return all
}

// checkChange finds what is wrong by itself, whatever the database has.
func (m Mapping) checkChange(c connector.Connection, t Table, at string) error {
	if t.Change == nil {
		return nil
	}
	at += "change."
	for _, one := range []struct{ key, wrong string }{
		{"erase", t.Change.checkErase()},
		{"mask", t.checkMask()},
		{"keep", t.Change.checkKeep()},
		{"with", m.checkWith(t.Change.With, []string{t.Name})},
		{"rectify", t.checkRectify()},
		{"restrict", t.checkRestrict()},
	} {
		if one.wrong != "" {
			return c.Wrong(at+one.key, one.wrong)
		}
	}
	return nil
}

func (c *Change) checkErase() string {
	switch {
	case c.Erase != "" && c.Erase != deleting && c.Erase != masking:
		return "must be delete, mask or nothing"
	case c.Erase == "" && len(c.With) > 0:
		return "says nothing, so nothing can go along with it"
	case c.Erase == "" && len(c.Keep) == 0 && len(c.Rectify) == 0 && c.Restrict == nil:
		return "is missing, and so is everything else that could be changed"
	}
	return ""
}

var keyInText = regexp.MustCompile(`\{([^{}]*)\}`)

func (t Table) checkMask() string {
	mask := t.Change.Mask
	n := len(mask.Empty) + len(mask.Text) + len(mask.Generalise)
	switch {
	case n > 0 && t.Change.Erase != masking:
		return "only serves erase: mask"
	case n == 0 && t.Change.Erase == masking:
		return "is missing: erase: mask says that something takes the place of values"
	}
	seen := map[string]bool{}
	for _, k := range t.Change.Keep {
		for _, name := range k.Columns {
			seen[name] = true
		}
	}
	for _, name := range slices.Concat(mask.Empty, slices.Sorted(maps.Keys(mask.Text)), slices.Sorted(maps.Keys(mask.Generalise))) {
		if seen[name] || slices.Contains(t.Key, name) {
			return "column " + name + " stands here twice, is kept, or names the record"
		}
		if t.Columns[name].Volatile {
			return "column " + name + " is volatile: what takes its place would not be compared, so it stands under keep"
		}
		seen[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(mask.Text)) {
		for _, m := range keyInText.FindAllStringSubmatch(mask.Text[name], -1) {
			if !slices.Contains(t.Key, m[1]) || t.Columns[m[1]].Withhold {
				return "the text of " + name + " may name columns of the key in braces, and none that is withheld"
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mask.Generalise)) {
		if to := mask.Generalise[name]; to != "year" && to != "month" {
			return "generalises " + name + " to neither year nor month"
		}
	}
	return ""
}

func (c *Change) checkKeep() string {
	for _, k := range c.Keep {
		switch {
		case k.Why == "":
			return "says not why"
		case len(k.Columns) == 0 && (c.Erase != "" || len(c.Keep) > 1):
			return "without columns it keeps every row: nothing is erased then"
		case len(k.Columns) > 0 && c.Erase != masking:
			return "with columns it serves erase: mask"
		}
	}
	return ""
}

// checkWith also follows mapped tables: a circle would have no first row to go.
func (m Mapping) checkWith(list []With, above []string) string {
	for _, w := range list {
		switch t, mapped := m.table(w.Table); {
		case w.Table == "" || len(w.On) == 0:
			return "each needs table and on"
		case slices.Contains(above, w.Table):
			return "leads in a circle to " + w.Table
		case mapped && (t.Change == nil || t.Change.Erase != deleting):
			return "table " + w.Table + " is mapped and says itself that its rows are not deleted"
		case mapped && len(w.With) > 0:
			return "table " + w.Table + " is mapped and says itself what goes with its rows"
		case mapped:
			w.With = t.Change.With
			fallthrough
		default:
			if wrong := m.checkWith(w.With, append(slices.Clone(above), w.Table)); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

func (t Table) checkRectify() string {
	for i, name := range t.Change.Rectify {
		if wrong := t.settable(name); wrong != "" {
			return wrong
		}
		if slices.Contains(t.Change.Rectify[:i], name) {
			return "names column " + name + " twice"
		}
	}
	return ""
}

func (t Table) checkRestrict() string {
	r := t.Change.Restrict
	switch {
	case r == nil:
		return ""
	case r.Column == "" || r.Set == "" || r.Set == r.Free:
		return "needs column and set, and free must be something else"
	}
	return t.settable(r.Column)
}

// settable: whoever sets a value must be able to see that it was.
func (t Table) settable(name string) string {
	switch c := t.Columns[name]; {
	case slices.Contains(t.Key, name):
		return "column " + name + " names the record"
	case c.Withhold:
		return "column " + name + " is withheld: nobody could see what it holds afterwards"
	case c.Volatile:
		return "column " + name + " is volatile: what stands there afterwards is not compared"
	case c.Time != "":
		return "column " + name + " is shown otherwise than it is stored"
	}
	return ""
}
