package export

import (
	"io"
	"strings"

	"einsicht/internal/wording"
)

// writeReadme explains the package in all languages, as that of the answer does. It
// names no file of a record: there may be many.
func (t Takeout) writeReadme(w io.Writer) error {
	var parts []string
	for _, l := range wording.Languages {
		parts = append(parts, wording.Text(l, "portability.readme", "authority", t.Authority.Name, "date", wording.ShortDate(l, t.Date),
			"entries", t.list(l), "fingerprint", Fingerprint(t.Key)))
	}
	text := strings.Join(parts, "\n\n"+strings.Repeat("-", 72)+"\n\n") + "\n"
	_, err := io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n"))
	return err
}

func (t Takeout) list(l wording.Lang) string {
	var b strings.Builder
	add := func(name, kind string, pairs ...string) {
		b.WriteString("  " + name + "\n      " + wording.Text(l, "portability.readme."+kind, pairs...) + "\n")
	}
	add(indexName, "page")
	for _, p := range t.Given() {
		names, system := NamesOf(p.ID), p.In(l).Name
		add(names.JSON, "json", "system", system)
		add(names.CSV, "csv", "system", system)
		add(names.XML, "xml", "system", system)
		add(names.Schema, "schema", "system", system)
	}
	add(xsdName, "xsd")
	if len(t.Files) > 0 {
		add(Folder, "files")
	}
	add(manifestName, "manifest")
	add(signatureOf, "signature")
	add(publicKeyOf, "key")
	return strings.TrimSuffix(b.String(), "\n")
}
