package export

import (
	"io"
	"strings"

	"einsicht/internal/wording"
)

const readmeName = "LIESMICH.txt"

// writeReadme explains the package in all languages, whatever the language of
// the letter: who gets help with it may read another one.
func (p Package) writeReadme(w io.Writer) error {
	var parts []string
	for _, l := range wording.Languages {
		part := wording.Text(l, "letter.readme",
			"file_number", p.FileNumber, "authority", p.Authority, "date", wording.ShortDate(l, p.Date))
		if len(p.Measures.All) > 0 {
			part += "\n\n" + wording.Text(l, "letter.readme.measures")
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, "\n\n"+strings.Repeat("-", 72)+"\n\n") + "\n"
	_, err := io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n"))
	return err
}
