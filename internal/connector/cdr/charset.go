package cdr

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charsets can be declared; the first one is to be found.
var charsets = []string{"", "utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}

// lettering turns the bytes of a record into text.
type lettering struct {
	eight *charmap.Charmap // every byte is a letter
	// lenient: nobody said that it is UTF-8, and so far it need not be. What is
	// none is Windows-1252, which the rest of such files is in.
	lenient bool
	wide    bool // each letter takes more than a byte
	mark    int  // bytes of a byte order mark in front of the text
}

// decode gives the text; broken says that bytes stand in it that can't be
// letters, and that a sign stands for them.
func (l lettering) decode(b []byte) (text string, broken bool) {
	if l.eight == nil {
		if utf8.Valid(b) {
			return string(b), false
		}
		if !l.lenient {
			return strings.ToValidUTF8(string(b), "\ufffd"), true
		}
		l.eight = charmap.Windows1252
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(l.eight.DecodeByte(c))
	}
	return s.String(), false
}

// letters finds out how a text is written, from its first bytes and what was
// declared; rest is the text as bytes of which ASCII can be told.
func letters(declared string, head []byte, in io.Reader) (rest io.Reader, l lettering) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = io.CopyN(io.Discard, in, 3)
		return in, lettering{mark: 3}
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return wide(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), in), lettering{wide: true}
	}
	switch declared {
	case "utf-16", "utf-16le":
		return wide(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), in), lettering{wide: true}
	case "utf-16be":
		return wide(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), in), lettering{wide: true}
	case "utf-8":
		return in, lettering{}
	case "windows-1252":
		return in, lettering{eight: charmap.Windows1252}
	case "iso-8859-1":
		return in, lettering{eight: charmap.ISO8859_1}
	}
	for cut := 0; cut < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); cut++ {
		head = head[:len(head)-1] // the head may end within a letter
	}
	if !utf8.Valid(head) {
		return in, lettering{eight: charmap.Windows1252}
	}
	ascii := bytes.IndexFunc(head, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	return in, lettering{lenient: ascii}
}

func wide(e encoding.Encoding, in io.Reader) io.Reader { return e.NewDecoder().Reader(in) }
