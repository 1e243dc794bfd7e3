package pdf

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// glyphs are the characters that some installed font can draw. LibreOffice
// draws an empty box for any other, so that a value would be lost on paper
// without a trace; PDF/A forbids it (ISO 19005-3, 6.2.11.8).
type glyphs []span

// span is a range of characters, both ends included.
type span struct{ from, to rune }

// liberation is what Liberation Sans draws, roughly: the scripts of Europe. It
// counts where nobody can be asked which fonts there are.
var liberation = glyphs{{0x20, 0x7e}, {0xa0, 0x24f}, {0x370, 0x377}, {0x384, 0x38a}, {0x38e, 0x3a1}, {0x3a3, 0x52f},
	{0x1e00, 0x1eff}, {0x2010, 0x2027}, {0x2030, 0x203a}, {0x20a0, 0x20b5}, {0xfffd, 0xfffd}}

// installed asks fontconfig, which LibreOffice itself asks.
func installed() glyphs {
	var all glyphs
	for _, format := range []string{"TrueType", "CFF"} {
		out, err := exec.Command("fc-list", "--format", "%{charset}\n", ":fontformat="+format+":color=False").Output()
		if err != nil {
			return liberation
		}
		all = append(all, parseCharsets(string(out))...)
	}
	if all = merge(all); !all.has('ü') {
		return liberation
	}
	return all
}

// parseCharsets reads fontconfig's "20-7e a0-17f 192".
func parseCharsets(s string) glyphs {
	var all glyphs
	for field := range strings.FieldsSeq(s) {
		a, b, isRange := strings.Cut(field, "-")
		if !isRange {
			b = a
		}
		from, err1 := strconv.ParseInt(a, 16, 32)
		to, err2 := strconv.ParseInt(b, 16, 32)
		if err1 == nil && err2 == nil {
			all = append(all, span{rune(from), rune(to)})
		}
	}
	return all
}

func merge(all glyphs) glyphs {
	slices.SortFunc(all, func(a, b span) int { return int(a.from - b.from) })
	merged := all[:0]
	for _, s := range all {
		if last := len(merged) - 1; last >= 0 && s.from <= merged[last].to+1 {
			merged[last].to = max(merged[last].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func (g glyphs) has(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	_, found := slices.BinarySearchFunc(g, r, func(s span, r rune) int {
		switch {
		case s.to < r:
			return -1
		case s.from > r:
			return 1
		}
		return 0
	})
	return found
}
