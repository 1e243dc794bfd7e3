package connector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/google/uuid"

	"einsicht/internal/person"
)

// The fields of a record that is a file.
const (
	FileName    = "file_name"
	FileContent = "file_content" // has a Body and no value
)

// Body is the content of a file. It is streamed, so that a file of any size needs
// no more memory than a small one.
type Body struct {
	// Stamp stands for the content where two readings of a record are compared: its
	// hash, or what the system changes with it, such as ETag and size. Find and Read
	// give the same.
	Stamp string
	Size  int64  // in bytes; -1: the system does not say
	Type  string // media type; empty: the system does not say
	// Open streams the content out of the system, in a Finding while yield runs and
	// only then. It gives io.EOF when the content is whole. An error of it or of what
	// it opens is a Failure; who hears it stops and hands it back, and the question is
	// asked again from before the record. It is nil in what Read gives, and in what
	// was kept.
	Open func(context.Context) (io.ReadCloser, error) `json:"-"`

	// What is known once the content was kept. Number is that of its place, uuid.Nil
	// where it is so small that it lies in the value, in base64 (RFC 4648).
	Number uuid.UUID
	SHA256 string // of the content, in hexadecimal
}

// NewBody is a content that is at hand.
func NewBody(content []byte) *Body {
	sum := sha256.Sum256(content)
	return &Body{Stamp: hex.EncodeToString(sum[:]), Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// FileFields are the fields of a file whose content is at hand.
func FileFields(name person.Text, content []byte) []Field { return BodyFields(name, NewBody(content)) }

// BodyFields are the fields of a file.
func BodyFields(name person.Text, body *Body) []Field {
	return []Field{{Name: FileName, Value: name}, {Name: FileContent, Body: body}}
}

// Attached is a file of a record: the record itself, or what was attached to it.
type Attached struct {
	Name  person.Text
	Field Field // with the content: what is decided about
}

// Files lists the files of a record. The fields of further ones end in a number:
// file_name_2, file_content_2.
func (f Finding) Files() []Attached {
	names := map[string]person.Text{}
	var files []Attached
	for _, field := range f.Fields {
		switch base, n := cutNumber(field.Name); {
		case base == FileName:
			names[n] = field.Value
		case field.HoldsFile():
			files = append(files, Attached{Name: names[n], Field: field})
		}
	}
	return files
}

// HoldsFile says whether a field holds a file.
func (f Field) HoldsFile() bool { return f.Body != nil }

// IsContent says whether the name of a field is that of a file's content.
func (f Field) IsContent() bool {
	base, _ := cutNumber(f.Name)
	return base == FileContent
}

// Says is what a field says where two readings are compared: its value or, of a
// file, what stands for the content.
func (f Field) Says() string {
	if f.Body != nil {
		return f.Body.Stamp
	}
	return f.Value.Reveal()
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
