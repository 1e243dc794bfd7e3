package connector

import (
	"encoding/base64"
	"errors"
	"strings"

	"einsicht/internal/person"
)

// The fields of a record that is a file.
const (
	FileName    = "file_name"
	FileContent = "file_content" // base64 (RFC 4648), since a value is text
)

// FileFields are the fields of a file.
func FileFields(name person.Text, content []byte) []Field {
	return []Field{
		{Name: FileName, Value: name},
		{Name: FileContent, Value: person.NewText(base64.StdEncoding.EncodeToString(content))},
	}
}

// Attached is a file of a record: the record itself, or what was attached to it.
type Attached struct {
	Name  person.Text
	Field Field // with the content, encoded: what is decided about
}

// Content is the file, decoded.
func (a Attached) Content() ([]byte, error) {
	content, err := base64.StdEncoding.DecodeString(a.Field.Value.Reveal())
	if err != nil {
		return nil, errors.New("the content of a file can't be read") // the cause quotes it
	}
	return content, nil
}

// Files lists the files of a record. The fields of further ones end in a number:
// file_name_2, file_content_2.
func (f Finding) Files() []Attached {
	names := map[string]person.Text{}
	var files []Attached
	for _, field := range f.Fields {
		switch base, n := cutNumber(field.Name); base {
		case FileName:
			names[n] = field.Value
		case FileContent:
			files = append(files, Attached{Name: names[n], Field: field})
		}
	}
	return files
}

// HoldsFile says whether the value of a field is a file.
func (f Field) HoldsFile() bool {
	base, _ := cutNumber(f.Name)
	return base == FileContent
}

// cutNumber cuts the number off a name: "mail_to_2" is "mail_to" and "2".
func cutNumber(name string) (base, number string) {
	i := strings.LastIndexByte(name, '_')
	if i <= 0 || strings.Trim(name[i+1:], "0123456789") != "" || name[i+1:] == "" {
		return name, ""
	}
	return name[:i], name[i+1:]
}

// endings are those of file names that are kept.
var endings = []string{".pdf", ".txt", ".csv", ".jpg", ".png", ".tif", ".docx", ".xlsx", ".odt", ".ods", ".eml", ".zip"}

// Ending gives the ending of a file's name, ".bin" if it is none we know. The
// name itself may hold personal data and stays inside.
func Ending(name person.Text) string {
	lower := strings.ToLower(name.Reveal())
	for _, known := range endings {
		if strings.HasSuffix(lower, known) {
			return known
		}
	}
	return ".bin"
}
