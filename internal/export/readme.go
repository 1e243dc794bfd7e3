package export

import (
	"io"
	"slices"
	"strings"
	"time"

	"einsicht/internal/disclosure"
	"einsicht/internal/wording"
)

const (
	readmeName  = "LIESMICH.txt"
	answerName  = "Auskunft.html"
	printedName = "Auskunft.pdf"
	dataName    = "daten.json"

	takeoutIndexName = "Datenmitnahme.html"
)

// writeReadme explains the package in all languages, whatever the language of
// the letter: who gets help with it may read another one. It names every entry.
func (p Package) writeReadme(w io.Writer) error {
	var parts []string
	for _, l := range wording.Languages {
		part := wording.Text(l, "letter.readme",
			"file_number", p.FileNumber, "authority", p.Authority, "date", wording.ShortDate(l, p.Date), "entries", p.index(l))
		for _, about := range p.explained() {
			part += "\n\n" + wording.Text(l, "letter.readme.about."+about)
		}
		if p.Takeout != nil {
			part += "\n\n" + wording.Text(l, "portability.readme.answer", "fingerprint", Fingerprint(p.Takeout.Key))
		}
		if len(p.Measures.All) > 0 {
			part += "\n\n" + wording.Text(l, "letter.readme.measures")
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, "\n\n"+strings.Repeat("-", 72)+"\n\n") + "\n"
	_, err := io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n"))
	return err
}

// explained lists the kinds of files that the package holds and that need words.
func (p Package) explained() []string {
	var kinds []string
	if len(p.Files) > 0 {
		kinds = append(kinds, "files")
	}
	if len(p.Measures.All) > 0 || slices.ContainsFunc(p.Disclosed.Systems, func(s disclosure.System) bool { return s.Given > 0 }) {
		kinds = append(kinds, "tables")
	}
	if p.givesCopy() {
		kinds = append(kinds, "data")
	}
	return kinds
}

// index lists the entries in their order, each with what it is.
func (p Package) index(l wording.Lang) string {
	var b strings.Builder
	for _, e := range append(p.entries(time.Time{}), Entry{Name: manifestName}) {
		if e.Name != readmeName {
			b.WriteString("  " + e.Name + "\n      " + p.about(l, e.Name) + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (p Package) about(l wording.Lang, name string) string {
	kind := map[string]string{answerName: "answer", printedName: "printed", dataName: "data", manifestName: "manifest"}[name]
	if kind != "" {
		return wording.Text(l, "letter.readme."+kind)
	}
	if kind := map[string]string{measuresJSON: "json", measuresSchema: "schema", measuresCSV: "csv"}[name]; kind != "" {
		return wording.Text(l, "letter.readme.measures."+kind)
	}
	if kind := map[string]string{takeoutIndexName: "index", TakeoutName: "zip"}[name]; kind != "" {
		return wording.Text(l, "portability.readme."+kind)
	}
	for _, s := range p.Disclosed.Systems {
		switch {
		case name == s.TableName():
			return wording.Text(l, "letter.readme.table", "system", s.In(l).Name)
		case strings.HasPrefix(name, Folder+s.ID+"/"):
			return wording.Text(l, "letter.readme.file", "system", s.In(l).Name)
		}
	}
	return wording.Text(l, "letter.readme.other")
}
