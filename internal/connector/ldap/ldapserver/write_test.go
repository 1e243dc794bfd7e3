package ldapserver

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

func TestAnEntryIsWrittenAsTheLibraryWritesIt(t *testing.T) {
	for _, test := range []struct {
		name string
		id   int64
		dn   string
		list []attribute
	}{
		{"no attributes", 1, "cn=a", nil},
		{"names only", 127, "cn=a", []attribute{{"cn", nil}, {"sn", nil}}},
		{"several values", 128, "cn=ä,dc=x", []attribute{{"cn", []string{"a", "", "b"}}, {"sn", []string{"x"}}}},
		{"a value of 127 bytes", 255, "cn=a", []attribute{{"cn", []string{strings.Repeat("x", 127)}}}},
		{"a value of 128 bytes", 256, "cn=a", []attribute{{"cn", []string{strings.Repeat("x", 128)}}}},
		{"a value of 255 bytes", 32767, "cn=a", []attribute{{"cn", []string{strings.Repeat("x", 255)}}}},
		{"a value of 256 bytes", 32768, strings.Repeat("y", 256), []attribute{{"cn", []string{strings.Repeat("x", 256)}}}},
		{"a photograph", 1 << 30, "cn=a", []attribute{{"jpegPhoto", []string{strings.Repeat("\xff\x00", 50_000)}}, {"cn", []string{"a"}}}},
	} {
		list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		for _, a := range test.list {
			values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
			for _, v := range a.values {
				values.AppendChild(octets(v))
			}
			one := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
			one.AppendChild(octets(a.name))
			one.AppendChild(values)
			list.AppendChild(one)
		}
		entry := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
		entry.AppendChild(octets(test.dn))
		entry.AppendChild(list)
		want := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		want.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, test.id, ""))
		want.AppendChild(entry)

		var got bytes.Buffer
		w := bufio.NewWriter(&got)
		writeEntry(w, test.id, test.dn, test.list)
		if err := w.Flush(); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%s: got %d bytes %.40x and %v, want %d bytes %.40x", test.name, got.Len(), got.Bytes(), err, len(want.Bytes()), want.Bytes())
		}
	}
}
