package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"einsicht/internal/wording"
)

const languageCookie = "__Host-lang"

var matcher = language.NewMatcher(tags())

func tags() []language.Tag {
	var all []language.Tag
	for _, l := range wording.Languages {
		all = append(all, language.MustParse(string(l)))
	}
	return all
}

// negotiate finds the language of a visitor: what they chose last, else what
// their browser asks for, else German. Choosing is a link, "?lang=en"; the
// cookie remembers nothing but that.
func negotiate(c *fiber.Ctx) wording.Lang {
	if l := wording.Lang(c.Query("lang")); slices.Contains(wording.Languages, l) {
		setCookie(c, languageCookie, string(l), 365*24*60*60)
		return l
	}
	if l := wording.Lang(c.Cookies(languageCookie)); slices.Contains(wording.Languages, l) {
		return l
	}
	wanted, _, err := language.ParseAcceptLanguage(c.Get(fiber.HeaderAcceptLanguage))
	if err != nil {
		return wording.German
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return wording.German
	}
	return wording.Languages[i]
}
