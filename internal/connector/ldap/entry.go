package ldap

import (
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// fields are the values of an entry, then the secrets that it has, by name.
func (w *walk) fields(r *record) []connector.Field {
	var fields []connector.Field
	for _, a := range r.Attributes {
		for _, v := range a.Values {
			fields = append(fields, w.d.mapping.field(a.Name, readable(a.Name, v)))
		}
	}
	for _, name := range r.withheld {
		f := w.d.mapping.field(name, "")
		f.Withheld, f.Unmapped = true, false
		fields = append(fields, f)
	}
	return fields
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
			id, ok := w.query.Hint(kind, v, place)
			if ok && !slices.ContainsFunc(hints, func(h person.Identifier) bool { return h.Kind == kind && h.Value.Equal(id.Value) }) {
				hints = append(hints, id)
			}
		}
	}
	return hints
}

// readable gives a value as text; photographs, certificates and other bytes as
// a data URL (RFC 2397), which says what they are.
func readable(name, value string) string {
	if isText(value) {
		return value
	}
	kind := http.DetectContentType([]byte(value))
	if lower := strings.ToLower(bare(name)); strings.HasSuffix(lower, "certificate") {
		kind = "application/pkix-cert"
	}
	if sort, _, err := mime.ParseMediaType(kind); err == nil {
		kind = sort
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString([]byte(value))
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
