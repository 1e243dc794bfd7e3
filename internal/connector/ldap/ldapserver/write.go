package ldapserver

import (
	"bufio"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// attribute is one of an entry that is being given.
type attribute struct {
	name   string
	values []string
}

// The first byte of each thing that an answer consists of (X.690, 8.1.2).
const (
	number      = byte(ber.TagInteger)
	octetString = byte(ber.TagOctetString)
	sequence    = byte(ber.TypeConstructed) | byte(ber.TagSequence)
	valuesOf    = byte(ber.TypeConstructed) | byte(ber.TagSet)
	resultEntry = byte(ber.ClassApplication) | byte(ber.TypeConstructed) | ldap.ApplicationSearchResultEntry
)

// writeEntry writes an entry as it goes, every length before what is as long: the
// library would build a packet of each value, which takes longer than all else
// that this server does. An error stays with the writer.
func writeEntry(w *bufio.Writer, id int64, dn string, list []attribute) {
	all := 0
	for _, a := range list {
		all += withHead(a.len())
	}
	entry := withHead(len(dn)) + withHead(all)
	head(w, sequence, withHead(numberLen(id))+withHead(entry))
	head(w, number, numberLen(id))
	for shift := 8 * (numberLen(id) - 1); shift >= 0; shift -= 8 {
		_ = w.WriteByte(byte(id >> shift))
	}
	head(w, resultEntry, entry)
	writeOctets(w, dn)
	head(w, sequence, all)
	for _, a := range list {
		head(w, sequence, a.len())
		writeOctets(w, a.name)
		head(w, valuesOf, a.valuesLen())
		for _, v := range a.values {
			writeOctets(w, v)
		}
	}
}

func (a attribute) len() int { return withHead(len(a.name)) + withHead(a.valuesLen()) }

func (a attribute) valuesLen() (n int) {
	for _, v := range a.values {
		n += withHead(len(v))
	}
	return n
}

// withHead is how long something of n bytes is with its kind and length.
func withHead(n int) int {
	head := 2
	for rest := n; n > 127 && rest > 0; rest >>= 8 {
		head++
	}
	return head + n
}

// head writes kind and length (8.1.3).
func head(w *bufio.Writer, kind byte, n int) {
	_ = w.WriteByte(kind)
	if n <= 127 {
		_ = w.WriteByte(byte(n))
		return
	}
	bytes := withHead(n) - n - 2
	_ = w.WriteByte(0x80 | byte(bytes))
	for shift := 8 * (bytes - 1); shift >= 0; shift -= 8 {
		_ = w.WriteByte(byte(n >> shift))
	}
}

func writeOctets(w *bufio.Writer, s string) {
	head(w, octetString, len(s))
	_, _ = w.WriteString(s)
}

// numberLen is how many bytes the number of a question takes (8.3.2): it is not
// negative, so that the first bit stays free.
func numberLen(n int64) int {
	bytes := 1
	for ; n > 127; n >>= 8 {
		bytes++
	}
	return bytes
}
