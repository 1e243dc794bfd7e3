package webdav

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bep/imagemeta"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// metadata is what stands in a file beside its content: where and when a photo
// was taken, who wrote a document.
type metadata []item

type item struct {
	name, value string
	who         bool // names a person
	unmapped    bool
}

// Bounds of what is taken out of one file.
const (
	maxItems     = 500
	maxItemBytes = 10_000
)

// properties reads the metadata of a content by what it is, whatever its name
// says; of a document only where the whole is there, since it stands at its end.
// What can't be read has none: the content itself is there.
func properties(content []byte, whole bool) metadata {
	var m metadata
	switch format := imageFormat(content); {
	case format != imagemeta.ImageFormatAuto:
		m = imageProperties(content, format)
	case !whole:
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		m = documentProperties(content)
	case bytes.HasPrefix(content, []byte("%PDF-")):
		m = pdfProperties(content)
	}
	return m
}

// add keeps an item once.
func (m *metadata) add(i item) {
	i.value = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(i.value, "\x00", ""), "\ufffd"))
	if len(i.value) > maxItemBytes {
		cut := i.value[:maxItemBytes]
		for !utf8.ValidString(cut) {
			cut = cut[:len(cut)-1]
		}
		i.value = cut
	}
	if i.value != "" && len(*m) < maxItems && !slices.Contains(*m, i) {
		*m = append(*m, i)
	}
}

// authors are the people that the file names.
func (m metadata) authors() []string {
	var names []string
	for _, i := range m {
		if i.who {
			names = append(names, i.value)
		}
	}
	return names
}

// tellsAuthors: kinds of files that name people, by their endings.
func tellsAuthors(name string) bool {
	i := strings.LastIndexByte(name, '.')
	return i >= 0 && slices.Contains([]string{
		"jpg", "jpeg", "png", "tif", "tiff", "webp", "pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp",
	}, strings.ToLower(name[i+1:]))
}

// inside makes fields of it. People whom the person did not name as herself are
// others, Art. 15(4) GDPR.
func (w *walk) inside(m metadata) []connector.Field {
	var fields []connector.Field
	for _, i := range m {
		fields = append(fields, connector.Field{
			Name: i.name, Value: person.NewText(i.value), Unmapped: i.unmapped, ThirdParty: i.who && !w.isHerself(i.value),
		})
	}
	return fields
}

func (w *walk) isHerself(value string) bool {
	return slices.ContainsFunc([]person.IdentifierKind{person.Name, person.DisplayName, person.Account, person.Email, person.Handle},
		func(k person.IdentifierKind) bool { return w.whose.Known(k, value) })
}

func imageFormat(content []byte) imagemeta.ImageFormat {
	has := func(prefix string) bool { return bytes.HasPrefix(content, []byte(prefix)) }
	switch {
	case has("\xff\xd8\xff"):
		return imagemeta.JPEG
	case has("\x89PNG\r\n\x1a\n"):
		return imagemeta.PNG
	case has("II*\x00"), has("MM\x00*"):
		return imagemeta.TIFF
	case has("RIFF") && len(content) > 12 && string(content[8:12]) == "WEBP":
		return imagemeta.WebP
	}
	return imagemeta.ImageFormatAuto
}

// The tags that people understand, and the fields they become. All others are
// shown to staff as they are.
var imageTags = map[string]item{
	"Make": {name: "image_camera"}, "Model": {name: "image_camera"}, "LensModel": {name: "image_camera"},
	"Software": {name: "image_software"}, "CreatorTool": {name: "image_software"},
	"DateTimeOriginal": {name: "image_time"}, "CreateDate": {name: "image_time"}, "DateTimeDigitized": {name: "image_time"},
	"DateTime": {name: "image_time"}, "DateCreated": {name: "image_time"}, "ModifyDate": {name: "image_time"},
	"ImageDescription": {name: "image_description"}, "Caption-Abstract": {name: "image_description"}, "Description": {name: "image_description"},
	"Title": {name: "image_description"}, "Headline": {name: "image_description"}, "UserComment": {name: "image_description"},
	"Keywords": {name: "image_description"}, "Subject": {name: "image_description"},
	"City": {name: "image_place"}, "Sub-location": {name: "image_place"}, "Country-PrimaryLocationName": {name: "image_place"},
	"Province-State": {name: "image_place"}, "Location": {name: "image_place"},
	"BodySerialNumber": {name: "image_serial"}, "SerialNumber": {name: "image_serial"}, "CameraSerialNumber": {name: "image_serial"},
	"Artist": {name: "image_author", who: true}, "By-line": {name: "image_author", who: true}, "Creator": {name: "image_author", who: true},
	"Credit": {name: "image_author", who: true}, "Writer-Editor": {name: "image_author", who: true}, "XPAuthor": {name: "image_author", who: true},
	"OwnerName": {name: "image_author", who: true}, "CameraOwnerName": {name: "image_author", who: true}, "Owner": {name: "image_author", who: true},
	"Copyright": {name: "image_rights", who: true}, "CopyrightNotice": {name: "image_rights", who: true}, "Rights": {name: "image_rights", who: true},
	"Contact": {name: "image_person", who: true}, "PersonInImage": {name: "image_person", who: true},
}

// imageProperties reads EXIF, IPTC and XMP.
func imageProperties(content []byte, format imagemeta.ImageFormat) metadata {
	var m metadata
	at := map[string]any{}
	_, _ = imagemeta.Decode(imagemeta.Options{ // what was read before an error counts
		R: bytes.NewReader(content), ImageFormat: format, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		LimitNumTags: maxItems, LimitTagSize: maxItemBytes,
		HandleTag: func(t imagemeta.TagInfo) error {
			switch t.Tag {
			case "GPSLatitude", "GPSLongitude", "GPSLatitudeRef", "GPSLongitudeRef":
				if _, known := at[t.Tag]; !known {
					at[t.Tag] = t.Value
				}
				return nil
			}
			i, known := imageTags[t.Tag]
			if !known {
				i = item{name: strings.ToLower(t.Source.String()) + "_" + t.Tag, unmapped: true}
			}
			for _, v := range texts(t.Value) {
				i.value = v
				m.add(i)
			}
			return nil
		},
	})
	latitude, north := at["GPSLatitude"].(float64)
	longitude, east := at["GPSLongitude"].(float64)
	if at["GPSLatitudeRef"] == "S" {
		latitude = -latitude
	}
	if at["GPSLongitudeRef"] == "W" {
		longitude = -longitude
	}
	if north && east {
		m.add(item{name: "image_position", value: fmt.Sprintf("%.6f, %.6f", latitude, longitude)})
	}
	return m
}

// texts writes the value of a tag.
func texts(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []byte:
		if utf8.Valid(v) {
			return []string{string(v)}
		}
		return []string{fmt.Sprintf("%x", v)}
	case nil:
		return nil
	}
	return []string{fmt.Sprint(v)}
}
