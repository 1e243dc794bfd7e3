package ldap

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/uuid"

	"einsicht/internal/connector"
	"einsicht/internal/person"
)

// maxJoined bounds the combinations of attributes with many values each.
const maxJoined = 100

// identifying gives what an entry says about whom it concerns.
func (m *mapping) identifying(r *record) connector.Values {
	v := connector.Values{}
	for kind, list := range m.match {
		for _, j := range list {
			stored := combinations(r, j)
			if kind == person.SSHFingerprint {
				for _, key := range stored {
					v[kind] = append(v[kind], fingerprints(key)...)
				}
				continue
			}
			v[kind] = append(v[kind], stored...)
		}
	}
	return v
}

// combinations joins one value of each attribute by blanks.
func combinations(r *record, names joined) []string {
	joined := r.values(names[0])
	for _, name := range names[1:] {
		var longer []string
		for _, front := range joined {
			for _, back := range r.values(name) {
				if len(longer) < maxJoined {
					longer = append(longer, front+" "+back)
				}
			}
		}
		joined = longer
	}
	return joined
}

// key names an entry in every run, also after somebody married: by the number
// that the directory gave it and, where it gave none, by its name.
func (m *mapping) key(r *record) string {
	k := r.first(m.Key)
	switch {
	case k == "":
		return "dn:" + strings.ToLower(r.DN)
	case isText(k):
		return k
	}
	return hex.EncodeToString([]byte(k)) // objectGUID
}

// finding makes a record of an entry.
func (w *walk) finding(r *record, led [][]uuid.UUID, c connector.Confidence) connector.Finding {
	m := &w.d.mapping
	f := connector.Finding{
		Reference: "entry/" + m.key(r), Category: m.Category, Label: m.Label, Led: led, Confidence: c,
		Fields: w.fields(r),
		Origin: connector.Origin{Place: m.Base, Position: r.DN, At: generalizedTime(r.first(m.At)), Mapping: w.d.connection.Version},
	}
	if f.Category == "" {
		f.Category = "entry"
	}
	if c != connector.Check { // a namesake's accounts are no trace of the person
		f.Hints = w.hints(r, w.d.connection.System+"/"+f.Reference)
	}
	return f
}

// fields are the values of an entry in the order of its attributes' names, which no
// change mixes up, then the secrets that it has.
func (w *walk) fields(r *record) []connector.Field {
	fields, _ := w.shown(r)
	return fields
}

// origin is where a field stands in an entry.
type origin struct {
	attribute string
	value     int
	isText    bool
}

// shown gives the fields and where each stands.
func (w *walk) shown(r *record) ([]connector.Field, []origin) {
	fields := make([]connector.Field, 0, len(r.Attributes)+len(r.withheld))
	var origins []origin
	for _, a := range slices.SortedFunc(slices.Values(r.Attributes), func(a, b *ldap.EntryAttribute) int { return inOrder(a.Name, b.Name) }) {
		like := w.about(a.Name).field
		for i, v := range w.d.mapping.own(a) {
			some := show(like, v)
			for range some {
				origins = append(origins, origin{a.Name, i, len(some) == 1 && isText(v)})
			}
			fields = append(fields, some...)
		}
	}
	for _, name := range slices.SortedFunc(slices.Values(r.withheld), inOrder) {
		f := w.d.mapping.field(name, "")
		f.Withheld, f.Unmapped = true, false
		fields, origins = append(fields, f), append(origins, origin{attribute: name})
	}
	return connector.DistinctFields(fields), origins
}

func (m *mapping) field(name, value string) connector.Field {
	a, mapped := m.attribute(name)
	return connector.Field{
		Name: name, Label: a.Label, Value: person.NewText(value), Category: a.Category,
		ThirdParty: a.ThirdParty || speaksOfOthers(name), Unmapped: !mapped,
	}
}

// traces are the kinds of identifiers that can be searched for by themselves.
var traces = []person.IdentifierKind{
	person.Email, person.Phone, person.Account, person.SSHFingerprint, person.PersonnelNumber, person.Handle, person.FileNumber, person.IBAN,
}

// hints gives the further identifiers that an entry names.
func (w *walk) hints(r *record, place string) []person.Identifier {
	var hints []person.Identifier
	values := w.d.mapping.identifying(r)
	for _, kind := range traces {
		for _, v := range values[kind] {
			id, ok := w.whose.Hint(kind, v, place)
			if ok && !slices.ContainsFunc(hints, func(h person.Identifier) bool { return h.Kind == kind && h.Value.Equal(id.Value) }) {
				hints = append(hints, id)
			}
		}
	}
	return hints
}

// about is what the mapping says of an attribute.
type about struct {
	field  connector.Field // without a value
	secret bool
}

// mostAbout bounds what is remembered of attributes, of which directories have
// some hundreds.
const mostAbout = 1000

// about looks an attribute up, once for all entries.
func (w *walk) about(name string) about {
	a, known := w.attributes[name]
	if !known {
		a = about{w.d.mapping.field(name, ""), w.d.mapping.isSecret(name)}
		if w.attributes == nil || len(w.attributes) >= mostAbout {
			w.attributes = map[string]about{}
		}
		w.attributes[name] = a
	}
	return a
}

// shortest is how many bytes are rather a file than a number: objectGUID and
// objectSid of Active Directory are shorter, certificates and photographs longer.
const shortest = 100

// show makes fields of a value, like one of its attribute. What is no text is a
// file or, where it is short and nothing known, its bytes in hexadecimal.
func show(like connector.Field, value string) []connector.Field {
	if isText(value) {
		like.Value = person.NewText(value)
		return []connector.Field{like}
	}
	content := []byte(value)
	kind := http.DetectContentType(content)
	if kind == unknownBytes && len(content) < shortest {
		like.Value = person.NewText(hex.EncodeToString(content))
		return []connector.Field{like}
	}
	name := bare(like.Name)
	ending := endings[kind]
	if strings.HasSuffix(strings.ToLower(name), "certificate") {
		ending = ".cer"
	}
	file := connector.FileFields(person.NewText(name+ending), content)
	for i, f := range file {
		f.Category, f.ThirdParty, f.Withheld, f.Unmapped = like.Category, like.ThirdParty, like.Withheld, like.Unmapped
		if f.Name != connector.FileName { // that of the attribute says what the content is
			f.Label = like.Label
		}
		file[i] = f
	}
	return file
}

const unknownBytes = "application/octet-stream"

// endings of the names of files, by what http.DetectContentType sees in them.
var endings = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/bmp": ".bmp", "image/webp": ".webp",
	"application/pdf": ".pdf", "application/zip": ".zip", "audio/basic": ".au", "audio/mpeg": ".mp3", "audio/wave": ".wav",
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) })
}

// generalizedTime reads a time as directories write it (RFC 4517, 3.3.13).
func generalizedTime(s string) time.Time {
	for _, layout := range []string{"20060102150405Z0700", "200601021504Z0700", "2006010215Z0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	return time.Time{}
}
