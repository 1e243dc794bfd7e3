package assess

import (
	"einsicht/internal/law/catalogue"
	"einsicht/internal/wording"
)

// Line is one statement with the provision it rests on. It says a sentence of the
// catalogue, of package wording, or the second about the first.
type Line struct {
	Citation string
	System   string // empty: the whole case
	Key      string // of package wording; empty: Sentence alone
	Args     []string
	Sentence catalogue.Sentence
}

// Text writes the line in a language; the placeholder {text} stands for the
// sentence of the catalogue.
func (l Line) Text(lang wording.Lang) string {
	said := l.Sentence.DE
	if lang == wording.English {
		said = l.Sentence.EN
	}
	if l.Key == "" {
		return said
	}
	return wording.Text(lang, l.Key, append([]string{"text", said}, l.Args...)...)
}
