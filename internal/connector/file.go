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

// File gives the name and content of the file that a record is; ok is false
// where it is none.
func (f Finding) File() (name person.Text, content []byte, ok bool, err error) {
	for _, field := range f.Fields {
		switch field.Name {
		case FileName:
			name = field.Value
		case FileContent:
			ok = true
			if content, err = base64.StdEncoding.DecodeString(field.Value.Reveal()); err != nil {
				err = errors.New("the content of a file can't be read")
			}
		}
	}
	return name, content, ok, err
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
