package rest

import (
	"slices"
	"strings"
)

// nextLink gives the address of the next page as Link headers name it: RFC
// 8288, 3. Empty where they name none.
func nextLink(headers []string) string {
	for _, h := range headers {
		for h != "" {
			_, after, found := strings.Cut(h, "<")
			if !found {
				break
			}
			ref, params, closed := strings.Cut(after, ">")
			if !closed {
				break
			}
			var isNext, anchored bool
			isNext, anchored, h = linkParams(params)
			if isNext && !anchored {
				return strings.TrimSpace(ref)
			}
		}
	}
	return ""
}

// linkParams reads the parameters of a link up to the comma before the next
// one. A link with an anchor speaks about something else than this answer.
func linkParams(s string) (isNext, anchored bool, rest string) {
	seenRel := false
	for {
		s = strings.TrimLeft(s, " \t;")
		if s == "" || s[0] == ',' {
			return isNext, anchored, strings.TrimPrefix(s, ",")
		}
		end := strings.IndexAny(s, "=;,")
		if end < 0 {
			end = len(s)
		}
		name, value := strings.ToLower(strings.TrimSpace(s[:end])), ""
		if s = s[end:]; strings.HasPrefix(s, "=") {
			value, s = linkValue(strings.TrimLeft(s[1:], " \t"))
		}
		switch name {
		case "rel":
			if !seenRel { // later ones must be ignored, 3.3
				isNext = slices.Contains(strings.Fields(strings.ToLower(value)), "next")
			}
			seenRel = true
		case "anchor":
			anchored = true
		}
	}
}

// linkValue reads a token or a quoted string.
func linkValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
