package portaltest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"index/suffixarray"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// Haystack is text or bytes that can be searched for a string in any form.
type Haystack struct {
	folded []byte
	index  *suffixarray.Index
}

// bytea is how PostgreSQL writes bytes, in a dump and in messages.
var bytea = regexp.MustCompile(`\\x((?:[0-9a-fA-F]{2})+)`)

// NewHaystack takes text as it lies there. Bytes that a dump wrote as hex are
// searched as such as well: what is encoded in them would otherwise be encoded
// twice.
func NewHaystack(content []byte) *Haystack {
	all := bytes.Clone(content)
	for _, m := range bytea.FindAllSubmatch(content, -1) {
		plain, err := hex.DecodeString(string(m[1]))
		if err == nil {
			all = append(append(all, '\n'), plain...)
		}
	}
	folded := fold(all)
	return &Haystack{folded: folded, index: suffixarray.New(folded)}
}

// Find says in which form a string stands there, or nothing.
func (h *Haystack) Find(s string) (form string) {
	for form, needle := range Forms(s) {
		for _, at := range h.index.Lookup(fold(needle), -1) {
			if !figures.MatchString(string(needle)) || !h.withinFigures(at, len(needle)) {
				return form
			}
		}
	}
	return ""
}

// figures alone can stand by chance within a longer hexadecimal number.
var figures = regexp.MustCompile(`^[0-9a-fA-F]{1,15}$`)

func (h *Haystack) withinFigures(at, n int) bool {
	figure := func(i int) bool { return i >= 0 && i < len(h.folded) && figures.Match(h.folded[i:i+1]) }
	return figure(at-1) || figure(at+n)
}

// Forms are the ways in which a string may lie somewhere, letter case apart.
func Forms(s string) map[string][]byte {
	forms := map[string][]byte{}
	for spelling, text := range map[string]string{"": s, " lower": strings.ToLower(s), " upper": strings.ToUpper(s)} {
		plain := []byte(text)
		forms["utf-8"+spelling] = plain
		forms["hex"+spelling] = []byte(hex.EncodeToString(plain))
		forms["percent"+spelling] = []byte(url.PathEscape(text))
		forms["form"+spelling] = []byte(url.QueryEscape(text))
		forms["percent throughout"+spelling] = each(plain, "%%%02x")
		forms["html"+spelling] = []byte(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;").Replace(text))
		if quoted, err := json.Marshal(text); err == nil {
			forms["json"+spelling] = quoted[1 : len(quoted)-1]
		}
		forms["json escapes"+spelling] = jsonEscapes(text)
		forms["json escapes in quotes"+spelling] = bytes.ReplaceAll(jsonEscapes(text), []byte(`\`), []byte(`\\`))
		if latin, err := charmap.ISO8859_1.NewEncoder().Bytes(plain); err == nil {
			forms["latin-1"+spelling] = latin
			forms["latin-1 hex"+spelling] = []byte(hex.EncodeToString(latin))
			forms["latin-1 percent"+spelling] = []byte(url.PathEscape(string(latin)))
		}
		for offset := range 3 {
			for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
				forms[fmt.Sprintf("%s at %d%s", name, offset, spelling)] = inner(encoding, plain, offset)
			}
		}
	}
	return forms
}

// inner is the part of a base64 text that the bytes around do not change, when
// they begin at an offset.
func inner(encoding *base64.Encoding, plain []byte, offset int) []byte {
	text := encoding.EncodeToString(append(make([]byte, offset), plain...))
	begin := []int{0, 2, 3}[offset]
	end := (offset + len(plain)) * 8 / 6
	return []byte(text[begin:end])
}

func jsonEscapes(text string) []byte {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return []byte(b.String())
}

func each(plain []byte, format string) []byte {
	var b strings.Builder
	for _, c := range plain {
		fmt.Fprintf(&b, format, c)
	}
	return []byte(b.String())
}

// fold drops the case of ASCII letters; others are searched in both.
func fold(b []byte) []byte {
	folded := bytes.Clone(b)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return folded
}
