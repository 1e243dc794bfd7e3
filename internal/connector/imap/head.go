package imap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const (
	mostLine = 64 << 10 // of a line of the head; RFC 5322, 2.1.1 allows 998
	mostHead = 1 << 20
)

// readHead takes the lines of a head that are lines of a head, up to and with
// the empty one. Loose are those that stood before the first; whole says that
// there were none that are no lines of a head.
func readHead(in *bufio.Reader) (head, loose []byte, whole bool) {
	whole = true
	taken := false // whether the line before was, for lines that go on
	for {
		line, long, err := readLine(in)
		end := err != nil
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case end && len(line) == 0:
			return append(head, "\r\n"...), loose, whole && errors.Is(err, io.EOF) && len(head) > 0
		case len(line) == 0:
			return append(head, "\r\n"...), loose, whole
		case line[0] == ' ' || line[0] == '\t':
		case len(head) == 0 && bytes.HasPrefix(line, []byte("From ")): // of an mbox
			taken = false
			continue
		default:
			taken = isField(line)
		}
		whole = whole && taken && !long
		if taken {
			if len(head)+len(line) > mostHead {
				whole, taken = false, false
				continue
			}
			head = append(append(head, line...), "\r\n"...)
		} else if len(head) == 0 && len(loose)+len(line) < mostHead {
			loose = append(append(loose, line...), "\r\n"...)
		}
	}
}

// readLine reads a line; of one that is too long the beginning.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	piece, err := in.ReadSlice('\n')
	line = bytes.Clone(piece)
	for errors.Is(err, bufio.ErrBufferFull) {
		if piece, err = in.ReadSlice('\n'); len(line)+len(piece) <= mostLine {
			line = append(line, piece...)
		} else {
			long = true
		}
	}
	return line, long, err
}

// isField says whether a line is "name: value" (RFC 5322, 2.2).
func isField(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	if !found || len(name) == 0 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte(`()<>@,;\"/[]?={}`), c) >= 0 {
			return false
		}
	}
	return true
}

// lines breaks lines that no mail has, so that what reads them needs no more
// memory than for a long one.
type lines struct {
	r      io.Reader
	length int
	broken bool
}

const longestLine = 4 << 20

func (l *lines) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if l.length >= longestLine {
		l.length, l.broken = 0, true
		b[0] = '\n'
		return 1, nil
	}
	n, err := l.r.Read(b[:min(len(b), longestLine-l.length)])
	if i := bytes.LastIndexByte(b[:n], '\n'); i >= 0 {
		l.length = n - i - 1
	} else {
		l.length += n
	}
	return n, err
}

// latin reads bytes that are no UTF-8 as what German mails without a charset
// are written in.
func latin(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	decoded, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return decoded
}

// clean drops what is no text: databases refuse the character nought.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
